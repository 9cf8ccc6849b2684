from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import ranvier as rv
from ranvier.inspectable import EncodedRows, encode, named, network_of

NET = rv.Network.mlp(2, [3], 2, output_activation="softmax", seed=0)
ONE = rv.Network.mlp(2, [3], 1, output_activation="sigmoid", seed=0)


class Estimator:
    """An estimator as scikit-learn's users know it, on a network that is given."""

    def __init__(self, network: rv.Network, classes: list | None = None) -> None:
        self.network_ = network
        if classes is not None:
            self.classes_ = np.array(classes)


class Doubling(Estimator):
    """An estimator that encodes its rows."""

    def encode_rows(self, X, y=None) -> EncodedRows:
        return EncodedRows(2 * np.asarray(X, float), ("a", "b"), ("a", "a"), y)


def test_networks() -> None:
    assert network_of(NET) is NET
    assert network_of(Estimator(NET)) is NET
    assert network_of(SimpleNamespace(network=NET)) is NET
    for other in (None, 3, Estimator(None)):  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"has no network.*call fit first"):
            network_of(other)


def test_numbers_and_names_of_a_frame() -> None:
    rows = encode(NET, pd.DataFrame({"income": [1, 2], "age": [3, 4]}), [0, 1])
    assert rows.X.tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert rows.names == ("income", "age")
    rows = named(rows, NET)
    assert rows.sources == ("income", "age")
    assert rows.outputs == ("y0", "y1")


def test_names_where_there_are_none() -> None:
    rows = named(encode(NET, [[1.0, 2.0]]), NET)
    assert rows.names == rows.sources == ("x0", "x1")


def test_one_row() -> None:
    rows = encode(ONE, [1.0, 2.0], 1.0)
    assert (rows.X.shape, rows.Y) == ((1, 2), [1.0])
    assert ONE.trace(np.array([1.0, 2.0]), 1).X.shape == (1, 2)


def test_a_row_of_a_frame_keeps_its_names() -> None:
    frame = pd.DataFrame({"income": [1.0, 2.0], "age": [3.0, 4.0]})
    trace = ONE.trace(frame.iloc[1], 1)
    assert trace.columns == ("income", "age")
    assert trace.X.tolist() == [[2.0, 4.0]]
    assert ONE.trace(pd.Series([1.0, 2.0])).columns == ("x0", "x1")


def test_classes_become_numbers() -> None:
    trace = rv.Trace.of(Estimator(NET, ["no", "yes"]), [[1, 2], [3, 4]], ["yes", "no"])
    assert trace.Y.tolist() == [[0, 1], [1, 0]]
    assert trace.outputs == ("no", "yes")
    one = rv.Trace.of(Estimator(ONE, ["no", "yes"]), [[1, 2]], ["yes"])
    assert one.Y.tolist() == [[1.0]]
    assert one.outputs == ("yes",)
    with pytest.raises(ValueError, match=r"y holds 'maybe'.*are \['no', 'yes'\]"):
        rv.Trace.of(Estimator(NET, ["no", "yes"]), [[1, 2]], ["maybe"])


def test_names_that_an_estimator_saw() -> None:
    fitted = Estimator(NET)
    fitted.feature_names_in_ = np.array(["income", "age"], dtype=object)
    assert rv.Trace.of(fitted, [[1, 2]]).columns == ("income", "age")


def test_an_encoder_of_its_own() -> None:
    trace = rv.Trace.of(Doubling(NET), [[1, 2]], [1])
    assert trace.X.tolist() == [[2.0, 4.0]]
    assert (trace.columns, trace.sources) == (("a", "b"), ("a", "a"))


def test_several_targets_are_left_as_they_are() -> None:
    fitted = Estimator(NET)
    fitted.classes_ = [np.array([0, 1]), np.array([0, 1])]
    assert encode(fitted, [[1, 2]], [[0, 1]]).Y == [[0, 1]]


def test_a_column_for_each_label_is_left_as_it_is() -> None:
    fitted = Estimator(rv.Network.mlp(2, [3], 3, output_activation="sigmoid", seed=0))
    fitted.classes_ = np.array([0, 1, 2])
    trace = rv.Trace.of(fitted, [[1, 2]], [[0, 1, 1]])
    assert trace.Y.tolist() == [[0.0, 1.0, 1.0]]


def test_texts_for_classes_that_are_numbers() -> None:
    fitted = Estimator(NET, [3, 5])
    assert rv.Trace.of(fitted, [[1, 2]], ["5"]).Y.tolist() == [[0.0, 1.0]]
    with pytest.raises(ValueError, match=r"holds 'five', but the classes are"):
        rv.Trace.of(fitted, [[1, 2]], ["five"])


def test_an_estimator_that_is_not_fitted() -> None:
    class Unfitted:
        @property
        def network_(self) -> rv.Network:
            raise AttributeError("not fitted")

    with pytest.raises(TypeError, match="call fit first"):
        rv.Trace.of(Unfitted(), [[1, 2]])
