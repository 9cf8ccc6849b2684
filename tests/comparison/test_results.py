import json

import pytest

from ranvier.comparison.results import Comparison, FoldResult

SCORES = {"accuracy": 0.9, "log_loss": 0.3, "auc": 0.95}


def result(model: str, fold: int, accuracy: float, **scores: float) -> FoldResult:
    return FoldResult(model, fold, {"accuracy": accuracy, **scores}, 1.0, 0.1, 2_000)


FOUND = Comparison(
    target="y",
    task="classification",
    rows=40,
    folds=2,
    titles={"svm": "RBF-SVM", "forest": "random forest", "mlp": "scikit-learn MLP"},
    results=(
        result("svm", 0, 0.8),
        result("svm", 1, 0.9),
        result("forest", 0, 0.95, log_loss=0.2, auc=0.99),
        FoldResult("forest", 1, {}, error="too few rows"),
        FoldResult("mlp", 0, {}, error="no"),
    ),
)


def test_summary_by_hand() -> None:
    best, other = FOUND.summary()
    assert (best["model"], best["folds"], best["accuracy_sd"]) == ("forest", 1, None)
    assert other["accuracy"] == pytest.approx(0.85)
    assert other["accuracy_sd"] == pytest.approx(0.05 * 2**0.5)  # n - 1 = 1
    assert other["log_loss"] is None
    assert other["size"] == 2_000


def test_lowest_error_first_of_a_regression() -> None:
    results = tuple(
        FoldResult(name, 0, {"rmse": error, "mae": error, "r2": 0.0}, 1, 1, 1)
        for name, error in {"a": 3.0, "b": 2.0}.items()
    )
    found = Comparison("y", "regression", 9, 2, {"a": "A", "b": "B"}, results)
    assert [row["model"] for row in found.summary()] == ["b", "a"]


def test_printed_as_one_table() -> None:
    lines = str(FOUND).splitlines()
    assert lines[0] == "'y' of 40 rows, 2 folds"
    head, forest, svm = (line.split() for line in lines[2:5])
    assert head[:2] == ["model", "accuracy"]
    assert forest[:6] == ["random", "forest", "(1", "of", "2", "folds)"]
    assert svm == [
        "RBF-SVM",
        "0.850",
        "+-",
        "0.071",
        "-",
        "-",
        "1.000",
        "0.100",
        "2.0",
        "kB",
    ]
    assert lines[5:] == [
        "random forest failed: too few rows",
        "scikit-learn MLP failed: no",
    ]


def test_nothing_finished() -> None:
    empty = Comparison("y", "classification", 9, 2, {"svm": "RBF-SVM"}, ())
    assert empty.summary() == []
    assert "model" in str(empty)


def test_json_holds_all() -> None:
    told = json.loads(json.dumps(FOUND.to_dict()).replace("NaN", "null"))
    assert len(told["results"]) == 5
    assert told["results"][3]["error"] == "too few rows"
    assert [row["model"] for row in told["summary"]] == ["forest", "svm"]
