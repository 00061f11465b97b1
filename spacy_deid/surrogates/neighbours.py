"""Finding, among things that stand at positions of a sequence, the nearest one that fits."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from heapq import merge
from itertools import chain
from typing import Generic, TypeVar

Thing = TypeVar("Thing", bound=Hashable)


class Neighbours(Generic[Thing]):
    """Things at positions, each to be found by keys: only what shares a key with what is sought is looked at."""

    def __init__(self) -> None:
        self._things: dict[int, Thing] = {}
        self._positions: defaultdict[Hashable, list[int]] = defaultdict(list)

    def add(self, thing: Thing, position: int, keys: Iterable[Hashable]) -> None:
        """Note that ``thing``, which may stand elsewhere too, stands at ``position``, where nothing else does."""
        self._things[position] = thing
        for key in keys:
            insort(self._positions[key], position)

    def number(self, keys: Iterable[Hashable]) -> int:
        """Return at how many positions there are things with any of ``keys``; one with two of them counts twice."""
        return sum(len(self._positions[key]) for key in keys if key in self._positions)

    def nearest(self, position: int, keys: Collection[Hashable], fits: Callable[[Thing], bool]) -> Thing | None:
        """Return the fitting thing with any of ``keys`` that stands last before ``position``, else first after it."""
        unfit: set[Thing] = set()
        for near in self._outward(position, [self._positions[key] for key in keys if key in self._positions]):
            thing = self._things[near]
            if thing not in unfit:
                if fits(thing):
                    return thing
                unfit.add(thing)
        return None

    @staticmethod
    def _outward(position: int, groups: list[list[int]]) -> Iterator[int]:
        borders = [(group, bisect_left(group, position)) for group in groups]
        before = (map(group.__getitem__, range(border - 1, -1, -1)) for group, border in borders)
        after = (map(group.__getitem__, range(border, len(group))) for group, border in borders)
        return chain(merge(*before, reverse=True), merge(*after))
