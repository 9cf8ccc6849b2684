from typing import Any

import numpy as np
import pytest
from benchmarks.accuracy.standing import Loss, gather

from benchmarks.accuracy import standing


def done(table: str, split: int, contender: str, error: float, **more: Any) -> Any:
    result = {
        "table": table,
        "task": "regression" if table == "boston" else "binary",
        "split": split,
        "contender": contender,
        "status": "done",
        "error": error,
        "fit_processor": 10 * error,
        "checksum": f"{table}{split}",
        "rows": [300, 100],
    }
    return (table, split, contender), result | more


THREE = [done("iris", split, "ranvier", 0.1 * split) for split in range(3)]


def test_the_mean_over_the_splits_when_all_are_there() -> None:
    found = gather(dict([*THREE, *(done("iris", s, "svm", 0.3) for s in range(2))]))
    assert found.reached["ranvier"]["iris"]["error"] == pytest.approx(0.1)
    assert "svm" not in found.reached  # a split is missing
    assert found.common(["ranvier"], regression=False) == ["iris"]
    assert found.common(["ranvier"], regression=True) == []
    assert found.common(["ranvier", "svm"], regression=False) == []


def test_large_tables_have_one_split() -> None:
    found = gather(dict([done("adult", 0, "svm", 0.2, rows=[1_200, 400])]))
    assert found.reached["svm"]["adult"]["error"] == 0.2
    few = gather(dict([done("adult", 0, "svm", 0.2, rows=[300, 400])]))
    assert few.reached["svm"]["adult"]["error"] == 0.2


def test_what_did_not_end_well_is_kept_apart() -> None:
    key, result = done("iris", 2, "svm", 0.3, status="failed", told="no memory")
    late, slow = done("iris", 2, "forest", 0.3, status="time limit")
    found = gather(dict([*THREE, (key, result), (late, slow)]))
    assert found.outcomes == {
        "svm": [("iris", "failed: no memory")],
        "forest": [("iris", "time limit")],
    }


def test_other_rows_are_refused() -> None:
    other = done("iris", 0, "svm", 0.3, checksum="other")
    with pytest.raises(ValueError, match="--again svm"):
        gather(dict([*THREE, other]))


def test_ranks_and_means_by_hand() -> None:
    errors = np.array([[0.1, 0.30, 0.2], [0.2, 0.30, 0.1], [0.3, 0.15, 0.3]])
    # Ranks 1 2 3 on the first table; 2.5 2.5 1; 2 1 3.
    assert standing.mean_ranks(errors) == pytest.approx([5.5 / 3, 5.5 / 3, 7 / 3])
    # (0.07 + 0.01) (0.31 + 0.01) (0.115 + 0.01) = 0.0032, the cube of 0.14736
    mean = standing.shifted_mean(np.array([0.07, 0.31, 0.115]))
    assert mean == pytest.approx(0.0032 ** (1 / 3))


def test_duels_and_times_by_hand() -> None:
    own, other = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.2, 0.1, 0.3, 0.5])
    assert standing.duels(own, other) == (2, 1, 1)
    ratio = standing.ratio_of_times(np.array([4.0, 1.0]), np.array([1.0, 1.0]))
    assert ratio == pytest.approx(2.0)


def test_losses_worst_first() -> None:
    large = {"rows": [2_000, 600]}
    errors = {"a": (0.3, 0.2), "b": (0.09, 0.04), "c": (0.1, 0.2)}
    pairs = [
        done(table, 0, who, error, **large)
        for table, both in errors.items()
        for who, error in zip(("ranvier", "svm"), both, strict=True)
    ]
    lost = standing.losses(gather(dict(pairs)), "ranvier", ["svm", "absent"])
    assert lost == [Loss("b", 0.09, "svm", 0.04), Loss("a", 0.3, "svm", 0.2)]
    assert lost[0].ratio == pytest.approx(2.0)
