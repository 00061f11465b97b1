"""The names of one person in a document are recognised as that person's."""

from random import Random
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_deid.surrogates import coreference
from spacy_deid.surrogates.coreference import Referent, people_of


def numbered(people: list[Referent]) -> list[int]:
    numbers: dict[Referent, int] = {}
    return [numbers.setdefault(person, len(numbers)) for person in people]


def grouped(texts: list[str], lang: str = "sv") -> list[int]:
    return numbered(people_of(texts, lang))


@pytest.mark.parametrize(
    "other",
    [
        *("Anna", "Ek", "Annas", "Eks", "ANNA EK", "anna", "Ek, Anna", "A. Ek", "Anna E", "AE", "A.E.", "Dr Ek"),
        *("Anna Ek:s", "Ek's", "AE:s"),
        *("anna.ek@gmail.com", "aek83@skane.se", "ekanna@gmail.com", "anna@gmail.com"),
    ],
)
def test_one_person(other: str) -> None:
    assert grouped(["Anna Ek", other]) == [0, 0]
    assert grouped([other, "Anna Ek"]) == [0, 0]


ADDRESSES = ["m.alkhatib88@mail.se", "mohammed.khatib@mail.se", "khatib_m@mail.se", "alkhatib@x.se"]


@pytest.mark.parametrize("email", ADDRESSES)
def test_a_particle_may_stand_in_an_address_or_not(email: str) -> None:
    first, second, third = people_of(["Mohammed Al-Khatib", "Ulla Berg", email], "sv")
    assert third is first is not second


def test_a_short_name_with_letters_before_it_is_another() -> None:
    ek, other = people_of(["Anna Ek", "alek@mail.se"], "sv")
    assert ek is not other


@pytest.mark.parametrize("other", ["Karl Ek", "Karl", "KE", "AEK", "K", "karl.ek@gmail.com", "info@gmail.com", "123"])
def test_two_persons(other: str) -> None:
    assert grouped(["Anna Ek", other]) == [0, 1]


@pytest.mark.parametrize("other", ["Dra. López", "López García, María", "M.C.L.G.", "mlopezg@gva.es", "María López"])
def test_two_surnames(other: str) -> None:
    assert grouped(["María del Carmen López García", other], "es") == [0, 0]


def test_a_name_that_fits_two_is_the_one_last_mentioned() -> None:
    assert grouped(["Anna Ek", "Anna", "Anna Berg", "Anna"]) == [0, 0, 1, 1]


def test_members_of_a_family_are_apart() -> None:
    assert grouped(["Anna Ek", "Karl Ek", "Anna", "Karl", "KE"]) == [0, 1, 0, 1, 1]


# --- the same as by comparing each mention with each person, in a time that grows with the mentions

NAMES = ["Anna", "Annas", "Ek", "Eks", "Ekas", "Åsa", "Karl", "Lo", "E", "A", "de", "Dr", "x", "ß", "Öz"]
WRITTEN = st.one_of(
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map(" ".join),
    st.lists(st.sampled_from("AEKLX"), min_size=1, max_size=4).map("".join),
    st.lists(st.sampled_from("AEK"), min_size=1, max_size=3).map(". ".join),
    st.builds("{}, {}".format, st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.lists(st.sampled_from([*map(str.lower, NAMES), ".", "8"]), max_size=4).map(
        lambda parts: f"{''.join(parts)}@x.se"
    ),
    st.text(alphabet="AaEks.,-@ 1Åß", min_size=1, max_size=6),
)


def people_by_comparing_all(texts: list[str], lang: str) -> list[int]:
    """Return a number for the person of each text: what `people_of` promises, as plainly as can be."""
    mentions = [coreference._mention(text, lang) for text in texts]
    found: dict[int, Referent] = {}
    telling_most_first = sorted(
        range(len(texts)),
        key=lambda index: (bool(mentions[index].email), mentions[index].may_be_initials, -mentions[index].full_words),
    )
    for index in telling_most_first:
        fitting = [other for other, person in found.items() if coreference._fits(mentions[index], person, lang)]
        # the last one before, else the first one after
        nearest = max((other for other in fitting if other < index), default=min(fitting, default=None))
        found[index] = Referent(mentions[index].words) if nearest is None else found[nearest]
    return numbered([found[index] for index in range(len(texts))])


@settings(max_examples=300)
@given(texts=st.lists(WRITTEN, max_size=12), lang=st.sampled_from(["sv", "es"]))
def test_nobody_is_overlooked(texts: list[str], lang: str) -> None:
    assert grouped(texts, lang) == people_by_comparing_all(texts, lang)


def test_the_time_grows_with_the_mentions_not_with_their_square() -> None:
    """Comparing each mention with each person makes 5,000,000 comparisons of these 3,000 mentions."""
    rng = Random(1)
    syllables = ["ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "ru"]
    first, last = (["".join(rng.choices(syllables, k=3)).title() for _ in range(300)] for _ in range(2))
    forms = ["{0} {1}", "{0} {1}", "{0}", "{1}s", "{0[0]}{1[0]}", "{0}.{1}@x.se"]
    texts = [rng.choice(forms).format(rng.choice(first), rng.choice(last)) for _ in range(3000)]
    with mock.patch.object(coreference, "_fits", side_effect=coreference._fits) as compared:
        people_of(texts, "sv")
    assert compared.call_count < 20 * len(texts)
