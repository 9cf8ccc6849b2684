import numpy as np
import pytest
from benchmarks.accuracy.contenders import PRESETS
from benchmarks.accuracy.presets import compare, spread
from benchmarks.accuracy.results import Key, Result


def result(table: str, split: int, who: str, error: float, seconds: float) -> Result:
    return {
        "table": table,
        "task": "regression" if table[0] == "r" else "binary",
        "split": split,
        "contender": who,
        "status": "done",
        "error": error,
        "fit_processor": seconds,
        "checksum": "same",
        "rows": [3000, 1000],
    }


def results(*several: Result) -> dict[Key, Result]:
    return {(r["table"], r["split"], r["contender"]): r for r in several}


def test_errors_beside_each_other_and_the_means_of_their_ratios() -> None:
    theirs, ours = "realmlp-td", "ranvier-realmlp-td"
    told = compare(
        results(
            result("r1", 0, theirs, 0.19, 8.0), result("r1", 0, ours, 0.09, 2.0),
            result("r2", 0, theirs, 0.09, 8.0), result("r2", 0, ours, 0.19, 2.0),
            result("c1", 0, theirs, 0.04, 9.0), result("c1", 0, ours, 0.03, 1.0),
            result("c2", 0, theirs, 0.04, 9.0), result("c1", 0, "linear", 0.0, 1.0),
        )
    )  # fmt: skip
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in told.split("\n")
    ]
    assert ["r1", "0.1900", "0.0900", "0.500"] in rows
    assert ["r2", "0.0900", "0.1900", "2.000"] in rows
    assert "c2" not in told  # only one of the two has been through it
    assert ["classification", "1", "0.800", "", "0.111x"] in rows
    (regression,) = [row for row in rows if row and row[0] == "regression"]
    assert (regression[:3], regression[4]) == (["regression", "2", "1.000"], "0.250x")
    (both,) = [row for row in rows if row and row[0] == "all"]
    assert both[:3] == ["all", "3", "0.928"]  # the cube root of 0.8
    assert "TabM by Ranvier: no table has results of both." in told


def test_bounds_by_hand() -> None:
    # Logarithms -a and a: mean 0, sd a sqrt(2), of the mean a; t(1, 97.5 %) = 12.7062.
    mean, low, high = spread(np.array([1 / 1.1, 1.1]))
    assert mean == pytest.approx(1)
    assert np.log(high) == pytest.approx(12.7062 * np.log(1.1), rel=1e-5)
    assert low * high == pytest.approx(1)


def test_nothing_to_compare() -> None:
    assert "no table has results of both" in compare({})
    assert list(PRESETS) == ["realmlp-td", "tabm-d"]
