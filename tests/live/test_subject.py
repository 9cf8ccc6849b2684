from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pages
import pytest

import ranvier as rv
from ranvier.fitted import dense_part
from ranvier.live import answers, picture
from ranvier.live.subject import (
    NoRowsError,
    Subject,
    UnknownLayerError,
    column_index,
    of_run,
    without_scale,
)
from ranvier.network.losses import Loss


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> rv.Run:
    """Give the run of a model on a table."""
    return rv.Run(pages.record_table(tmp_path_factory.mktemp("runs")))


def test_rows_as_the_user_knows_them(trained: rv.Run) -> None:
    subject = of_run(trained, None)
    frame = pages.table()
    names, values = subject.raw(np.array([0, 7]))
    assert names == ["height", "width", "colour"]
    assert values[1][0] == pytest.approx(frame.height[7], rel=1e-4)
    assert values[1][2] == frame.colour[7]
    assert subject.classes == ("green", "red")
    assert [subject.classes[i] for i in subject.labels] == frame.kind.tolist()
    assert subject.target == "kind"
    assert 0 < subject.training.sum() < len(subject)


def test_answers_are_those_of_the_network(trained: rv.Run) -> None:
    subject = of_run(trained, None)
    P = subject.probabilities(subject.X)
    assert subject.units is not None
    rows = subject.units.X
    np.testing.assert_allclose(P, trained.network()(rows), rtol=1e-4, atol=1e-9)
    truth = P[np.arange(80), subject.labels]
    np.testing.assert_allclose(subject.errors(), 1 - truth)


def test_numbers_in_the_units_of_the_user(tmp_path: Path) -> None:
    frame = pages.table().assign(kind=lambda t: 1000 + 10 * t.height)
    model = rv.fit_table(frame, "kind", epochs=60, run=tmp_path)
    assert model.history is not None
    assert model.history.run is not None
    subject = of_run(rv.Run(model.history.run), None)
    np.testing.assert_allclose(
        subject.in_user_units(subject.outputs(subject.X)[:, 0]),
        model.target.inverse(model.network(model.encoder.transform(frame))),
        rtol=1e-5,
    )
    told = subject.in_user_units(subject.outputs(subject.X)[:, 0])
    np.testing.assert_allclose(subject.errors(), abs(told - frame.kind), atol=1e-2)


def test_every_age(trained: rv.Run) -> None:
    first = of_run(trained, 0)
    assert first.network == dense_part(without_scale(trained.network(0)))
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
    subject = of_run(rv.Run(history.run), None)
    assert subject.classes == classes
    assert subject.columns == ("x1",)
    errors = subject.errors()
    assert errors.shape == (40,)
    assert ((errors >= 0) & np.isfinite(errors)).all()
    if classes:
        P = subject.probabilities(X)
        np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-6)
        assert subject.labels.tolist() == y.tolist()


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


def test_column_index() -> None:
    assert column_index(("a", "b"), "b", 0) == 1
    assert column_index(("a", "b"), "gone", 0) == 0
    assert column_index(("a",), None, 5) == 0


def test_two_labels_of_two_outputs() -> None:
    Y = np.eye(3, dtype=np.float32)[[2, 0]]
    net = rv.Network.mlp(1, 2, 3, output_activation="softmax", seed=0)
    X = np.zeros((2, 1), np.float32)
    subject = Subject(net, X, Y, Loss("cross_entropy"), np.ones(2, bool), ("a",))
    assert subject.labels.tolist() == [2, 0]


# ---------------------------------------------------------------- other kinds of layer


class SquaresLayer:
    """A first layer that is no dense one: each column and its square, side by side."""

    units = 4

    def names(self, columns: Sequence[str]) -> list[str]:
        return [f"{name}: e{k}" for name in columns for k in (1, 2)]


class Squares:
    """A network that begins with one, as far as the views ask it anything."""

    def __init__(self, dense: rv.Network) -> None:
        self.after = dense
        self.inputs, self.outputs, self.dtype = 2, dense.outputs, dense.dtype
        self.dense_layers, self.activation = dense.dense_layers, dense.activation
        self.layers = (SquaresLayer(), *dense.layers)
        scale = np.ones(self.inputs, np.float32)  # parameters that come before theirs
        self.theta = np.concatenate([scale, dense.theta])

    def embed(self, X: Any) -> Any:
        return np.stack([X, X**2], axis=2).reshape(len(X), -1).astype(self.dtype)

    def __call__(self, X: Any) -> Any:
        return self.after(self.embed(X))

    def forward(self, X: Any) -> Any:
        return self.after.forward(self.embed(X))


class Opaque(Squares):
    """One that does not say what its first layer makes of the rows."""

    embed = None

    def __call__(self, X: Any) -> Any:
        return self.after(Squares.embed(self, X))

    def forward(self, X: Any) -> Any:
        return self.after.forward(Squares.embed(self, X))


def embedded(kind: type[Squares]) -> Subject:
    """Give a subject whose network begins with another kind of layer."""
    X = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    net = rv.Network(4, [rv.Dense(5, "tanh"), rv.Dropout(0.1), rv.Dense(1)], seed=0)
    return Subject(
        network=kind(net),  # type: ignore[arg-type]
        X=X,
        Y=X[:, :1],
        loss=Loss("squared_error"),
        training=np.arange(40) < 30,
        columns=("height", "width"),
    )


def test_a_network_that_begins_with_another_layer() -> None:
    """Its numbers are followed from what that layer makes of the columns."""
    subject = embedded(Squares)
    assert subject.first_layers == ("squares",)
    assert subject.dense.columns == (
        "height: e1",
        "height: e2",
        "width: e1",
        "width: e2",
    )
    np.testing.assert_array_equal(
        subject.dense.network(subject.dense.X), subject.network(subject.X)
    )
    told = answers.row_trace(subject, 3, None)
    assert told["first_layers"] == ["squares"]
    assert [one["value"] for one in told["inputs"]] == pytest.approx(
        subject.dense.X[3].tolist()
    )
    assert told["explained"]["check"]["gap"] < 1e-3
    room = picture.unit_room(subject, 0, 1)
    assert {one["name"] for one in room["weights"]} == set(subject.dense.columns)


@pytest.mark.parametrize("kind", [Squares, Opaque])
def test_what_can_be_shown_of_any_network(kind: type[Squares]) -> None:
    """The picture, the map, the quality and the rows need only its answers."""
    subject = embedded(kind)
    told = picture.network_picture(subject, None, None, None)
    assert told["first_layers"] == ["squares"]
    assert told["weights"][0] == []
    assert len(told["weights"][1]) == 5
    assert {told["x"], told["y"]} == {"height", "width"}
    assert len(answers.data_map(subject, None, None, None)["value"]) == 48**2
    assert answers.quality(subject)["rows"] == 10
    assert len(answers.row_list(subject, "", 0)["rows"]) == 25


def test_what_cannot_be_shown() -> None:
    subject = embedded(Opaque)
    for ask in (
        lambda: answers.row_trace(subject, 0, None),
        lambda: picture.unit_room(subject, 0, 0),
    ):
        with pytest.raises(UnknownLayerError, match="squares"):
            ask()
