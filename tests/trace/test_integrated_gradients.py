import numpy as np
import pandas as pd
import pytest

import ranvier as rv
from ranvier.inspectable import EncodedRows
from ranvier.trace import integrated_gradients
from ranvier.trace.integrated_gradients import TOLERANCE, attribute


@pytest.fixture
def X(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=(40, 3))


@pytest.mark.parametrize("output", ["identity", "softmax"])
@pytest.mark.parametrize("hidden", ["relu", "tanh", "silu"])
def test_contributions_are_complete(hidden: str, output: str, X: np.ndarray) -> None:
    net = rv.Network.mlp(3, [16, 16], 2, hidden, output, seed=0)
    net.theta[...] *= 3
    told = attribute(net, X)
    F, base = net(X), net(np.zeros(3))
    rows = np.arange(len(X))
    assert (told.output == F.argmax(axis=1)).all()
    difference = F[rows, told.output] - base[told.output]
    np.testing.assert_allclose(told.prediction - told.baseline, difference, rtol=1e-5)
    total = told.contributions.sum(axis=1)
    scale = np.maximum(1, np.abs(difference))
    assert (np.abs(total - difference) <= 1.01 * TOLERANCE * scale).all()
    np.testing.assert_allclose(told.gaps, total - difference, atol=1e-5)
    assert told.gap == np.abs(told.gaps).max()


def test_a_linear_network_by_hand() -> None:
    net = rv.Network(2, [rv.Dense(1, W=[[3.0], [-1.0]], b=[7.0])])
    for method in ("integrated_gradients", "gradient_x_input"):
        told = attribute(net, [[2.0, 5.0]], method=method, baseline=[1.0, 1.0])
        np.testing.assert_allclose(told.contributions, [[3.0, -4.0]])
        assert (told.prediction, told.baseline) == (8.0, 9.0)
        assert told.gap < 1e-6


def test_a_bend_by_hand() -> None:
    """F = relu(x0 + x1 - 1) from (0, 0) to (2, 1): slopes of 1 for 2/3 of the way."""
    hidden = rv.Dense(1, "relu", W=[[1.0], [1.0]], b=[-1.0])
    net = rv.Network(2, [hidden, rv.Dense(1, W=[[1.0]])])
    told = attribute(net, [[2.0, 1.0]], steps=300)
    np.testing.assert_allclose(told.contributions, [[4 / 3, 2 / 3]], rtol=1e-2)
    quick = attribute(net, [[2.0, 1.0]], method="gradient_x_input")
    assert quick.contributions.tolist() == [[2.0, 1.0]]
    assert quick.gap == 1.0


def test_rows_that_need_more_steps_get_them(X: np.ndarray) -> None:
    net = rv.Network.mlp(3, [8], 1, "tanh", dtype="float64", seed=0)
    net.theta[...] *= 8
    few = attribute(net, X, steps=8)
    assert set(few.steps.tolist()) == {8, 32}
    assert (np.abs(few.gaps) <= TOLERANCE * np.maximum(1, np.abs(few.prediction))).all()


def test_pieces_change_nothing(X, monkeypatch: pytest.MonkeyPatch) -> None:
    net = rv.Network.mlp(3, [8], 2, dtype="float64", seed=0)
    whole = attribute(net, X)
    monkeypatch.setattr(integrated_gradients, "BLOCK", 8 * 64 * 3)
    np.testing.assert_allclose(
        attribute(net, X).contributions, whole.contributions, rtol=1e-12, atol=1e-15
    )


class OneHot:
    """A fitted object whose colour became three inputs."""

    network_ = rv.Network.mlp(4, [8], 1, "tanh", dtype="float64", seed=1)

    def encode_rows(self, X, y=None) -> EncodedRows:
        names = ("size", "colour=red", "colour=green", "colour=blue")
        sources = ("size", "colour", "colour", "colour")
        base = np.array([0.0, 0.5, 0.25, 0.25])
        return EncodedRows(X, names, sources, y, ("price",), base, 100.0, 1000.0)


def test_one_hot_inputs_are_summed_back_to_their_column() -> None:
    X = np.array([[1.0, 1, 0, 0], [-1.0, 0, 0, 1]])
    told = attribute(OneHot(), X)
    assert told.columns == ("size", "colour")
    assert told.input_contributions.shape == (2, 4)
    np.testing.assert_allclose(
        told.contributions[:, 1], told.input_contributions[:, 1:].sum(axis=1)
    )
    # In the units of the prediction, 1000 + 100 times the output.
    outputs = OneHot.network_(X)[:, 0]
    np.testing.assert_allclose(told.prediction, 1000 + 100 * outputs)
    total = told.contributions.sum(axis=1)
    np.testing.assert_allclose(total, told.prediction - told.baseline, atol=0.1)


def test_baselines(X: np.ndarray) -> None:
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    net = rv.Network.mlp(3, [4], 1, "tanh", dtype="float64", seed=0)
    mean = attribute(net, frame, baseline="mean")
    same = attribute(net, frame, baseline=X.mean(axis=0))
    row = attribute(net, frame, baseline=frame.iloc[[3]])
    np.testing.assert_allclose(mean.contributions, same.contributions)
    assert row.baseline[0] == pytest.approx(net(X[3])[0])
    np.testing.assert_allclose(row.contributions[3], 0, atol=1e-12)


def test_outputs(X: np.ndarray) -> None:
    net = rv.Network.mlp(3, [4], 3, output_activation="softmax", seed=0)
    assert attribute(net, X, output=2).output.tolist() == [2] * 40
    assert attribute(net, X, output="y2").output.tolist() == [2] * 40
    both = [attribute(net, X, output=k).contributions for k in range(3)]
    # Probabilities add up to 1, so what the outputs gain adds up to nothing.
    np.testing.assert_allclose(sum(both), 0, atol=3e-3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"method": "shap"}, "unknown method 'shap'"),
        ({"baseline": "median"}, "unknown baseline 'median'"),
        ({"baseline": [1.0, 2.0]}, "3 columns are expected"),
        ({"baseline": np.zeros((2, 3))}, "the baseline has 2 rows"),
        ({"output": 2}, "output 2 does not exist: outputs are numbered 0 to 1"),
        ({"output": "Y1"}, "output 'Y1' does not exist: did you mean 'y1'"),
        ({"steps": 0}, "steps must be a whole number from 1 to"),
    ],
)
def test_bad_settings(X: np.ndarray, settings: dict, message: str) -> None:
    net = rv.Network.mlp(3, [4], 2, seed=0)
    with pytest.raises(ValueError, match=message):
        attribute(net, X, **settings)


def test_bad_rows() -> None:
    net = rv.Network.mlp(3, [4], 2, seed=0)
    with pytest.raises(ValueError, match="no rows"):
        attribute(net, np.zeros((0, 3)))
    with pytest.raises(ValueError, match="NaN"):
        attribute(net, [[np.nan, 0, 0]])
