"""How much memory a call takes at its peak beyond what was there before, on Linux."""

import ctypes
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_POPULATE_READ = 22  # MADV_POPULATE_READ, from Linux 5.14 on


def _read_in_code() -> None:
    """Have every page of the files that are mapped in memory.

    Else a page of code that is run for the first time would count as the fit's.
    """
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for line in Path("/proc/self/maps").read_text().splitlines():
        place, rights, *_, path = line.split(maxsplit=5)
        if rights.startswith("r") and path.startswith("/"):
            begin, end = (int(number, 16) for number in place.split("-"))
            advise(begin, end - begin, _POPULATE_READ)


def _status(name: str) -> int:
    """Read a size in bytes from what the system says about this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"/proc/self/status has no {name}")


def of_fit(table: tuple[Any, Any], fit: Callable[[Any, Any], Any]) -> int:
    """Return the peak memory of fit(X, y) in bytes, after a small fit."""
    X, y = table
    fit(X[:300], y[:300])  # imports and buffers that every process has
    _read_in_code()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
    before = _status("VmRSS")
    fit(X, y)
    return _status("VmHWM") - before


def in_process(part: str, *names: str) -> int | None:
    """Have a part of the benchmarks measure it in a new process; None if it cannot."""
    command = [sys.executable, "-m", "benchmarks", part, "--memory-of"]
    done = subprocess.run(
        [*command, json.dumps(names)], capture_output=True, text=True, check=False
    )
    return int(done.stdout.split()[-1]) if done.returncode == 0 else None
