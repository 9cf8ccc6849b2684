"""Event stream: what is new in the runs and in the playground, for all listeners.

All look at the same beats. What a run has got since the last one is read once and
written out once, however many listen, so that watchers cost next to nothing.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from ranvier.files import UNUSABLE
from ranvier.live.curves import METRIC, SCALARS, Curves, thinned
from ranvier.live.playground import Playground
from ranvier.live.run_index import RunIndex

MOST_NEW: Final = 500  # points of a run sent at once; more rows are thinned
BEAT: Final = 0.5  # seconds between two looks for something new
QUICK_BEAT: Final = 0.1  # while the playground plays
HEARTBEAT: Final = 15.0

Seen = int  # see `_mark`; -1: nothing yet


class EventStream:
    """The events of all streams.

    Parameters
    ----------
    run_index
        The runs.
    playground
        The network to play with.

    Attributes
    ----------
    clients, visits : int
        How many listen, and how many have come in all.
    """

    def __init__(self, run_index: RunIndex, playground: Playground) -> None:
        self.run_index = run_index
        self.playground = playground
        self.clients = self.visits = 0
        self._looks: dict[str, tuple[int, asyncio.Future[Curves | None]]] = {}
        self._written: dict[str, tuple[Seen, Seen, bytes]] = {}

    async def events(self, watched: list[str]) -> AsyncIterator[bytes]:
        """Yield the events of some runs and of the playground, as they come."""
        seen: dict[str, Seen] = dict.fromkeys(watched, -1)
        version, quiet = -1, 0.0
        while True:
            told = False
            for name in watched:
                curves = await self._look(name)
                if curves is None or _mark(curves) == seen[name]:
                    continue
                yield self._event(name, curves, seen[name])
                seen[name], told = _mark(curves), True
            if self.playground.version != version:
                version = self.playground.version
                yield _event("playground", {"version": version})
                told = True
            beat = QUICK_BEAT if self.playground.playing else BEAT
            quiet = 0.0 if told else quiet + beat
            if quiet >= HEARTBEAT:
                yield b": still here\n\n"
                quiet = 0.0
            await asyncio.sleep(beat - _now() % beat)

    async def _look(self, name: str) -> Curves | None:
        """Read what a run has got, once a beat for all; None if the run has gone."""
        beat = int(_now() / QUICK_BEAT)
        known = self._looks.get(name)
        if known is None or known[0] != beat:
            looking = asyncio.ensure_future(run_in_threadpool(self._read, name))
            known = self._looks[name] = beat, looking
        # Who leaves while the others wait does not take the look away from them.
        return await asyncio.shield(known[1])

    def _read(self, name: str) -> Curves | None:
        try:
            return self.run_index.curves(name)
        except UNUSABLE:  # it is gone, or damaged; others are watched as well
            return None

    def _event(self, name: str, curves: Curves, before: Seen) -> bytes:
        """Write out what is new to those who have seen as much as this one."""
        known = self._written.get(name)
        if known is None or known[:2] != (before, _mark(curves)):
            news = _news(curves, before) | {"run": name, "newest": self._newest(name)}
            event = _event("rows", news)
            known = self._written[name] = before, _mark(curves), event
        return known[2]

    def _newest(self, name: str) -> int:
        """Return the newest age whose network is kept."""
        with suppress(OSError, *UNUSABLE):
            return max(self.run_index.run(name).epochs, default=0)
        return 0


def _news(curves: Curves, before: Seen) -> dict[str, Any]:
    """Return a run's rows after those seen, or that all have to be read.

    Each point has its ``mean``; where it stands for several rows, ``low`` and ``high``.
    """
    total, known = len(curves), before // 2
    told: dict[str, Any] = {"total": total, "ended": "end" in curves.last}
    if before < 0 or total < known:
        return told | {"all": True}
    fresh = thinned(curves, MOST_NEW, start=known)
    kept = ["mean"] if total - known <= MOST_NEW else ["mean", "low", "high"]
    series = {
        column: {part: values[part] for part in kept}
        for column, values in fresh["series"].items()
        if column in SCALARS or column.startswith(METRIC)
    }
    return told | {"epoch": fresh["epoch"], "series": series}


def _mark(curves: Curves) -> Seen:
    """Return a number that changes with the rows there are, and with their end."""
    return len(curves) * 2 + ("end" in curves.last)


def _event(name: str, value: Any) -> bytes:
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return f"event: {name}\ndata: {text}\n\n".encode()


def _now() -> float:
    return asyncio.get_running_loop().time()
