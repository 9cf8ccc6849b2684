"""What a column of X can become in an embedding: plain, periodic, piecewise, category.

The equations are the engine's (`engine/equations/embedding.h`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import pi, sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranvier.checks import checked_float, checked_size

__all__ = ["Category", "Periodic", "Piecewise", "Plain"]

Shapes = dict[str, tuple[int, ...]]


def __dir__() -> list[str]:
    return sorted(__all__)


@dataclass(frozen=True)
class Plain:
    """A column that is passed on unchanged.

    Examples
    --------
    >>> Plain().outputs
    1
    """

    @property
    def outputs(self) -> int:
        """How many numbers the column becomes."""
        return 1

    @property
    def flops(self) -> int:
        """How many operations on a row the column takes; a cosine counts as one."""
        return 0

    def shapes(self) -> Shapes:
        """Name the values that are learned, with their shapes, as they lie in theta."""
        return {}

    def start(self, generator: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        """Draw the values as they start."""
        del generator
        return {}

    def engine_spec(self) -> tuple[Any, ...]:
        """Return the column in the form the engine takes."""
        return ("plain",)


@dataclass(frozen=True)
class Periodic:
    """A column as waves of it, mixed: (cos(2 pi x w + b) V + v, x).

    Each of `frequencies` waves has a frequency w and a phase b; V and v make `width`
    numbers of them, and x itself is the last. All of them are learned. This is the PBLD
    embedding of Holzmueller et al., "Better by default", 2024, after Gorishniy et al.,
    "On embeddings for numerical features", 2022.

    Parameters
    ----------
    frequencies
        How many waves.
    width
        How many numbers are made of them, x not counted.
    sigma
        Standard deviation of the frequencies at the start, for a column of about unit
        scale. How a column starts is no part of what it is: it does not count in ``==``
        and is not saved.

    Raises
    ------
    ValueError
        A size is no positive integer, or sigma is not finite and above 0.

    Examples
    --------
    >>> Periodic(16, 3).outputs
    4
    """

    frequencies: int = 16
    width: int = 3
    sigma: float = field(default=0.1, compare=False)

    def __post_init__(self) -> None:
        _set_sizes(self, "frequencies", "width")
        sigma = checked_float("sigma", self.sigma, example=0.1)
        object.__setattr__(self, "sigma", sigma)
        if sigma <= 0:
            raise ValueError(
                f"sigma must be above 0 and finite, but got {self.sigma!r}: it is how "
                "far the frequencies spread at the start, for example 0.1"
            )

    @property
    def outputs(self) -> int:
        """How many numbers the column becomes."""
        return self.width + 1

    @property
    def flops(self) -> int:
        """How many operations on a row the column takes; a cosine counts as one."""
        return self.frequencies * (3 + 2 * self.width)

    def shapes(self) -> Shapes:
        """Name the values that are learned, with their shapes, as they lie in theta."""
        H, E = self.frequencies, self.width
        return {"w": (H,), "b": (H,), "V": (H, E), "v": (E,)}

    def start(self, generator: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        """Draw the values as they start."""
        H, E = self.frequencies, self.width
        return {
            "w": generator.normal(0.0, self.sigma, H),
            "b": generator.uniform(-pi, pi, H),
            "V": generator.uniform(-1, 1, (H, E)) / sqrt(H),
            "v": generator.uniform(-1, 1, E) / sqrt(H),
        }

    def engine_spec(self) -> tuple[Any, ...]:
        """Return the column in the form the engine takes."""
        return "periodic", self.frequencies, self.width


@dataclass(frozen=True)
class Piecewise:
    """A column by how far x has come in each of its bins: x a + v + p(x) M.

    p_t(x) = (x - e_t) / (e_(t+1) - e_t), clipped to [0, 1], except below the
    first edge and above the last. a, v and M are learned, the edges are not. M starts
    at zero. Gorishniy et al. 2022, in the form that TabM (Gorishniy et al. 2025) uses.

    Parameters
    ----------
    edges
        Edges of the bins, at least two, ascending; quantiles of the column as a rule.
    width
        How many numbers the column becomes.
    linear
        Whether x a is there. Without it M starts at random, as v does.

    Raises
    ------
    ValueError
        The edges are not finite or do not ascend, or the width is no positive integer.

    Examples
    --------
    >>> Piecewise([0, 1, 4], width=8).bins
    2
    """

    edges: tuple[float, ...]
    width: int = 8
    linear: bool = True

    def __init__(
        self, edges: ArrayLike, width: int = 8, *, linear: bool = True
    ) -> None:
        try:
            values = np.asarray(edges, np.float64)
        except (TypeError, ValueError):  # no numbers, or lists of unequal length
            values = np.zeros(0)
        if (
            values.ndim != 1
            or values.size < 2
            or not np.isfinite(values).all()
            or not (np.diff(values) > 0).all()
        ):
            raise ValueError(
                f"the edges of a Piecewise must be at least two finite numbers that "
                f"ascend, but got {edges!r}: give for example the quantiles of the "
                "column, np.unique(np.quantile(x, np.linspace(0, 1, 33)))"
            )
        object.__setattr__(self, "edges", tuple(values.tolist()))
        object.__setattr__(self, "width", width)
        object.__setattr__(self, "linear", bool(linear))
        _set_sizes(self, "width")

    @property
    def bins(self) -> int:
        """How many bins the edges make."""
        return len(self.edges) - 1

    @property
    def outputs(self) -> int:
        """How many numbers the column becomes."""
        return self.width

    @property
    def flops(self) -> int:
        """How many operations on a row the column takes; a cosine counts as one."""
        return self.bins * (3 + 2 * self.width) + 2 * self.linear * self.width

    def shapes(self) -> Shapes:
        """Name the values that are learned, with their shapes, as they lie in theta."""
        E = self.width
        a: Shapes = {"a": (E,)} if self.linear else {}
        return a | {"v": (E,), "M": (self.bins, E)}

    def start(self, generator: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        """Draw the values as they start."""
        drawn = {
            name: generator.uniform(-1, 1, shape) / sqrt(self.width)
            for name, shape in self.shapes().items()
        }
        return drawn | ({"M": np.zeros((self.bins, self.width))} if self.linear else {})

    def engine_spec(self) -> tuple[Any, ...]:
        """Return the column in the form the engine takes."""
        return "piecewise", list(self.edges), self.width, self.linear


@dataclass(frozen=True)
class Category:
    """A column of category codes: each code has a row of a table, which is learned.

    The codes are whole numbers from 0 to size - 1, held as floats like all of X. By
    convention 0 stands for what is missing or was not seen in training; it has a row
    like the others.

    Parameters
    ----------
    size
        How many codes there are, that of missing values counted.
    width
        How many numbers a code becomes.

    Raises
    ------
    ValueError
        A size is no positive integer.

    Examples
    --------
    >>> Category(12, 8).shapes()
    {'table': (12, 8)}
    """

    size: int
    width: int = 8

    def __post_init__(self) -> None:
        _set_sizes(self, "size", "width")

    @property
    def outputs(self) -> int:
        """How many numbers the column becomes."""
        return self.width

    @property
    def flops(self) -> int:
        """How many operations on a row the column takes; a cosine counts as one."""
        return 0

    def shapes(self) -> Shapes:
        """Name the values that are learned, with their shapes, as they lie in theta."""
        return {"table": (self.size, self.width)}

    def start(self, generator: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        """Draw the values as they start."""
        return {"table": generator.normal(0.0, 1.0, (self.size, self.width))}

    def engine_spec(self) -> tuple[Any, ...]:
        """Return the column in the form the engine takes."""
        return "category", self.size, self.width


Column = Plain | Periodic | Piecewise | Category

KINDS: Final[dict[str, type[Column]]] = {
    "plain": Plain,
    "periodic": Periodic,
    "piecewise": Piecewise,
    "category": Category,
}


def _set_sizes(column: Any, *names: str) -> None:
    for name in names:
        object.__setattr__(column, name, checked_size(name, getattr(column, name)))
