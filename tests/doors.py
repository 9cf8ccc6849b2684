"""The engine's doors, asked in the words of the witness: see `reference`."""

import numpy as np

import reference
from cases import Array, Case
from ranvier import _engine

DTYPES = (np.float64, np.float32)


def network_of(network: reference.Network) -> _engine.Network:
    return _engine.Network(network.inputs, network.layers)


def update_of(update: reference.Update) -> _engine.Update:
    settings = update._asdict()
    return _engine.Update(settings.pop("kind"), **settings)


def predict(network, theta, X, workspace=None) -> Array:
    out = np.full((len(X), network.layers[-1][1]), np.nan, theta.dtype)
    workspace = workspace or _engine.Workspace(1)
    _engine.predict(network_of(network), theta, X, out, workspace)
    return out


def forward(network, theta, X, workspace=None) -> list[tuple[Array, Array]]:
    workspace = workspace or _engine.Workspace(1)
    return _engine.activations(network_of(network), theta, X, workspace)


def mean_loss(network, theta, X, Y, w, loss, workspace=None) -> float:
    workspace = workspace or _engine.Workspace(1)
    return _engine.loss(
        network_of(network), theta, X, Y, w, _engine.Loss(*loss), workspace
    )


def loss_and_gradient(network, theta, X, Y, w, loss, workspace=None):
    gradient = np.full_like(theta, np.nan)
    L = _engine.loss_and_gradient(
        network_of(network), theta, X, Y, w, _engine.Loss(*loss), gradient,
        workspace or _engine.Workspace(1),
    )  # fmt: skip
    return L, gradient


def train_epoch(
    network, theta, state, X, Y, w, order, batch_size, loss, update, rates,
    steps_before=0, seed=0, epoch=0, workspace=None, step_records=True, **factors,
) -> _engine.Epoch:  # fmt: skip
    return _engine.train_epoch(
        network_of(network), theta, state, X, Y, w, order, batch_size,
        _engine.Loss(*loss), update_of(update), rates, steps_before, seed, epoch,
        workspace or _engine.Workspace(1), step_records=step_records, **factors,
    )  # fmt: skip


def train(
    side, case: Case, update: reference.Update, steps: int, batch_size: int,
    rate: float, **settings,
) -> tuple[Array, Array, object]:  # fmt: skip
    """Train on shuffled rows of a case; side is this module or `reference`.

    Returns theta, the update's state and the epoch's report.
    """
    rng = np.random.default_rng(0)
    rows = len(case.X)
    passes = -(-steps * batch_size // rows)
    order = np.concatenate([rng.permutation(rows) for _ in range(passes)])
    order = order[: steps * batch_size]
    theta = case.theta.copy()
    state = np.zeros((update.slots, len(theta)), theta.dtype)
    report = side.train_epoch(
        case.network, theta, state, case.X, case.Y, case.w, order, batch_size,
        case.loss, update, np.full(steps, rate), **settings,
    )  # fmt: skip
    return theta, state, report
