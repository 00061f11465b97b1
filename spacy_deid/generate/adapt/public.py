"""Public notes to learn beside few training notes: how a note marks its slots can be learnt from them without patients.

25 notes alone teach the notation only after rounds in which the model learns the notes by heart (docs/low-data.md).
"""

from spacy_deid.corpus.templates.run import inputs, template_docs
from spacy_deid.corpus.templates.settings import Noise, TemplateCorpus
from spacy_deid.errors import DeidError
from spacy_deid.generate.adapt.settings import Corpus
from spacy_deid.generate.modes import text_of

# as a careful writer writes: the style is to come from the training notes
_NO_NOISE = Noise.model_validate({field: 1.0 if field == "clean" else 0.0 for field in Noise.model_fields})


def public_texts(corpus: Corpus, seed: int) -> list[str]:
    """Return ``corpus.public`` notes made of the language's templates, as `modes.text_of` gives them.

    Raises DeidError where the language is not named or has no templates.
    """
    if not corpus.public:
        return []
    docs, _ = template_docs(_recipe(corpus, seed), quiet=True)
    return [text_of(doc, corpus.mode, corpus.lang) for doc in docs["train"]]


def public_sources(corpus: Corpus, seed: int) -> dict[str, object]:
    """Return all that the public notes depend on, for a fingerprint; empty where there are none."""
    return inputs(_recipe(corpus, seed)) if corpus.public else {}


def _recipe(corpus: Corpus, seed: int) -> TemplateCorpus:
    if not corpus.lang:
        raise DeidError(
            f"corpus.public is {corpus.public}, and corpus.lang is empty. Remedy: name the notes' language."
        )
    return TemplateCorpus(
        lang=corpus.lang,
        notes=corpus.public,
        seed=seed,
        templates=None,
        held_out=0.0,
        composed=0.6,  # longer than a template, as clinical notes are
        without_identifiers=0.0,
        other_words=0.0,
        repeats=12,
        quotas={},
        noise=_NO_NOISE,
    )
