"""Readers of corpora for the ``[corpora]`` blocks of training configs."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Corpus, Example
from spacy.util import ensure_path, registry

from spacy_deid.errors import DeidError
from spacy_deid.labels import label_in_corpus

Augmenter: TypeAlias = Callable[[Language, Example], Iterator[Example]]


@registry.readers("deid.WithPublic.v1")
def create_with_public(
    path: Path, public: Path | None = None, copies: int = 1, augmenter: Augmenter | None = None
) -> Callable[[Language], Iterator[Example]]:
    """Return the reader ``deid.WithPublic.v1``: a corpus file and, beside it, public notes.

    Public notes, such as `deid templates` makes, hold no real person and need not be kept from any model. Their labels
    become those that the notes of ``path`` have, see `label_in_corpus`.

    Args:
        path: Corpus file.
        public: Corpus file of public notes; None for none.
        copies: How often each note of ``path`` is read, from 1, so that a few are not lost among many public ones.
        augmenter: Makes every copy but the first, which is the note as it is; such as ``deid.Refill.v1``.

    Raises:
        DeidError: ``copies`` is below 1.
    """
    if copies < 1:
        raise DeidError(f"deid.WithPublic.v1: copies is {copies}; it must be at least 1.")

    def read(nlp: Language) -> Iterator[Example]:
        labels: Counter[str] = Counter()
        for copy in range(copies):
            for example in Corpus(ensure_path(path), augmenter=augmenter if copy else None)(nlp):
                labels.update(ent.label_ for ent in example.reference.ents)
                yield example
        if public is not None:
            for example in Corpus(ensure_path(public))(nlp):
                _relabel(example.reference, labels)
                yield example

    return read


def _relabel(doc: Doc, labels: Mapping[str, int]) -> None:
    ents = [Span(doc, ent.start, ent.end, label_in_corpus(ent.label_, labels)) for ent in doc.ents]
    doc.set_ents(ents)
