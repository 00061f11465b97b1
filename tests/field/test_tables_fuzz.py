"""Random tables with planted identifiers: none is in the output, in any of its forms.

The pipeline knows the identifiers from separate columns. SPACY_DEID_FUZZ=5000 tries that many tables of each format,
which takes hours; the default is a sample.
"""

import csv
import io
import json
import os
import tempfile
import unicodedata
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from table_files import Outcome, parquet_bytes, parquet_rows, redacted

TABLES = int(os.environ.get("SPACY_DEID_FUZZ", "25"))
LABELS = {"first": "NAME", "last": "NAME", "pnr": "ID", "born": "DATE"}
MONTHS = "januari februari mars april maj juni juli augusti september oktober november december"

# words that no list of names, no month and no note has, so that one that is found is a leak; of more than five letters,
# since shorter ones pass in lower case within prose (SECURITY.md, limits)
FIRST = st.sampled_from(["Zöldara", "Quiråste", "Xenöbia"])
LAST = st.sampled_from(["Zäterquist", "Qvaernebo", "Vörkelius"])
WORDS = st.sampled_from(["mår bra", "sover gott", "Hb 112", "5 mg", "", "återbesök", "x"])
ENDINGS = st.sampled_from(["\n", "\r\n"])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])


@st.composite
def people(draw: st.DrawFn) -> dict[str, str]:
    """Draw somebody: what each column of LABELS says of them."""
    day, month, year = draw(st.integers(10, 28)), draw(st.integers(1, 12)), draw(st.integers(1930, 1999))
    return {
        "first": draw(FIRST),
        "last": draw(LAST),
        "pnr": f"{year}{month:02}{day:02}-{draw(st.integers(1000, 9999))}",
        "born": f"{year}-{month:02}-{day:02}",
    }


def forms(person: dict[str, str]) -> list[str]:
    """Return how a person's values are written elsewhere."""
    first, last, pnr = person["first"], person["last"], person["pnr"]
    year, month, day = person["born"].split("-")
    names = [first, last, f"{first} {last}", f"{last}, {first}", f"{last}s", f"{first}\n{last}", f"{first}-{last}"]
    numbers = [pnr, pnr.replace("-", ""), pnr[2:], pnr[2:].replace("-", ""), f"{pnr[:8]} {pnr[9:]}"]
    dates = [
        person["born"],
        f"{year}{month}{day}",
        f"{int(day)} {_month(month)} {year}",
        f"{day}/{month} {year}",
    ]
    return [*names, *numbers, *dates]


def spelled(form: str, spelling: str) -> str:
    """Return a form in another case, Unicode form or with characters that nobody sees."""
    if spelling == "full width":
        return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in form)
    if spelling in ("NFC", "NFD"):
        return unicodedata.normalize(spelling, form)
    others = {
        "upper": form.upper(),
        "lower": form.lower(),
        "no-break": form.replace(" ", "\u00a0").replace("-", "\u2011"),
        "zero width": "\u200b".join(form),
        "bare": _bare(form),
    }
    return others[spelling]


def _month(number: str) -> str:
    return MONTHS.split()[int(number) - 1]


SPELLINGS = st.sampled_from(["NFC", "NFD", "upper", "lower", "no-break", "zero width", "full width"])


@st.composite
def planted(draw: st.DrawFn, person: dict[str, str]) -> str:
    """Draw a cell or a name: words, and one of the person's values in some form."""
    form = spelled(draw(st.sampled_from(forms(person))), draw(SPELLINGS))
    return f"{draw(WORDS)} {form} {draw(WORDS)}".strip()


@st.composite
def rows(draw: st.DrawFn, *, have_a_heading: bool = True) -> list[dict[str, str]]:
    """Draw rows: text, the columns of LABELS, and some that nobody named.

    have_a_heading: whether all rows have the same columns, else each may have a name of its own person's.
    """
    who = draw(st.lists(people(), min_size=1, max_size=3))
    others = draw(st.lists(st.sampled_from(["a", "b", "c"]), unique=True))
    is_named = draw(st.integers(0, 5)) == 0
    name = draw(planted(who[0]))
    made = []
    for person in who:
        own = [name if have_a_heading else draw(planted(person))] if is_named else []
        cells = {other: draw(WORDS | WORDS | planted(person)) for other in [*others, *own]}
        made.append({**person, "text": draw(WORDS | planted(person)), **cells})
    return made


def as_csv(table: list[dict[str, str]], delimiter: str, ending: str) -> str:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(table[0]), delimiter=delimiter, lineterminator=ending)
    writer.writeheader()
    writer.writerows(table)
    return stream.getvalue()


def nested(row: dict[str, str], depth: int) -> dict[str, Any]:
    """Return a row whose unnamed columns lie deeper."""
    named = {key: value for key, value in row.items() if key in (*LABELS, "text")}
    deeper: Any = {"n": 1, **{key: value for key, value in row.items() if key not in named}}
    for _ in range(depth):
        deeper = [{"x": deeper}]
    return {**named, "more": deeper}


def assert_nothing_stands(out: Outcome, written: str, table: list[dict[str, str]]) -> None:
    assert out.data is not None or out.failures
    seen = _bare(written)
    for row in table:
        year, month, day = row["born"].split("-")
        digits = row["pnr"].replace("-", "")
        gone = [
            row["first"],
            row["last"],
            digits[2:],
            f"{year}{month}{day}",
            f"{int(day)}{_month(month)}{year}",
        ]
        assert [value for value in gone if _bare(value) in seen] == []


def _bare(text: str) -> str:
    """Return letters and digits alone, in one case, without diacritics."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(each for each in apart if each.isascii() and each.isalnum())


many = settings(max_examples=TABLES, deadline=None, suppress_health_check=list(HealthCheck))


@many
@given(table=rows(), delimiter=st.sampled_from(",;\t|"), ending=ENDINGS, encoding=ENCODINGS)
def test_csv(table: list[dict[str, str]], delimiter: str, ending: str, encoding: str) -> None:
    data = as_csv(table, delimiter, ending).encode(encoding, "replace")
    with tempfile.TemporaryDirectory() as folder:
        out = redacted(Path(folder), "a.csv", data, identifiers=LABELS, encoding=encoding)
    assert_nothing_stands(out, (out.data or b"").decode(encoding), table)


@many
@given(table=rows(have_a_heading=False), depth=st.integers(0, 3), is_ascii=st.booleans())
def test_jsonl(table: list[dict[str, str]], depth: int, is_ascii: bool) -> None:
    lines = [json.dumps(nested(row, depth), ensure_ascii=is_ascii) for row in table]
    with tempfile.TemporaryDirectory() as folder:
        out = redacted(Path(folder), "a.jsonl", "\n".join(lines), identifiers=LABELS)
    read = [json.dumps(json.loads(line), ensure_ascii=False) for line in (out.data or b"").splitlines()]
    assert_nothing_stands(out, "\n".join(read), table)


@many
@given(table=rows(), depth=st.integers(0, 3))
def test_parquet(table: list[dict[str, str]], depth: int) -> None:
    made = [nested(row, depth) for row in table]
    data = parquet_bytes(**{name: [row[name] for row in made] for name in made[0]})
    with tempfile.TemporaryDirectory() as folder:
        out = redacted(Path(folder), "a.parquet", data, identifiers=LABELS)
        written = str(parquet_rows(out.data)) if out.data else ""
    assert_nothing_stands(out, written, table)
