"""Checks of English rules: numbers with check digits, dates in both orders, names and states."""

import re
from datetime import date

from phonenumbers import NumberParseException, is_possible_number, parse
from stdnum import luhn
from stdnum.gb import nhs
from stdnum.us import ssn

from spacy_deid.lang.lexicon import is_given_name, is_name_of_any_origin
from spacy_deid.lang.pack import pack_of

_NPI_PREFIX = "80840"  # ISO 7812 issuer of US health care, which the check digit covers (CMS)


def is_nhs_number(text: str) -> bool:
    """Whether the check digit of an NHS number or CHI number fits (mod 11)."""
    return nhs.is_valid(text)


def is_not_nhs_number(text: str) -> bool:
    """Whether ten digits are not an NHS number, which is written in the groups of an American telephone number."""
    return not nhs.is_valid(re.sub(r"\D", "", text))


def is_ssn(text: str) -> bool:
    """Whether the Social Security Administration can have given the number out."""
    return ssn.is_valid(re.sub(r"\D", "", text))


def is_npi(text: str) -> bool:
    """Whether the check digit of a National Provider Identifier fits."""
    return luhn.is_valid(_NPI_PREFIX + text)


def is_dea(text: str) -> bool:
    """Whether the last digit of a DEA number is that of the sum of its odd and twice its even places."""
    digits = [int(digit) for digit in text[2:]]
    return (sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6]


def is_british_phone(text: str) -> bool:
    """Whether the number has a length that the British plan allows; numbers reserved for fiction count."""
    try:
        return is_possible_number(parse(text, "GB")) and len(re.sub(r"\D", "", text)) in (10, 11)
    except NumberParseException:
        return False


def is_date(text: str) -> bool:
    """Whether the parts are a day of the calendar, read as day first, month first or year first."""
    parts = [int(part) for part in re.findall(r"\d+", text)[:3]]
    first, second, third = parts
    year = third if third >= 100 else 2000 + third
    orders = ((first, second, third),) if first >= 100 else ((year, second, first), (year, first, second))
    return any(_is_day(*order) for order in orders)


def is_day_and_month(text: str) -> bool:
    """Whether two numbers are a day and a month, in either order, of a leap year."""
    first, second = (int(part) for part in text.split("/"))
    return _is_day(2000, first, second) or _is_day(2000, second, first)


def is_postcode_area(text: str) -> bool:
    """Whether the letters at the beginning are a postcode area of Royal Mail."""
    letters = re.match(r"[A-Za-z]*", text)
    return letters is not None and letters[0].casefold() in pack_of("en").list("postcode_areas").sure


def is_state(text: str) -> bool:
    """Whether the two letters are a state or territory of the United States."""
    return text[:2].casefold() in pack_of("en").list("states").sure


def may_be_name(text: str) -> bool:
    """Whether no word is one that headings and clinical sentences begin with."""
    ordinary = pack_of("en").list("not_names").sure
    return not any(word.casefold() in ordinary for word in re.findall(r"[\w'’-]+", text))


def is_surname_in_lower_case(text: str) -> bool:
    """Whether a word in lower case is a name of some origin and not an ordinary word."""
    return may_be_name(text) and is_name_of_any_origin(text)


def is_pair_of_names(text: str) -> bool:
    """Whether the first of two words is a first name, and neither an ordinary word."""
    return may_be_name(text) and _is_first_name(text.split()[0])


def is_no_whole_name(text: str) -> bool:
    """Whether the words before the last one are not a first name and a surname: "Thomas test", not "Ann Lee test"."""
    person = text.rpartition(" ")[0]
    return " " not in person or not is_pair_of_names(person)


def is_last_name_first(text: str) -> bool:
    """Whether a first name stands behind the comma."""
    return may_be_name(text) and _is_first_name(text.split(", ")[-1])


def _is_first_name(word: str) -> bool:
    return is_given_name(word)


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        return 1900 <= date(year, month, day).year < 2100
    except ValueError:
        return False
