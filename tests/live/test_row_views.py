from pathlib import Path

import numpy as np
import pages
import pytest

import ranvier as rv
from ranvier.live.inspection import Inspection, of_run
from ranvier.live.row_views import data_map, quality, row_list, row_trace
from ranvier.network.losses import Loss


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Inspection:
    """Return a model of classes, with the rows of its table."""
    return of_run(rv.Run(pages.record_table(tmp_path_factory.mktemp("runs"))), None)


RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 2)).astype(np.float32)
NUMBERS = Inspection(
    network=rv.Network.mlp(2, 4, 1, "tanh", seed=0),
    X=X,
    Y=X[:, :1] + 1,
    loss=Loss("squared_error"),
    training=np.arange(40) < 30,
    columns=("a", "b"),
)


def test_the_map_of_numbers() -> None:
    told = data_map(NUMBERS, "b", "a", None)
    assert (told["x"]["name"], told["y"]["name"]) == ("b", "a")
    assert len(told["value"]) == told["size"] ** 2
    left, top = told["x"]["low"], told["y"]["high"]
    corner = NUMBERS.network([[top, left]])[0, 0]
    assert told["value"][-told["size"]] == pytest.approx(float(corner), rel=1e-4)
    assert len(told["points"]) == 40
    assert told["points"][3]["target"] == pytest.approx(float(X[3, 0] + 1), rel=1e-5)
    assert [point["training"] for point in told["points"]] == [True] * 30 + [False] * 10


def test_the_map_of_classes(classes: Inspection) -> None:
    told = data_map(classes, "height", "width", 5)
    assert set(told["label"]) <= {0, 1}
    assert min(told["certainty"]) >= 0.5
    heights = pages.table().height  # in the units of the table, and within the data
    assert heights.min() - 1e-4 <= told["x"]["low"] < heights.min() + 0.5
    assert heights.max() - 0.5 < told["x"]["high"] <= heights.max() + 1e-4
    assert told["columns"] == ["height", "width", "colour"]
    category = data_map(classes, "colour", "width", None)
    assert category["x"]["labels"] == ["blue", "green", "red"]
    assert (category["x"]["low"], category["x"]["high"]) == (-0.5, 2.5)


def test_the_quality_of_numbers() -> None:
    told = quality(NUMBERS)
    assert told["held_out"]
    assert told["rows"] == 10
    error = NUMBERS.network(X[30:])[:, 0] - NUMBERS.Y[30:, 0]
    assert told["rmse"] == pytest.approx(float(np.sqrt((error**2).mean())), rel=1e-5)
    assert sum(told["histogram"]["counts"]) == 10
    answers, errors, rows = zip(*told["residuals"], strict=True)
    assert rows == tuple(range(30, 40))
    np.testing.assert_allclose(errors, error, rtol=1e-4)
    assert len(answers) == 10


def test_the_quality_of_classes(classes: Inspection) -> None:
    told = quality(classes)
    held = ~classes.training
    P = classes.probabilities(classes.X[held])
    right = P.argmax(axis=1) == classes.labels[held]
    assert told["accuracy"] == pytest.approx(right.mean())
    matrix = np.array(told["matrix"])
    assert matrix.sum() == held.sum()
    assert matrix.trace() == right.sum()
    assert sum(rows for _, _, rows in told["calibration"]) == held.sum()
    assert all(0 <= share <= 1 for _, share, _ in told["calibration"])


def test_many_classes_are_cut_to_those_mistaken() -> None:
    net = rv.Network.mlp(1, 3, 40, output_activation="softmax", seed=0)
    rows = np.zeros((80, 1), np.float32)
    labels = np.arange(80, dtype=np.int32) % 40
    names = tuple(map(str, range(40)))
    inspection = Inspection(
        net, rows, labels, Loss("cross_entropy"), np.ones(80, bool), ("a",), "y", names
    )
    told = quality(inspection)
    assert len(told["shown"]) == len(told["matrix"]) == 13
    assert told["shown"][-1] is None  # the other classes together
    assert np.array(told["matrix"]).sum() == np.array(told["all"]).sum() == 80
    assert np.array(told["all"]).shape == (40, 40)
    assert not told["held_out"]


def test_worst_rows_first(classes: Inspection) -> None:
    told = row_list(classes, "", 0)
    errors = [row["error"] for row in told["rows"]]
    assert errors == sorted(errors, reverse=True)
    assert (len(errors), told["found"], told["pages"]) == (25, 80, 4)
    rest = row_list(classes, "", 3)
    assert len(rest["rows"]) == 5
    assert row_list(classes, "", 99)["rows"] == []


def test_searching(classes: Inspection) -> None:
    frame = pages.table()
    told = row_list(classes, "BLUE", 0)
    assert told["found"] == (frame.colour == "blue").sum()
    pages_of_7 = [row_list(classes, "7", page)["rows"] for page in range(4)]
    assert 7 in {row["row"] for rows in pages_of_7 for row in rows}
    assert row_list(classes, "no such thing", 0)["found"] == 0


def test_a_row(classes: Inspection) -> None:
    told = row_trace(classes, 3, None)
    trace = classes.network.trace(classes.X[3:4], classes.Y[3:4], loss=classes.loss)
    assert told["loss"] == pytest.approx(trace.L, rel=1e-5)
    assert [layer["d_out"] for layer in told["layers"]] == [6, 2]
    for layer, own in zip(told["layers"], trace.layers, strict=True):
        for unit in layer["units"]:
            z, dz = own.Z[0, unit["index"]], own.dZ[0, unit["index"]]
            assert unit["z"] == pytest.approx(z, rel=1e-5, abs=1e-6)
            assert unit["dz"] == pytest.approx(dz, rel=1e-5, abs=1e-9)
            products = sum(x * w for _, x, w in unit["terms"])
            if layer["d_in"] <= 8:
                assert products + unit["b"] == pytest.approx(unit["z"], abs=1e-9)
    explained = told["explained"]
    values = [factor["value"] for factor in explained["factors"]]
    assert np.prod(values) == pytest.approx(explained["contribution"], rel=1e-9)
    assert told["weight"].startswith("W1[")
    assert "mathml" not in explained


def test_a_weight_that_was_chosen() -> None:
    told = row_trace(NUMBERS, 0, "W2[1,0]")
    assert told["weight"] == "W2[1,0]"
    W = NUMBERS.network.dense_layers[1].W
    assert told["explained"]["value"] == pytest.approx(float(W[1, 0]))
    with pytest.raises(ValueError, match="W5"):
        row_trace(NUMBERS, 0, "W5[0,0]")
    with pytest.raises(IndexError):
        row_trace(NUMBERS, 40, None)


def test_hostile_names_are_only_names(tmp_path: Path) -> None:
    run = pages.record_table(tmp_path, [*pages.HOSTILE[:3], pages.HOSTILE[4]])
    told = row_list(of_run(rv.Run(run), None), "", 0)
    assert told["columns"] == pages.HOSTILE[:3]
    assert told["target"] == pages.HOSTILE[4]


def test_the_row_of_a_number_comes_first_of_those_that_hold_it() -> None:
    found = [row["row"] for row in row_list(NUMBERS, "7", 0)["rows"]]
    assert found[0] == 7
    assert len(found) > 1
    assert len(set(found)) == len(found)
