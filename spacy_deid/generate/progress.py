"""Sampling speed on a progress bar."""

import time
from typing import Any


class TokenMeter:
    """Shows tokens, and tokens per second, behind a tqdm bar of notes, which moves only when a shard is done.

    Engines may call it from several threads.
    """

    _REFRESH = 0.5  # seconds

    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._tokens = 0
        self._start = self._shown = time.perf_counter()

    def __call__(self, tokens: int) -> None:
        """Count ``tokens`` more."""
        self._tokens += tokens
        now = time.perf_counter()
        if now - self._shown >= self._REFRESH:
            self._shown = now
            self._bar.set_postfix_str(f"{self._tokens:,} tokens, {self._tokens / (now - self._start):.0f} tokens/s")
