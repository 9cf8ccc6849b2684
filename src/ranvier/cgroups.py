"""How many processors the control groups of this process may keep busy (Linux).

A container's limit of, say, 1.5 processors is a quota of its control group: so much
time in each period. Threads beyond it gain nothing: they use up the quota sooner, and
then all of them wait for the next period.
"""

import math
import re
import time
from collections.abc import Iterator
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


def smallest_quota(process: Path) -> int | None:
    """Compute the smallest quota of a process's groups and of all their parents.

    ``process`` is its folder in /proc.
    """
    try:
        groups = _groups((process / "cgroup").read_text())
        mounts = (process / "mountinfo").read_text()
    except (OSError, UnicodeDecodeError):
        return None
    quotas = [
        quota
        for hierarchy in _hierarchies(mounts)
        if hierarchy.version in groups
        for folder in _lineage(hierarchy, groups[hierarchy.version])
        if (quota := _quota(folder, hierarchy.version)) is not None
    ]
    return min(quotas, default=None)


def _groups(text: str) -> dict[int, str]:
    """Read the process's group in each version from lines "number:controllers:path"."""
    groups = {}
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        if "cpu" in controllers.split(","):
            groups[1] = path
        elif not controllers:
            groups[2] = path
    return groups


def _hierarchies(text: str) -> Iterator[Hierarchy]:
    """Read what is mounted, as `man 5 proc_pid_mountinfo` describes it."""
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root, mount = (_unescaped(field) for field in before.split(" ")[3:5])
        if kind == "cgroup2":
            yield Hierarchy(root, Path(mount), 2)
        elif kind == "cgroup" and "cpu" in options.split(","):
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
