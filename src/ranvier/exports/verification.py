"""An export beside the model it was made of, on ordinary and on hostile rows."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.network.columns import Category, Periodic, Piecewise
from ranvier.network.network import Network

Array = NDArray[Any]

COMPILERS: Final = ("cc", "gcc", "clang", "tcc")
COMPILE_SECONDS: Final = 120

# A larger gap is no rounding: the file is wrong. Usual gaps are a hundredth of these;
# an activation such as exp multiplies them. ONNX has erf in float32 alone.
TOLERANCES: Final = {
    "onnx float32": 1e-4,
    "onnx float64": 1e-6,
    "onnx table": 1e-5,
    "sql": 1e-5,
    "numpy float32": 1e-4,
    "numpy float64": 1e-9,
}


class ExportError(RuntimeError):
    """The exported file does not give what Python gives, so it was not written.

    Examples
    --------
    >>> raise ExportError("the file differs")
    Traceback (most recent call last):
    ranvier.exports.verification.ExportError: the file differs
    """


@dataclass(frozen=True)
class Verification:
    """How an export was checked.

    Parameters
    ----------
    rows
        How many rows went through the model and the export.
    gap
        The largest difference of an output, relative to the largest output of the row,
        or to 1 where that is smaller. 0.0 says that all bits are equal.
    by
        What ran the export: a compiler, ONNX Runtime, Python; empty if nothing did.
    """

    rows: int
    gap: float
    by: str

    def __str__(self) -> str:
        if not self.by:
            return (
                "not verified: there is no C compiler here (cc, gcc, clang or tcc); "
                "compile the file with -DRANVIER_SELFTEST and run it"
            )
        if self.gap == 0:
            return f"equal to Python in every bit on {self.rows} rows ({self.by})"
        return f"largest gap {self.gap:.2g} on {self.rows} rows ({self.by})"


def probe_rows(net: Network, count: int = 64, seed: int = 0) -> Array:
    """Draw rows for a test: ordinary ones, zeros, tiny, large and huge numbers.

    Codes of categories are codes, and numbers with bins fall inside and outside.

    Returns
    -------
    ndarray of shape (count, inputs)
    """
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(count, net.inputs))
    X[: count // 4] *= 10.0 ** rng.uniform(-6, 3, (count // 4, 1))
    X[0], X[1], X[2], X[3] = 0, -0.0, 1e-40, 1e15
    if net.embedding is not None:
        for place, column in enumerate(net.embedding.columns):
            if isinstance(column, Category):
                X[:, place] = rng.integers(0, column.size, count)
            elif isinstance(column, Piecewise):
                low, high = column.edges[0], column.edges[-1]
                X[4:, place] = rng.uniform(2 * low - high, 2 * high - low, count - 4)
            elif isinstance(column, Periodic):  # beyond, a cosine has no digits left
                X[:, place] = np.clip(X[:, place], -1e3, 1e3)
    X = X.astype(net.dtype)
    finite = np.isfinite(net(X)).all(axis=1)
    return np.asarray(X[finite])


def relative_gap(found: Array, expected: Array) -> float:
    """Return the largest difference of a row, relative to its largest output or 1."""
    if len(expected) == 0:
        return 0.0
    size = np.maximum(np.abs(expected).max(axis=1, keepdims=True), 1)
    return float((np.abs(found.astype(np.float64) - expected) / size).max())


def find_compiler() -> str | None:
    """Find a C compiler on this machine."""
    return next(filter(None, map(shutil.which, COMPILERS)), None)


def verify_c(text: str, rows: int) -> Verification:
    """Compile a C file with its own test and run that.

    Raises
    ------
    ExportError
        It cannot be compiled, or a number differs.
    """
    compiler = find_compiler()
    if compiler is None:
        return Verification(0, float("nan"), "")
    with tempfile.TemporaryDirectory(prefix="ranvier-") as folder:
        source, program = Path(folder, "model.c"), Path(folder, "selftest")
        source.write_text(text, "utf-8")
        command = [compiler, "-std=c99", "-DRANVIER_SELFTEST", str(source), "-o"]
        _run([*command, str(program)], "does not compile")
        _run([str(program)], "does not give what Python gives")
    return Verification(rows, 0.0, Path(compiler).name)


def _run(command: list[str], failure: str) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=COMPILE_SECONDS, check=False
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[:500]
        raise ExportError(
            f"the C file {failure}, so it was not written: {said}. Please report this "
            "with the model"
        )


def verify(
    kind: str, run: Callable[[Array], Array], net: Network, X: Array, by: str
) -> Verification:
    """Run rows through an export and through the network.

    Raises
    ------
    ExportError
        They differ by more than the kind allows.
    """
    gap = relative_gap(run(X), net(X))
    return accepted(kind, gap, TOLERANCES[f"{kind} {net.dtype}"], len(X), by)


def accepted(kind: str, gap: float, allowed: float, rows: int, by: str) -> Verification:
    """Say how an export was verified.

    Raises
    ------
    ExportError
        The gap is larger than the kind allows.
    """
    if not gap <= allowed:
        raise ExportError(
            f"the {kind} file differs from Python by {gap:.2g} ({by}), where at most "
            f"{allowed:.0g} is allowed, so it was not written. Please report this with "
            "the model"
        )
    return Verification(rows, gap, by)
