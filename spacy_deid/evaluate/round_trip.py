"""Round trip: are surrogates recognised when the redacted text is annotated again?

People and programs read redacted text, so a surrogate should be recognised as an identifier of its category. An entity
counts as found again if the second annotation has an entity of its category at exactly the letters and digits that
``doc._.deid_offsets`` maps it to (punctuation and white space at the ends do not count: "Anna E" and "Anna E." are
equal). It counts as overlapped if an entity of its category shares a character with it, for example if two names are
annotated as one. Any other entity of the second annotation is new. The figures are about the entities that the pipeline
found; those it missed are not counted.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab
from tqdm import tqdm

from spacy_deid.corpus.formats.docbin import read_docs
from spacy_deid.evaluate.evaluate import BATCH_SIZE, predict
from spacy_deid.evaluate.metrics import DIGITS, describe_gold
from spacy_deid.extensions import CharSpan
from spacy_deid.files import write_json
from spacy_deid.labels import categories, category_of
from spacy_deid.pipelines import REDACT, load_pipeline
from spacy_deid.stats import Share, intervals

SHARES = {
    "found_again": Share(("same",), ("same", "lost")),
    "overlapped": Share(("touched",), ("same", "lost")),
    "new": Share(("new",), ("same", "new")),
}
_COLUMNS = ("same", "lost", "new", "touched")

Spans = frozenset[CharSpan]


def evaluate_round_trip(
    model: str, notes: Path, output: Path, *, mode: str, key: Path | None = None, seed: int = 0, quiet: bool = False
) -> dict[str, Any]:
    """Redact notes, annotate the result with the same pipeline, write the figures and return them; they hold no text.

    Args:
        model: Directory or package of the pipeline.
        notes: Corpus file; its annotations are not used.
        output: JSON file to write.
        mode: Mode of deid_redact.
        key: Key file, see `spacy_deid.redact.secrets.read_key`; the same key gives the same figures.
        seed: Of the bootstrap.
        quiet: Whether to show no progress bars.
    """
    nlp = load_pipeline(model)
    if REDACT in nlp.pipe_names:
        nlp.remove_pipe(REDACT)
    nlp.add_pipe(REDACT, config={"mode": mode, "key": None if key is None else str(key)})
    docs = list(read_docs(notes, Vocab()))
    before, after = annotated_again(nlp, [doc.text for doc in docs], quiet)
    result = {
        "model": model,
        "version": nlp.meta["version"],
        "mode": mode,
        "notes": describe_gold(notes, docs),
        "all": row_of(before, after, seed),
        "categories": {
            category: row
            for category in categories()
            if (row := row_of(_only(category, before), _only(category, after), seed))["entities"] or row["new_entities"]
        },
    }
    write_json(output, result)
    return result


def annotated_again(nlp: Language, texts: Sequence[str], quiet: bool = False) -> tuple[list[Spans], list[Spans]]:
    """Redact texts and annotate the results.

    Args:
        nlp: A pipeline with the component ``deid_redact``.
        texts: The texts.
        quiet: Whether to show no progress bars.

    Returns:
        For each text the entities, mapped to its redacted text, and the entities found there; by category.
    """
    redacted: list[str] = []
    before: list[Spans] = []
    docs = nlp.pipe(texts, batch_size=BATCH_SIZE)
    for doc in tqdm(docs, total=len(texts), desc="redact", unit="note", disable=quiet):
        redacted.append(doc._.deid_text)
        before.append(_mapped(doc, redacted[-1]))
    with nlp.select_pipes(disable=[REDACT]):
        found, _ = predict(nlp, redacted, quiet)
    return before, [_comparable(text, spans) for text, spans in zip(redacted, found, strict=True)]


def _mapped(doc: Doc, redacted: str) -> Spans:
    offsets = doc._.deid_offsets
    mapped = [(offsets.to_redacted(ent.start_char, ent.end_char), ent.label_) for ent in doc.ents]
    return _comparable(redacted, [CharSpan(start, end, label) for (start, end), label in mapped])


def _comparable(text: str, spans: Sequence[CharSpan]) -> Spans:
    """Return the spans that have letters or digits, cut to the first and last of these, with categories."""
    found = []
    for start, end, label in spans:
        inner = [place for place in range(start, end) if text[place].isalnum()]
        if inner:
            found.append(CharSpan(inner[0], inner[-1] + 1, category_of(label)))
    return frozenset(found)


def _only(category: str, notes: Sequence[Spans]) -> list[Spans]:
    return [frozenset(span for span in spans if span.label == category) for spans in notes]


def row_of(before: Sequence[Spans], after: Sequence[Spans], seed: int) -> dict[str, Any]:
    """Return the counts of entities and the shares of `SHARES` with their 95 % intervals.

    Args:
        before: The entities of each note, mapped to its redacted text.
        after: The entities found in each redacted note.
        seed: Of the bootstrap.
    """
    counts = [
        (len(old & new), len(old - new), len(new - old), sum(_overlaps(span, new) for span in old))
        for old, new in zip(before, after, strict=True)
    ]
    per_note = {column: [of_note[place] for of_note in counts] for place, column in enumerate(_COLUMNS)}
    shares = {name: share.rounded(DIGITS) for name, share in intervals(per_note, SHARES, seed).items()}
    return {"entities": sum(map(len, before)), "new_entities": sum(per_note["new"]), **shares}


def _overlaps(span: CharSpan, others: Spans) -> bool:
    """Whether a span shares a character with one of the same category."""
    return any(span.start < other.end and other.start < span.end and span.label == other.label for other in others)
