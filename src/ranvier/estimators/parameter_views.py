"""coefs_ and intercepts_, as scikit-learn keeps them, and the one array of the engine.

The lists of an estimator are the truth: a user may read, change or replace what is in
them. While they are the views that `view_parameters` made of one flat array, that array
is used; otherwise their values are copied into a new array for each call.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class ParameterViews(NamedTuple):
    """One flat array, and the W and b of each layer as views of it."""

    theta: Array
    coefs: tuple[Array, ...]
    intercepts: tuple[Array, ...]

    def holds(self, coefs: Sequence[Array], intercepts: Sequence[Array]) -> bool:
        """Say whether the lists hold these very views."""
        return (
            len(coefs) == len(self.coefs)
            and len(intercepts) == len(self.intercepts)
            and all(map(_is, coefs, self.coefs))
            and all(map(_is, intercepts, self.intercepts))
        )


def view_parameters(theta: Array, units: Sequence[int]) -> ParameterViews:
    """Cut theta into W and b of layers with so many units, the inputs first."""
    coefs, intercepts, start = [], [], 0
    for d_in, d_out in pairwise(units):
        middle, end = start + d_in * d_out, start + (d_in + 1) * d_out
        coefs.append(theta[start:middle].reshape(d_in, d_out))
        intercepts.append(theta[middle:end])
        start = end
    return ParameterViews(theta, tuple(coefs), tuple(intercepts))


def flatten(coefs: Sequence[Array], intercepts: Sequence[Array]) -> Array:
    """Put W and b of each layer into one new array, in the engine's order."""
    pairs = zip(coefs, intercepts, strict=True)
    return np.concatenate([part.reshape(-1) for pair in pairs for part in pair])


def theta_of(mlp: Any) -> Array:
    """Return the parameters of an estimator as one array: its own, or a copy."""
    bound: ParameterViews | None = mlp.__dict__.get("_bound")
    if bound is not None and bound.holds(mlp.coefs_, mlp.intercepts_):
        return bound.theta
    return flatten(mlp.coefs_, mlp.intercepts_)


def units_of(mlp: Any) -> list[int]:
    """Return the units of each layer of an estimator, the inputs first."""
    return [len(mlp.coefs_[0]), *(len(b) for b in mlp.intercepts_)]


def adopt_parameters(mlp: Any, theta: Array) -> Array:
    """Have coefs_ and intercepts_ be views of theta, and return it."""
    bound = view_parameters(theta, units_of(mlp))
    mlp.coefs_, mlp.intercepts_ = list(bound.coefs), list(bound.intercepts)
    mlp._bound = bound
    return theta


def _is(one: object, other: object) -> bool:
    return one is other
