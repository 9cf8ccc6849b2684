"""Random calls of every entry point of the engine, most with arguments that are wrong.

    python hostile_calls.py COUNT [SEED]

Each call works or raises an exception of Python; a build with AddressSanitizer sees any
access outside of an array (tools/sanitize.sh calls). Prints how many did which.
"""

import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from ranvier import _engine

Rng = np.random.Generator
ACTIVATIONS = ("relu", "tanh", "gelu", "softplus", "identity", "step", "no such", "")
LOSSES = ("squared_error", "huber", "quantile", "poisson", "log_loss", "cross_entropy")
NUMBERS = (0, 1, -1, 2, 3, 7, 2**31, 2**40, -(2**62), 0.5, float("nan"), 1e308)
SIZES = (1, 2, 3, 5, 17, 40, 97)


def array(rng: Rng, shape: tuple[int, ...], dtype: Any) -> Any:
    """Return an array; sometimes with numbers that are infinite, NaN or huge."""
    if np.dtype(dtype).kind in "iu":
        return rng.integers(-3, max(4, shape[0] if shape else 4), shape).astype(dtype)
    values = rng.normal(size=shape).astype(dtype)
    if rng.random() < 0.1 and values.size:
        values.flat[rng.integers(values.size)] = rng.choice([np.nan, np.inf, 1e30])
    return values


def spoiled(rng: Rng, value: Any) -> Any:
    """Return an argument that is wrong in some way, or by chance right."""
    if not isinstance(value, np.ndarray):
        others: list[Any] = [None, "text", value, b"", [], object()]
        return [*others, *NUMBERS][rng.integers(len(others) + len(NUMBERS))]
    way = rng.integers(9)
    if way == 0:
        return value[: rng.integers(len(value) + 1)] if value.ndim else value
    if way == 1:
        return np.concatenate([value, value]) if value.ndim else value
    if way == 2:
        return value.astype(rng.choice(["f4", "f8", "i4", "i8", "f2", "c16", "O"]))
    if way == 3:
        return value[::-1] if value.ndim else value
    if way == 4:
        return value.reshape(-1) if value.ndim > 1 else value[:, None]
    if way == 5:
        return np.empty((0,) * max(1, value.ndim), value.dtype)
    if way == 6:
        value = value.copy()
        value.flags.writeable = False
        return value
    if way == 7 and value.size and value.dtype.kind == "i":
        value = value.copy()
        value.flat[rng.integers(value.size)] = rng.choice([-(2**31), 2**30, 99, -1])
        return value
    return [None, 5, "text", value.tolist(), value.T][rng.integers(5)]


def network(rng: Rng) -> Any:
    """Return a network, or raise what the engine raises for layers that do not fit."""
    inputs = int(rng.choice(SIZES))
    layers: list[Any] = []
    for _ in range(rng.integers(0, 3)):
        units = int(rng.choice(SIZES))
        layers.append(("dense", units, str(rng.choice(ACTIVATIONS[:5])), 0.5))
        if rng.random() < 0.2:
            layers.append(("dropout", float(rng.choice([0.1, 0.5]))))
    outputs = int(rng.choice(SIZES[:3]))
    layers.append(("dense", outputs, str(rng.choice(["identity", "sigmoid"])), 0.0))
    if rng.random() < 0.1:
        k = rng.integers(len(layers))
        wrong = [("dense", 0, "relu", 0.0), ("dropout", np.nan), ("dense",), 5]
        wrong += [("dense", 2**40, "relu", 0.0), ("dense", 2, "no such", 0.0)]
        layers[k] = wrong[rng.integers(len(wrong))]
    return _engine.Network(inputs if rng.random() < 0.95 else 0, layers)


def sparse(rng: Rng, rows: int, inputs: int, dtype: Any) -> Any:
    """Return a CSR matrix, often with cells or starts that do not fit."""
    counts = rng.integers(0, 4, rows)
    starts = np.concatenate([[0], counts.cumsum()]).astype(np.int64)
    columns = rng.integers(0, max(1, inputs), starts[-1]).astype(np.int32)
    given = [array(rng, (int(starts[-1]),), dtype), columns, starts]
    if rng.random() < 0.2:
        k = rng.integers(3)
        given[k] = spoiled(rng, given[k])
    kind = _engine.SparseFloat32 if dtype == np.float32 else _engine.SparseFloat64
    return kind(*given, inputs if rng.random() < 0.9 else int(rng.choice(SIZES)))


def arguments(rng: Rng, name: str) -> tuple[list[Any], dict[str, Any]]:
    """Return arguments for an entry point that would mostly be right."""
    dtype = rng.choice([np.float32, np.float64])
    n, workspace = int(rng.choice(SIZES)), _engine.Workspace(int(rng.integers(1, 3)))
    if name == "shuffled":
        return [np.arange(n), int(rng.integers(9)), 1], {}
    if name == "all_finite":
        return [array(rng, (n,), dtype)], {}
    if name == "elementary":
        return [
            str(rng.choice(["exp", "log", "tanh", "x"])),
            array(rng, (n,), dtype),
        ], {}
    if name == "activation":
        return [str(rng.choice(ACTIVATIONS)), 0.5, array(rng, (n,), dtype)], {}
    if name == "multiply":
        k, m = (int(rng.choice(SIZES)) for _ in range(2))
        return [array(rng, (n, k), dtype), array(rng, (k, m), dtype)], {}
    net = network(rng)
    theta = array(rng, (net.parameters,), dtype)
    X = array(rng, (n, net.inputs), dtype)
    if rng.random() < 0.3 and name != "activations":
        X = sparse(rng, n, net.inputs, dtype)
    if name == "activations":
        return [net, theta, X, workspace], {}
    if name == "predict":
        return [net, theta, X, np.empty((n, net.outputs), dtype), workspace], {}
    loss = _engine.Loss(str(rng.choice(LOSSES)), 0.5)
    Y = abs(array(rng, (n, net.outputs), dtype))
    if rng.random() < 0.2:
        Y = rng.integers(0, max(1, net.outputs), n).astype(np.int32)
    weights = abs(array(rng, (n,), dtype)) if rng.random() < 0.5 else None
    if name == "loss":
        return [net, theta, X, Y, weights, loss, workspace], {}
    if name == "loss_and_gradient":
        gradient = np.empty_like(theta) if rng.random() < 0.8 else None
        return [net, theta, X, Y, weights, loss, gradient, workspace], {
            "dropout": float(rng.random())
        }
    update = _engine.Update(str(rng.choice(["sgd", "adam"])), averaging=0.5)
    order = rng.permutation(n).astype(np.int64)
    batch = int(rng.choice([1, 2, 5, 32, 200]))
    steps = -(-n // batch)
    return [
        net, theta, np.zeros((update.slots, net.parameters), dtype), X, Y, weights,
        order, batch, loss, update, np.full(steps, 1e-3), 0, 1, 1, workspace,
    ], {}  # fmt: skip


NAMES = (
    *("shuffled", "all_finite", "elementary", "activation", "multiply"),
    *("activations", "predict", "loss", "loss_and_gradient", "train_epoch"),
)


def one(rng: Rng) -> str:
    """Make one call; return what came of it."""
    name = str(rng.choice(NAMES))
    try:
        given, named = arguments(rng, name)
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            k = rng.integers(len(given))
            given[k] = spoiled(rng, given[k])
        call: Callable[..., Any] = getattr(_engine, name)
        call(*given, **named)
    except (TypeError, ValueError, OverflowError, MemoryError, RuntimeError) as error:
        return type(error).__name__
    return f"{name} returned"


def main(count: int, seed: int) -> None:
    """Make so many calls, and print what came of them."""
    outcomes: Counter[str] = Counter()
    for k in range(count):
        with np.errstate(all="ignore"):
            outcomes[one(np.random.default_rng([seed, k]))] += 1
    for outcome, times in sorted(outcomes.items()):
        sys.stdout.write(f"{times} {outcome}\n")
    sys.stdout.write(f"{count} calls\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
