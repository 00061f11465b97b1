"""The vault: the original of each replacement, in an encrypted file.

The vault and its passphrase together reveal the identifiers of all its documents: keep them where the originals may be.
Copy the file only while no process writes to it.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from spacy.tokens import Doc

from spacy_deid import extensions as _extensions  # noqa: F401  registers deid_replacements
from spacy_deid.errors import DeidError
from spacy_deid.offsets import OffsetMap, Replacement, rewritten
from spacy_deid.redact.sealed import SealedFile, SealedRecord
from spacy_deid.redact.secrets import PASSPHRASE, read_passphrase


@dataclass(frozen=True, slots=True)
class VaultEntry:
    """A document of the vault.

    document: its id. patient: its patient, "" if unknown. sha256: of the redacted text in UTF-8. spans: start
    in the redacted text, replacement and original of each.
    """

    document: str
    patient: str
    sha256: str
    spans: list[tuple[int, str, str]]

    @property
    def record(self) -> SealedRecord:
        """The record of the file; its body, the spans, is read only for requested documents."""
        return SealedRecord({"document": self.document, "patient": self.patient, "sha256": self.sha256}, self.spans)


class Vault:
    """Stores and restores originals. Several processes may add to one vault at the same time."""

    def __init__(self, path: str | Path, passphrase: bytes) -> None:
        """Prepare a vault without reading or writing it; passphrase: from `read_passphrase`."""
        self._file = SealedFile(Path(path), passphrase)

    def add(self, docs: Iterable[Doc]) -> None:
        """Add redacted Docs; they are on the disk when this returns.

        The document is ``doc._.deid_id``, or the SHA-256 of the redacted text if that is empty, and the patient
        ``doc._.deid_group``.
        """
        self._file.append([_entry(doc).record for doc in docs])

    def restore(self, text: str) -> str:
        """Return the original of a redacted text, exactly.

        Raises DeidError if the vault lacks the text, or has it of documents with different originals.
        """
        originals = _originals(text, self._entries({"sha256": _sha256(text)}))
        if len(originals) > 1:
            msg = "The vault has several originals of this text. Remedy: name its document."
            raise DeidError(msg)
        if originals:
            return originals.pop()
        msg = (
            "The vault has no text like this one, character by character. Remedy: give it as it was written, or name "
            "its document to restore the replacements that are still in the text."
        )
        raise DeidError(msg)

    def restore_in(self, text: str, document: str) -> tuple[str, int]:
        """Return any text about a document, such as a summary of it, with the originals of its replacements.

        The document's own redacted text is restored exactly. In another text, replacements are found as whole words,
        longer ones first. A replacement with several originals ("[DATE]") stays; the second value is the number of
        these. Raises DeidError if the vault lacks the document.
        """
        entries = self._entries({"document": document})
        sha256 = _sha256(text)
        own = _originals(text, (entry for entry in entries if entry.sha256 == sha256))
        if len(own) == 1:
            return own.pop(), 0
        originals: dict[str, set[str]] = defaultdict(set)
        for entry in entries:
            for _, new, old in entry.spans:
                originals[new].add(old)
        if not originals:
            raise DeidError(f"The vault has no replacements of a document {document!r}.")
        left = 0

        def original(match: re.Match[str]) -> str:
            nonlocal left
            found = originals[match[0]]
            left += len(found) > 1
            return match[0] if len(found) > 1 else next(iter(found))

        longest_first = "|".join(map(re.escape, sorted(filter(None, originals), key=len, reverse=True)))
        # a word must begin and end at word boundaries, a bracket need not
        return re.sub(rf"(?:(?<!\w)|(?=\W))(?:{longest_first})(?:(?!\w)|(?<=\W))", original, text), left

    def purge(self, *, document: str | None = None, patient: str | None = None) -> int:
        """Remove a document, or all documents of a patient, for good; return the number of removed texts."""
        if (document is None) == (patient is None):
            msg = "Name either a document or a patient to remove from the vault."
            raise DeidError(msg)
        wanted = {"document": document} if patient is None else {"patient": patient}
        if not self._entries(wanted):
            return 0
        return self._file.rewrite(lambda head: not _has(head, wanted))

    def rotate(self, passphrase: bytes) -> None:
        """Encrypt the vault under a new passphrase; the old one no longer opens it."""
        self._file.rewrite(lambda head: True, passphrase)

    def _entries(self, wanted: Mapping[str, str | None]) -> list[VaultEntry]:
        """Return the entries whose fields have the ``wanted`` values."""
        found = self._file.find(lambda head: _has(head, wanted))
        return [VaultEntry(**record.head, spans=record.body) for record in found]


def open_vault(path: str | Path, passphrase_file: str | Path | None) -> Vault:
    """Return the vault ``path`` with the passphrase of `read_passphrase`; DeidError without a passphrase."""
    passphrase = read_passphrase(passphrase_file)
    if passphrase is None:
        raise DeidError(f"The vault has no passphrase. Remedy: name a file that holds it, or set {PASSPHRASE}.")
    return Vault(path, passphrase)


def _has(head: Mapping[str, str], wanted: Mapping[str, str | None]) -> bool:
    return all(head[field] == value for field, value in wanted.items())


def _originals(text: str, entries: Iterable[VaultEntry]) -> set[str]:
    """Return the originals of the redacted ``text`` by its ``entries``."""
    return {
        rewritten(text, [Replacement(start, start + len(new), old) for start, new, old in entry.spans])
        for entry in entries
    }


def _entry(doc: Doc) -> VaultEntry:
    replacements = doc._.deid_replacements
    if replacements is None:
        msg = "A document was not redacted, so the vault cannot store it. Remedy: add deid_redact to the pipeline."
        raise DeidError(msg)
    text, offsets = doc.text, OffsetMap(replacements)
    spans = [(offsets.to_redacted(*each[:2])[0], each[2], text[each[0] : each[1]]) for each in replacements]
    sha256 = _sha256(doc._.deid_text)
    return VaultEntry(doc._.deid_id or sha256, doc._.deid_group, sha256, spans)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf8", "surrogatepass")).hexdigest()
