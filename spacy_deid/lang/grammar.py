"""Random text from the rules of a data file.

A rule is a name and its alternatives, one of which is drawn. In an alternative, ``{name}`` is another rule or a
value from the caller, ``{1-140}`` a whole number, ``#`` a digit, and ``5× `` at the beginning a weight::

    street = ["5× {tree}gatan {1-140}", "{tree}vägen {1-30} lgh 1#0#"]
    tree = ["Björk", "Lind", "Rönn"]
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

from spacy_deid.errors import DeidError

_WEIGHT = re.compile(r"(\d+)× ")
_PART = re.compile(r"\{(?P<low>\d+)-(?P<high>\d+)\}|\{(?P<rule>[a-z_0-9]+)\}|(?P<digits>#+)|(?P<text>[^{#]+)")

NOTHING_GIVEN: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Reference:
    rule: str


@dataclass(frozen=True, slots=True)
class _Range:
    low: int
    count: int


@dataclass(frozen=True, slots=True)
class _Digits:
    count: int


_Part = str | _Reference | _Range | _Digits


class Grammar:
    """Rules by name, all of which are checked at once."""

    def __init__(self, rules: Mapping[str, Iterable[str]], where: str, given: Iterable[str] = ()) -> None:
        """Parse and check the rules.

        Args:
            rules: The alternatives of each rule.
            where: The name of their file, for errors.
            given: The names of the values that callers will give to `draw`.

        Raises:
            DeidError: For an alternative that cannot be parsed, and for a rule that is neither in ``rules`` nor in
                ``given``.
        """
        self._rules = {name: _alternatives(texts, f"{where}, {name}") for name, texts in rules.items()}
        known = {*self._rules, *given}
        for name, alternatives in self._rules.items():
            for part in (part for parts in alternatives for part in parts):
                if isinstance(part, _Reference) and part.rule not in known:
                    raise DeidError(f"{where}, {name}: there is no rule {part.rule!r}. Remedy: add or correct it.")

    def extended(self, rules: Mapping[str, Iterable[str]]) -> "Grammar":
        """Return a grammar of these rules and ``rules``, the latter taking precedence."""
        both = Grammar({}, "")
        both._rules = self._rules | {name: _alternatives(texts, name) for name, texts in rules.items()}
        return both

    def draw(self, name: str, rng: Random, given: Mapping[str, str] = NOTHING_GIVEN) -> str:
        """Return one random text.

        Args:
            name: The rule.
            rng: Draws the alternatives, numbers and digits.
            given: Values by name, which take precedence over rules.
        """
        alternatives = self._rules[name]
        parts = alternatives[int(rng.random() * len(alternatives))]
        return "".join([part if isinstance(part, str) else self._text(part, rng, given) for part in parts])

    def _text(self, part: _Reference | _Range | _Digits, rng: Random, given: Mapping[str, str]) -> str:
        if isinstance(part, _Reference):
            value = given.get(part.rule)
            return self.draw(part.rule, rng, given) if value is None else value
        if isinstance(part, _Range):
            return str(part.low + int(rng.random() * part.count))
        return f"{int(rng.random() * 10**part.count):0{part.count}}"

    def plain(self, name: str) -> list[str]:
        """Return the alternatives of the rule ``name`` that are plain text, each once, in the order of the file."""
        return list(dict.fromkeys(part for part, *more in self._rules[name] if isinstance(part, str) and not more))

    def texts(self, name: str) -> frozenset[str]:
        """Return every word of every text of the rule ``name``, split at spaces and hyphens.

        For rules of names only: a rule with numbers has too many texts.
        """
        found: set[str] = set()
        for parts in self._rules[name]:
            openings = {""}
            for part in parts:
                pieces = self.texts(part.rule) if isinstance(part, _Reference) else {str(part)}
                openings = {opening + piece for opening in openings for piece in pieces}
                if part in (" ", "-"):
                    found |= openings
                    openings = {""}
            found |= openings
        return frozenset(word for text in found for word in re.split("[ -]", text) if word)


def _alternatives(texts: Iterable[str], where: str) -> tuple[tuple[_Part, ...], ...]:
    alternatives: list[tuple[_Part, ...]] = []
    for text in texts:
        weight = _WEIGHT.match(text)
        parts = _parts(text[weight.end() :] if weight else text, where)
        alternatives += [parts] * (int(weight[1]) if weight else 1)
    return tuple(alternatives)


def _parts(text: str, where: str) -> tuple[_Part, ...]:
    parts: list[_Part] = []
    end = 0
    for match in _PART.finditer(text):
        if match.start() != end:
            break
        end = match.end()
        if match["low"]:
            parts.append(_Range(int(match["low"]), int(match["high"]) - int(match["low"]) + 1))
        elif match["rule"]:
            parts.append(_Reference(match["rule"]))
        elif match["digits"]:
            parts.append(_Digits(len(match[0])))
        else:
            parts.append(match[0])
    if end != len(text) or not text:
        raise DeidError(f"{where}: {text!r} cannot be parsed. Remedy: write {{rule}}, {{1-9}}, # or plain text.")
    return tuple(parts)
