import base64
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

import ranvier as rv
from ranvier.live import network_view
from ranvier.live.inspection import Inspection
from ranvier.live.network_view import (
    describe_network,
    grid,
    importance,
    looked_over,
    unit_panel,
)
from ranvier.network.losses import Loss

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 3)).astype(np.float32)
NET = rv.Network.mlp(3, [4, 2], 1, "relu", seed=0)
INSPECTION = Inspection(
    network=NET,
    X=X,
    Y=X[:, :1] * 2,
    loss=Loss("squared_error"),
    training=np.arange(50) < 40,
    columns=("a", "b", "c"),
)


def test_the_grid() -> None:
    a, _, c = INSPECTION.axes
    rows = grid(INSPECTION, a, c, None, 5)
    assert rows.shape == (25, 3)
    assert (rows[:, 1] == np.quantile(X[:, 1], 0.5, method="lower")).all()
    ends = [np.float32(axis.range[0]) for axis in (a, c)]
    assert rows[0, [0, 2]].tolist() == ends
    assert rows[4, 0] == np.float32(a.range[1])
    assert rows[4, 2] == rows[0, 2]
    chosen = grid(INSPECTION, a, c, 7, 5)
    assert (chosen[:, 1] == X[7, 1]).all()


def test_a_response_is_what_the_unit_answers() -> None:
    told = describe_network(INSPECTION, "a", "c", None)
    a, _, c = INSPECTION.axes
    rows = grid(INSPECTION, a, c, None, told["grid"])
    values = NET.forward(rows)
    for number, layer in enumerate(told["layers"]):
        for unit in layer["units"]:
            A = values[number].A[:, unit["index"]].astype(float)
            shown = np.frombuffer(base64.b64decode(unit["response"]), np.uint8)
            every = values[number].A.astype(float)
            widest = (every.max(axis=0) - every.min(axis=0)).max()
            middle = (A.min() + A.max()) / 2
            half = max(A.max() - A.min(), 0.1 * widest) / 2
            low, high = middle - half, middle + half
            if number == 2:  # outputs share the range of the targets
                low, high = float(INSPECTION.Y.min()), float(INSPECTION.Y.max())
            if high > low:
                wanted = np.clip((A - low) / (high - low), 0, 1) * 255
                np.testing.assert_allclose(shown, wanted, atol=0.51)
            else:
                assert set(shown) == {128}


def test_a_network_that_answers_alike_everywhere_is_pale() -> None:
    """Ten sigmoid layers, whose gradient vanishes: no square is full of colour."""
    net = rv.Network.mlp(3, [6] * 10, 1, "sigmoid", seed=0)
    told = describe_network(replace(INSPECTION, network=net), "a", "c", None)
    (unit,) = told["layers"][-1]["units"]
    shown = np.frombuffer(base64.b64decode(unit["response"]), np.uint8)
    assert np.ptp(shown.astype(int)) <= 2
    ends = [float(INSPECTION.Y.min()), float(INSPECTION.Y.max())]
    assert told["scale"] == pytest.approx(ends, rel=1e-5)


def test_weights_are_those_of_the_network() -> None:
    told = describe_network(INSPECTION, None, None, 3)
    assert len(told["weights"]) == 3
    for layer, weights in zip(NET.dense_layers, told["weights"], strict=True):
        assert len(weights) == layer.W.size
        for i, j, w in weights:
            assert w == pytest.approx(float(layer.W[i, j]), rel=1e-5)
    assert told["columns"] == ["a", "b", "c"]
    assert told["rows"] == 50


def test_wide_networks_are_summarised() -> None:
    """Three layers of 256 units: the loudest are drawn, the others counted."""
    wide = rv.Network.mlp(60, [256, 256, 256], 10, output_activation="softmax", seed=0)
    rows = RNG.normal(size=(100, 60)).astype(np.float32)
    inspection = Inspection(
        network=wide,
        X=rows,
        Y=np.arange(100, dtype=np.int32) % 10,
        loss=Loss("cross_entropy"),
        training=np.ones(100, bool),
        columns=tuple(f"c{i}" for i in range(60)),
        classes=tuple("0123456789"),
    )
    told = describe_network(inspection, None, None, None)
    assert [layer["size"] for layer in told["layers"]] == [256, 256, 256, 10]
    shown = [len(layer["units"]) for layer in told["layers"]]
    assert shown == [network_view.MOST_UNITS] * 3 + [10]
    assert len(told["inputs"]["units"]) == network_view.MOST_UNITS
    assert max(len(weights) for weights in told["weights"]) <= network_view.MOST_WEIGHTS


def test_the_columns_that_matter() -> None:
    net = NET.copy()
    net.dense_layers[0].W[...] = np.array([[0.1], [9], [1]])
    inspection = replace(INSPECTION, network=net)
    assert importance(inspection).tolist() == [1, 2, 0]


def test_the_columns_to_look_over_do_not_depend_on_the_network() -> None:
    Y = X[:, 2:] + 0.5 * X[:, :1]
    for seed in range(3):
        net = rv.Network.mlp(3, 4, 1, seed=seed)
        inspection = replace(INSPECTION, network=net, Y=Y)
        assert names(inspection, None, None) == ("a", "c")
        assert names(inspection, "c", None) == ("c", "a")
        assert names(inspection, "a", "b") == ("a", "b")
        assert names(inspection, "a", "a") == ("a", "a")
    one = replace(
        INSPECTION, X=X[:, :1], network=rv.Network.mlp(1, 2, 1), columns=("a",)
    )
    assert names(one, None, None) == ("a", "a")


def names(inspection: Inspection, x: str | None, y: str | None) -> tuple[str, str]:
    first, second = looked_over(inspection, x, y)
    return first.name, second.name


def test_a_panel() -> None:
    told = unit_panel(INSPECTION, 0, 1)
    layer = NET.dense_layers[0]
    values = NET.forward(X)[0]
    assert told["bias"] == float(layer.b[1])
    weights = {weight["name"]: weight["value"] for weight in told["weights"]}
    assert weights == pytest.approx(
        dict(zip("abc", layer.W[:, 1].tolist(), strict=True))
    )
    assert sum(told["Z"]["counts"]) == 50
    assert told["A"]["high"] == pytest.approx(float(values.A[:, 1].max()))
    own = NET.loss_and_gradient(X, INSPECTION.Y)[1].layers[0]
    dW, db = own.W[:, 1], own.b[1]  # type: ignore[union-attr]
    near = partial(pytest.approx, rel=1e-3, abs=1e-6)
    assert told["bias_gradient"] == near(float(db))
    gradients = {weight["name"]: weight["gradient"] for weight in told["weights"]}
    assert gradients == near(dict(zip("abc", dW.tolist(), strict=True)))
    assert told["gradient_norm"] == near(float(np.sqrt(dW @ dW + db**2)))
    assert told["saturated"] == pytest.approx((values.Z[:, 1] <= 0).mean(), abs=0.03)
    assert not told["dead"]


def test_a_dead_unit() -> None:
    net = NET.copy()
    net.dense_layers[0].b[2] = -1e6
    inspection = replace(INSPECTION, network=net)
    assert unit_panel(inspection, 0, 2)["dead"]
    unit = describe_network(inspection, None, None, None)["layers"][0]["units"][2]
    assert unit["still"]


@pytest.mark.parametrize(("layer", "unit"), [(3, 0), (0, 4), (-1, 0), (0, -1)])
def test_no_such_unit(layer: int, unit: int) -> None:
    with pytest.raises(IndexError):
        unit_panel(INSPECTION, layer, unit)
