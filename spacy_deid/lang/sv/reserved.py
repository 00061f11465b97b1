"""Swedish numbers that nobody has, in the form of a given one."""

import re
from random import Random

from spacy_deid.lang.digits import pour
from spacy_deid.lang.sv.identity import replaced as identity

__all__ = ["identity", "phone"]

# The Post and Telecom Authority reserves these for books and films: 070-174 06 05 to 99 among mobile numbers, and
# series of Stockholm, Gothenburg, Malmö and Jokkmokk.
_MOBILE = [f"07017406{number:02}" for number in range(5, 100)]
_LANDLINES = {
    "031": [f"031390{number:04}" for number in range(600, 700)],
    "040": [f"040628{number:04}" for number in range(400, 500)],
    "0980": [f"0980319{number:03}" for number in range(200, 300)],
    "08": [f"08465{number:05}" for number in range(400, 500)],
}
_ABROAD = re.compile(r"(?:\+|00)46[ -]?(?:\(0\))?[ -]?")


def phone(text: str, rng: Random) -> str:
    """Return a number reserved for fiction: mobile, or of the same city where it has a series, else of Stockholm.

    The form is kept where a number of ten digits can have it.
    """
    abroad = _ABROAD.match(text)
    digits = re.sub(r"\D", "", text[abroad.end() :] if abroad else text)
    national = "0" + digits if abroad and not digits.startswith("0") else digits
    area = next((area for area in _LANDLINES if national.startswith(area)), "08")
    drawn = rng.choice(_MOBILE if national.startswith("07") else _LANDLINES[area])
    keeps_area = national.startswith(("07", area))
    if len(national) != len(drawn) or not keeps_area:
        area = "070" if national.startswith("07") else area
        rest = drawn.removeprefix(area)
        opening = abroad[0] + area[1:] if abroad else area
        return f"{opening}-{rest[:3]} {rest[3:-2]} {rest[-2:]}"
    if abroad:
        return abroad[0] + pour(drawn[len(drawn) - len(digits) :], text[abroad.end() :])
    return pour(drawn, text)
