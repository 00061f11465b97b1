"""Ctrl-C and SIGTERM as a wish: the step under way is finished, and a checkpoint written, before the run stops."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

from spacy_deid.errors import Terminated


class StopWish:
    """Within ``with``, notes Ctrl-C and SIGTERM in place of stopping at once; a second Ctrl-C does stop at once.

    A signal that this process was told to ignore stays ignored, as with nohup.
    """

    def __init__(self) -> None:
        self._signal = 0
        self._earlier: dict[int, Any] = {}

    @property
    def there(self) -> bool:
        """Whether someone wishes the run to stop."""
        return self._signal != 0

    def obey(self, how_to_go_on: str) -> None:
        """Raise what the signal would have raised, with a message of how to go on, where there is a wish."""
        if self.there:
            raise (Terminated if self._signal == signal.SIGTERM else KeyboardInterrupt)(how_to_go_on)

    def __enter__(self) -> "StopWish":
        if threading.current_thread() is threading.main_thread():  # elsewhere Python takes no signals
            for number in (signal.SIGINT, signal.SIGTERM):
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._earlier[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._earlier.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if number == self._signal == signal.SIGINT:
            raise KeyboardInterrupt
        self._signal = number
