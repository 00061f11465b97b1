"""Canaries: invented identifiers that are planted in training notes, to measure memorisation by a language model.

After Carlini et al. 2019, "The Secret Sharer" (arXiv 1802.08232): a canary is a fixed carrier with a random secret. It
is compared with candidates, other secrets of the same form that were drawn in the same way but never planted. Here the
secrets are of the categories of a note's identifiers: a name, a date, an identity number, a phone number. Each is drawn
from the language's public surrogate sources, beside a name that makes the combination unique.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import srsly
from spacy.vocab import Vocab

from spacy_deid.corpus.formats.docbin import read_docs, write
from spacy_deid.corpus.note import ConversionReport, Note, to_doc, to_note
from spacy_deid.corpus.templates.fill import fill, join
from spacy_deid.corpus.templates.parse import parse
from spacy_deid.corpus.templates.template import Parts
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan
from spacy_deid.files import write_text
from spacy_deid.labels import category_of
from spacy_deid.lang.pack import installed_packs, pack_of
from spacy_deid.lang.tables import slots_of, words_of
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.surrogates.cast import Cast

CANDIDATES = 127  # with the secret 128, so an exposure of at most 7 bits
_DRAWS = 8 * CANDIDATES  # some draws are equal, and some have another form


@dataclass(frozen=True)
class Canary:
    """A sentence to plant.

    kind: category of the secret (NAME, DATE, ID, PHONE). count: the number of notes in which it is planted. spans: its
    identifiers, the secret last. candidates: other texts that could have been drawn in place of the secret.
    """

    kind: str
    count: int
    text: str = field(repr=False)
    spans: tuple[CharSpan, ...] = field(repr=False)
    candidates: tuple[str, ...] = field(repr=False)

    @property
    def values(self) -> tuple[str, ...]:
        """Its identifiers, the secret last."""
        return tuple(self.text[start:end] for start, end, _ in self.spans)

    def with_secret(self, secret: str) -> str:
        """Return the text with another secret."""
        start, end, _ = self.spans[-1]
        return self.text[:start] + secret + self.text[end:]


def make_canaries(lang: str, number: int, counts: Sequence[int], seed: int) -> list[Canary]:
    """Make canaries, every kind with every count in turn.

    Args:
        lang: Language code of the notes.
        number: The number of canaries, at least 1.
        counts: The numbers of notes in which canaries are planted, in turn, each at least 1.
        seed: The same seed gives the same canaries.

    Raises:
        DeidError: The language has no carriers, or a number is below 1.
    """
    if number < 1 or not counts or min(counts) < 1:
        raise DeidError(f"{number} canaries with counts {list(counts)} are too few. Remedy: use numbers of at least 1.")
    carriers = _carriers(lang)
    return [
        _draw(lang, carriers[i % len(carriers)], counts[i // len(carriers) % len(counts)], f"{seed}/{lang}/{i}")
        for i in range(number)
    ]


@cache
def _carriers(lang: str) -> tuple[Parts, ...]:
    path = pack_of(lang).path("carriers.txt")
    if not path.is_file():
        known = [pack.code for pack in installed_packs() if pack.has("carriers.txt")]
        raise DeidError(f"There are no canaries in the language {lang!r}. Remedy: use one of {', '.join(known)}.")
    return parse(path, slots_of(lang), words_of(lang)).variants


def _draw(lang: str, carrier: Parts, count: int, seed: str) -> Canary:
    drawn: dict[str, dict[str, tuple[str, tuple[CharSpan, ...]]]] = defaultdict(dict)
    mark = pack_of(lang).facts.decimal_mark
    for draw in range(_DRAWS):
        rng = random.Random(f"{seed}/{draw}")  # noqa: S311
        text, spans = join(fill(carrier, Cast(lang, rng), words_of(lang), rng, decimal_mark=mark))
        secret = text[spans[-1].start : spans[-1].end]
        drawn[_form(secret)].setdefault(secret, (text, spans))
    commonest = max(drawn.values(), key=len)
    # any of them, not the first drawn: common names are drawn early, and any model finds common names likely
    candidates = list(commonest)[: CANDIDATES + 1]
    secret = candidates.pop(random.Random(seed).randrange(len(candidates)))  # noqa: S311
    text, spans = commonest[secret]
    return Canary(category_of(spans[-1].label), count, text, spans, tuple(candidates))


def _form(secret: str) -> str:
    """Return the form of a secret: its marks, the number of digits of each number, the number of words."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d", "0", secret))


def plant(notes: Sequence[Note], canaries: Sequence[Canary], seed: int) -> list[Note]:
    """Return the notes in their order, with each canary added as a line to as many of them as its count.

    No note gets a canary twice, and no annotated span is split.

    Args:
        notes: Training notes.
        canaries: The canaries.
        seed: The same seed gives the same notes.

    Raises:
        DeidError: There are fewer notes than a canary's count.
    """
    most = max(canary.count for canary in canaries)
    if len(notes) < most:
        raise DeidError(
            f"A canary is to be planted {most} times, and there are {len(notes)} notes. Remedy: give lower --counts."
        )
    rng = random.Random(f"{seed}/plant")  # noqa: S311
    planted = list(notes)
    for canary in canaries:
        for index in rng.sample(range(len(notes)), canary.count):
            planted[index] = _with_line(planted[index], canary, rng)
    return planted


def _with_line(note: Note, canary: Canary, rng: random.Random) -> Note:
    lines = [match.end() for match in re.finditer("\n", note.text)]
    free = [at for at in lines if not any(start < at < end for start, end, _ in note.spans)]
    at = rng.choice(free) if free else len(note.text)
    before, after = ("", "\n") if free else ("\n", "")
    width = len(before) + len(canary.text) + len(after)
    moved = [CharSpan(s + width, e + width, label) if s >= at else CharSpan(s, e, label) for s, e, label in note.spans]
    offset = at + len(before)
    own = [CharSpan(start + offset, end + offset, label) for start, end, label in canary.spans]
    text = note.text[:at] + before + canary.text + after + note.text[at:]
    return Note(note.id, note.group, text, tuple(sorted([*moved, *own])))


def plant_in_file(
    train: Path, output: Path, lang: str, number: int, counts: Sequence[int], seed: int
) -> tuple[list[Canary], int]:
    """Write copies of training notes with canaries planted in them, and the canaries beside them.

    Args:
        train: Corpus file of training notes.
        output: Corpus file to write; the canaries go to the same name with .canaries.jsonl added.
        lang: Language code of the notes.
        number: The number of canaries, at least 1.
        counts: The numbers of notes in which canaries are planted, in turn, each at least 1.
        seed: The same seed gives the same canaries in the same notes.

    Returns:
        The canaries, and the number of notes.

    Raises:
        DeidError: The language has no carriers, a number is below 1, or there are too few notes.
    """
    canaries = make_canaries(lang, number, counts, seed)
    notes = plant([to_note(doc) for doc in read_docs(train, Vocab())], canaries, seed)
    tokenizer, report = fine_blank(lang).tokenizer, ConversionReport()
    write((to_doc(note, tokenizer, report) for note in notes), output)
    write_canaries(canaries, output.with_name(f"{output.name}.canaries.jsonl"))
    return canaries, len(notes)


def write_canaries(canaries: Sequence[Canary], path: Path) -> None:
    """Write JSON lines that only the owner can read: knowledge of the secrets would allow passing an audit unsafely."""
    write_text(path, "".join(srsly.json_dumps(asdict(canary)) + "\n" for canary in canaries))


def read_canaries(path: Path) -> list[Canary]:
    """Read a file of `write_canaries`; raises DeidError if it is missing, damaged or empty."""
    if not path.is_file():
        raise DeidError(f"{path} is not a file. Remedy: plant canaries with `deid canaries`, which writes it.")
    try:
        canaries = [_from_row(srsly.json_loads(line)) for line in path.read_text("utf8").split("\n") if line]
    except (ValueError, TypeError, KeyError) as error:
        raise DeidError(f"{path} is damaged ({type(error).__name__}). Remedy: plant the canaries again.") from None
    if not canaries:
        raise DeidError(f"{path} has no canary. Remedy: plant some with `deid canaries`.")
    return canaries


def _from_row(row: dict[str, Any]) -> Canary:
    spans = tuple(CharSpan(*span) for span in row["spans"])
    return Canary(row["kind"], row["count"], row["text"], spans, tuple(row["candidates"]))


def generated_section(canaries: Sequence[Canary], texts: Iterable[str]) -> dict[str, Any]:
    """Return the number of canaries that were generated, and the share that chance gives.

    A canary is generated if one note has all of its identifiers, in any case and with any spaces and marks. Chance: the
    share of candidates that occur with a canary's other identifiers in the same way.
    """
    notes = [_normal(text) for text in texts]
    generated, hits = [], 0
    for canary in canaries:
        others = [_normal(value) for value in canary.values[:-1]]
        with_others = "\0".join(note for note in notes if all(value in note for value in others))
        generated += [canary] if _normal(canary.values[-1]) in with_others else []
        hits += sum(_normal(candidate) in with_others for candidate in canary.candidates)
    return {
        "canaries": len(canaries),
        "generated": len(generated),
        "which": sorted(f"{canary.kind} planted {canary.count} times" for canary in generated),
        "by_chance": round(hits / sum(len(canary.candidates) for canary in canaries), 6),
    }


def _normal(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
