"""The component ``deid_filter``: marks synthetic notes that are unfit for training, with reasons."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import numpy as np
import srsly
from pydantic import Field, NonNegativeInt, PositiveInt, model_validator
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab

from spacy_deid import extensions as _extensions  # noqa: F401  registers the attributes
from spacy_deid.config import Section, checked
from spacy_deid.corpus.formats.docbin import read_docs
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

Share = Annotated[float, Field(ge=0, le=1)]

_GRAM = 4
_REFERENCE = "reference.msgpack"
_FORM = 2  # version of the stored reference: raised when words or keys are computed differently, as digests then differ


class FilterSettings(Section):
    """The criteria of a note and their ranges; `NoteFilter` explains them."""

    min_chars: NonNegativeInt = 200
    max_chars: NonNegativeInt = 20_000
    max_repetition: Share = 0.3
    near_duplicate_threshold: Annotated[float, Field(gt=0, le=HIGHEST_THRESHOLD)] = 0.8
    min_entities: NonNegativeInt = 1
    require_finished: bool = False
    max_run: PositiveInt = 24
    rare_in: NonNegativeInt = 2
    min_agreement: Share = 0.0

    @model_validator(mode="after")
    def _some_length_is_allowed(self) -> "FilterSettings":
        if self.min_chars > self.max_chars:
            message = f"min_chars is {self.min_chars} and max_chars {self.max_chars}, which would reject every note"
            raise ValueError(message)
        return self


@Language.factory(
    "deid_filter",
    requires=["doc.ents"],
    assigns=["doc._.deid_rejected"],
    default_config=FilterSettings().model_dump(),
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
    """Make the component; raises DeidError for settings out of the ranges of `FilterSettings`."""
    given = locals()
    return NoteFilter(checked(FilterSettings, {key: given[key] for key in FilterSettings.model_fields}, "deid_filter"))


class NoteFilter:
    """Writes the reasons against each note to ``doc._.deid_rejected``; a note without a reason is accepted.

    min_chars, max_chars: length of the text.
    max_repetition: highest `repetition`. Of MEDDOCAN's 500 training notes, 499 are below .07.
    near_duplicate_threshold: Jaccard similarity with a note of the reference; see NearDuplicates.
    min_entities: fewest entities.
    require_finished: reject notes that max_tokens truncated.
    max_run: most words in a row that a note may share with a note of the reference; see Traces.
    rare_in: an identifier of the reference is rare, and no note may hold it, if it is in the notes of at most this
    number of patients (``doc._.deid_group``; a note without a group counts as a patient); see rare_identifiers.
    min_agreement: least agreement of an ensemble's annotators (see Ensemble).

    A note with malformed marks of the language model (see NoteTask) is always rejected.

    ``initialize`` takes the reference, the notes that the language model was adapted to, and keeps only their
    signatures and traces. These reveal whether a note or a guessed identifier was among the notes. A pipeline that
    holds them must stay where those notes may be.
    """

    def __init__(self, settings: FilterSettings) -> None:
        self.near_duplicate_threshold = settings.near_duplicate_threshold
        self._max_run, self._rare_in = settings.max_run, settings.rare_in
        self._traces = Traces.of([], max_run=settings.max_run, rare_in=settings.rare_in)
        self._signatures: Signatures = signatures([])
        self._members: NearDuplicates | None = None
        self._checks: dict[str, Callable[[Doc], bool]] = {
            "too_short": lambda doc: len(doc.text) < settings.min_chars,
            "too_long": lambda doc: len(doc.text) > settings.max_chars,
            "repetitive": lambda doc: repetition(doc.text) > settings.max_repetition,
            "unfinished": lambda doc: settings.require_finished and not (doc._.deid_meta or {}).get("finished", True),
            "annotators_disagree": lambda doc: (doc._.deid_meta or {}).get("agreement", 1.0) < settings.min_agreement,
            "malformed_marks": lambda doc: bool((doc._.deid_meta or {}).get("malformed")),
            "too_few_entities": lambda doc: len(doc.ents) < settings.min_entities,
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
        """Set the notes that no note may resemble.

        Args:
            get_examples: Not used; part of spaCy's protocol.
            nlp: Not used; part of spaCy's protocol.
            reference: DocBin file of the notes; None leaves the reference as it is.

        Raises:
            DeidError: The file is absent, damaged or without notes.
        """
        if reference is None:
            return
        docs = list(read_docs(Path(reference), Vocab()))
        if not docs:
            raise DeidError(
                f"{reference}: the reference of deid_filter holds no note. Remedy: name the notes that the language "
                "model was adapted to."
            )
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
        """Load the files of `to_disk`; raises DeidError for those of an early version, which have no traces."""
        if not (path / _REFERENCE).is_file():
            raise DeidError(f"{path} has no {_REFERENCE}. Remedy: make the pipeline again with `spacy assemble`.")
        return self.from_bytes((path / _REFERENCE).read_bytes())

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Return the reference's signatures and traces."""
        arrays: dict[str, np.ndarray] = {"signatures": self._signatures, **self._traces.arrays()}
        kept = {name: (array.dtype.str, array.tobytes()) for name, array in arrays.items()}
        return srsly.msgpack_dumps({"form": _FORM, "arrays": kept})

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "NoteFilter":
        """Load the result of `to_bytes`; raises DeidError for that of an earlier version, whose digests differ."""
        read = srsly.msgpack_loads(data)
        if read.get("form") != _FORM:
            raise DeidError(
                f"deid_filter: its reference has form {read.get('form', 1)}, and this version reads form {_FORM}. "
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

    This is seq-rep-4 of Welleck et al. 2020 (arXiv 1908.04319). A text of fewer than four words has 0.
    """
    found = words(text)
    grams = list(zip(*(found[i:] for i in range(_GRAM)), strict=False))
    return 1 - len(set(grams)) / len(grams) if grams else 0.0
