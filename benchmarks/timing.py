"""Times that can be compared: interleaved, repeated, and their medians."""

import os
from collections.abc import Callable, Mapping
from math import ceil
from pathlib import Path
from statistics import median
from time import process_time, sleep

Timed = Callable[[], float]

# After a product the threads of a BLAS wait for the next one, busily, for some
# hundredths of a second: nobody's time begins while another's threads still do.
PAUSE = 0.1
# More epochs than this are never needed to fill a timing.
MOST_EPOCHS = 100_000


def interleaved(timed: Mapping[str, Timed], rounds: int) -> dict[str, list[float]]:
    """Time each once a round, so that a disturbance of the machine meets them all.

    Each round begins with another one, so that none always follows the same.
    """
    names = list(timed)
    times: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        turn = number % max(len(names), 1)
        for name in names[turn:] + names[:turn]:
            sleep(PAUSE)
            times[name].append(timed[name]())
    return times


def medians(timed: Mapping[str, Timed], rounds: int) -> dict[str, float]:
    """Compute the median time of each, measured interleaved."""
    times = interleaved(timed, rounds)
    return {name: median(several) for name, several in times.items()}


def enough(run: Callable[[int], float], least: float) -> int:
    """Compute how many times to run for a timing of at least so many seconds.

    `run(n)` runs n times and gives the seconds that took.
    """
    count, seconds = 1, run(1)
    while seconds < least and count < MOST_EPOCHS:
        # At most tenfold: a first short timing says little.
        growth = min(1.2 * least / max(seconds, 1e-9), 10.0)
        count = min(max(ceil(count * growth), count + 1), MOST_EPOCHS)
        seconds = run(count)
    return count


def paced(run: Callable[[int], float], least: float) -> Timed:
    """Return the timing of one run, each the mean over `least` seconds of them."""
    count = enough(run, least)
    return lambda: run(count) / count


def processor_time() -> float:
    """Return the seconds that processors have worked for this process and its children.

    Of children that are alive the system counts hundredths of a second (Linux).
    """
    ticks = sum(_ticks(child) for child in _descendants("self"))
    return process_time() + ticks / os.sysconf("SC_CLK_TCK")


def _descendants(process: str) -> list[str]:
    """List the processes that one has begun, and those that they have."""
    found = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in _text(task).split():
            found += [child, *_descendants(child)]
    return found


def _ticks(process: str) -> int:
    # Behind the name, which may hold anything: state, 10 others, then user and system.
    numbers = _text(Path(f"/proc/{process}/stat")).rpartition(")")[2].split()
    return int(numbers[11]) + int(numbers[12]) if numbers else 0


def _text(path: Path) -> str:
    """Read a file of a process, which may have ended by now."""
    try:
        return path.read_text()
    except OSError:
        return ""
