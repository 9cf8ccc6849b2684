"""How much memory a table may take: a small file can hold, or claim, a huge one."""

from __future__ import annotations

import os

from ranvier import cgroups

UNKNOWN = 1 << 34  # bytes, where the system does not say


def most_bytes() -> int:
    """Return half of the memory that this process may use: the machine's, or less.

    In a container it is half of the container's limit.
    """
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # pragma: no cover
        memory = UNKNOWN
    return min(memory, cgroups.memory() or memory) // 2
