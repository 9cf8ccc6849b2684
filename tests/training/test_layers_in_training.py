"""Embeddings, parametric activations and a mean of the weights, through whole runs."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ranvier as rv


def table(rows: int = 300) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, 4))
    X[:, 3] = rng.integers(0, 12, rows)
    return X, np.sin(3 * X[:, 1]) + X[:, 3] % 3


def network(seed: int = 0) -> rv.Network:
    columns = [
        rv.columns.Plain(),
        rv.columns.Periodic(16, 3),
        rv.columns.Piecewise([-1, 0, 1, 2.5], 4),
        rv.columns.Category(12, 4),
    ]
    layers = [
        rv.Embedding(columns),
        rv.Dense(32, "mish", parametric=True),
        rv.Dropout(0.1),
        rv.Dense(1),
    ]
    net = rv.Network(4, layers, seed=seed)
    rv.data_dependent_init(net, table()[0], seed=seed)
    return net


def recipe(net: rv.Network) -> rv.AdamW:
    rates = rv.ParamGroups(b=0.1, alpha=0.1, values=0.1, scale=6)
    decays = rv.ParamGroups(b=0, alpha=0.1, values=0.1, scale=6)
    factors = rv.layer_factors(net, rates, decays, ntk=True)
    return rv.AdamW(lr=0.05, weight_decay=0.02, beta2=0.95, **factors._asdict())


def test_learns_what_columns_hold() -> None:
    (X, y), net = table(), network()
    assert net.embedding is not None
    before = net.embedding.values[3]["table"].copy()
    stop = rv.EarlyStopping(patience=100)
    history = rv.train(
        net, X, y, optimizer=recipe(net), epochs=60, validation=0.2, stop=stop
    )
    best = min(record.validation_loss or np.inf for record in history)
    assert best < 0.2 * np.var(y)
    assert not np.array_equal(before, net.embedding.values[3]["table"])


def test_mean_of_the_weights_is_scored_and_kept() -> None:
    X, y = table()
    plain, mean = network(), network()
    setting: dict[str, Any] = {"optimizer": "adam", "epochs": 3, "batch_size": 50}
    rv.train(plain, X, y, **setting)
    rv.train(mean, X, y, ema_decay=0.9, **setting)
    assert not np.array_equal(plain.theta, mean.theta)
    # By hand, of steps taken one call at a time: the weights themselves do not change.
    beta, theta, average = 0.9, network(), np.zeros(plain.theta.size)
    for steps in range(1, 7):
        theta = network()
        rv.train(theta, X, y, optimizer="adam", epochs=steps, batch_size=300)
        average += (1 - beta) / (1 - beta**steps) * (theta.theta - average)
    whole = network()
    rv.train(whole, X, y, optimizer="adam", epochs=6, batch_size=300, ema_decay=beta)
    np.testing.assert_allclose(whole.theta, average, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("ema_decay", [0.0, 0.95])
def test_goes_on_bit_for_bit(tmp_path: Path, ema_decay: float) -> None:
    (X, y), first = table(), network()

    def interrupt(record: rv.EpochRecord) -> None:
        if record.epoch == 7:
            raise KeyboardInterrupt

    setting: dict[str, Any] = {
        "optimizer": recipe(first), "epochs": 15, "validation": 0.2,
        "ema_decay": ema_decay,
    }  # fmt: skip
    with pytest.warns(RuntimeWarning, match="interrupted"):
        history = rv.train(first, X, y, callbacks=[interrupt], run=tmp_path, **setting)
    assert history.run is not None
    network_again, history = rv.resume(history.run)
    whole = network()
    rv.train(whole, X, y, **setting)
    assert len(history) == 15
    assert network_again.theta.tobytes() == whole.theta.tobytes()


def test_the_same_alone_and_among_many() -> None:
    X, y = table()
    nets = [network(seed) for seed in range(3)]
    rv.train_many(nets, X, y, epochs=3, ema_decay=0.9, n_threads=2)
    for seed, net in enumerate(nets):
        alone = network(seed)
        rv.train(alone, X, y, epochs=3, ema_decay=0.9, seed=seed)
        assert alone.theta.tobytes() == net.theta.tobytes()


def test_lbfgs_refuses_what_changes() -> None:
    X, y = table()
    net = network()
    with pytest.raises(ValueError, match="dropout changes it"):
        rv.train(net, X, y, optimizer="lbfgs")
    with pytest.raises(ValueError, match=r"ema_decay=0\.9 was given with L-BFGS"):
        rv.train(rv.Network.mlp(4, 3, 1), X, y, optimizer="lbfgs", ema_decay=0.9)


@pytest.mark.parametrize("ema_decay", [-0.1, 1.0, "much", None])
def test_what_is_no_share(ema_decay: Any) -> None:
    X, y = table()
    with pytest.raises(ValueError, match=r"ema_decay must lie in \[0, 1\)"):
        rv.train(network(), X, y, ema_decay=ema_decay)


def test_not_a_number_is_found_in_an_embedding() -> None:
    (X, y), net = table(), network()
    assert net.embedding is not None
    net.embedding.values[3]["table"][int(X[0, 3]), 0] = np.nan
    with pytest.raises(rv.NonFiniteError, match=r"3\.table of layer 0"):
        rv.train(net, X, y, epochs=1)
