from pathlib import Path

import numpy as np
import pages
import pandas as pd
import pytest

import ranvier as rv
from ranvier.live import network_view, row_views
from ranvier.live.inspection import (
    Inspection,
    NoRowsError,
    of_run,
)
from ranvier.network.losses import Loss


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> rv.Run:
    """Return the run of a model on a table."""
    return rv.Run(pages.record_table(tmp_path_factory.mktemp("runs")))


def test_rows_as_the_user_knows_them(trained: rv.Run) -> None:
    inspection = of_run(trained, None)
    names, values = inspection.raw(np.arange(80))
    assert names == ["height", "width", "colour"]
    # A run holds the rows in an order that the order of the table has no part in.
    order = np.argsort([row[0] for row in values])
    frame = pages.table().sort_values("height").reset_index(drop=True)
    heights = [values[i][0] for i in order]
    np.testing.assert_allclose(heights, frame.height, rtol=1e-4, atol=1e-6)
    assert [values[i][2] for i in order] == frame.colour.tolist()
    assert inspection.classes == ("green", "red")
    kinds = [inspection.classes[inspection.labels[i]] for i in order]
    assert kinds == frame.kind.tolist()
    assert inspection.target == "kind"
    assert 0 < inspection.training.sum() < len(inspection)


def test_answers_are_those_of_the_network(trained: rv.Run) -> None:
    inspection = of_run(trained, None)
    P = inspection.probabilities(inspection.X)
    np.testing.assert_allclose(P, trained.network()(inspection.X), rtol=1e-4, atol=1e-9)
    truth = P[np.arange(80), inspection.labels]
    np.testing.assert_allclose(inspection.errors(), 1 - truth)


def test_numbers_in_the_units_of_the_user(tmp_path: Path) -> None:
    frame = pages.table().assign(kind=lambda t: 1000 + 10 * t.height)
    model = rv.fit_table(frame, "kind", epochs=60, run=tmp_path)
    assert model.history is not None
    assert model.history.run is not None
    run = rv.Run(model.history.run)
    inspection = of_run(run, None)
    X = model.encoder.transform(frame)
    predicted = model.outputs.transform.inverse_transform(run.network()(X))[:, 0]
    found = inspection.in_user_units(inspection.outputs(inspection.X)[:, 0])
    np.testing.assert_allclose(np.sort(found), np.sort(predicted), rtol=1e-5)
    errors = np.sort(abs(predicted - frame.kind))
    np.testing.assert_allclose(np.sort(inspection.errors()), errors, atol=1e-2)


def test_every_age(trained: rv.Run) -> None:
    first = of_run(trained, 0)
    assert first.network == trained.network(0)
    with pytest.raises(ValueError, match="keeps no network of epoch 99"):
        of_run(trained, 99)


@pytest.mark.parametrize(
    ("loss", "last", "outputs", "classes"),
    [
        ("log_loss", "sigmoid", 1, ("0", "1")),
        ("log_loss", "identity", 1, ("0", "1")),
        ("cross_entropy", "softmax", 3, ("0", "1", "2")),
        ("cross_entropy", "identity", 2, ("0", "1")),
        ("squared_error", "identity", 1, ()),
        ("poisson", "exp", 1, ()),
    ],
)
def test_every_loss(
    tmp_path: Path, loss: str, last: str, outputs: int, classes: tuple[str, ...]
) -> None:
    X = np.linspace(-1, 1, 40, dtype=np.float32)[:, None]
    y = np.arange(40) % max(len(classes), 2)
    net = rv.Network.mlp(1, 4, outputs, output_activation=last, seed=0)
    history = rv.train(net, X, y, loss=loss, epochs=3, run=tmp_path)
    assert history.run is not None
    inspection = of_run(rv.Run(history.run), None)
    assert inspection.classes == classes
    assert inspection.columns == ("x1",)
    errors = inspection.errors()
    assert errors.shape == (40,)
    assert ((errors >= 0) & np.isfinite(errors)).all()
    if classes:
        P = inspection.probabilities(X)
        np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-6)
        assert inspection.labels.tolist() == y.tolist()


def test_columns_of_a_frame(tmp_path: Path) -> None:
    frame = pages.table()[["height", "width"]]
    net = rv.Network.mlp(2, 4, 1, seed=0)
    history = rv.train(net, frame, frame.height, epochs=2, run=tmp_path)
    assert history.run is not None
    assert of_run(rv.Run(history.run), None).columns == ("height", "width")


def test_without_rows(tmp_path: Path) -> None:
    setup = rv.Recording(tmp_path, largest_data=1)
    net = rv.Network.mlp(1, 4, 1, seed=0)
    history = rv.train(net, np.zeros((4, 1)), np.zeros(4), epochs=2, run=setup)
    assert history.run is not None
    with pytest.raises(NoRowsError):
        of_run(rv.Run(history.run), None)


def test_two_labels_of_two_outputs() -> None:
    Y = np.eye(3, dtype=np.float32)[[2, 0]]
    net = rv.Network.mlp(1, 2, 3, output_activation="softmax", seed=0)
    X = np.zeros((2, 1), np.float32)
    inspection = Inspection(net, X, Y, Loss("cross_entropy"), np.ones(2, bool), ("a",))
    assert inspection.labels.tolist() == [2, 0]


# ---------------------------------------------------------------- embedded columns

COLUMNS = [rv.columns.Plain(), rv.columns.Periodic(4, 3), rv.columns.Category(5, 2)]


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Inspection:
    """Return what is shown of a run whose network begins with an embedding."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(60, 2)), columns=["height", "width"])
    frame["colour"] = rng.choice([1, 2, 2, 4], 60)
    y = frame.height + (frame.colour == 4) * frame.width
    layers = [rv.Embedding(COLUMNS), rv.Dense(5, "tanh"), rv.Dropout(0.1), rv.Dense(1)]
    net = rv.Network(3, layers, seed=0)
    folder = tmp_path_factory.mktemp("runs")
    history = rv.train(net, frame, y, epochs=20, validation=0.2, run=folder)
    assert history.run is not None
    return of_run(rv.Run(history.run), None)


def test_columns_are_those_of_the_table(embedded: Inspection) -> None:
    assert embedded.is_embedded
    assert embedded.columns == ("height", "width", "colour")
    assert [embedded.holds_codes(i) for i in range(3)] == [False, False, True]
    assert embedded.usual[2] == 2
    assert embedded.usual[0] == np.quantile(embedded.X[:, 0], 0.5, method="lower")
    names = [*embedded.dense.columns]
    assert names[0] == "height"
    assert names[1:5] == ["width: e1", "width: e2", "width: e3", "width"]
    assert names[5:] == ["colour: e1", "colour: e2"]
    np.testing.assert_allclose(
        embedded.dense.network(embedded.dense.X),
        embedded.network(embedded.X),
        rtol=1e-5,
    )


def test_a_row_begins_behind_the_embedding(embedded: Inspection) -> None:
    told = row_views.row_trace(embedded, 3, None)
    assert told["embedded"]
    assert told["columns"] == ["height", "width", "colour"]
    assert [one["value"] for one in told["inputs"]] == pytest.approx(
        embedded.dense.X[3].tolist()
    )
    assert told["explained"]["check"]["gap"] < 1e-3
    panel = network_view.unit_panel(embedded, 0, 1)
    assert {one["name"] for one in panel["weights"]} == set(embedded.dense.columns)


def test_what_a_column_adds_to_a_unit(embedded: Inspection) -> None:
    """By hand: the spread of that part of Z which comes from the column."""
    layer, first = embedded.network.embedding, embedded.network.dense_layers[0]
    assert layer is not None
    table = layer.values[2]["table"][embedded.X[:, 2].astype(int)]
    assert layer.scale is not None
    added = (table * layer.scale[5:]) @ first.W[5:]
    np.testing.assert_allclose(
        network_view.contributions(embedded)[2], added.std(axis=0), rtol=1e-5
    )
    told = network_view.describe_network(embedded, None, None, None)
    assert told["embedded"]
    assert len(told["weights"][0]) == 3 * 5
    assert all(weight >= 0 for _, _, weight in told["weights"][0])


def test_what_a_plain_column_adds_is_its_spread_times_its_weight() -> None:
    X = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    net = rv.Network.mlp(2, 3, 1, seed=0)
    every = np.ones(50, bool)
    inspection = Inspection(net, X, X[:, :1], Loss("huber"), every, ("a", "b"))
    part = X[:, 1:] @ net.dense_layers[0].W[1:]
    np.testing.assert_allclose(
        network_view.contributions(inspection)[1], part.std(axis=0), rtol=1e-5
    )


def test_codes_have_bands_and_nothing_between(embedded: Inspection) -> None:
    told = row_views.data_map(embedded, "colour", "height", None)
    assert (told["x"]["kind"], told["y"]["kind"]) == ("category", "number")
    assert (told["x"]["low"], told["x"]["high"]) == (-0.5, 4.5)
    assert told["fixed"] == [
        ["width", pytest.approx(float(embedded.usual[1]), rel=1e-4)]
    ]
    values = np.array(told["value"]).reshape(48, 48)[0]
    assert (np.diff(values) != 0).sum() <= 4  # of the codes 0 to 4
    row = np.array([[1.0, embedded.usual[1], 4.0]], np.float32)
    row[0, 0] = told["y"]["low"]
    assert values[-1] == pytest.approx(embedded.outputs(row)[0, 0], rel=1e-5)
    for point in told["points"]:
        assert round(point["x"]) == embedded.X[point["row"], 2]
        assert point["y"] == embedded.X[point["row"], 0]
