"""Inside what scikit-learn builds of estimators, with frames of every kind."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import BaggingClassifier, StackingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    TunedThresholdClassifierCV,
    cross_val_predict,
)
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import ranvier as rv
from tables import numbers, two_classes

X, Y = two_classes(160)


def small(**more: Any) -> Any:
    return rv.MLPClassifier(
        (10,), **{"max_iter": 60, "learning_rate_init": 0.03, "random_state": 0, **more}
    )


COMPOSITIONS: dict[str, Any] = {
    "pipeline": make_pipeline(StandardScaler(), small()),
    "grid": GridSearchCV(small(), {"alpha": [1e-4, 1e-2]}, n_jobs=2, cv=2),
    "grid of what is new": GridSearchCV(
        small(), {"activation": ["gelu", ["tanh"]], "dropout": [0.0, 0.1]}, cv=2
    ),
    "halving": HalvingGridSearchCV(small(), {"alpha": [1e-4, 1e-2]}, cv=2),
    "calibrated": CalibratedClassifierCV(small(), cv=2),
    "stacking": StackingClassifier([("m", small())], LogisticRegression(), cv=2),
    "bagging": BaggingClassifier(small(), n_estimators=3, random_state=0),
    "threshold": TunedThresholdClassifierCV(small(), cv=2),
}


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_compositions(name: str) -> None:
    assert COMPOSITIONS[name].fit(X, Y).score(X, Y) > 0.7


def test_weights_through_a_pipeline() -> None:
    pipe = make_pipeline(StandardScaler(), small())
    weighted = pipe.fit(X, Y, mlpclassifier__sample_weight=np.ones(len(X)))
    plain = make_pipeline(StandardScaler(), small()).fit(X, Y)
    np.testing.assert_array_equal(weighted.predict_proba(X), plain.predict_proba(X))


def test_importance_and_predictions_of_folds() -> None:
    clf = small().fit(X, Y)
    importance = permutation_importance(clf, X, Y, n_repeats=3, random_state=0)
    assert set(np.argsort(importance.importances_mean)[-2:]) == {0, 1}
    of_folds = cross_val_predict(small(), X, Y, cv=2, method="predict_proba")
    assert of_folds.shape == (160, 2)


def test_one_for_each_output() -> None:
    table, y = numbers(60)
    one = rv.MLPRegressor(max_iter=5, random_state=0)
    several = MultiOutputRegressor(one, n_jobs=2).fit(table, np.column_stack([y, -y]))
    assert several.predict(table).shape == (60, 2)


def test_frozen() -> None:
    frozen = CalibratedClassifierCV(FrozenEstimator(small().fit(X, Y)))
    assert frozen.fit(X, Y).score(X, Y) > 0.7


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_frames(frame: Any) -> None:
    columns = {f"c{i}": X[:, i] for i in range(5)}
    table = frame(columns)
    clf = small(early_stopping=True, scoring="balanced_accuracy").fit(table, Y)
    expected = small(early_stopping=True, scoring="balanced_accuracy").fit(X, Y)
    np.testing.assert_array_equal(clf.predict(table), expected.predict(X))
    if frame is pd.DataFrame or hasattr(clf, "feature_names_in_"):
        # scikit-learn before 1.8 does not see the names of today's polars.
        assert list(clf.feature_names_in_) == list(columns)
        with pytest.warns(UserWarning, match="X does not have valid feature names"):
            clf.predict(X)
    labels = pd.Series(Y) if frame is pd.DataFrame else pl.Series(Y)
    np.testing.assert_array_equal(
        small().fit(table, labels).predict(table), small().fit(table, Y).predict(table)
    )


def test_columns_of_kinds() -> None:
    kinds = np.where(X[:, 2] > 0, "x", "y")
    table = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "kind": kinds})
    columns = ColumnTransformer(
        [("n", StandardScaler(), ["a", "b"]), ("k", OneHotEncoder(), ["kind"])]
    )
    assert make_pipeline(columns, small()).fit(table, Y).score(table, Y) > 0.8


def test_text() -> None:
    words = ["red apple", "green apple", "red car", "blue car", "old car", "ripe apple"]
    kinds = ["fruit", "fruit", "car", "car", "car", "fruit"]
    pipe = make_pipeline(TfidfVectorizer(), small(max_iter=100))
    assert pipe.fit(words, kinds).predict(["new car", "sweet apple"]).tolist() == [
        "car",
        "fruit",
    ]
