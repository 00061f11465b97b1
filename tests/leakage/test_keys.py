"""An identifier is found in other notes however it is written, and public lists are known."""

import pytest

from spacy_deid.leakage.keys import KeyFinder, key_of, public_keys
from spacy_deid.leakage.near_duplicates import words


@pytest.mark.parametrize(
    ("identifier", "text", "found"),
    [
        ("Zutana Quiroga", "la Sra. ZUTANA\nQUIROGA, de", True),
        ("Zutana Quiroga", "Quiroga Zutana", False),
        ("28 98410-77", "NHC: 289841077.", True),
        ("289841077", "NHC: 28-9841 077.", True),
        ("289841077", "NHC: 2898410770.", False),
        ("Zutana García", "zutana garcia", True),
        ("Zutana Garcia", "Zutana Garci\u0301a", True),  # an accent of its own, as macOS writes it
        ("Zutana García", "Zutana Gar\u00adc\u200bía", True),  # a soft hyphen, a space of no width
        ("Zutana García", "zutana_garcía", True),
        ("Åsa Ström", "asa strom", True),
        ("289841077", "NHC: 289\u20138410\n77.", True),
        ("289841077", "NHC: 289_8410, 77.", True),
        ("289841077", "NHC: \uff12\uff18\uff19841077.", True),  # digits of full width
        ("289841077", "NHC: 289 ... 841077.", False),
        ("01/09/2003", "el 01-09-2003 ingresa", True),
        ("Calle del Abedul Partido y del Olmo Viejo, 14, 3º B", "en calle del abedul partido y del olmo viejo", True),
        ("MS", "MS", False),
        ("45", "45 años", False),
    ],
)
def test_an_identifier_is_found_however_it_is_written(identifier, text, found):
    key = key_of(identifier)
    assert bool(key and KeyFinder([key]).find(text, words(text))) is found


def test_public_lists_hold_common_names_and_towns_of_both_languages():
    assert {"maria", "garcia", "madrid", "svensson"} <= public_keys()
    assert "zutana quiroga" not in public_keys()
