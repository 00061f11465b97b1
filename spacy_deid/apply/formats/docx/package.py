"""The package that a Word file is: what is none, its parts by kind, and its bytes."""

import importlib
import io
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from typing import Any

from spacy_deid.apply.formats.docx.names import full, table
from spacy_deid.errors import DeidError

READ, SETTINGS, EMPTIED, REMOVED, PICTURE = "read", "settings", "emptied", "removed", "picture"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # an older kind of file of Microsoft's, in which newer ones are encrypted
_OWNER_BYTES = 162
_LONGEST_OWNER = 54
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can say


def opened(data: bytes) -> Any:
    """Return python-docx's package; DeidError for what is no .docx."""
    _check_kind(data)
    try:
        return importlib.import_module("docx.opc.package").OpcPackage.open(io.BytesIO(data))
    except Exception as error:  # a damaged file fails anywhere in zipfile, lxml or python-docx
        raise DeidError(f"not a .docx file, or a damaged one ({type(error).__name__})") from None


def kind(part: Any) -> str:
    """Return what becomes of a part; DeidError for one that is not read."""
    content_type = str(part.content_type).casefold()
    if content_type.startswith("image/"):
        return PICTURE
    if content_type not in _kinds():
        raise DeidError(_refusal(content_type, place(part)))
    return _kinds()[content_type]


def has_usual_name(part: Any) -> bool:
    """Whether a part is called as Word calls it."""
    return bool(_usual_name().fullmatch(part.partname))


def place(part: Any) -> str:
    """Return where a part is, without what somebody else than Word called it."""
    name = str(part.partname)
    if has_usual_name(part):
        return name.removeprefix("/")
    return f"a part of {name.split('/')[1]}/" if name.startswith(("/word/", "/customXml/", "/docProps/")) else "a part"


def parsed(part: Any) -> Any:
    """Return the root of a part's XML; DeidError for what is damaged, or holds what Word never writes."""
    etree = importlib.import_module("lxml.etree")
    try:  # python-docx's own elements have a "text" that is no text of theirs
        root = etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise DeidError(f"not a .docx file, or a damaged one ({place(part)}: {type(error).__name__})") from None
    if any(each.getroottree().docinfo.internalDTD is not None for each in (root, getattr(part, "element", root))):
        raise DeidError(f"{place(part)} declares a document type, which Word does not. Remedy: save it anew in Word")
    return root


def check_main(roots: list[Any]) -> None:
    """Raise DeidError unless the parts that people write are those of a Word file that is read."""
    if not roots:
        msg = "not a .docx file: it has no document in it"
        raise DeidError(msg)
    word = full("w:p").removesuffix("p")
    if not all(root.tag.startswith(word) for root in roots):
        msg = "a .docx of the kind 'Strict Open XML', which is not read. Remedy: save it as an ordinary .docx"
        raise DeidError(msg)


def saved(package: Any, roots: dict[Any, Any]) -> bytes:
    """Return the bytes, without the hour at which they were written: the same document has the same ones.

    roots: the XML of parts, in place of what they had.
    """
    etree = importlib.import_module("lxml.etree")
    for part, root in roots.items():
        if hasattr(part, "element"):
            part._element = root
        else:
            part._blob = etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)
    stream, target = io.BytesIO(), io.BytesIO()
    package.save(stream)
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        for entry in source.infolist():
            fresh = zipfile.ZipInfo(entry.filename, _EPOCH)
            fresh.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(fresh, source.read(entry))
    return target.getvalue()


@cache
def _usual_name() -> re.Pattern[str]:
    names = table("parts.toml")["names"]
    folders, within, stems = ("|".join(names[each]) for each in ("folders", "within", "stems"))
    return re.compile(rf"/(?:{folders})/(?:(?:{within})/)?(?:{stems})\d{{0,4}}\.\w{{2,5}}")


@cache
def _kinds() -> dict[str, str]:
    kinds = table("parts.toml")["kinds"]
    return {_spelled(content_type): name for name, types in kinds.items() for content_type in types}


def _spelled(content_type: str) -> str:
    return content_type.format_map(table("parts.toml")["prefixes"])


def inserted() -> str:
    """Return why a document that was inserted as a file is refused, whatever the kind of its part."""
    return _refusal("text/html", "word/")


def _refusal(content_type: str, where: str) -> str:
    reason = next(reason for reason, begins in _reasons() if content_type.startswith(begins))
    return f"the .docx holds a part that is not read: {where}, {reason['what']}. Remedy: {reason['remedy']}"


def _reasons() -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    for reason in table("parts.toml")["refused"]:
        yield reason, tuple(_spelled(each) for each in reason["types"])


def _check_kind(data: bytes) -> None:
    """Raise DeidError with what to do about files that are often given in place of a .docx."""
    if not data:
        msg = "the file is empty"
        raise DeidError(msg)
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            msg = (
                "protected by a password, or encrypted by its label. Remedy: open it in Word and save it without either"
            )
        else:
            msg = "an old .doc file, not a .docx. Remedy: open it in Word and save it as .docx"
        raise DeidError(msg)
    if len(data) == _OWNER_BYTES and 0 < data[0] <= _LONGEST_OWNER:
        msg = "an owner file (~$...), which Word keeps while a document is open, not a document. Remedy: close Word"
        raise DeidError(msg)
    if data.startswith((b"{\\rtf", b"%PDF")):
        raise DeidError(f"not a .docx file, but {'RTF' if data.startswith(b'{') else 'PDF'}. Remedy: save it as .docx")
