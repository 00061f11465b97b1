"""The checks, groups and counts that all readers of a corpus share."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from spacy_deid.corpus.note import ConversionReport, Note
from spacy_deid.errors import DeidError
from spacy_deid.extensions import CharSpan
from spacy_deid.labels import in_categories, known_labels, shown_label

_SURROGATE = re.compile("[\ud800-\udfff]")
_PATTERN_REMEDY = r"Remedy: correct it; '(.+)-\d+' finds the patient p07 in the note id p07-2."


class UnknownLabel(StrEnum):
    """The treatment of a label that labels.toml does not map.

    ``keep`` accepts it: policies treat it as OTHER, so that it is still redacted.
    """

    error = "error"
    keep = "keep"


@dataclass
class Intake:
    """Checks the spans and notes of a reader, and counts the accepted ones.

    ``group_pattern``: a regular expression that is searched in the id of a note. Its first group, or the whole match if
    it has no group, is the note's group. A note with its own group keeps it. An id without a match is its own group.
    """

    unknown_label: UnknownLabel = UnknownLabel.error
    group_pattern: str = ""
    report: ConversionReport = field(default_factory=ConversionReport)
    _ids: set[str] = field(default_factory=set)
    _matched: int = 0
    _unmatched: int = 0

    def __post_init__(self) -> None:
        try:
            re.compile(self.group_pattern)
        except re.error as error:
            raise DeidError(
                f"The group pattern '{self.group_pattern}' is not a regular expression: {error}. {_PATTERN_REMEDY}"
            ) from None

    def span(self, start: int, end: int, label: str, *, length: int, where: str) -> CharSpan:
        """Return a span, with a category in place of its label if labels.toml maps it.

        Args:
            start: First character.
            end: Character after the last one.
            label: Label of the corpus.
            length: Length of the text in characters.
            where: File and line, for messages.

        Raises:
            DeidError: The span is empty or outside the text, or the label is malformed or unknown.
        """
        if not 0 <= start < end <= length:
            raise DeidError(
                f"{where}: the span {start}-{end} ({shown_label(label)}) is empty or outside the {length} characters. "
                "Remedy: correct the offsets; they count characters from 0, the end is exclusive."
            )
        if not label or any(character.isspace() for character in label):
            raise DeidError(f"{where}: a label is empty or holds white space. Remedy: use one word, such as NAME.")
        if label not in known_labels():
            if self.unknown_label is UnknownLabel.error:
                raise DeidError(
                    f"{where}: the label {shown_label(label)!r} is not in labels.toml. "
                    "Remedy: correct it, or pass --unknown-label keep to treat such labels as OTHER."
                )
            self.report.unknown_labels[shown_label(label)] += 1
        return CharSpan(start, end, in_categories(label))

    def note(self, id: str, text: str, spans: Iterable[CharSpan], *, where: str, group: str = "") -> Note | None:
        """Return the checked note, or None for an empty text, which is only counted.

        Args:
            id: Id, unique in the corpus.
            text: Text of the note.
            spans: Spans of the text, see `span`.
            where: File and line, for messages.
            group: Patient or source; by the group pattern if empty.

        Raises:
            DeidError: The id is empty, unprintable or not unique, or the text holds half a surrogate pair.
        """
        if not id or id in self._ids or not (id + group).isprintable():
            raise DeidError(
                f"{where}: the note id {id!r} or its group is empty, occurs twice or holds a control character. "
                "Remedy: give each note a unique id."
            )
        self._ids.add(id)
        spans = list(spans)
        if not text:
            self.report.empty += 1
            return None
        if _SURROGATE.search(text):
            raise DeidError(f"{where}: the text holds half a surrogate pair. Remedy: export the note as UTF-8 again.")
        unique = sorted(set(spans))
        self.report.duplicates += len(spans) - len(unique)
        return Note(id, group or self._group_of(id), text, tuple(unique))

    def check_groups(self) -> None:
        """Raise DeidError if no id matches the group pattern: a patient's notes would be in several splits."""
        if self._unmatched and not self._matched:
            raise DeidError(
                f"The group pattern '{self.group_pattern}' matches none of the {self._unmatched} note ids. "
                f"{_PATTERN_REMEDY}"
            )

    def _group_of(self, id: str) -> str:
        if not self.group_pattern:
            return id
        match = re.search(self.group_pattern, id)
        if match is None:
            self._unmatched += 1
            return id
        self._matched += 1
        return match[1] if match.re.groups and match[1] else match[0] or id
