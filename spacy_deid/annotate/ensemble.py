"""The component ``deid_ensemble``: several annotators vote on the entities of a Doc."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import spacy
import srsly
from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc
from spacy.util import get_lang_class, load_config, load_config_from_str, load_model_from_config, minibatch
from spacy.vocab import Vocab

from spacy_deid.errors import DeidError
from spacy_deid.extensions import sourced_span

_UNANIMOUS = 0.99  # a score of 1.0 is reserved for check digits
_OWN = "deid_"  # components that run once, after the vote


class Marked(NamedTuple):
    """Tokens ``start`` to ``end`` (exclusive) that an annotator labels ``label``."""

    start: int
    end: int
    label: str


@Language.factory(
    "deid_ensemble",
    assigns=["doc.ents", "span._.deid_score"],
    default_config={"threshold": 0.5},
)
def make_ensemble(nlp: Language, name: str, threshold: float) -> "Ensemble":
    """Make the component, still without annotators.

    Args:
        nlp: The pipeline.
        name: The component's name.
        threshold: The lowest share of votes of an entity, in [0, 1].
    """
    return Ensemble(nlp.vocab, name, threshold=threshold)


class Ensemble(Pipe):
    """Writes ``doc.ents`` by the votes of its ``members``, pipelines that share its vocab.

    A member votes for a span if it marks an overlapping span of the same label. Of overlapping spans the one with most
    votes wins, then the one that most members mark exactly, then the longest. Winners with a share of votes below
    ``threshold``, in [0, 1], are dropped. ``span._.deid_score`` is the share of votes, at most .99.

    ``doc._.deid_meta["agreement"]`` is the mean share of votes of the winners, including dropped ones, and 1 without
    any.
    """

    def __init__(self, vocab: Vocab, name: str, *, threshold: float) -> None:
        if not 0 <= threshold <= 1:
            raise DeidError(f"deid_ensemble: threshold is {threshold}; it must be from 0 to 1.")
        self.vocab = vocab
        self.name = name
        self.threshold = threshold
        self.members: list[Language] = []

    def __call__(self, doc: Doc) -> Doc:
        """Annotate one Doc."""
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 64) -> Iterator[Doc]:
        """Annotate Docs, a batch at a time."""
        for batch in minibatch(stream, batch_size):
            docs = list(batch)
            opinions = [list(member.pipe([doc.copy() for doc in docs])) for member in self.members]
            for number, doc in enumerate(docs):
                self._annotate(doc, [_spans(opinion[number]) for opinion in opinions])
                yield doc

    def _annotate(self, doc: Doc, opinions: Sequence[Sequence[Marked]]) -> None:
        voted = vote(opinions)
        doc.set_ents(
            [
                sourced_span(doc, start, end, label, "model", min(share, _UNANIMOUS))
                for (start, end, label), share in voted
                if share >= self.threshold
            ]
        )
        agreement = sum(share for _, share in voted) / len(voted) if voted else 1.0
        doc._.deid_meta = {**(doc._.deid_meta or {}), "agreement": round(agreement, 4)}

    def to_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the members, each as a pipeline in its own folder, without the shared vocab."""
        path.mkdir(parents=True, exist_ok=True)
        for number, member in enumerate(self.members):
            member.to_disk(path / f"{number:02}", exclude=["vocab"])

    def from_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> "Ensemble":
        """Load the members that `to_disk` saved."""
        folders = sorted(path.iterdir()) if path.is_dir() else []
        self.members = [spacy.load(folder, vocab=self.vocab, exclude=["vocab"]) for folder in folders]
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Return what `to_disk` saves."""
        return srsly.msgpack_dumps(
            [{"config": m.config.to_str(), "model": m.to_bytes(exclude=["vocab"])} for m in self.members]
        )

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "Ensemble":
        """Load what `to_bytes` returned."""
        saved: list[dict[str, Any]] = srsly.msgpack_loads(data)
        self.members = [
            load_model_from_config(load_config_from_str(member["config"]), vocab=self.vocab).from_bytes(
                member["model"], exclude=["vocab"]
            )
            for member in saved
        ]
        return self


def vote(opinions: Sequence[Sequence[Marked]]) -> list[tuple[Marked, float]]:
    """Return the winning spans with their shares of votes, in order; ``opinions``: the spans of each member."""
    exact = Counter(span for opinion in opinions for span in set(opinion))
    share = {
        span: sum(any(_agrees(span, other) for other in mine) for mine in opinions) / len(opinions) for span in exact
    }
    winners: list[Marked] = []
    taken: set[int] = set()
    for span in sorted(exact, key=lambda s: (-share[s], -exact[s], s.start - s.end, s)):
        tokens = range(span.start, span.end)
        if taken.isdisjoint(tokens):
            winners.append(span)
            taken.update(tokens)
    return [(span, share[span]) for span in sorted(winners)]


def ensemble_of(models: Sequence[Path], *, threshold: float = 0.5) -> Language:
    """Return a pipeline in which the annotators of ``models`` vote, followed by the rules and merge of the first.

    Raises DeidError for fewer than two models, a path that is not a pipeline, and models of several languages.
    """
    if len(models) < 2:
        raise DeidError(f"{len(models)} models cannot vote. Remedy: name two or more.")
    for path in models:
        if not (path / "config.cfg").is_file():
            raise DeidError(f"{path} is not a spaCy pipeline. Remedy: train it with `spacy train`.")
    languages = {load_config(path / "config.cfg")["nlp"]["lang"] for path in models}
    if len(languages) > 1:
        raise DeidError(
            f"The models are of several languages: {', '.join(sorted(languages))}. Remedy: name those of one."
        )
    first = spacy.load(models[0])
    members = [spacy.load(path, vocab=first.vocab) for path in models]
    config = {"nlp": {"lang": first.config["nlp"]["lang"], "tokenizer": first.config["nlp"]["tokenizer"]}}
    nlp = get_lang_class(*languages).from_config(config, vocab=first.vocab)
    ensemble: Ensemble = nlp.add_pipe("deid_ensemble", name="ner", config={"threshold": threshold})  # type: ignore[assignment]
    for name in [name for name in first.pipe_names if name.startswith(_OWN)]:
        nlp.add_pipe(name, source=first)
    for member in members:
        for name in [name for name in member.pipe_names if name.startswith(_OWN)]:
            member.remove_pipe(name)
    ensemble.members = members
    return nlp


def _spans(doc: Doc) -> list[Marked]:
    return [Marked(ent.start, ent.end, ent.label_) for ent in doc.ents]


def _agrees(span: Marked, other: Marked) -> bool:
    return span.label == other.label and span.start < other.end and other.start < span.end
