"""Trainings side by side, one a thread, that Ctrl-C or any other exception ends."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from itertools import count as count_from
from typing import Final, TypeVar

Result = TypeVar("Result")
WAKE_UP: Final = 0.1  # seconds


def run_in_threads(
    work: Callable[[int], Result],
    count: int,
    workers: int,
    cancel: Callable[[], object],
) -> list[Future[Result]]:
    """Call `work` with 0 to count - 1, in so many threads, and wait for all.

    Parameters
    ----------
    work
        What to do for a number. It must end soon after `cancel` is called.
    count, workers
        How many calls, and in how many threads.
    cancel
        Called at Ctrl-C, which only the main thread receives; then all calls are waited
        for. Any other exception in the main thread (of a signal handler) calls it too,
        drops the calls that have not begun, and is raised once the others have ended.

    Returns
    -------
    list of Future
        One for each number, all done.
    """
    with ThreadPoolExecutor(workers, "ranvier", _spread, (count_from(0),)) as pool:
        jobs: list[Future[Result]] = []
        try:
            jobs += [pool.submit(work, k) for k in range(count)]
            _wait(jobs, cancel)
        except BaseException:
            cancel()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return jobs


def _wait(jobs: list[Future[Result]], cancel: Callable[[], object]) -> None:
    """Wait for all; Ctrl-C is passed on to them.

    The main thread wakes up now and then: a signal that arrives just before it starts
    to wait, or in another thread, does not wake it.
    """
    waiting = True
    while waiting:
        try:
            waiting = bool(wait(jobs, timeout=WAKE_UP).not_done)
        except KeyboardInterrupt:
            cancel()


def _spread(numbers: Iterator[int]) -> None:
    """Move a new thread to a processor of its own; it may leave it again.

    Linux tends to start threads side by side on one processor, and takes up to a tenth
    of a second to separate them.
    """
    if not hasattr(os, "sched_setaffinity"):
        return
    with suppress(OSError):  # a sandbox may forbid it, and it is no more than a hint
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {allowed[next(numbers) % len(allowed)]})
        os.sched_setaffinity(0, allowed)
