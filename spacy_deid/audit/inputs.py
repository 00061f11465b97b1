"""The inputs of an audit: its files, their hashes, and the notes in the form in which they are compared."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import srsly
from numpy.typing import NDArray
from spacy.tokens import Doc
from spacy.vocab import Vocab
from tqdm import tqdm

from spacy_deid.audit.words import Integers, WordNumbers, WordTable, longest_runs, word_table
from spacy_deid.corpus.formats.docbin import read_docs
from spacy_deid.errors import DeidError
from spacy_deid.evaluate.run import read_synthetic
from spacy_deid.extensions import char_spans
from spacy_deid.files import sha256, sha256_tree
from spacy_deid.leakage.keys import KeyFinder, identifiers_of
from spacy_deid.leakage.near_duplicates import words
from spacy_deid.manifest import MANIFEST, read_manifest


def describe(path: Path) -> dict[str, str]:
    """Return the SHA-256 of a file, of each .spacy file of a folder, or of a whole folder without any, by name.

    The hash of a missing file is "".
    """
    corpora = sorted(path.glob("*.spacy"))
    if path.is_dir() and not corpora:
        return {path.name: sha256_tree((file for file in path.rglob("*") if file.is_file()), path)}
    return {file.name: sha256(file) if file.is_file() else "" for file in corpora or [path]}


def stale(audit: Mapping[str, Any], inputs: Mapping[str, Path]) -> list[str]:
    """Return the names of the inputs ("synthetic", "members", "heldout" ...) that have changed since the audit."""
    return [name for name, path in inputs.items() if audit["inputs"].get(name) != describe(path)]


def check_run(synthetic: Path) -> None:
    """Raise DeidError if ``synthetic`` is the folder of a run of `deid generate` that is unfinished or was changed."""
    if not (synthetic / MANIFEST).is_file():
        return
    corpus = read_manifest(synthetic / MANIFEST).get("corpus")
    if not corpus:
        raise DeidError(f"The run in {synthetic} is not finished. Remedy: run `deid generate` again; it continues.")
    for name, entry in corpus["files"].items():
        if not (synthetic / name).is_file() or sha256(synthetic / name) != entry["sha256"]:
            raise DeidError(
                f"{synthetic / name} is not the file that its manifest describes, so its audit would not be one of the "
                "run. Remedy: run `deid generate` again, or give the .spacy file itself."
            )


def heldout_file(path: Path) -> Path:
    """Return ``path`` itself, or the file of held-out notes in a folder that `deid corpus` made.

    This is test, since the prompts or their first words come from dev. If train was made from templates and people
    wrote test, the phrases of the templates would seem to be copied from the members; then it is dev, which was made
    from templates too. Raises DeidError for a folder without the manifest of `deid corpus`.
    """
    if not path.is_dir():
        return path
    try:
        made = srsly.read_json(path / MANIFEST)["inputs"]["source"]["made"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DeidError(
            f"{path} is not a folder of `deid corpus` ({type(error).__name__}). Remedy: give the .spacy file itself."
        ) from error
    return path / ("dev.spacy" if made else "test.spacy")


@dataclass(frozen=True, slots=True)
class RealNote:
    """A member or a held-out note.

    words: the numbers of its words. identifiers: category and key of each gold identifier. keys: all identifiers of
    either side that occur in its text, marked or not. spellings: the words of its gold identifiers, in lower case.
    """

    id: str
    group: str
    words: NDArray[np.int32]
    identifiers: frozenset[tuple[str, str]]
    keys: frozenset[str]
    spellings: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Notes:
    """All notes that an audit compares.

    found: for each synthetic note, the keys of members' and held-out notes' identifiers that occur in it.
    set_aside: the number of held-out notes that are not in `heldout` because a member has the same group. They would
    have members' identifiers, and would make leaked identifiers look like chance.
    """

    members: Sequence[RealNote]
    heldout: Sequence[RealNote]
    synthetic: Sequence[NDArray[np.int32]]
    found: Sequence[frozenset[str]]
    vocabulary_size: int
    set_aside: int = 0

    @cached_property
    def real(self) -> list[RealNote]:
        """The members, then the held-out notes."""
        return [*self.members, *self.heldout]

    @cached_property
    def real_table(self) -> WordTable:
        """The words of `real`."""
        return word_table([note.words for note in self.real])

    @cached_property
    def synthetic_table(self) -> WordTable:
        """The words of the synthetic notes."""
        return word_table(self.synthetic)

    @cached_property
    def longest_runs(self) -> Integers:
        """For each note of `real`, the length in words of the longest run that a synthetic note has too."""
        return longest_runs(self.real_table, self.synthetic_table)

    def sides(self, figures: Sequence[Any] | NDArray[Any]) -> tuple[Any, Any]:
        """Split figures of `real` into those of the members and those of the held-out notes."""
        return figures[: len(self.members)], figures[len(self.members) :]


def read_notes(synthetic: Path, members: Path, heldout: Path, *, quiet: bool = False) -> Notes:
    """Read the notes of an audit.

    Args:
        synthetic: Corpus file, or the folder that `deid generate` wrote.
        members: Corpus file of the notes that the language model was adapted on.
        heldout: Corpus file of notes of the same kind that it never saw.
        quiet: Whether to show no progress bar.

    Returns:
        The notes as words and identifiers. Held-out notes of a member's patient are set aside.

    Raises:
        DeidError: A file is not a corpus file.
    """
    vocabulary = WordNumbers()
    real_docs = [list(read_docs(path, Vocab())) for path in (members, heldout)]
    finder = KeyFinder(key for docs in real_docs for doc in docs for _, key in identifiers_of(doc))
    ours, theirs = ([_real_note(doc, vocabulary, finder) for doc in docs] for docs in real_docs)
    numbers, found = _synthetic_notes(read_synthetic(synthetic), vocabulary, finder, quiet)
    groups = {note.group for note in ours} - {""}
    ids = {note.id for note in ours}  # a member itself is not set aside but refused; see `checks`
    others = [note for note in theirs if note.group not in groups or note.id in ids]
    return Notes(ours, others, numbers, found, len(vocabulary), len(theirs) - len(others))


def _real_note(doc: Doc, vocabulary: WordNumbers, finder: KeyFinder) -> RealNote:
    text_words = words(doc.text)
    return RealNote(
        id=doc._.deid_id,
        group=doc._.deid_group,
        words=vocabulary.numbers(text_words),
        identifiers=frozenset(identifiers_of(doc)),
        keys=frozenset(finder.find(doc.text, text_words)),
        spellings=frozenset(_spellings(doc)),
    )


def _spellings(doc: Doc) -> Iterator[str]:
    for span in char_spans(doc):
        yield from re.findall(r"[^\W_]+", doc.text[span.start : span.end].casefold())


def _synthetic_notes(
    docs: Iterable[Doc], vocabulary: WordNumbers, finder: KeyFinder, quiet: bool
) -> tuple[list[NDArray[np.int32]], list[frozenset[str]]]:
    numbers, found = [], []
    for doc in tqdm(docs, desc="synthetic notes", unit="note", disable=quiet):
        text_words = words(doc.text)
        numbers.append(vocabulary.numbers(text_words))
        found.append(frozenset(finder.find(doc.text, text_words)))
    return numbers, found
