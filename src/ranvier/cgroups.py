"""What the control groups of this process allow: processors and memory (Linux).

A container's limit of, say, 1.5 processors is a quota of its control group: so much
time in each period. Threads beyond it gain nothing: they use up the quota sooner, and
then all of them wait for the next period.
"""

import math
import re
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

PROCESS = Path("/proc/self")


class Hierarchy(NamedTuple):
    """A tree of control groups: which part of it is mounted where, and its version."""

    root: str
    mount: Path
    version: int


def processors() -> int | None:
    """Return what the quotas come to, a fraction rounded up; None where there is none.

    They are read again once a second, since they can change while the process runs.
    """
    return _processors_at(int(time.monotonic()))


@lru_cache(maxsize=1)
def _processors_at(_second: int) -> int | None:
    return smallest_quota(PROCESS)


def memory() -> int | None:
    """Return how many bytes of memory they allow; None where there is no limit."""
    return smallest_memory(PROCESS)


def smallest_quota(process: Path) -> int | None:
    """Compute the smallest quota of a process's groups and of all their parents.

    ``process`` is its folder in /proc.
    """
    return _smallest(process, "cpu", _quota)


def smallest_memory(process: Path) -> int | None:
    """Compute the smallest limit of memory of a process's groups and their parents."""
    return _smallest(process, "memory", _memory)


def _smallest(
    process: Path, controller: str, read: Callable[[Path, int], int | None]
) -> int | None:
    """Compute the smallest limit of one controller; ``read`` reads a group's own."""
    try:
        groups = _groups((process / "cgroup").read_text(), controller)
        mounts = (process / "mountinfo").read_text()
    except (OSError, UnicodeDecodeError):
        return None
    limits = [
        limit
        for hierarchy in _hierarchies(mounts, controller)
        if hierarchy.version in groups
        for folder in _lineage(hierarchy, groups[hierarchy.version])
        if (limit := read(folder, hierarchy.version)) is not None
    ]
    return min(limits, default=None)


def _groups(text: str, controller: str) -> dict[int, str]:
    """Read the process's group in each version from lines "number:controllers:path"."""
    groups = {}
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            groups[1] = path
        elif not controllers:
            groups[2] = path
    return groups


def _hierarchies(text: str, controller: str) -> Iterator[Hierarchy]:
    """Read what is mounted, as `man 5 proc_pid_mountinfo` describes it."""
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root, mount = (_unescaped(field) for field in before.split(" ")[3:5])
        if kind == "cgroup2":
            yield Hierarchy(root, Path(mount), 2)
        elif kind == "cgroup" and controller in options.split(","):
            yield Hierarchy(root, Path(mount), 1)


def _unescaped(field: str) -> str:
    r"""Put back the blanks, which stand as \040 there, and the like."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), field)


def _lineage(hierarchy: Hierarchy, group: str) -> list[Path]:
    """Return the folder of a group and those of its parents that are visible."""
    path = PurePosixPath(group)
    # A container may see its own group as the root, or not see where that lies at all.
    inside = path.is_relative_to(hierarchy.root) and ".." not in path.parts
    own = path.relative_to(hierarchy.root) if inside else PurePosixPath()
    return [hierarchy.mount / folder for folder in (own, *own.parents)]


def _quota(folder: Path, version: int) -> int | None:
    """Read a group's own quota, in processors; None where it has none."""
    try:
        if version == 2:
            time_allowed, period = (folder / "cpu.max").read_text().split()
        else:
            time_allowed = (folder / "cpu.cfs_quota_us").read_text()
            period = (folder / "cpu.cfs_period_us").read_text()
        quota = math.ceil(int(time_allowed) / int(period))
    except (OSError, ValueError, ZeroDivisionError):  # "max" is no number
        return None
    return quota if quota > 0 else None  # version 1 writes -1 for none


def _memory(folder: Path, version: int) -> int | None:
    """Read a group's own limit of memory in bytes; None where it has none."""
    try:
        name = "memory.max" if version == 2 else "memory.limit_in_bytes"
        return int((folder / name).read_text())
    except (OSError, ValueError):  # "max" is no number
        return None  # version 1 writes about 2^63 for none, which limits nothing
