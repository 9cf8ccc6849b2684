"""How many threads to compute with; no result depends on it."""

import os

# Floating-point operations of a step below which waking a second thread costs more than
# it saves.
SHARED_WORK = 2_000_000


def available() -> int:
    """Give the processors this process may run on, at most OMP_NUM_THREADS of them."""
    if hasattr(os, "sched_getaffinity"):
        processors = len(os.sched_getaffinity(0))
    else:
        processors = os.cpu_count() or 1
    # The variable may hold one number for each level of nesting: "4,2".
    limit = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    if limit.isdecimal() and int(limit) > 0:
        return min(processors, int(limit))
    return processors


def choose(n_threads: int | None, work: float) -> int:
    """Give the number of threads: as asked for, or as the work of a step is worth.

    Parameters
    ----------
    n_threads
        What the user asked for; None: all that are available, or one where a step is
        too small to share.
    work
        Floating-point operations of a step.

    Raises
    ------
    ValueError
        Less than one thread is asked for.

    Examples
    --------
    >>> choose(3, 0.0), choose(None, 1000.0)
    (3, 1)
    """
    if n_threads is None:
        return available() if work >= SHARED_WORK else 1
    if n_threads < 1:
        raise ValueError(
            f"n_threads must be at least 1, but got {n_threads!r}: leave it out to use "
            "the processors that are free to this process"
        )
    return n_threads
