"""The promise: a failure is reported by its place, the line and the column; and no message shows a heading."""

import io
from pathlib import Path

import pytest
from table_files import parquet_bytes, redacted, rules

from spacy_deid.apply.settings import Settings
from spacy_deid.apply.stream import apply_stream
from spacy_deid.errors import DeidError

BORN = "Pat född 12 april 1985 söker"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", f"nr,fodd,text\n\n1,x,sov\n\n2,850412,{BORN}\n\n"),
        ("a.csv", f'nr,fodd,text\n1,x,"sov\n\ngott"\n\n\n2,850412,{BORN}\n'),
        ("a.jsonl", f'\n{{"text": "sov"}}\n\n{{"fodd": "850412", "text": "{BORN}"}}\n'),
    ],
)
def test_blank_lines_count_among_the_rows(tmp_path: Path, name: str, data: str) -> None:
    assert [document for document, _ in redacted(tmp_path, name, data).failures] == [f"{name}, row 4"]


def test_rows_of_a_later_part_count_on(tmp_path: Path) -> None:
    data = "nr,fodd,text\n" + "\n1,x,sov\n" * 300 + f"\n2,850412,{BORN}\n"
    assert [document for document, _ in redacted(tmp_path, "a.csv", data).failures] == ["a.csv, row 602"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", f"nr,svar 850412,text\n1,x,{BORN}\n"),
        ("a.tsv", f"nr\t1985-04-12\ttext\n1\tx\t{BORN}\n"),
        ("a.parquet", parquet_bytes(nr=[1], **{"12/4 1985": ["x"]}, text=[BORN])),
    ],
)
def test_the_column_whose_name_holds_a_value_is_told(tmp_path: Path, name: str, data: str | bytes) -> None:
    out = redacted(tmp_path, name, data)
    [(_, reason)] = out.failures
    assert reason.startswith("the name of column 2 (of 3)") and "1985" not in reason and "850412" not in reason
    assert out.data is None


def test_a_heading_that_holds_a_value_is_not_written_to_standard_output() -> None:
    target = io.BytesIO()
    with pytest.raises(DeidError, match=r"the name of column 2 \(of 2\)"):
        apply_stream(rules(), io.BytesIO(f"text,850412\n{BORN},x\n".encode()), target, "csv", Settings())
    assert target.getvalue() == b""


@pytest.mark.parametrize(
    ("label", "value", "text", "written"),
    [
        ("DATE", "1985-04-12", BORN, "[DATE_1],Pat född [DATE_1] söker"),
        ("ID", "198504129880", "pnr 850412-9880 noterat", "[ID_1],pnr [ID_1] noterat"),
        ("PHONE", "+46701740612", "tel 070-174 06 12 gäller", "[PHONE_1],tel [PHONE_1] gäller"),
    ],
)
def test_a_value_in_another_form_has_the_number_of_its_column(
    tmp_path: Path, label: str, value: str, text: str, written: str
) -> None:
    out = redacted(tmp_path, "a.csv", f"x,text\n{value},{text}\n", identifiers={"x": label}, policy="index")
    assert out.text.splitlines()[1] == written
