"""Text in encodings other than UTF-8 is refused in one line, or read correctly and written in the same encoding."""

import io
import json
from pathlib import Path

import pytest
from table_files import redacted, rules

from spacy_deid.apply.formats.encoding import EncodedTableFormat, known_encoding
from spacy_deid.apply.formats.jsonl import Jsonl
from spacy_deid.apply.formats.rows import RowSettings
from spacy_deid.apply.settings import Settings
from spacy_deid.apply.stream import apply_stream
from spacy_deid.errors import DeidError

LINE = "Mår dåligt på höger öra 2 maj 2023"
FILES = {
    "a.txt": f"{LINE}\r\n",
    "a.csv": f"Löpnr;text\r\n1;{LINE}\r\n2;x\r\n",
    "a.tsv": f"nr\ttext\n1\t{LINE}\n",
    "a.jsonl": json.dumps({"text": LINE}, ensure_ascii=False) + '\n{"text": "x"}\n',
}
ENCODINGS = ["cp1252", "iso-8859-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "mac-roman", "cp850"]
WIDE = [encoding for encoding in ENCODINGS if "utf" in encoding]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", FILES)
def test_a_file_in_another_encoding_is_named_in_one_line(tmp_path: Path, name: str, encoding: str) -> None:
    out = redacted(tmp_path, name, FILES[name].encode(encoding))
    [(_, reason)] = out.failures
    assert "UTF-8" in reason and "--encoding" in reason
    assert ("UTF-" in reason.split(".")[0]) or encoding not in WIDE


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", FILES)
def test_a_named_encoding_is_read_and_written(tmp_path: Path, name: str, encoding: str) -> None:
    out = redacted(tmp_path, name, FILES[name].encode(encoding), encoding=encoding)
    assert out.failures == []
    assert out.data == FILES[name].replace("2 maj 2023", "[DATE]").encode(encoding)


@pytest.mark.parametrize("mark", ["utf-16-be", "utf-32-be"])
def test_the_order_of_bytes_and_the_mark_stay(tmp_path: Path, mark: str) -> None:
    data = ("\ufeff" + FILES["a.csv"]).encode(mark)
    assert redacted(tmp_path, "a.csv", data, encoding=mark[:6]).data == data.decode(mark).replace(
        "2 maj 2023", "[DATE]"
    ).encode(mark)


@pytest.mark.parametrize("name", FILES)
def test_utf_16_of_plain_letters_is_never_taken_for_utf_8(tmp_path: Path, name: str) -> None:
    # every byte is ASCII, and a NUL parts the letters of each name
    data = FILES[name].translate(str.maketrans("ÅåÖöä", "AaOoa")).encode("utf-16-le")
    [(_, reason)] = redacted(tmp_path, name, data).failures
    assert "UTF-16 without a byte order mark" in reason


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
@pytest.mark.parametrize("name", FILES)
def test_a_file_in_utf_8_stays_so_whatever_encoding_is_named(tmp_path: Path, name: str, encoding: str) -> None:
    # read as Windows-1252, "Åsa" would be "Ã…sa", which nobody is called
    out = redacted(tmp_path, name, FILES[name], encoding=encoding)
    assert out.text == FILES[name].replace("2 maj 2023", "[DATE]")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(("written", "named"), [("utf-16", "cp1252"), ("cp1252", "utf-16"), ("cp1252", "utf-32")])
def test_the_wrong_encoding_is_an_error(tmp_path: Path, name: str, written: str, named: str) -> None:
    [(_, reason)] = redacted(tmp_path, name, FILES[name].encode(written), encoding=named).failures
    assert named in reason


@pytest.mark.parametrize("rows", [1, 3000])
def test_three_thousand_rows_are_one_line(tmp_path: Path, rows: int) -> None:
    data = ("nr,text\n" + f"1,{LINE}\n" * rows + "2,x\n").encode("cp1252")
    out = redacted(tmp_path, "a.csv", data)
    assert len(out.failures) == 1 and out.not_written == rows
    assert "--encoding cp1252" in out.failures[0][1]


class Pipe(io.BytesIO):
    """Standard input, which comes in once."""

    def seekable(self) -> bool:
        return False


def test_standard_input_in_utf_8_is_not_read_as_another_encoding() -> None:
    lines = ('{"text": "x"}\n' * 20_000 + FILES["a.jsonl"]).encode("utf8")
    with pytest.raises(DeidError, match="it is in UTF-8, not in cp1252"):
        list(EncodedTableFormat(Jsonl(RowSettings(("text",))), "cp1252").open(Pipe(lines)).parts())


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_standard_input_in_the_named_encoding_is_read(encoding: str) -> None:
    target = io.BytesIO()
    apply_stream(rules(), Pipe(FILES["a.csv"].encode(encoding)), target, "csv", Settings(encoding=encoding))
    assert target.getvalue() == FILES["a.csv"].replace("2 maj 2023", "[DATE]").encode(encoding)


def test_a_letter_that_the_encoding_lacks_becomes_its_nearest() -> None:
    format = EncodedTableFormat(Jsonl(RowSettings(("text",))), "cp1252")
    table = format.open(io.BytesIO('{"text": "å"}\n'.encode("cp1252")))
    target = io.BytesIO()
    table.join(iter(['{"text": "Łőwå\u4e00"}\n'.encode()]), target)
    assert target.getvalue().decode("cp1252") == '{"text": "Lowå?"}\n'


@pytest.mark.parametrize("name", ["utf-9", "base64", "rot13", "undefined", ""])
def test_an_encoding_that_there_is_not_is_an_error(name: str) -> None:
    with pytest.raises(DeidError, match="There is no text encoding"):
        known_encoding(name)
