"""Notes and sampling speed on a progress bar."""

import threading
import time
from typing import Any


class NoteMeter:
    """Moves a tqdm bar of notes with every note that ends, and shows tokens, and tokens per second, behind it.

    Engines may call it from several threads.
    """

    _REFRESH = 0.5  # seconds

    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._tokens = 0
        self._start = self._shown = time.perf_counter()
        self._lock = threading.Lock()

    def __call__(self, tokens: int, notes: int) -> None:
        """Count ``tokens`` and ``notes`` more."""
        with self._lock:
            self._tokens += tokens
            self._bar.update(notes)
            now = time.perf_counter()
            if now - self._shown >= self._REFRESH:
                self._shown = now
                speed = self._tokens / (now - self._start)
                self._bar.set_postfix_str(f"{self._tokens:,} tokens, {speed:.0f} tokens/s")
