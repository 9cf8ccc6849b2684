"""Columns on a scale from which a network hardly learns: found and warned of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.messages import listed
from ranvier.warn import warn_user

Array = NDArray[Any]

MOST_ROWS: Final = 1000  # that tell
# A column surely is on another scale if its root mean square is beyond this, and so
# many times the median of the columns.
SIZE, TIMES = 1e3, 1e3


class Moments(NamedTuple):
    """Mean, standard deviation and root mean square of some numbers."""

    mean: float
    sd: float
    size: float

    @classmethod
    def of(cls, x: Array) -> Moments:
        """Compute them of finite numbers (n,), at least one."""
        mean, sd = float(x.mean(dtype=np.float64)), float(x.std(dtype=np.float64))
        return cls(mean, sd, float(np.hypot(mean, sd)))


def on_another_scale(sizes: Array, least: float = SIZE, times: float = TIMES) -> Array:
    """Mark the columns that are far larger than the others.

    Parameters
    ----------
    sizes
        Root mean square of each column (d,).
    least, times
        The least size, and how many times the median, of such a column.
    """
    usual = np.median(sizes) if len(sizes) else 0.0
    return np.asarray((sizes > least) & (sizes > times * usual))


def warn_of_scales(X: Any, names: Sequence[str] | None) -> None:
    """Warn of columns that surely are on another scale.

    Parameters
    ----------
    X
        Finite numbers (n, d) that are to be learned from.
    names
        Names of the columns; None: x0, x1, ...
    """
    if not isinstance(X, np.ndarray) or X.shape[1] < 2:
        return
    some = X[:: -(-len(X) // MOST_ROWS)]
    with np.errstate(over="ignore"):
        sizes = np.sqrt(np.square(some, dtype=np.float64).mean(axis=0))
    varied = sizes[(some != some[0]).any(axis=0)]
    found = np.flatnonzero(on_another_scale(sizes))
    if not len(found) or len(varied) < 2 or not np.isfinite(sizes).all():
        return
    shown = [f"x{i}" if names is None else names[i] for i in found.tolist()]
    warn_user(
        f"column(s) {listed(shown)} are on another scale: their size is "
        f"{sizes[found].max():.3g}, the median of all columns {np.median(sizes):.3g}. "
        "A network hardly learns from such columns: scale them, for example with "
        "X = (X - X.mean(axis=0)) / X.std(axis=0). rv.preflight(X, y) checks more",
        UserWarning,
    )
