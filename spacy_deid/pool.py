"""A bounded process pool: results in the order of the items, with few items ahead."""

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import parent_process
from multiprocessing.connection import wait
from typing import Any, TypeVar

from spacy_deid.errors import DeidError

Context = TypeVar("Context")
Item = TypeVar("Item")
Result = TypeVar("Result")

_GO_ON = "fewer --processes. What was finished is kept; the same command goes on from there."
_AHEAD = 2  # items for each process: one in work and one waiting, so that none idles and memory is bounded

_state: Any = None


def ordered(
    function: Callable[[Item, Any], Result],
    items: Iterable[tuple[Context, Item]],
    state: Any,
    processes: int,
    *,
    remedy: str = _GO_ON,
) -> Iterator[tuple[Context, Result]]:
    """Yield ``function(item, state)`` for each item, in their order, with the item's context.

    Args:
        function: Runs in the processes, so that it, ``item`` and its result must be picklable.
        items: Pairs of a context, which stays in this process, and an item. They may be endless: few are read
            ahead.
        state: An object that is sent to each process once.
        processes: The number of processes, from 1; one process is this one.
        remedy: The remedy that the error names.

    Raises:
        DeidError: A process died, usually for lack of memory.
    """
    if processes == 1:
        yield from ((context, function(item, state)) for context, item in items)
        return
    with ProcessPoolExecutor(processes, initializer=_begin, initargs=(state,)) as executor:
        waiting: deque[tuple[Context, Future[Result]]] = deque()
        try:
            for context, item in items:
                waiting.append((context, executor.submit(_work, function, item)))
                if len(waiting) > _AHEAD * processes:
                    yield _next(waiting, remedy)
            while waiting:
                yield _next(waiting, remedy)
        finally:
            executor.shutdown(wait=True, cancel_futures=True)


def _next(waiting: deque[tuple[Context, Future[Result]]], remedy: str) -> tuple[Context, Result]:
    context, future = waiting.popleft()
    try:
        return context, future.result()
    except BrokenProcessPool:
        raise DeidError(
            f"A process ended before its work was done, probably for lack of memory. Remedy: {remedy}"
        ) from None


def _begin(state: Any) -> None:
    global _state
    _state = state
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all processes; the parent ends them
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)  # otherwise each process has as many threads as cores
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Exit as soon as the parent is gone: a killed parent cannot end its processes."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _work(function: Callable[[Item, Any], Result], item: Item) -> Result:
    return function(item, _state)
