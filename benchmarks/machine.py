"""The machine and the versions that figures belong to, and the memory of a process."""

import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import ranvier as rv
from ranvier import threads

# What tells each library how many threads it may take; read when it is imported.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "PJRT_NPROC",  # XLA's pool
)
PACKAGES = ("ranvier", "numpy", "scikit-learn", "torch", "jax", "onnxruntime")


def processor() -> str:
    """Return the name of the processor."""
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()


def installed(package: str) -> str | None:
    """Return the version of a distribution, None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def description() -> str:
    """Say in two lines of Markdown what was measured where."""
    versions = [f"{name} {installed(name) or '(not installed)'}" for name in PACKAGES]
    count = threads.available()
    return (
        f"{processor()}, {count} processor{'s' * (count != 1)}, {platform.system()}; "
        f"engine at level {rv.show_config(mode='dicts')['engine']['level']}.\n"
        f"Python {platform.python_version()}, {', '.join(versions)}."
    )


@contextmanager
def thread_limit(count: int) -> Iterator[None]:
    """Let the processes that are started meanwhile take at most so many threads."""
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(count)))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def memory_now() -> int | None:
    """Return the resident bytes of this process; None if not reported."""
    return _status("VmRSS")


def memory_peak() -> int | None:
    """Return the most bytes it held since the peak was forgotten, or since it began."""
    return _status("VmHWM")


def forget_memory_peak() -> bool:
    """Reset the peak to the current memory; False if that is not possible."""
    try:
        Path("/proc/self/clear_refs").write_text("5", "ascii")  # see man 5 proc
    except OSError:
        return False
    return True


def _status(name: str) -> int | None:
    try:
        text = Path("/proc/self/status").read_text("utf-8")
    except OSError:
        return None
    found = re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)
    return 1024 * int(found[1]) if found else None
