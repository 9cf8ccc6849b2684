"""Answers for a table: one row each, exact names, and what to know about them."""

import numpy as np
import pyarrow as pa
import pytest

from ranvier.commands.predictions import notices, predictions
from ranvier.tabular.fit_table import fit_table
from ranvier.tabular.model import TableModel

X = np.linspace(-1, 1, 60)
FRAME = pa.table(
    {
        "x": X,
        "colour": np.where(X > 0, "red", "green"),
        "kind": np.where(X > 0, "a", "A"),
    }
)


@pytest.fixture(scope="module")
def classifier() -> TableModel:
    return fit_table(FRAME, "kind", epochs=30, progress=False)


@pytest.fixture(scope="module")
def regression() -> TableModel:
    return fit_table(FRAME.drop_columns(["kind"]), "x", epochs=5, progress=False)


def test_the_predictions_alone(classifier: TableModel) -> None:
    table = predictions(classifier, FRAME.drop_columns(["kind"]), False, False)
    assert table.column_names == ["prediction"]
    assert table["prediction"].to_pylist() == classifier.predict(FRAME).tolist()


def test_probabilities_and_inputs(classifier: TableModel) -> None:
    table = predictions(classifier, FRAME, True, True)
    added = ["prediction", "probability of A", "probability of a"]
    assert table.column_names == [*FRAME.column_names, *added]
    assert table.select(FRAME.column_names).equals(FRAME)
    P = np.column_stack([table[name].to_numpy() for name in added[1:]])
    np.testing.assert_allclose(P, classifier.predict_proba(FRAME), atol=1e-6)


def test_a_name_that_is_taken_gets_an_underscore(regression: TableModel) -> None:
    frame = FRAME.append_column("prediction", pa.array(X))
    frame = frame.append_column("prediction_", pa.array(X))
    with pytest.warns(UserWarning, match="'kind', 'prediction' and"):
        table = predictions(regression, frame, False, True)
    assert table.column_names[-1] == "prediction__"


def test_numbers_have_no_probabilities(regression: TableModel) -> None:
    with pytest.raises(ValueError, match="numbers of 'x', which have no probabilities"):
        predictions(regression, FRAME, True, False)


def test_scores_are_told_where_the_target_is_known(classifier: TableModel) -> None:
    told = list(notices(classifier, FRAME))
    assert len(told) == 1
    assert told[0].startswith("The table holds 'kind' itself: accuracy 1, log-loss ")
    assert list(notices(classifier, FRAME.drop_columns(["kind"]))) == []


def test_what_training_had_not_seen_is_told(classifier: TableModel) -> None:
    frame = pa.table({"x": [0.5, -0.5], "colour": ["blue", "red"], "kind": ["b", "a"]})
    unseen_category, unseen_class, scores = notices(classifier, frame)
    assert "'colour' holds categories that training did not see" in unseen_category
    assert "1 row(s) have a 'kind' that training did not see, 'b'" in unseen_class
    assert "accuracy" in scores


def test_a_target_without_values_is_not_scored(classifier: TableModel) -> None:
    frame = FRAME.set_column(2, "kind", pa.array([None] * len(X), pa.string()))
    assert list(notices(classifier, frame)) == []


@pytest.mark.parametrize("text", ["NA", "to come"])
def test_a_target_that_is_none_keeps_no_prediction_back(
    regression: TableModel, text: str
) -> None:
    frame = FRAME.drop_columns(["kind"])
    frame = frame.set_column(0, "x", pa.array([text] * len(X)))
    (told,) = notices(regression, frame)
    assert told.startswith("The table holds 'x' itself, but is not scored: ")
    assert predictions(regression, frame, False, False).num_rows == len(X)


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e9])
def test_numbers_are_written_with_the_digits_they_have(size: float) -> None:
    frame = pa.table({"z": X, "y": size * (X + 0.1)})
    model = fit_table(frame, "y", epochs=2, progress=False)
    written = predictions(model, frame, False, False)["prediction"].to_numpy()
    exact = model.predict(frame)
    assert 0 < np.abs(written - exact).max() < 1e-7 * size
    if size == 1:
        assert max(len(repr(y)) for y in exact.tolist()) > 15
        assert max(len(repr(y)) for y in written.tolist()) <= len("-0.12345678")
