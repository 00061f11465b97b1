"""How often a value gets a new surrogate within one document.

With `consistent` surrogates, a name that the finder missed once is the one name that stands only once, and so is told
from surrogates ("hiding in plain sight": Carrell et al. 2013, https://doi.org/10.1136/amiajnl-2012-001034). `random`
gives every mention its own and loses who is who; `markov` (Osborne et al. 2025,
https://doi.org/10.3390/electronics14193945) goes from mention to mention on to a new one with a fixed probability.
"""

from collections import Counter
from collections.abc import Hashable
from typing import Literal

from spacy_deid.surrogates.identifier import Scope

SurrogatePolicy = Literal["consistent", "random", "markov"]
POLICIES: tuple[SurrogatePolicy, ...] = ("consistent", "random", "markov")


class Versions:
    """Says which surrogate of a value the next mention of it has; equal versions are the same surrogate.

    stay: the probability, 0 to 1, that `markov` keeps the surrogate from one mention to the next.
    """

    def __init__(self, policy: SurrogatePolicy, stay: float, text: str, scope: Scope) -> None:
        self._policy = policy
        self._stay = stay
        # where surrogates change from mention to mention they are those of one document, whatever the scope
        self._document = scope.digest("document", text).hex()
        self._rng = scope.random("versions", text)
        self._current: Counter[Hashable] = Counter()

    def next(self, value: Hashable) -> str:
        """Return the version of the next mention of ``value``."""
        if self._policy == "consistent":
            return ""
        if self._policy == "random" or self._rng.random() >= self._stay:
            self._current[value] += 1
        return f"{self._document} {self._current[value]}"
