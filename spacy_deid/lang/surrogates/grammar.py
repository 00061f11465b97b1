"""Random text from rules that stand in a data file.

A rule is a name and its alternatives, one of which is drawn. In an alternative, ``{name}`` is another rule or a
value that the caller gives, ``{1-140}`` a whole number, ``#`` a digit, and ``5× `` at the beginning a weight::

    street = ["5× {tree}gatan {1-140}", "{tree}vägen {1-30} lgh 1#0#"]
    tree = ["Björk", "Lind", "Rönn"]
"""

import re
from collections.abc import Iterable, Mapping
from random import Random
from types import MappingProxyType

from spacy_deid.errors import DeidError

_WEIGHT = re.compile(r"(\d+)× ")
_PART = re.compile(r"\{(?P<low>\d+)-(?P<high>\d+)\}|\{(?P<rule>[a-z_0-9]+)\}|(?P<digits>#+)|(?P<text>[^{#]+)")

# literal text, a rule's name, a range (low, count), or a number of digits as (10 ** n, format)
Part = tuple[str, str] | tuple[str, int, int] | tuple[str, int, str]
NOTHING_GIVEN: Mapping[str, str] = MappingProxyType({})


class Grammar:
    """Rules by name; all are checked when it is made.

    Raises DeidError (``where`` names the file) for an alternative that cannot be read and for a rule that is
    neither in ``rules`` nor in ``given``, the names of the values that callers will give.
    """

    def __init__(self, rules: Mapping[str, Iterable[str]], where: str, given: Iterable[str] = ()) -> None:
        self._rules = {name: _alternatives(texts, f"{where}, {name}") for name, texts in rules.items()}
        known = {*self._rules, *given}
        for name, alternatives in self._rules.items():
            for part in (part for parts in alternatives for part in parts):
                if part[0] == "rule" and part[1] not in known:
                    raise DeidError(f"{where}, {name}: there is no rule {part[1]!r}. Remedy: add or correct it.")

    def __contains__(self, name: str) -> bool:
        return name in self._rules

    def draw(self, name: str, rng: Random, given: Mapping[str, str] = NOTHING_GIVEN) -> str:
        """Return one random text of the rule ``name``; ``given`` takes precedence over rules."""
        alternatives = self._rules[name]
        parts = alternatives[int(rng.random() * len(alternatives))]
        if len(parts) == 1 and parts[0][0] == "text":
            return parts[0][1]  # type: ignore[return-value]
        return "".join([self._text(part, rng, given) for part in parts])

    def _text(self, part: Part, rng: Random, given: Mapping[str, str]) -> str:
        kind = part[0]
        if kind == "text":
            return part[1]  # type: ignore[return-value]
        if kind == "rule":
            value = given.get(part[1])  # type: ignore[call-overload]
            return self.draw(part[1], rng, given) if value is None else value  # type: ignore[arg-type]
        if kind == "range":
            return str(part[1] + int(rng.random() * part[2]))  # type: ignore[operator]
        return part[2] % int(rng.random() * part[1])  # type: ignore[operator]

    def texts(self, name: str) -> frozenset[str]:
        """Return every text that the rule ``name`` can give, words joined by a space or hyphen taken apart.

        For rules of names only: a rule with numbers has too many.
        """
        found: set[str] = set()
        for parts in self._rules[name]:
            openings = {""}
            for part in parts:
                pieces = self.texts(part[1]) if part[0] == "rule" else {part[1]}  # type: ignore[arg-type]
                openings = {opening + str(piece) for opening in openings for piece in pieces}
                if part[0] == "text" and part[1] in {" ", "-"}:
                    found |= openings
                    openings = {""}
            found |= openings
        return frozenset(word for text in found for word in re.split("[ -]", text) if word)


def _alternatives(texts: Iterable[str], where: str) -> tuple[tuple[Part, ...], ...]:
    alternatives: list[tuple[Part, ...]] = []
    for text in texts:
        weight = _WEIGHT.match(text)
        parts = _parts(text[weight.end() :] if weight else text, where)
        alternatives += [parts] * (int(weight[1]) if weight else 1)
    return tuple(alternatives)


def _parts(text: str, where: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    end = 0
    for match in _PART.finditer(text):
        if match.start() != end:
            break
        end = match.end()
        if match["low"]:
            parts.append(("range", int(match["low"]), int(match["high"]) - int(match["low"]) + 1))
        elif match["rule"]:
            parts.append(("rule", match["rule"]))
        elif match["digits"]:
            parts.append(("digits", 10 ** len(match[0]), f"%0{len(match[0])}d"))
        else:
            parts.append(("text", match[0]))
    if end != len(text) or not text:
        raise DeidError(f"{where}: {text!r} cannot be read. Remedy: write {{rule}}, {{1-9}}, # or plain text.")
    return tuple(parts)
