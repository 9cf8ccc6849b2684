"""How many threads to compute with; no result depends on it."""

import os
import threading
from operator import index

import threadpoolctl

from ranvier import cgroups
from ranvier.version import __version__
from ranvier.warn import warn_user

# Floating-point operations of a step below which waking a second thread costs more than
# it saves.
SHARED_WORK = 2_000_000
MOST_THREADS = 4096  # more than any machine has processors


def available() -> int:
    """Return the number of threads that nothing forbids: the smallest of the limits."""
    return _smallest(*limits().values()) or 1


def limits() -> dict[str, int | None]:
    """Return each limit by the name of what sets it; None: it sets none.

    ``processors``: those of the machine; ``affinity``: those the calling thread may run
    on; ``cgroup``: the quotas of its control groups; ``OMP_NUM_THREADS``: the variable;
    ``threadpoolctl``: its ``threadpool_limits``, with ``user_api="ranvier"`` or none.
    """
    return {**_lasting_limits(), "threadpoolctl": _limited.threads()}


def choose(n_threads: int | None, work: float) -> int:
    """Choose the number of threads: what the user set, or what a step is worth.

    Parameters
    ----------
    n_threads
        The user's setting, whatever the other limits; more threads than processors
        are capped with a warning. None: all that are available, or one where a step is
        too small to be worth more.
    work
        Floating-point operations of a step.

    Raises
    ------
    ValueError
        n_threads is less than one.

    Warns
    -----
    UserWarning
        n_threads is more than the processors that this process may run on.

    Examples
    --------
    >>> choose(1, 1e9), choose(None, 1000.0)
    (1, 1)
    """
    if n_threads is None:
        return available() if work >= SHARED_WORK else 1
    try:
        number = index(n_threads)
    except TypeError:
        number = 0
    if not 1 <= number <= MOST_THREADS or isinstance(n_threads, bool):
        raise ValueError(
            f"n_threads must be at least 1, but got {n_threads!r}: give a whole number "
            f"of at most {MOST_THREADS}, or leave it out to use the processors that "
            "are free to this process"
        )
    if number > (most := processors()):
        warn_user(
            f"n_threads is {number}, but this process may run on {most} "
            f"processor{'s' * (most != 1)}: {most} are used, since more threads would "
            "only wait for each other",
            UserWarning,
        )
        return most
    return number


def processors() -> int:
    """Count the processors that this process may run on."""
    limits = _lasting_limits()
    return _smallest(limits["processors"], limits["affinity"]) or 1


def _smallest(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _lasting_limits() -> dict[str, int | None]:
    """Return the limits that are not bound to a block of the program."""
    by_affinity = hasattr(os, "sched_getaffinity")
    return {
        "processors": os.cpu_count() or 1,
        "affinity": len(os.sched_getaffinity(0)) if by_affinity else None,
        "cgroup": cgroups.processors(),
        "OMP_NUM_THREADS": _from_environment(),
    }


def _from_environment() -> int | None:
    # The variable may hold one number for each level of nesting: "4,2".
    limit = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return int(limit) if limit.isdecimal() and int(limit) > 0 else None


class _Limited(threading.local):
    """What threadpoolctl has set: for the thread that set it, by the main one for all.

    Each thread goes in and out of limits of its own, so that two which do it at once
    don't undo each other's; and workers begun within a limit of the main thread, which
    know nothing of it, keep to it.
    """

    for_all: int | None = None  # of the class: the same for every thread
    own: int | None = None

    def threads(self) -> int | None:
        """Return the limit of the calling thread."""
        return _smallest(self.own, self.for_all)

    def set(self, n: int) -> None:
        """Limit the calling thread; by as much as it could have anyway: not at all.

        threadpoolctl lifts a limit by setting the number there was before it.
        """
        main = threading.current_thread() is threading.main_thread()
        for_all = None if main else self.for_all
        possible = _smallest(*_lasting_limits().values(), for_all)
        self.own = max(n, 1) if possible is None or n < possible else None
        if main:
            _Limited.for_all = self.own


_limited = _Limited()


class RanvierController(threadpoolctl.LibController):  # type: ignore[misc]
    """What lets ``threadpoolctl.threadpool_limits`` limit Ranvier like the others."""

    user_api = "ranvier"
    internal_api = "ranvier"
    filename_prefixes = ("_engine",)
    check_symbols = ("ranvier_engine",)  # other packages have an _engine too

    def get_num_threads(self) -> int:
        """Return the threads that ``n_threads=None`` may use now."""
        return available()

    def set_num_threads(self, num_threads: int) -> None:
        """Limit the calling thread, or all of them if it is the main one."""
        _limited.set(num_threads)

    def get_version(self) -> str:
        """Return the version of Ranvier."""
        return __version__


threadpoolctl.register(RanvierController)
