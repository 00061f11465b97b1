"""A date keeps its form when it is moved by a number of days."""

import datetime as dt
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spacy_deid.lang.date_lists import read_dates
from spacy_deid.lang.dates import read_date
from spacy_deid.surrogates.cast import day_values
from spacy_deid.surrogates.source import source_of

SPRING = dt.date(2023, 5, 1)

MOVED_BY_40_DAYS = {
    "en": {  # whose months and weekdays have a capital in forms.toml
        "12/04/2023": "22/05/2023",
        "03/27/1958": "05/06/1958",  # only with the month first it is a day
        "27.03.58": "06.05.58",
        "4th March 2022": "13th April 2022",
        "march 9, 2022": "april 18, 2022",
        "14-Feb-2021": "26-Mar-2021",
        "JUNE 2019": "JULY 2019",
        "Tuesday 6 June": "Sunday 16 July",
    },
    "sv": {
        "2023-04-12": "2023-05-22",
        "230412": "230522",
        "20230412": "20230522",
        "12/4": "22/5",
        "02/04": "12/05",
        "12/4-23": "22/5-23",
        "12/4 2023": "22/5 2023",
        "12.4.23": "22.5.23",
        "23-04-12": "23-05-22",
        "10-1-01": "19-2-01",  # with zeros a year comes first, without them a day
        "23-4-2": "23-5-12",
        "98-4-12": "98-5-22",
        "den 12:e april 2021": "den 22:a maj 2021",
        "DEN 12 APRIL -21": "DEN 22 MAJ -21",
        "12 apr. 2021": "22 maj. 2021",
        "måndagen den 12/4": "lördagen den 22/5",
        "Tis 12/4": "Sön 22/5",
        "12-15/4": "22-25/5",
        "20–22 april": "30 maj–1 juni",
        "måndagskvällen": "lördagskvällen",
        "I söndags": "I fredags",
        "lö": "to",
        "torsd": "tisd",
        "28.3.": "7.5.",
        "v. 34": "v. 40",
        "v.34-35": "v.40-41",
        "v 34 - 35": "v 40 - 41",
        "v 15 -23": "v 21 -23",
        "v 15-16 -23": "v 21-22 -23",
        "den 12\n april  2021": "den 22\n maj  2021",
        "måndagen\r\nden 12/4": "lördagen\r\nden 22/5",
        "i mars": "i april",
        "början av mars -21": "början av april -21",
        "2023-12": "2024-01",
        "2019": "2020",
        "-98": "-99",
        "2019-2021": "2020-2022",
        "2021/2022": "2022/2023",
        "sommaren 2021": "sommaren 2022",
        "12/2-25/2 2025": "24/3-6/4 2025",
        "12/4-15/4": "22/5-25/5",
        "28/12-3/1": "6/2-12/2",
        "12 mars–3 april 2021": "21 april–13 maj 2021",
        "2, 3 och 5 maj": "11, 12 och 14 juni",
        "20, 21 och 22 april": "30, 31 maj och 1 juni",
        "2023-04-12 – 2023-04-15": "2023-05-22 – 2023-05-25",
        "21, 22 och 23 april": "31 maj, 1 och 2 juni",
        "12/4 till 15/4-23": "22/5 till 25/5-23",
        "den 3:e och 4:e maj": "den 12:e och 13:e juni",
        "den 12:e t.o.m. 15:e april": "den 22:a t.o.m. 25:e maj",
        "måndag 3 och tisdag 4 maj 2021": "lördag 12 och söndag 13 juni 2021",
        "april-maj 2023": "maj-juni 2023",
        "mån-ons": "lör-mån",
        "230412-230415": "230522-230525",
        "30-1/6": "9-11/7",
        "30/12 2020–2/1 2021": "8/2 2021–11/2 2021",
        "ht 2021/22": "ht 2022/23",
    },
    "es": {
        "12/04/2019": "22/05/2019",
        "2-4-19": "12-5-19",
        "3 de mayo de 2020": "12 de junio de 2020",
        "12 al 15 de mayo de 2019": "21 al 24 de junio de 2019",
        "28 al 31 de marzo": "7 al 10 de mayo",
        "lunes, 3 de mayo de 2021": "sábado, 12 de junio de 2021",
        "12-mar-2010": "21-abr-2010",
        "MAYO DE 2011": "JUNIO DE 2011",
        "mayo/19": "junio/19",
        "miércoles": "lunes",
        "semana 32 de 2019": "semana 38 de 2019",
        "año 2015": "año 2016",
        "2018-12": "2019-01",
        "2018-06": "2018-07",
        "2018-2020": "2019-2021",
        "1.º de mayo de 2019": "10.º de junio de 2019",
        "12/abr/2023": "22/may/2023",
        "12-IV-2023": "22-V-2023",
        "12.xii.2023": "21.i.2024",
        "Setiembre de 2010": "Octubre de 2010",
        "agosto de 2010": "septiembre de 2010",
        "miercoles": "lunes",
        "del 12 al 15 de abril": "del 22 al 25 de mayo",
        "12 de abril\nde 2023": "22 de mayo\nde 2023",
        "28/12-3/1": "6/2-12/2",
        "del 3 al 5 de mayo de 2021": "del 12 al 14 de junio de 2021",
        "2, 3 y 5 de mayo": "11, 12 y 14 de junio",
        "12 de marzo - 3 de abril de 2021": "21 de abril - 13 de mayo de 2021",
        "12/04/2019 al 15/04/2019": "22/05/2019 al 25/05/2019",
        "abril y mayo de 2019": "mayo y junio de 2019",
        "del 12/04/2019 hasta el 15/04/2019": "del 22/05/2019 hasta el 25/05/2019",
    },
}


@pytest.mark.parametrize(
    ("lang", "text", "moved"), [(lang, *case) for lang, cases in MOVED_BY_40_DAYS.items() for case in cases.items()]
)
def test_a_date_keeps_its_form(lang: str, text: str, moved: str) -> None:
    date = read_dates(text, lang, SPRING)
    assert date is not None
    assert date.moved(40) == moved


@pytest.mark.parametrize("text", ["julafton", "31/4", "2023-13-01", "30 februari", "12/4 kl. 10", "", "v. 60"])
def test_what_is_no_day_of_the_calendar_is_not_read(text: str) -> None:
    assert read_date(text, "sv", SPRING) is None


DAYS = st.dates(dt.date(2001, 1, 1), dt.date(2030, 1, 1))


@pytest.mark.parametrize("lang", ["sv", "es"])
@settings(max_examples=300, deadline=None)
@given(day=DAYS, days=st.integers(-350, 350).filter(bool), seed=st.integers(0, 2**32), data=st.data())
def test_every_form_that_the_language_writes_is_read_and_moved_back(lang, day, days, seed, data) -> None:
    source = source_of(lang)
    rule = data.draw(st.sampled_from([rule for rule in source.forms["rules"] if rule.startswith(("date_", "birth"))]))
    assume(rule != "date_week" or day.isocalendar().year == day.year)  # 2016 has no week 53
    text = source.grammar.draw(rule, Random(seed), day_values(day, source.forms))
    date = read_date(text, lang, day)
    assert date is not None
    moved = read_date(date.moved(days), lang, day + dt.timedelta(days=days))
    assert moved is not None
    assert moved.precision == date.precision
    # "1-10-01" nine days later is "10-10-01", which on its own is a day of 2010
    read_alike = [kind for kind, _, _ in date.fields] == [kind for kind, _, _ in moved.fields]
    if date.is_full and read_alike:
        assert (moved.day - date.day).days % 36525 in {days % 36525, (days - 1) % 36525, (days + 1) % 36525}


@settings(max_examples=100, deadline=None)
@given(first=DAYS, second=DAYS, days=st.integers(-350, 350))
def test_the_days_between_two_dates_are_kept(first, second, days) -> None:
    moved = []
    for day in (first, second):
        date = read_date(day.isoformat(), "sv", SPRING)
        assert date is not None
        moved.append(dt.date.fromisoformat(date.moved(days)))
    assert moved[1] - moved[0] == second - first
