"""The component ``deid_filter``: which synthetic notes are fit to train on, and why the others are not."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import srsly
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab

from spacy_deid import extensions as _extensions  # noqa: F401  registers the attributes
from spacy_deid.corpus.docbin import read_docs
from spacy_deid.errors import DeidError
from spacy_deid.files import write_bytes
from spacy_deid.leakage.near_duplicates import (
    HIGHEST_THRESHOLD,
    PERMUTATIONS,
    NearDuplicates,
    Signatures,
    signatures,
    words,
)
from spacy_deid.leakage.traces import Traces

_GRAM = 4
_REFERENCE = "reference.msgpack"
_FORM = 2  # of what is kept of the reference: raised when words or keys are made otherwise, as digests then differ


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
        "max_run": 24,
        "rare_in": 2,
        "min_agreement": 0.0,
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
    max_run: int,
    rare_in: int,
    min_agreement: float,
) -> "NoteFilter":
    """Make the component; ranges and meaning: see NoteFilter."""
    return NoteFilter(
        min_chars=min_chars,
        max_chars=max_chars,
        max_repetition=max_repetition,
        near_duplicate_threshold=near_duplicate_threshold,
        min_entities=min_entities,
        require_finished=require_finished,
        max_run=max_run,
        rare_in=rare_in,
        min_agreement=min_agreement,
    )


class NoteFilter:
    """Writes the reasons against each note to ``doc._.deid_rejected``; a note without any is accepted.

    min_chars, max_chars: length of the text, 0 <= min_chars <= max_chars.
    max_repetition: highest `repetition`, in [0, 1]. Of MEDDOCAN's 500 training notes, 499 are below .07.
    near_duplicate_threshold: Jaccard similarity with a note of the reference; see NearDuplicates.
    min_entities: fewest entities, >= 0.
    require_finished: reject notes that max_tokens cut.
    max_run: most words in a row that a note may have in common with one of the reference, >= 1; see Traces.
    rare_in: an identifier of the reference is rare, and no note may hold it, where the notes of at most so many of its
    patients (``doc._.deid_group``; a note without one is a patient of its own) do, >= 0; see rare_identifiers.
    min_agreement: least agreement of an ensemble's annotators (see Ensemble), in [0, 1].

    A note in which the language model's own marks are malformed (see NoteTask) is rejected in any case.

    The reference (the notes the language model was adapted on) is given to ``initialize``; its signatures and traces
    alone are kept. They tell whether a note or a guessed identifier was among them, so a pipeline that holds them must
    stay where those notes may be.
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
        max_run: int,
        rare_in: int,
        min_agreement: float = 0.0,
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
        if not 0 <= min_agreement <= 1:
            raise DeidError(f"deid_filter: min_agreement is {min_agreement}; it must be from 0 to 1.")
        if min_entities < 0:
            raise DeidError(f"deid_filter: min_entities is {min_entities}; it must be at least 0.")
        if max_run < 1 or rare_in < 0:
            raise DeidError(
                f"deid_filter: max_run is {max_run} and rare_in {rare_in}; they must be at least 1 and at least 0."
            )
        self.near_duplicate_threshold = near_duplicate_threshold
        self._max_run, self._rare_in = max_run, rare_in
        self._traces = Traces.of([], max_run=max_run, rare_in=rare_in)
        self._signatures: Signatures = signatures([])
        self._members: NearDuplicates | None = None
        self._checks: dict[str, Callable[[Doc], bool]] = {
            "too_short": lambda doc: len(doc.text) < min_chars,
            "too_long": lambda doc: len(doc.text) > max_chars,
            "repetitive": lambda doc: repetition(doc.text) > max_repetition,
            "unfinished": lambda doc: require_finished and not (doc._.deid_meta or {}).get("finished", True),
            "annotators_disagree": lambda doc: (doc._.deid_meta or {}).get("agreement", 1.0) < min_agreement,
            "malformed_marks": lambda doc: bool((doc._.deid_meta or {}).get("malformed")),
            "too_few_entities": lambda doc: len(doc.ents) < min_entities,
            "near_duplicate_of_reference": lambda doc: doc.text in self._reference(),
            "copies_reference": lambda doc: self._traces.has_run(doc.text),
            "rare_identifier_of_reference": lambda doc: self._traces.has_rare_identifier(doc.text),
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
        docs = list(read_docs(Path(reference), Vocab()))
        if not docs:
            raise DeidError(f"{reference}: the reference of deid_filter holds no note.")
        self._set(signatures(doc.text for doc in docs))
        self._traces = Traces.of(docs, max_run=self._max_run, rare_in=self._rare_in)

    def __call__(self, doc: Doc) -> Doc:
        """Judge a note."""
        if words(doc.text):
            doc._.deid_rejected = [reason for reason, fails in self._checks.items() if fails(doc)]
        else:
            doc._.deid_rejected = ["empty"]
        return doc

    def to_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the reference's signatures and traces, readable by their owner alone."""
        path.mkdir(parents=True, exist_ok=True)
        write_bytes(path / _REFERENCE, self.to_bytes())

    def from_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> "NoteFilter":
        """Load what `to_disk` saved; raises DeidError where an earlier version did, which knew no traces."""
        if not (path / _REFERENCE).is_file():
            raise DeidError(f"{path} has no {_REFERENCE}. Remedy: make the pipeline again with `spacy assemble`.")
        return self.from_bytes((path / _REFERENCE).read_bytes())

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Return the reference's signatures and traces."""
        arrays: dict[str, np.ndarray] = {"signatures": self._signatures, **self._traces.arrays()}
        kept = {name: (array.dtype.str, array.tobytes()) for name, array in arrays.items()}
        return srsly.msgpack_dumps({"form": _FORM, "arrays": kept})

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "NoteFilter":
        """Load what `to_bytes` returned; raises DeidError where an earlier version did, which read words otherwise."""
        read = srsly.msgpack_loads(data)
        if read.get("form") != _FORM:
            raise DeidError(
                f"deid_filter: its reference is of form {read.get('form', 1)}, and this version reads form {_FORM}. "
                "Remedy: make the pipeline again with `spacy assemble`."
            )
        arrays = {name: np.frombuffer(raw, dtype=kind) for name, (kind, raw) in read["arrays"].items()}
        self._set(arrays.pop("signatures").reshape(-1, PERMUTATIONS))
        self._traces = Traces.from_arrays(arrays, max_run=self._max_run)
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
