"""The package of a Word file: its check, its parts by kind, and its bytes."""

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
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # Microsoft's older format, which also wraps encrypted files of the newer one
_OWNER_BYTES = 162
_LONGEST_OWNER = 54
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can say


def opened(data: bytes) -> Any:
    """Return python-docx's package; DeidError for other data."""
    _check_kind(data)
    try:
        return importlib.import_module("docx.opc.package").OpcPackage.open(io.BytesIO(data))
    except Exception as error:  # a damaged file fails anywhere in zipfile, lxml or python-docx
        raise DeidError(f"not a .docx file, or a damaged one ({type(error).__name__})") from None


def kind(part: Any) -> str:
    """Return the kind of a part; DeidError for one that is not read."""
    content_type = str(part.content_type).casefold()
    if content_type.startswith("image/"):
        return PICTURE
    if content_type not in _kinds():
        raise DeidError(_refusal(content_type, place(part)))
    return _kinds()[content_type]


def has_usual_name(part: Any) -> bool:
    """Whether a part has a name that Word gives."""
    return bool(_usual_name().fullmatch(part.partname))


def place(part: Any) -> str:
    """Return the place of a part, without a name that Word did not give."""
    name = str(part.partname)
    if has_usual_name(part):
        return name.removeprefix("/")
    return f"a part of {name.split('/')[1]}/" if name.startswith(("/word/", "/customXml/", "/docProps/")) else "a part"


def parsed(part: Any) -> Any:
    """Return the root of a part's XML; DeidError if it is damaged, or holds markup that Word never writes."""
    etree = importlib.import_module("lxml.etree")
    try:  # the "text" of python-docx's own elements is not their own text
        root = etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise DeidError(f"not a .docx file, or a damaged one ({place(part)}: {type(error).__name__})") from None
    if any(each.getroottree().docinfo.internalDTD is not None for each in (root, getattr(part, "element", root))):
        raise DeidError(f"{place(part)} declares a document type, which Word does not. Remedy: save it again in Word")
    return root


def check_main(roots: list[Any]) -> None:
    """Raise DeidError unless the main parts are those of a supported Word file."""
    if not roots:
        msg = "not a .docx file: it has no document in it"
        raise DeidError(msg)
    word = full("w:p").removesuffix("p")
    if not all(root.tag.startswith(word) for root in roots):
        msg = "a .docx of the kind 'Strict Open XML', which is not read. Remedy: save it as an ordinary .docx"
        raise DeidError(msg)


def saved(package: Any, roots: dict[Any, Any]) -> bytes:
    """Return the bytes with the new XML of parts, without the time of writing: the same document has the same bytes."""
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
    """Return the reason why a document that was inserted as a file is refused."""
    return _refusal("text/html", "word/")


def _refusal(content_type: str, where: str) -> str:
    reason = next(reason for reason, begins in _reasons() if content_type.startswith(begins))
    return f"the .docx holds a part that is not read: {where}, {reason['what']}. Remedy: {reason['remedy']}"


def _reasons() -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    for reason in table("parts.toml")["refused"]:
        yield reason, tuple(_spelled(each) for each in reason["types"])


def _check_kind(data: bytes) -> None:
    """Raise DeidError with the remedy for files that are often taken for a .docx."""
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
