"""Whether a pipeline finds in its own redacted text what it has replaced there.

Redacted text is read again by people and programs, so that a surrogate should read as what it stands for. An entity
counts as found again where the second reading has an entity of its category at exactly the letters and digits that
``doc._.deid_offsets`` maps it to (punctuation and white space at the ends do not count: "Anna E" and "Anna E." are
one); an entity of the second reading which is none of these is new. It is overlapped where an entity of its category
shares a character with it: found again, or shown as the same category though its edges moved, for example because two
names were read as one. The pipeline's misses are outside of these figures: they are about what it found.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab
from tqdm import tqdm

from spacy_deid.corpus.docbin import read_docs
from spacy_deid.extensions import CharSpan
from spacy_deid.files import write_json
from spacy_deid.labels import categories, category_of
from spacy_deid.score.bootstrap import intervals
from spacy_deid.score.measures import Measure
from spacy_deid.score.metrics import DIGITS, describe_gold
from spacy_deid.score.predict import BATCH_SIZE, predict
from spacy_deid.score.run import load_model

REDACT = "deid_redact"
SHARES = {
    "found_again": Measure(("same",), ("same", "lost")),
    "overlapped": Measure(("touched",), ("same", "lost")),
    "new": Measure(("new",), ("same", "new"), lower_is_better=True),
}
_COLUMNS = ("same", "lost", "new", "touched")

Spans = frozenset[CharSpan]


def evaluate_reread_file(
    model: str, notes: Path, output: Path, *, mode: str, key: Path | None = None, seed: int = 0, quiet: bool = False
) -> dict[str, Any]:
    """Redact ``notes`` in ``mode``, read the result with ``model`` again; write and return figures, which hold no text.

    key: a file, see `spacy_deid.redact.secrets.read_key`; the same key gives the same figures. seed: of the bootstrap.
    """
    nlp = load_model(model)
    if REDACT in nlp.pipe_names:
        nlp.remove_pipe(REDACT)
    nlp.add_pipe(REDACT, config={"mode": mode, "key": None if key is None else str(key)})
    docs = list(read_docs(notes, Vocab()))
    before, after = reread(nlp, [doc.text for doc in docs], quiet)
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


def reread(nlp: Language, texts: Sequence[str], quiet: bool = False) -> tuple[list[Spans], list[Spans]]:
    """Return, for each text, the entities mapped to its redacted text, and the entities found there; by category.

    ``nlp`` has the component ``deid_redact``.
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
    """Return the spans that hold letters or digits, from the first to the last of these, with categories."""
    found = []
    for start, end, label in spans:
        inner = [place for place in range(start, end) if text[place].isalnum()]
        if inner:
            found.append(CharSpan(inner[0], inner[-1] + 1, category_of(label)))
    return frozenset(found)


def _only(category: str, notes: Sequence[Spans]) -> list[Spans]:
    return [frozenset(span for span in spans if span.label == category) for spans in notes]


def row_of(before: Sequence[Spans], after: Sequence[Spans], seed: int) -> dict[str, Any]:
    """Return the figures of notes whose entities were ``before`` and ``after``; seed: of the bootstrap."""
    counts = [
        (len(old & new), len(old - new), len(new - old), sum(_overlaps(span, new) for span in old))
        for old, new in zip(before, after, strict=True)
    ]
    per_note = {column: [of_note[place] for of_note in counts] for place, column in enumerate(_COLUMNS)}
    shares = {
        name: {key: None if value is None else round(value, DIGITS) for key, value in interval._asdict().items()}
        for name, interval in intervals(per_note, seed, SHARES).items()
    }
    return {"entities": sum(map(len, before)), "new_entities": sum(per_note["new"]), **shares}


def _overlaps(span: CharSpan, others: Spans) -> bool:
    """Whether a span shares a character with one of the same category."""
    return any(span.start < other.end and other.start < span.end and span.label == other.label for other in others)
