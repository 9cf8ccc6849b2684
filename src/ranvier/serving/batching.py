"""Requests that wait together are predicted together.

A prediction of one row costs nearly what one of a hundred rows costs, and the rows of
other requests do not change a row's bits. So while one batch is computed, in a thread
of its own, the requests that come are gathered to be the next batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sized
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple

MOST_ROWS: Final = 4096  # of a batch, but for a request that has more


class _Waiting(NamedTuple):
    rows: Sized
    key: Any
    done: asyncio.Future[list[Any]]


class Batcher:
    """Gathers rows of several requests into batches.

    Parameters
    ----------
    work
        ``work(parts, key)`` returns a list with a result for each row of the parts,
        which are the rows of one request each; called by one thread at a time.
    observe
        Called with the number of rows of each batch.
    """

    def __init__(
        self,
        work: Callable[[list[Any], Any], list[Any]],
        observe: Callable[[int], None] = lambda rows: None,
    ) -> None:
        self._work = work
        self._observe = observe
        self._thread = ThreadPoolExecutor(1, "ranvier-predict")
        self._waiting: list[_Waiting] = []
        self._running = False

    @property
    def waiting_rows(self) -> int:
        """Rows that wait for the next batch."""
        return sum(len(each.rows) for each in self._waiting)

    async def submit(self, rows: Sized, key: Any = None) -> list[Any]:
        """Return the results of rows, once their batch is computed.

        Rows of different keys are never in one batch.
        """
        done: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(rows, key, done))
        if not self._running:
            self._running = True
            asyncio.get_running_loop().call_soon(self._begin)
        return await done

    def close(self) -> None:
        """End the thread, without waiting for a batch that it computes."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _begin(self) -> None:
        """Start the next batch, or rest if nothing waits."""
        self._waiting = [each for each in self._waiting if not each.done.cancelled()]
        if not self._waiting:
            self._running = False
            return
        batch: list[_Waiting] = [self._waiting.pop(0)]
        rest: list[_Waiting] = []
        key, count = batch[0].key, len(batch[0].rows)
        for each in self._waiting:
            if each.key == key and count + len(each.rows) <= MOST_ROWS:
                batch.append(each)
                count += len(each.rows)
            else:
                rest.append(each)
        self._waiting = rest
        self._observe(count)
        task = asyncio.get_running_loop().run_in_executor(
            self._thread, self._work, [each.rows for each in batch], key
        )
        task.add_done_callback(lambda task: self._end(batch, task))

    def _end(self, batch: list[_Waiting], task: asyncio.Future[list[Any]]) -> None:
        """Hand the results out, and start the next batch."""
        error = task.exception()
        results = [] if error else task.result()
        first = 0
        for each in batch:
            if each.done.cancelled():
                pass
            elif error is not None:
                each.done.set_exception(error)
            else:
                each.done.set_result(results[first : first + len(each.rows)])
            first += len(each.rows)
        self._begin()
