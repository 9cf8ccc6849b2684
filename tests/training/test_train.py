"""`train` as a user meets it: problems solved, stops, Ctrl-C, errors, bad arguments."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

import ranvier as rv
import stacks
from ranvier.training import train as training
from ranvier.training.config import default_batch

Array = NDArray[Any]

XOR_X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
XOR_Y = np.array([0, 1, 1, 0], float)


@pytest.fixture
def X(rng: np.random.Generator) -> Array:
    return rng.normal(size=(300, 3))


@pytest.fixture
def y(X: Array, rng: np.random.Generator) -> Array:
    return np.sin(X[:, 0]) + X[:, 1] ** 2 + rng.normal(size=300) / 10


def mlp(seed: int = 0, **given: Any) -> rv.Network:
    return rv.Network.mlp(3, 16, 1, "tanh", seed=seed, **given)


# ---------------------------------------------------------------- problems


def right_on_xor(net: rv.Network, **given: Any) -> int:
    rv.train(net, XOR_X, XOR_Y, epochs=300, **given)
    return int(((net(XOR_X)[:, 0] > 0.5) == XOR_Y).sum())


@pytest.mark.parametrize("optimizer", [rv.Adam(lr=0.1), "lbfgs"], ids=["adam", "lbfgs"])
def test_xor_needs_a_hidden_layer(optimizer: Any) -> None:
    solved = 0
    for seed in range(20):
        hidden = rv.Network.mlp(2, 2, 1, "tanh", "sigmoid", dtype="float64", seed=seed)
        single = rv.Network.mlp(2, (), 1, "tanh", "sigmoid", dtype="float64", seed=seed)
        solved += right_on_xor(hidden, optimizer=optimizer) == 4
        assert right_on_xor(single, optimizer=optimizer) <= 3
    # With only two hidden units about half of the starts end in a local minimum.
    assert solved >= 6


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_linear_network_is_least_squares(dtype: str, X: Array, y: Array) -> None:
    net = rv.Network(3, [rv.Dense(1)], dtype=dtype, seed=0)
    adam = rv.Adam(lr=0.1)
    rv.train(net, X, y, optimizer=adam, schedule="cosine", epochs=500, batch_size=300)
    solution = np.linalg.lstsq(np.c_[X, np.ones(300)], y)[0]
    assert net.theta == pytest.approx(solution, abs=2e-6)


def test_one_layer_is_logistic_regression(X: Array, rng: np.random.Generator) -> None:
    labels = (X[:, 0] + rng.normal(size=300) > 0).astype(int)
    net = rv.Network(3, [rv.Dense(1, "sigmoid")], dtype="float64", seed=0)
    sgd = rv.SGD(lr=0.5, momentum=0.9, l2=0.01)
    rv.train(net, X, labels, optimizer=sgd, epochs=500, batch_size=300)
    theirs = LogisticRegression(C=1 / (0.01 * 300), tol=1e-10).fit(X, labels)
    expected = np.array([*theirs.coef_[0], *theirs.intercept_])
    assert net.theta == pytest.approx(expected, abs=1e-6)


def test_integer_weights_are_repeated_rows(
    X: Array, y: Array, rng: np.random.Generator
) -> None:
    w = rng.integers(0, 4, 300)
    thetas = []
    for data in (
        {"X": X, "y": y, "sample_weight": w},
        {"X": np.repeat(X, w, axis=0), "y": np.repeat(y, w)},
    ):
        net = mlp(dtype="float64")
        history = rv.train(net, **data, epochs=20, batch_size=10_000)
        thetas.append((net.theta, history.losses))
    assert thetas[0][0] == pytest.approx(thetas[1][0], rel=1e-6, abs=1e-9)
    assert thetas[0][1] == pytest.approx(thetas[1][1], rel=1e-9)


def test_loss_follows_the_last_activation(X: Array, y: Array) -> None:
    for activation, targets, loss in (
        ("softmax", (y > 1).astype(int), "cross_entropy"),
        ("sigmoid", y > 1, "log_loss"),
        ("exp", y + 2, "poisson"),
        ("identity", y, "squared_error"),
    ):
        outputs = 2 if activation == "softmax" else 1
        results = []
        for given in (None, loss):
            net = rv.Network.mlp(3, 4, outputs, output_activation=activation, seed=0)
            rv.train(net, X, targets, loss=given, epochs=2)
            results.append(net)
        assert results[0] == results[1]


# ---------------------------------------------------------------- repeatable


def test_same_seed_same_bits(X: Array, y: Array) -> None:
    nets, histories = [], []
    for seed in (1, 1, 2):
        net = rv.Network.mlp(3, [16, 8], 1, dropout=0.3, seed=0)
        history = rv.train(net, X, y, epochs=5, batch_size=32, seed=seed)
        nets.append(net)
        histories.append(history.losses)
    assert nets[0] == nets[1] != nets[2]
    assert histories[0] == histories[1] != histories[2]


@pytest.mark.usefixtures("more_processors")
def test_any_number_of_threads(X: Array, y: Array) -> None:
    results = []
    for n_threads in (1, 2, 3, 4, None):
        net = rv.Network.mlp(3, [40, 30], 1, dropout=0.1, seed=0)
        history = rv.train(
            net, X, y, epochs=5, batch_size=64, validation=0.2, n_threads=n_threads
        )
        results.append((net.theta.tobytes(), history.losses, history.validation_losses))
    assert results[1:] == results[:-1]


def test_watching_changes_nothing(
    X: Array, y: Array, capsys: pytest.CaptureFixture[str]
) -> None:
    alone, watched = mlp(), mlp()
    rv.train(alone, X, y, epochs=5)
    rv.train(
        watched,
        X,
        y,
        epochs=5,
        validation=(X, y),
        metric="r2",
        callbacks=[lambda _: None],
        progress=True,
    )
    assert alone == watched
    assert "validation" in capsys.readouterr().err


def test_no_seed_draws_one_that_can_be_used_again(X: Array, y: Array) -> None:
    first, again, other = mlp(), mlp(), mlp()
    history = rv.train(first, X, y, epochs=2, batch_size=32, seed=None)
    rv.train(again, X, y, epochs=2, batch_size=32, seed=history.seed)
    rv.train(other, X, y, epochs=2, batch_size=32, seed=None)
    assert first == again != other


def test_silent_when_the_output_is_no_terminal(
    X: Array, y: Array, capfd: pytest.CaptureFixture[str]
) -> None:
    rv.train(mlp(), X, y, epochs=3)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("n", [1, 2, 255, 256, 257])
def test_any_number_of_rows(n: int) -> None:
    net = mlp()
    history = rv.train(net, np.ones((n, 3)), np.ones(n), epochs=3)
    assert len(history) == 3
    assert history.losses[2] < history.losses[0]


def test_batch_larger_than_the_data_is_all_of_it(X: Array, y: Array) -> None:
    nets = [mlp(), mlp()]
    rv.train(nets[0], X, y, epochs=3, batch_size=300)
    rv.train(nets[1], X, y, epochs=3, batch_size=10**6)
    assert nets[0] == nets[1]


def test_usual_epochs_and_batches(X: Array, y: Array) -> None:
    nets = [mlp(), mlp()]
    assert len(rv.train(nets[0], X, y)) == 100
    rv.train(nets[1], X, y, epochs=100, batch_size=16)
    assert nets[0] == nets[1]


@pytest.mark.parametrize(
    ("rows", "batch"),
    [
        (1, 16),
        (150, 16),
        (1023, 16),
        (1024, 32),
        (5000, 128),
        (8192, 256),
        (10**6, 256),
    ],
)
def test_default_batch(rows: int, batch: int) -> None:
    assert default_batch(rows) == batch


def test_schedule_is_followed(X: Array, y: Array) -> None:
    adam = rv.Adam(lr=0.5)
    history = rv.train(
        mlp(),
        X,
        y,
        optimizer=adam,
        schedule=lambda t: 1 - t,
        epochs=4,
        batch_size=200,
    )
    # 2 steps an epoch: t = 1/8 at the last step of the first.
    rates = [record.learning_rate for record in history]
    assert rates == pytest.approx([0.5 * (1 - t / 8) for t in (1, 3, 5, 7)])


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_frames(library: Any, X: Array, y: Array) -> None:
    frame = library({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2]})
    target = library({"y": y})["y"]
    nets = [mlp(), mlp()]
    rv.train(nets[0], frame, target, epochs=2, validation=(frame, target))
    rv.train(nets[1], X, y, epochs=2)
    assert nets[0] == nets[1]


# ---------------------------------------------------------------- stopping


def test_early_stopping_restores_the_best_bits(X: Array, y: Array) -> None:
    net, kept = mlp(), {}

    def keep(record: rv.EpochRecord) -> None:
        kept[record.epoch] = net.theta.copy()

    history = rv.train(
        net,
        X[:30],
        y[:30],
        optimizer=rv.Adam(lr=0.05),
        epochs=2000,
        validation=(X[30:], y[30:]),
        stop=rv.EarlyStopping(patience=5),
        callbacks=[keep],
    )
    losses = history.validation_losses
    best = int(np.argmin(losses)) + 1
    assert history.stopped == "early stopping"
    assert history.best_epoch == best == len(history) - 5
    assert history.best_loss == min(losses)
    assert net.theta.tobytes() == kept[best].tobytes()
    assert net.theta.tobytes() != kept[len(history)].tobytes()


def test_early_stopping_by_metric(X: Array, y: Array) -> None:
    labels = (y > y.mean()).astype(int)
    net = rv.Network.mlp(3, 8, 2, output_activation="softmax", seed=0)
    stop = rv.EarlyStopping(patience=10, monitor="metric")
    history = rv.train(net, X, labels, validation=0.3, metric="accuracy", stop=stop)
    scores = [record.metrics["accuracy"] for record in history]
    assert history.best_epoch == int(np.argmax(scores)) + 1


def test_validation_loss_is_that_of_the_network(X: Array, y: Array) -> None:
    net = mlp()
    history = rv.train(net, X[:200], y[:200], epochs=3, validation=(X[200:], y[200:]))
    assert history[-1].validation_loss == net.loss_and_gradient(X[200:], y[200:])[0]


def test_held_out_rows_are_not_learned_from(X: Array, y: Array) -> None:
    spoiled = y.copy()
    _, held_out = training.split(
        mlp(),
        training.prepare(mlp(), X, np.arange(300), None, rv.Loss("squared_error")),
        0.2,
        rv.Loss("squared_error"),
        0,
    )
    assert held_out is not None
    spoiled[held_out.Y[:, 0].astype(int)] = 1e6
    nets = [mlp(), mlp()]
    for net, targets in zip(nets, (y, spoiled), strict=True):
        rv.train(net, X, targets, epochs=3, validation=0.2)
    assert nets[0] == nets[1]


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_callback_stops(optimizer: str, X: Array, y: Array) -> None:
    def third(record: rv.EpochRecord) -> bool:
        return record.epoch == 3

    history = rv.train(mlp(), X, y, optimizer=optimizer, callbacks=[third])
    assert len(history) == 3
    assert history.stopped.endswith("third")


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_failing_callback_leaves_the_finished_epoch(
    optimizer: str, X: Array, y: Array
) -> None:
    def explode(record: rv.EpochRecord) -> None:
        if record.epoch == 3:
            raise ZeroDivisionError("boom")

    net, expected = mlp(), mlp()
    with pytest.raises(ZeroDivisionError, match="boom") as raised:
        rv.train(net, X, y, optimizer=optimizer, callbacks=[explode])
    assert "explode after epoch 3" in raised.value.__notes__[0]
    rv.train(expected, X, y, optimizer=optimizer, callbacks=[lambda r: r.epoch == 3])
    assert net == expected


# ---------------------------------------------------------------- L-BFGS


def test_lbfgs_history(X: Array, y: Array) -> None:
    history = rv.train(mlp(), X, y, optimizer="lbfgs", epochs=7)
    assert len(history) == 7
    assert history.stopped == "finished"
    few = rv.train(mlp(), X, y, optimizer=rv.LBFGS(max_iterations=5))
    assert few.losses == history.losses[:5]
    net = rv.Network(3, [rv.Dense(1)], seed=0)
    assert rv.train(net, X, X[:, 0], optimizer="lbfgs").stopped == "converged"


def test_lbfgs_stops_early_with_the_best_weights(X: Array, y: Array) -> None:
    net = rv.Network.mlp(3, 50, 1, "tanh", seed=0)
    history = rv.train(
        net,
        X[:20],
        y[:20],
        optimizer=rv.LBFGS(max_iterations=1000),
        validation=(X[20:], y[20:]),
        stop=rv.EarlyStopping(patience=5),
    )
    assert history.stopped == "early stopping"
    assert len(history) == (history.best_epoch or 0) + 5
    loss = net.loss_and_gradient(X[20:], y[20:])[0]
    assert loss == pytest.approx(history.best_loss, rel=1e-6)


@pytest.mark.usefixtures("more_processors")
def test_lbfgs_threads(X: Array, y: Array) -> None:
    nets = [mlp(), mlp()]
    for net, n_threads in zip(nets, (1, 3), strict=True):
        rv.train(net, X, y, optimizer="lbfgs", epochs=20, n_threads=n_threads)
    assert nets[0] == nets[1]


# ---------------------------------------------------------------- Ctrl-C

INTERRUPTED = """
import signal
from contextlib import nullcontext
signal.signal(signal.SIGINT, signal.default_int_handler)
import numpy as np
import ranvier as rv
import stacks

rng = np.random.default_rng(0)
X = rng.normal(size=({rows}, 50)).astype("float32")
y = np.sin(X[:, 0])
net = rv.Network.mlp(50, [256, 256], 1, seed=0)
kept = {{}}

def keep(record):
    kept[record.epoch] = net.theta.copy()
    print("epoch", record.epoch, flush=True)

itself = stacks.ctrl_c_within("_one_epoch") if {itself} else nullcontext()
with itself:
    history = rv.train(
        net, X, y, epochs=100_000, optimizer="{optimizer}", validation=0.01,
        callbacks=[keep],
    )
print("ended", history.stopped, len(history), history.best_epoch)
best = history.best_epoch
print("best", best is None or np.array_equal(net.theta, kept[best]))
print("finite", bool(np.isfinite(net.theta).all()))
"""


def interrupt(
    tmp_path: Path, rows: int, optimizer: str, after: str | None
) -> tuple[str, str]:
    """Interrupt a training that has printed a line, or within its first epoch.

    Returns what it has printed to its output, and to its error.
    """
    script = tmp_path / "train.py"
    script.write_text(
        INTERRUPTED.format(rows=rows, optimizer=optimizer, itself=after is None)
    )
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(stacks.__file__).parent)},
    ) as process:
        assert process.stdout is not None
        if after is not None:
            while after not in process.stdout.readline():
                assert process.poll() is None, "the training has ended by itself"
            process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 0, err
    return out, err


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent another way there")
@pytest.mark.parametrize(
    ("rows", "optimizer", "after"),
    [(2_000, "adam", "epoch 3"), (4_000, "lbfgs", "epoch 2")],
)
def test_ctrl_c(tmp_path: Path, rows: int, optimizer: str, after: str) -> None:
    out, err = interrupt(tmp_path, rows, optimizer, after)
    assert "ended interrupted" in out
    assert "best True" in out
    assert "finite True" in out
    assert "RuntimeWarning: training was interrupted in epoch" in err
    assert "the network keeps the weights" in err


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent another way there")
def test_ctrl_c_within_a_long_epoch(tmp_path: Path) -> None:
    """It is heard before the epoch is over."""
    out, err = interrupt(tmp_path, 200_000, "adam", None)
    assert "ended interrupted 0 None" in out
    assert "epoch" not in out
    assert "finite True" in out
    assert "RuntimeWarning: training was interrupted in epoch 1" in err


# ---------------------------------------------------------------- not finite


def test_rate_too_high(X: Array, y: Array) -> None:
    net, seen = mlp(), {}

    def keep(record: rv.EpochRecord) -> None:
        seen[record.epoch] = net.theta.copy()

    sgd = rv.SGD(lr=0.01)
    with pytest.raises(rv.NonFiniteError, match="lower the learning rate") as raised:
        rv.train(
            net,
            X,
            y,
            optimizer=sgd,
            schedule=lambda t: 1 if t < 0.5 else 1e38,
            epochs=10,
            batch_size=32,
            callbacks=[keep],
        )
    error = raised.value
    assert error.epoch == 6
    assert error.step in (2, 3)
    assert error.layer in (0, 1)
    assert len(error.rows) == 32
    assert set(error.rows) <= set(range(300))
    assert np.array_equal(net.theta, seen[5])


def test_one_row_too_large_for_the_first_layer(X: Array, y: Array) -> None:
    X = X.astype(np.float32)
    X[77] = 3e38
    net = rv.Network(3, [rv.Dense(4, "relu", W=np.full((3, 4), 9)), rv.Dense(1)])
    before = net.theta.copy()
    with pytest.raises(
        rv.NonFiniteError, match=r"Z of layer 0.*1 row \(77\)"
    ) as raised:
        rv.train(net, X, y, batch_size=50)
    assert 77 in raised.value.rows
    assert (raised.value.layer, raised.value.epoch) == (0, 1)
    assert np.array_equal(net.theta, before)


def test_last_step_of_the_last_epoch(X: Array, y: Array) -> None:
    net = rv.Network(3, [rv.Dense(1)], seed=0)
    before = net.theta.copy()
    with pytest.raises(rv.NonFiniteError, match="W of layer 0") as raised:
        rv.train(net, X, y * 1e3, optimizer=rv.SGD(lr=1e38), epochs=1, batch_size=300)
    assert (raised.value.epoch, raised.value.step) == (1, 1)
    assert np.array_equal(net.theta, before)


# ---------------------------------------------------------------- bad arguments


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"loss": "squared"}, "'squared'.*'squared_error'"),
        ({"loss": "cross_entropy"}, "cross_entropy"),
        ({"optimizer": "adan"}, "'adan'.*'adam'"),
        ({"schedule": "cosin"}, "'cosin'.*'cosine'"),
        ({"epochs": 0}, "epochs must be a whole number of at least 1, but got 0"),
        ({"epochs": 2.5}, "epochs must be a whole number"),
        ({"epochs": True}, "epochs must be a whole number"),
        ({"batch_size": 0}, "batch_size must be a whole number of at least 1"),
        ({"batch_size": "all"}, "batch_size must be .* but got 'all'"),
        ({"sample_weight": [1.0]}, "sample_weight"),
        ({"sample_weight": np.full(300, -1.0)}, "sample_weight"),
        ({"validation": 1.5}, r"must lie in \(0, 1\), but got 1\.5"),
        ({"metric": "r2"}, "metric 'r2' is computed on validation rows"),
        ({"metric": "accuracy", "validation": 0.5}, "accuracy.*squared_error"),
        ({"stop": rv.EarlyStopping()}, "validation_loss.*no validation rows"),
        ({"n_threads": 0}, "n_threads must be at least 1, but got 0"),
        ({"seed": -1}, r"seed must be a whole number from 0 to 2\^64 - 1, but got -1"),
        ({"seed": 2**64}, "seed must be"),
        ({"seed": 0.5}, "seed must be"),
        ({"X": np.ones((300, 2))}, r"\(300, 2\), but 3 columns are expected"),
        ({"X": np.full((300, 3), np.nan)}, "X"),
        ({"X": np.ones((0, 3)), "y": []}, "X has no rows"),
        ({"y": np.ones(299)}, "299"),
        ({"y": np.full(300, np.inf)}, "y"),
        ({"optimizer": "lbfgs", "schedule": "cosine"}, "schedule='cosine'.*L-BFGS"),
        ({"optimizer": "lbfgs", "batch_size": 10}, "batch_size=10.*L-BFGS"),
        ({"optimizer": "lbfgs", "drop_last": True}, "drop_last=True.*L-BFGS"),
        ({"decay_schedule": "cosine"}, "nothing decays: give an optimizer"),
        ({"decay_schedule": "cosin", "optimizer": "adamw"}, "'cosin'.*'cosine'"),
        ({"dropout_schedule": "cosine"}, "the network has no dropout: give"),
        ({"optimizer": rv.SGD(layer_rates=[1])}, "layer_rates has 1 entries"),
    ],
)
def test_bad_arguments(given: dict[str, Any], message: str, X: Array, y: Array) -> None:
    net = mlp()
    before = net.theta.copy()
    with pytest.raises(ValueError, match=message):
        rv.train(net, **({"X": X, "y": y} | given))
    assert np.array_equal(net.theta, before)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"callbacks": [3]}, "a callback must be a function.*but got 3"),
        ({"callbacks": print}, "callbacks must be a list of functions"),
        ({"stop": 10}, "stop must be a stopping rule"),
        ({"schedule": 0.5}, "schedule must be a name or a function"),
        ({"optimizer": rv.Adam}, "optimizer must be a name or a description"),
        ({"metric": 3, "validation": 0.5}, "metric must be a name or a function"),
        ({"validation": "half"}, "validation must be a fraction or a tuple"),
    ],
)
def test_arguments_of_another_kind(
    given: dict[str, Any], message: str, X: Array, y: Array
) -> None:
    with pytest.raises(TypeError, match=message):
        rv.train(mlp(), X, y, **given)


def test_not_a_network(X: Array, y: Array) -> None:
    with pytest.raises(
        TypeError, match=r"net must be a ranvier\.Network, but got list"
    ):
        rv.train([rv.Dense(1)], X, y)  # type: ignore[arg-type]


def test_dropout_and_lbfgs(X: Array, y: Array) -> None:
    with pytest.raises(ValueError, match="dropout changes it"):
        rv.train(rv.Network.mlp(3, 4, 1, dropout=0.1), X, y, optimizer="lbfgs")


def test_step_is_refused(X: Array, y: Array) -> None:
    with pytest.raises(ValueError, match="step"):
        rv.train(rv.Network.mlp(3, 4, 1, "step"), X, y)
