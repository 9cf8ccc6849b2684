"""A thread that does slow things beside a training, and never holds it up."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from ranvier.warn import warn_user

LONGEST_QUEUE: Final = 256
CLOSING_SECONDS: Final = 10.0


class Background:
    """Calls functions in order in a thread of its own.

    Parameters
    ----------
    name
        What the functions serve, for messages.
    longest
        How many calls may wait. While the queue is full further calls are dropped.

    Examples
    --------
    >>> said = []
    >>> background = Background("a list")
    >>> background.call(said.append, 1)
    >>> background.close()
    >>> said
    [1]
    """

    def __init__(self, name: str, longest: int = LONGEST_QUEUE) -> None:
        self.name = name
        self.dropped = 0
        self.error: BaseException | None = None
        self._queue: queue.Queue[Any] = queue.Queue(longest)
        self._thread = threading.Thread(
            target=self._work, name=f"ranvier {name}", daemon=True
        )
        self._thread.start()

    def call(self, function: Callable[..., object], *arguments: Any) -> None:
        """Have a function called soon; return at once."""
        if self.error is not None:
            self.dropped += 1
            return
        try:
            self._queue.put_nowait((function, arguments))
        except queue.Full:
            self.dropped += 1

    def close(self, seconds: float = CLOSING_SECONDS) -> None:
        """Wait for what is in the queue; warn of an error and of what was dropped."""
        with suppress(queue.Full):
            self._queue.put(None, timeout=seconds)
        self._thread.join(seconds)
        if self._thread.is_alive():
            warn_user(
                f"{self.name} did not respond within {seconds:g} seconds: its last "
                f"{self._queue.qsize()} messages are lost. Training itself is complete",
                RuntimeWarning,
            )
        elif self.error is not None:
            warn_user(
                f"{self.name} failed: {type(self.error).__name__}: {self.error}. "
                f"{self.dropped} messages were not sent. Training itself is complete",
                RuntimeWarning,
            )
        elif self.dropped:
            warn_user(
                f"{self.name} was slower than training: {self.dropped} messages were "
                "dropped. Log fewer epochs with every=",
                RuntimeWarning,
            )

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            function, arguments = item
            if self.error is not None:
                self.dropped += 1
                continue
            try:
                function(*arguments)
            except BaseException as error:
                self.error = error
                self.dropped += 1
