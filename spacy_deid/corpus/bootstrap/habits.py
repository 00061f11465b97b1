"""How a language is written in haste, from the noise.toml of its folder."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from spacy_deid.lang.pack import pack_of


@dataclass(frozen=True, slots=True)
class Habits:
    """Letter -> its neighbours on the keyboard; word or phrase in lower case -> its abbreviations."""

    neighbours: Mapping[str, str]
    abbreviations: Mapping[str, Sequence[str]]
    phrase: re.Pattern[str]  # finds the keys of ``abbreviations``

    def abbreviated(self, text: str, rate: float, rng: random.Random) -> str:
        """Return ``text`` with the share ``rate`` of what can be abbreviated being so."""

        def shorten(match: re.Match[str]) -> str:
            if rng.random() >= rate:
                return match[0]
            short = rng.choice(self.abbreviations[match[0].lower()])
            if short.endswith(".") and match.string.startswith(".", match.end()):
                short = short[:-1]
            return short[0].upper() + short[1:] if match[0][0].isupper() else short

        return self.phrase.sub(shorten, text)


@cache
def habits_of(lang: str) -> Habits:
    """Return the habits of a language; DeidError where its folder has no noise.toml."""
    table = pack_of(lang).table("noise.toml")
    phrases = sorted(table["abbreviations"], key=len, reverse=True)
    pattern = rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)"
    return Habits(_neighbours(table["keyboard"]), table["abbreviations"], re.compile(pattern, re.IGNORECASE))


def _neighbours(rows: Sequence[str]) -> dict[str, str]:
    """Return the keys left, right, above and below of each letter."""
    padded = ["", *rows, ""]
    return {
        letter: row[max(0, at - 1) : at] + row[at + 1 : at + 2] + above[at : at + 1] + below[at : at + 1]
        for above, row, below in zip(padded, rows, padded[2:], strict=False)
        for at, letter in enumerate(row)
    }
