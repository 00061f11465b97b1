"""The component ``deid_filter``: which synthetic notes are fit to train on, and why the others are not."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab

from spacy_deid import extensions as _extensions  # noqa: F401  registers the attributes
from spacy_deid.corpus.docbin import read_docs
from spacy_deid.errors import DeidError
from spacy_deid.files import atomic
from spacy_deid.generate.near_duplicates import (
    HIGHEST_THRESHOLD,
    PERMUTATIONS,
    NearDuplicates,
    Signatures,
    signatures,
    words,
)

_GRAM = 4
_SIGNATURES = "signatures.npy"


@Language.factory(
    "deid_filter",
    requires=["doc.ents"],
    assigns=["doc._.deid_rejected"],
    default_config={
        "min_chars": 200,
        "max_chars": 20_000,
        "max_repetition": 0.3,
        "near_duplicate_threshold": 0.8,
        "min_entities": 1,
        "require_finished": False,
    },
)
def make_filter(
    nlp: Language,
    name: str,
    min_chars: int,
    max_chars: int,
    max_repetition: float,
    near_duplicate_threshold: float,
    min_entities: int,
    require_finished: bool,
) -> "NoteFilter":
    """Make the component; ranges and meaning: see NoteFilter."""
    return NoteFilter(
        min_chars=min_chars,
        max_chars=max_chars,
        max_repetition=max_repetition,
        near_duplicate_threshold=near_duplicate_threshold,
        min_entities=min_entities,
        require_finished=require_finished,
    )


class NoteFilter:
    """Writes the reasons against each note to ``doc._.deid_rejected``; a note without any is accepted.

    min_chars, max_chars: length of the text, 0 <= min_chars <= max_chars.
    max_repetition: highest `repetition`, in [0, 1]. Of MEDDOCAN's 500 training notes, 499 are below .07.
    near_duplicate_threshold: Jaccard similarity with a note of the reference; see NearDuplicates.
    min_entities: fewest entities, >= 0.
    require_finished: reject notes that max_tokens cut.

    The reference (the notes the language model was adapted on) is given to ``initialize``; its signatures
    alone are kept. They tell whether a note was among them, so a pipeline that holds them must stay where
    those notes may be.
    """

    def __init__(
        self,
        *,
        min_chars: int,
        max_chars: int,
        max_repetition: float,
        near_duplicate_threshold: float,
        min_entities: int,
        require_finished: bool,
    ) -> None:
        if not 0 <= min_chars <= max_chars:
            raise DeidError(
                f"deid_filter: min_chars is {min_chars} and max_chars {max_chars}; "
                "min_chars must be at least 0 and at most max_chars."
            )
        if not 0 <= max_repetition <= 1:
            raise DeidError(f"deid_filter: max_repetition is {max_repetition}; it must be from 0 to 1.")
        if not 0 < near_duplicate_threshold <= HIGHEST_THRESHOLD:
            raise DeidError(
                f"deid_filter: near_duplicate_threshold is {near_duplicate_threshold}; "
                f"it must be above 0 and at most {HIGHEST_THRESHOLD}."
            )
        if min_entities < 0:
            raise DeidError(f"deid_filter: min_entities is {min_entities}; it must be at least 0.")
        self.near_duplicate_threshold = near_duplicate_threshold
        self._signatures: Signatures = signatures([])
        self._members: NearDuplicates | None = None
        self._checks: dict[str, Callable[[Doc], bool]] = {
            "too_short": lambda doc: len(doc.text) < min_chars,
            "too_long": lambda doc: len(doc.text) > max_chars,
            "repetitive": lambda doc: repetition(doc.text) > max_repetition,
            "unfinished": lambda doc: require_finished and not (doc._.deid_meta or {}).get("finished", True),
            "too_few_entities": lambda doc: len(doc.ents) < min_entities,
            "near_duplicate_of_reference": lambda doc: doc.text in self._reference(),
        }

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        reference: str | None = None,
    ) -> None:
        """Take the notes of the DocBin file ``reference`` as those that no note may resemble.

        Raises DeidError if the file is absent, damaged or holds no note.
        """
        if reference is None:
            return
        self._set(signatures(doc.text for doc in read_docs(Path(reference), Vocab())))
        if not len(self._signatures):
            raise DeidError(f"{reference}: the reference of deid_filter holds no note.")

    def __call__(self, doc: Doc) -> Doc:
        """Judge a note."""
        if words(doc.text):
            doc._.deid_rejected = [reason for reason, fails in self._checks.items() if fails(doc)]
        else:
            doc._.deid_rejected = ["empty"]
        return doc

    def to_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the reference's signatures, readable by their owner alone."""
        path.mkdir(parents=True, exist_ok=True)
        with atomic(path / _SIGNATURES) as temporary, temporary.open("wb") as file:
            np.save(file, self._signatures, allow_pickle=False)

    def from_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> "NoteFilter":
        """Load what `to_disk` saved."""
        self._set(np.load(path / _SIGNATURES, allow_pickle=False))
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Return the reference's signatures."""
        return self._signatures.tobytes()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "NoteFilter":
        """Load what `to_bytes` returned."""
        self._set(np.frombuffer(data, dtype=np.uint32).reshape(-1, PERMUTATIONS))
        return self

    def _set(self, rows: Signatures) -> None:
        self._signatures = rows
        self._members = None

    def _reference(self) -> NearDuplicates:
        if self._members is None:
            self._members = NearDuplicates(self.near_duplicate_threshold)
            self._members.add_signatures(self._signatures)
        return self._members


def repetition(text: str) -> float:
    """Return the share of 4-word sequences that occurred before in the text, in [0, 1].

    This is seq-rep-4 of Welleck et al. 2020 (arXiv 1908.04319); a text below four words has 0.
    """
    found = words(text)
    grams = list(zip(*(found[i:] for i in range(_GRAM)), strict=False))
    return 1 - len(set(grams)) / len(grams) if grams else 0.0
