"""Tables with odd quoting: texts of two patients never become one document, and untouched bytes stay."""

from pathlib import Path

import pytest
from table_files import redacted


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("a.tsv", 'nr\ttext\n1\t"Hej" sa hon\n2\tBo\n', "row 1, column 2: the quote that opens the cell is closed"),
        ("a.tsv", 'nr\ttext\n0\tx\n1\t"Hej sa hon\n2\tBo svarade"\n', "row 2: a quoted cell has several lines"),
        ("a.csv", 'nr,ort,text\n1,Lund,"Hej\n2,Lund,Bo"\n', "row 1: a quoted cell has several lines"),
        ("a.csv", 'text,nr\n"Hej,1\nBo",2\n', "row 1: a quoted cell has several lines"),
        ("a.csv", 'nr,text\n1,"Hej \\"du\\" där"\n', "row 1, column 2: a backslash before a quote"),
        ("a.csv", 'nr,text\n1,"Hej \\", du där\n2,"x"\n', "row 1"),
        ("a.csv", 'nr,text\n1,"Hej\n2,Bo\n3,Eva\n', "row 1: a quote that opens a cell is never closed"),
        ("a.csv", 'nr,text\n1,x\n2,y\n3,"Hej\n4,Bo "bra" \n', "row 3"),
        ("a.csv", '"nr,text\n1,x\n', "there is no column 'text'"),
        ("a.csv", '"nr"x,text\n1,x\n', "the header, column 1"),
    ],
)
def test_a_quote_that_is_no_quoting_is_an_error_with_its_row(
    tmp_path: Path, name: str, data: str, problem: str
) -> None:
    out = redacted(tmp_path, name, data)
    [(_, reason)] = out.failures
    assert reason.startswith(problem)
    assert out.data is None


@pytest.mark.parametrize(
    ("name", "data", "settings"),
    [
        ("a.tsv", 'nr\ttext\n1\t"Hej" sa hon\n2\t"Sov\n3\tgott" \n', {"quoting": "none"}),
        ("a.csv", 'nr,text\n1,"C:\\"\n', {"quoting": "standard"}),
        ("a.csv", 'nr,text\n1,"Hej\n2,Bo"\n', {"quoting": "standard"}),
        ("a.csv", 'nr,text\n1,"Hej,\r\nBo sa ""nej"", och\r\n\r\ngick"\r\n', {}),
        ("a.csv", 'nr,text\n1,"Pat söker\nhosta, feber"\n', {}),
        ("a.csv", 'nr,text\n1,5" bred\n2,sa "hej"\n', {}),
        ("a.csv", '"nr","text"\r1,x\r\r2,y\r', {}),
        ("a.csv", "nr,text\n \n1,x\n\n", {}),
        ("a.csv", '\ufeff"nr, löp",text\n1,x\n', {}),
        ("a.csv", "sep=;\r\nnr;text\r\n1;a,b\r\n", {}),
        ("a.csv", '"sep=;"\r\nnr;text\r\n1;a,b\r\n', {}),
        ("a.csv", "\ufeffsep=,\nnr,text\n1,a;b\n", {}),
        ("a.csv", "sep=^\nnr^text\n1^a;b,c\n", {}),
        ("a.csv", "text,text,x,x\na,b,1,2\n", {}),
        ("a.csv", "nr,text\n1," + "ord " * 100_000 + "\n", {}),
        ("a.jsonl", '\ufeff{"text": "x", "n": NaN, "a.b": {"c": [[], {}, true]}}\n \n{"text": null}', {}),
    ],
)
def test_what_holds_no_identifier_stays_byte_for_byte(
    tmp_path: Path, name: str, data: str, settings: dict[str, str]
) -> None:
    assert redacted(tmp_path, name, data, **settings).text == data


def test_a_sep_line_stays_and_the_rows_below_it_are_redacted(tmp_path: Path) -> None:
    out = redacted(tmp_path, "a.csv", "sep=;\r\nnr;text\r\n1;den 2 maj 2023, kl\r\n")
    assert out.text == "sep=;\r\nnr;text\r\n1;[DATE], kl\r\n"


def test_without_quoting_a_row_stays_a_row(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[categories]\nLOCATION = "surrogate"\n', "utf8")
    data = 'text\tort\n"sov i Falun\tFalun\n'
    out = redacted(tmp_path, "a.tsv", data, identifiers={"ort": "LOCATION"}, quoting="none", policy=str(own))
    assert [line.count("\t") for line in out.text.splitlines()] == [1, 1]
    assert out.text.splitlines()[1].startswith('"sov i ') and "Falun" not in out.text
