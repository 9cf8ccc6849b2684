"""The losses of `ranvier.network.losses`, in a table to look at.

Formulas are Python's, for one output a and its target y; L is the mean over outputs (of
cross_entropy the sum over classes) and then over rows.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ranvier import _engine
from ranvier.catalogue.catalogue import POINTS, Catalogue, Curves, Entry
from ranvier.network.losses import Loss, cross_entropy, huber, quantile

ENTRIES: Final = [
    Entry(
        "squared_error", "(a - y)**2", "2 * (a - y)", "[0, inf)", "nowhere",
        "regression: the optimum is the mean; sensitive to outliers",
    ),
    Entry(
        "absolute_error", "abs(a - y)", "sign(a - y)", "[0, inf)", "nowhere",
        "regression with outliers: the optimum is the median",
    ),
    Entry(
        "huber",
        "(a - y)**2 / 2 if abs(a - y) <= delta else delta * (abs(a - y) - delta / 2)",
        "max(-delta, min(a - y, delta))", "[0, inf)", "nowhere",
        "regression with some outliers: squared near 0, absolute beyond delta, which "
        "is 1 if not given",
    ),
    Entry(
        "quantile", "max(q * (y - a), (q - 1) * (y - a))",
        "-q if a < y else 1 - q", "[0, inf)", "nowhere",
        "limits and stocks: the optimum is the q-quantile of the targets; "
        "q is 0.5 by default",
    ),
    Entry(
        "poisson", "a - y * log(a)", "1 - y / a", "(-inf, inf)", "nowhere",
        "counts and rates, with the last activation exp",
    ),
    Entry(
        "log_loss", "-(y * log(a) + (1 - y) * log(1 - a))",
        "(a - y) / (a * (1 - a)); by z it is a - y", "[0, inf)",
        "in a, nowhere; by z, where a is y",
        "two classes, or several that do not exclude each other, with the last "
        "activation sigmoid",
    ),
    Entry(
        "cross_entropy", "-sum(y * log(a)) over the classes",
        "-y / a; by z it is a - y", "[0, inf)", "in a, nowhere; by z, where a is y",
        "several exclusive classes, with softmax as the last activation; "
        "smoothing (default 0) limits overconfidence",
    ),
]  # fmt: skip


def _curves(name: str) -> Curves:
    """Draw L by what the network gives, for one target."""
    if name == "cross_entropy":
        z = np.linspace(-4.0, 4.0, POINTS)
        L, slope = _both(Loss(name), "softmax", np.column_stack([z, np.zeros_like(z)]))
        label = "z of the true one of two classes, the other 0"
        return Curves(z, L, slope, label, ("L", "dL/dz"))
    if name in ("log_loss", "poisson"):
        z = (
            np.linspace(-4.0, 4.0, POINTS)
            if name == "log_loss"
            else (np.linspace(-2.0, 2.0, POINTS))
        )
        f = "sigmoid" if name == "log_loss" else "exp"
        L, slope = _both(Loss(name), f, z[:, None])
        return Curves(z, L, slope, f"z, a = {f}(z), y = 1", ("L", "dL/dz"))
    loss = Loss("quantile", 0.8) if name == "quantile" else Loss(name)
    a = np.linspace(-3.0, 3.0, POINTS)
    L, slope = _both(loss, "identity", a[:, None], y=0.0)
    told = ", q = 0.8" if name == "quantile" else ", delta = 1" * (name == "huber")
    return Curves(a, L, slope, f"a - y{told}", ("L", "dL/da"))


def _both(
    loss: Loss, output: str, Z: np.ndarray, y: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Compute L of each row by itself, and its slope by the first Z."""
    Y = np.zeros_like(Z)
    Y[:, 0] = y
    pairs = [
        _engine.output_loss(loss.engine, output, Z[[row]], Y[[row]], None)
        for row in range(len(Z))
    ]
    L = np.array([value for value, _ in pairs])
    return L, np.array([dZ[0, 0] for _, dZ in pairs])


class Losses(Catalogue):
    """The losses: a table by name, and a function for each loss with a parameter.

    Examples
    --------
    >>> import ranvier as rv
    >>> rv.losses["huber"].range
    '[0, inf)'
    >>> rv.losses.huber(2.0)
    Loss(name='huber', parameter=2.0)
    """

    huber = staticmethod(huber)
    quantile = staticmethod(quantile)
    cross_entropy = staticmethod(cross_entropy)


losses: Final = Losses("loss", ENTRIES, _curves)
