"""Random networks with their data, for the witness and for the engine."""

from typing import NamedTuple

import numpy as np

import reference

Array = np.ndarray

# Every activation that can be trained through, with a parameter unlike the default.
HIDDEN = {
    "identity": 0.0,
    "relu": 0.0,
    "leaky_relu": 0.2,
    "relu6": 0.0,
    "elu": 0.7,
    "selu": 0.0,
    "gelu": 0.0,
    "gelu_tanh": 0.0,
    "silu": 0.0,
    "mish": 0.0,
    "sigmoid": 0.0,
    "tanh": 0.0,
    "softplus": 0.0,
    "softsign": 0.0,
    "hard_sigmoid": 0.0,
    "hard_tanh": 0.0,
}
SINGLE = {**HIDDEN, "exp": 0.0}  # of single values: all but softmax, and step

# Every loss with a parameter unlike the default, and the outputs it goes with.
LOSSES = {
    "squared_error": (0.0, tuple(SINGLE)),
    "absolute_error": (0.0, tuple(SINGLE)),
    "huber": (0.6, tuple(SINGLE)),
    "quantile": (0.3, tuple(SINGLE)),
    "poisson": (0.0, ("identity", "exp")),
    "log_loss": (0.0, ("identity", "sigmoid")),
    "cross_entropy": (0.1, ("identity", "softmax")),
}
WEIGHTINGS = ("unweighted", "weighted")


def grid() -> list[tuple[str, str, str, str]]:
    """List (hidden activation, output activation, loss, weighting): all pairs, 376."""
    found = []
    hidden = tuple(HIDDEN)
    for weighting in WEIGHTINGS:
        for loss, (_, outputs) in LOSSES.items():
            found += [
                (name, outputs[i % len(outputs)], loss, weighting)
                for i, name in enumerate(hidden)
            ]
            found += [
                (hidden[i % len(hidden)], name, loss, weighting)
                for i, name in enumerate(outputs, start=3)
            ]
    return found


# Where f or f' jumps.
KINKS = {
    "relu": (0.0,),
    "leaky_relu": (0.0,),
    "relu6": (0.0, 6.0),
    "elu": (0.0,),
    "selu": (0.0,),
    "softsign": (0.0,),
    "hard_sigmoid": (-3.0, 3.0),
    "hard_tanh": (-1.0, 1.0),
}


class Case(NamedTuple):
    network: reference.Network
    theta: Array
    X: Array
    Y: Array
    w: Array | None
    loss: tuple[str, float]

    def cast(self, dtype: type) -> "Case":
        Y = self.Y if self.Y.ndim == 1 else self.Y.astype(dtype)
        w = None if self.w is None else self.w.astype(dtype)
        return self._replace(
            theta=self.theta.astype(dtype), X=self.X.astype(dtype), Y=Y, w=w
        )


def dense(units: int, activation: str = "identity") -> tuple:
    return ("dense", units, activation, SINGLE.get(activation, 0.0))


def random_theta(rng: np.random.Generator, network: reference.Network) -> Array:
    theta = np.zeros(reference.parameters(network))
    for layer, held in zip(
        network.layers, reference.views(network, theta), strict=True
    ):
        if layer[0] == "embedding":
            held[0][:] = rng.normal(0, 0.8, held[0].shape)
        elif held is not None:
            W, b, *alpha = held
            W[:] = rng.normal(0, 1.3 / np.sqrt(len(W)), W.shape)
            b[:] = rng.normal(0, 0.4, b.shape)
            for own in alpha:
                own[:] = rng.normal(1, 0.5, own.shape)
    return theta


def random_rows(
    rng: np.random.Generator, network: reference.Network, rows: int
) -> Array:
    """Draw X, codes where a column holds categories."""
    X = rng.normal(0, 1.2, (rows, network.inputs))
    kind, *rest = network.layers[0]
    for i, column in enumerate(rest[0] if kind == "embedding" else ()):
        if column[0] == "category":
            X[:, i] = rng.integers(0, column[1], rows)
    return X


def random_targets(
    rng: np.random.Generator, loss: str, rows: int, units: int, labels: bool = True
) -> Array:
    if loss == "poisson":
        return rng.poisson(2.0, (rows, units)).astype(float)
    if loss == "log_loss":
        return rng.integers(0, 2, (rows, units)).astype(float)
    if loss == "cross_entropy":
        if labels:
            return rng.integers(0, units, rows).astype(np.int32)
        return rng.dirichlet(np.ones(units), rows)
    return rng.normal(0.5, 1.5, (rows, units))


def random_weights(rng: np.random.Generator, rows: int) -> Array:
    """Draw weights, a fifth of them zero, the first not."""
    w = rng.uniform(0.2, 3, rows) * (rng.random(rows) > 0.2)
    w[0] = 1.5
    return w


def random_case(
    rng: np.random.Generator,
    network: reference.Network,
    loss: str,
    rows: int,
    weighting: str = "unweighted",
    labels: bool = True,
) -> Case:
    units = network.layers[-1][1]
    X = random_rows(rng, network, rows)
    Y = random_targets(rng, loss, rows, units, labels)
    w = random_weights(rng, rows) if weighting == "weighted" else None
    theta = random_theta(rng, network)
    return Case(network, theta, X, Y, w, (loss, LOSSES[loss][0]))


def grid_case(hidden: str, output: str, loss: str, weighting: str) -> Case:
    """Return a small network of that kind, its data away from all kinks."""
    seed = f"{hidden} {output} {loss} {weighting}".encode()
    rng = np.random.default_rng(list(seed))
    inputs, units, outputs = rng.integers((1, 2, 2), (5, 6, 6))
    layers = [dense(int(units), hidden), dense(3, hidden), dense(int(outputs), output)]
    network = reference.Network(int(inputs), layers[rng.integers(0, 2) :])
    labels = bool(rng.integers(0, 2))
    return move_off_kinks(rng, random_case(rng, network, loss, 6, weighting, labels))


def distance_to_kinks(case: Case) -> Array:
    """Return how near each row comes to a point where some slope jumps."""
    nearest = np.full(len(case.X), np.inf)
    tape = reference.forward(case.network, case.theta, case.X)
    for layer, seen in zip(case.network.layers, tape, strict=True):
        if layer[0] == "dense":
            for kink in KINKS.get(layer[2], ()):
                nearest = np.minimum(nearest, abs(seen[1] - kink).min(axis=1))
    name, parameter = case.loss
    if name in ("absolute_error", "quantile", "huber"):
        error = abs(tape[-1][2] - case.Y)
        jump = parameter if name == "huber" else 0
        nearest = np.minimum(nearest, abs(error - jump).min(axis=1))
    return nearest


def move_off_kinks(rng: np.random.Generator, case: Case, margin: float = 1e-3) -> Case:
    """Draw those rows again that come nearer than margin to a kink."""
    X = case.X.copy()
    while np.any(bad := distance_to_kinks(case._replace(X=X)) < margin):
        X[bad] = rng.normal(0, 1.2, (bad.sum(), X.shape[1]))
    return case._replace(X=X)


def central_differences(loss_of, theta: Array, h: float = 1e-5) -> Array:
    """Return the slope of loss_of in each number of theta."""
    slope = np.empty_like(theta)
    for i, at in enumerate(theta):
        moved = theta.copy()
        moved[i] = at + h
        up = loss_of(moved)
        moved[i] = at - h
        slope[i] = (up - loss_of(moved)) / (2 * h)
    return slope


def gap(given: Array, expected: Array) -> float:
    """Return the distance of two arrays relative to the size of the second."""
    distance = np.linalg.norm(np.asarray(given, float) - expected)
    return float(distance / max(np.linalg.norm(expected), 1e-6))
