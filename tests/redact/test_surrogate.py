"""Surrogates: values that agree in the original agree in the redacted text, and none of the original is in it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.es import dni, nie

from spacy_deid.errors import DeidError
from spacy_deid.lang.names import folded
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.redact.modes.surrogate import Surrogate
from spacy_deid.surrogates.identifier import Identifier, Scope
from spacy_deid.surrogates.name_lists import known_name
from spacy_deid.surrogates.name_words import WORD
from spacy_deid.surrogates.source import all_names, source_of

NLP = fine_blank("sv")


def surrogates(*values: tuple[str, str], lang: str = "sv", key: bytes = b"a key", **options: object) -> list[str]:
    """Return the surrogates of (category, text) that stand one to a line."""
    doc = NLP.make_doc("\n".join(text for _, text in values))
    identifiers, start = [], 0
    for category, text in values:
        identifiers.append(Identifier(start, start + len(text), text, category, category))
        start += len(text) + 1
    doc.ents = [doc.char_span(each.start, each.end, each.label, alignment_mode="expand") for each in identifiers]
    return Surrogate(**options)(identifiers, doc, Scope(key, "document 1", lang))


def names(*texts: str, **options: object) -> list[str]:
    return surrogates(*(("EMAIL" if "@" in text else "NAME", text) for text in texts), **options)


@pytest.mark.parametrize("text", ["Ch. Ågren", "Th. Bergqvist", "Gust. Nyberg", "A. Ek"])
def test_a_shortened_first_name_becomes_an_initial(text: str) -> None:
    (surrogate,) = names(text)
    assert re.fullmatch(r"[^\W\d_]\. [^\W\d_]{2,}", surrogate)


def test_all_forms_of_a_name_agree() -> None:
    forms = ("Anna Ek", "Anna", "Ek", "Ek, Anna", "Annas", "ANNA EK", "anna ek", "AE", "A. Ek", "Dr Ek")
    full, first, last, turned, genitive, capitals, lower, initials, short, titled = names(*forms)
    assert full == f"{first} {last}"
    assert turned == f"{last}, {first}"
    assert genitive == (first if first[-1] in "sxz" else f"{first}s")
    assert (capitals, lower) == (full.upper(), full.lower())
    assert initials == first[0] + last[0]
    assert short == f"{first[0]}. {last}"
    assert titled == last


def test_an_email_address_agrees_with_the_name() -> None:
    full, spelled, short = names("Anna Ek", "anna.ek83@gmail.com", "aek@regionskane.se")
    first, last = map(folded, full.split())
    assert re.fullmatch(rf"{first}\.{last}\d\d@.+", spelled)
    assert short.startswith(f"{first[0]}{last}@")
    assert not short.endswith("@regionskane.se")


@pytest.mark.parametrize("title", ["adv", "Advokat", "dr", "ssk"])
def test_a_title_does_not_become_a_name(title: str) -> None:
    full, titled = names("Peyman Rostami", f"{title} Peyman Rostami")
    assert titled == full


def test_a_particle_with_a_hyphen_leaves_no_hyphen() -> None:
    full, short, genitive, lower, apart = names(
        "Mohammed Al-Hassan", "Al-Hassan", "Al-Hassans", "Fatima\nal-Hassan", "Al-Hassan:s"
    )
    assert full.split(" ")[1] == short
    assert genitive == (short if short[-1] in "sxz" else f"{short}s")
    assert lower.split("\n")[1] == short
    assert apart == f"{short}:s"
    assert "-" not in full + short + genitive


def test_other_hyphens_stay() -> None:
    full, first, initials = names("Anna-Karin Ek", "Anna-Karin", "A-K Ek")
    assert full.startswith(f"{first} ")
    assert re.fullmatch(r"\w+-\w+", first)
    assert re.fullmatch(r"\w-\w \w+", initials)


@pytest.mark.parametrize("ending", [":s", "'s", "’s"])
def test_a_genitive_that_stands_apart_stays_and_the_person_too(ending: str) -> None:
    full, genitive, initials, of_initials = names("Anna Ek", f"Anna Ek{ending}", "AE", f"AE{ending}")
    assert genitive == f"{full}{ending}"
    assert of_initials == f"{initials}{ending}"
    assert "S" not in names("Karl Strand", "K:S")[1]


def test_an_address_of_the_web_that_was_taken_for_e_mail_becomes_one_of_the_web() -> None:
    (surrogate,) = surrogates(("EMAIL", "uppsala.example/kontakt"))
    assert "@" not in surrogate
    assert "." in surrogate


def test_two_surnames_agree() -> None:
    full, last, initials, email = names("María López García", "López", "M.L.G.", "mlopezg@gva.es", lang="es")
    words = full.split()
    assert len(words) == 3
    assert last == words[1]
    assert initials == "".join(f"{word[0]}." for word in words)
    assert email.startswith(f"{words[0][0]}{folded(words[1])}{words[2][0]}@".lower())


def test_a_family_still_has_one_name() -> None:
    anna, karl = names("Anna Ek", "Karl Ek")
    assert anna.split()[0] != karl.split()[0]
    assert anna.split()[1] == karl.split()[1]


@pytest.mark.parametrize(("name", "gender"), [("Anna", "f"), ("Karl", "m"), ("Ahmed", "m"), ("Birgitta", "f")])
def test_gender_is_kept(name: str, gender: str) -> None:
    for key in (b"1", b"2", b"3", b"4", b"5"):
        assert gender in known_name(folded(names(name, key=key)[0]), "sv").first


def test_origin_is_kept() -> None:
    assert "finnish" in {origin.name for origin in known_name(folded(names("Virtanen")[0]), "sv").last}


def test_a_name_keeps_its_surrogate_in_another_document_of_the_scope() -> None:
    assert names("Anna Ek")[0] == " ".join(names("Anna", "Något Annat", "Ek")[::2])


LISTED = {lang: sorted(all_names(lang)["first"] | all_names(lang)["last"]) for lang in ("sv", "es")}


@pytest.mark.parametrize("lang", ["sv", "es"])
@settings(max_examples=60, deadline=None)
@given(data=st.data(), key=st.binary(min_size=1, max_size=8), policy=st.sampled_from(["consistent", "random"]))
def test_no_word_of_any_name_stands_in_a_surrogate(lang, data, key, policy) -> None:
    # no control characters: "\r" at the end of a value and the line break after it are one token
    letters = st.characters(exclude_categories=["Cc", "Cs"])
    word = st.sampled_from(LISTED[lang]) | st.text(letters, min_size=1, max_size=8)
    words = data.draw(st.lists(word.filter(str.split), min_size=1, max_size=4))
    originals = [" ".join(words), words[0].upper(), words[-1] + "s"]
    hidden = {folded(part) for text in originals for part in WORD.findall(text)}
    hidden = {word for word in hidden if len(word) > 1} - {"name"}
    for surrogate in names(*(text.replace("@", " ") for text in originals), lang=lang, key=key, policy=policy):
        assert hidden.isdisjoint(folded(part) for part in WORD.findall(surrogate))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["NAME", "ID", "PHONE", "EMAIL", "URL", "AGE", "LOCATION", "DATE", "SEX", "OTHER"]), st.text())
def test_any_text_has_a_surrogate_or_is_masked_and_never_stays(category, text) -> None:
    if text.strip():
        (surrogate,) = surrogates((category, text))
        assert surrogate
        assert surrogate.casefold() != text.casefold()


def test_same_key_same_surrogates_and_another_key_others() -> None:
    texts = ("Anna Ek", "Karl Berg", "anna.ek@gmail.com")
    assert names(*texts) == names(*texts)
    assert names(*texts) != names(*texts, key=b"another key")


def test_a_random_surrogate_is_that_of_one_mention_and_a_consistent_one_of_all() -> None:
    mentions = ["Anna Ek"] * 40
    counts = {policy: len({*names(*mentions, policy=policy)}) for policy in ("consistent", "random")}
    assert counts["consistent"] == 1
    assert counts["random"] >= 38


@pytest.mark.parametrize("policy", ["sometimes", "markov"])
def test_an_unknown_policy_is_refused_and_the_known_ones_named(policy: str) -> None:
    with pytest.raises(DeidError, match="Remedy: use consistent or random"):
        Surrogate(policy=policy)


@pytest.mark.parametrize("number", ["19850412-2384", "850412-2384", "198504122384", "850472 2391", "850412+2384"])
def test_a_personnummer_becomes_a_test_persons_in_its_form(number: str) -> None:
    (surrogate,) = surrogates(("ID", number))
    assert re.sub(r"\d", "#", surrogate) == re.sub(r"\d", "#", number)
    digits, old = re.sub(r"\D", "", surrogate)[-10:], re.sub(r"\D", "", number)[-10:]
    assert luhn.is_valid(digits)
    assert 980 <= int(digits[6:9]) <= 999
    assert int(digits[8]) % 2 == int(old[8]) % 2
    assert digits[:6] != old[:6]


def test_a_date_of_birth_and_a_personnummer_move_together() -> None:
    number, date = surrogates(("ID", "19850412-2384"), ("DATE", "1985-04-12"))
    assert number[:8] == date.replace("-", "")


@pytest.mark.parametrize("number", ["12345678Z", "12.345.678-Z", "12345678 z"])
def test_a_dni_has_its_letter(number: str) -> None:
    (surrogate,) = surrogates(("ID", number), lang="es")
    assert dni.is_valid(re.sub(r"\W", "", surrogate))
    assert re.sub(r"\w", "#", surrogate) == re.sub(r"\w", "#", number)


@pytest.mark.parametrize("number", ["X1234567L", "X-1234567-L"])
def test_a_nie_has_its_letter(number: str) -> None:
    (surrogate,) = surrogates(("ID", number), lang="es")
    assert nie.is_valid(re.sub(r"\W", "", surrogate))
    assert re.sub(r"\w", "#", surrogate) == re.sub(r"\w", "#", number)


@pytest.mark.parametrize("number", ["070-123 45 67", "0701234567", "+46 70 123 45 67", "0046 70-123 45 67"])
def test_a_mobile_number_is_one_for_fiction_in_its_form(number: str) -> None:
    (surrogate,) = surrogates(("PHONE", number))
    assert re.sub(r"\d", "#", surrogate) == re.sub(r"\d", "#", number)
    assert re.sub(r"\D", "", surrogate)[-9:-2] == "7017406"


@pytest.mark.parametrize(
    ("number", "start"), [("031-123 45 67", "0313900"), ("0910-123 45", "084650"), ("08-123 45 67", "084650")]
)
def test_a_landline_is_one_for_fiction(number: str, start: str) -> None:
    assert re.sub(r"\D", "", surrogates(("PHONE", number))[0]).startswith(start)


def test_town_region_and_postcode_go_together() -> None:
    places = surrogates(("LOCATION", "903 21"), ("LOCATION", "Umeå"), ("LOCATION", "Västerbotten"))
    towns = {town.name: town for town in source_of("sv").towns}
    assert places[1] != "Umeå"
    assert places[0].replace(" ", "").startswith(towns[places[1]].postal)
    assert places[2] == towns[places[1]].region


def test_sex_and_unknown_are_masked() -> None:
    assert surrogates(("SEX", "man"), ("OTHER", "något"), ("AGE", "åttio år")) == ["[SEX]", "[OTHER]", "[AGE]"]
