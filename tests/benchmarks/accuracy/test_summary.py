from pathlib import Path
from typing import Any

import pytest
from benchmarks.accuracy.picture import draw
from benchmarks.accuracy.standing import gather
from benchmarks.accuracy.summary import groups, report

from benchmarks.accuracy import results, summary


def result(table: str, contender: str, error: float, seconds: float) -> Any:
    task = "regression" if table.startswith("r") else "binary"
    told = {
        "table": table,
        "task": task,
        "split": 0,
        "contender": contender,
        "status": "done",
        "error": error,
        "fit_processor": seconds,
        "predict_processor": 0.1,
        "checksum": table,
        "rows": [2_000, 500],
        "versions": {"made": "1"},
    }
    if task == "binary":
        told |= {"auc": 0.9, "log_loss": 0.3}
    return (table, 0, contender), told


RESULTS = dict(
    [
        *(result(t, "ranvier", 0.2, 2.0) for t in ("a", "b", "c", "r1", "r2")),
        *(result(t, "catboost", 0.3, 1.0) for t in ("a", "b", "c", "r1", "r2")),
        *(result(t, "realmlp-td", 0.1, 20.0) for t in ("a", "r1")),
    ]
)


def test_the_whole_report() -> None:
    text = report(RESULTS, "pictures/accuracy.png")
    assert "The 3 of 3 tables on which those listed have results" in text
    assert "The 1 of 3 tables on which all contenders have results" in text
    assert "![" in text
    assert "made 1." in text
    lines = [line.split("|")[1:-1] for line in text.splitlines() if "|" in line]
    rows = [[cell.strip() for cell in line] for line in lines]
    # Ranvier before CatBoost: wins 3, loses 0, ties 0, and half its time.
    assert [
        "Ranvier",
        "1.00",
        "0.2100",
        "0.9000",
        "0.3000",
        *[""] * 3,
        "1x",
        "1x",
    ] in rows
    catboost = ["CatBoost", "2.00", "0.3100", "0.9000", "0.3000", "3", "0", "0"]
    assert [*catboost, "0.500x", "1.00x"] in rows
    assert ["fit at most 0.200x of RealMLP-TD's", "0.100x", "2", "yes"] in rows
    assert ["fit at most 3.00x of CatBoost's", "2.00x", "5", "yes"] in rows
    lost = ["a", "0.2000", "0.1000", "RealMLP-TD", "1.91x", "not looked into yet"]
    assert lost in rows
    assert "- RealMLP-TD: 3 tables not run" in text


def test_nobody_to_rank() -> None:
    with pytest.raises(ValueError, match=r"nobody to rank.*Run some of ranvier"):
        report({})
    key, told = result("a", "ranvier-realmlp-td", 0.1, 1.0)
    with pytest.raises(ValueError, match="others are reported by --presets"):
        report({key: told}, "pictures/accuracy.png")


def test_failures_are_told() -> None:
    key, told = result("b", "svm", 0.1, 1.0)
    failed = {key: told | {"status": "failed", "told": "no memory"}}
    assert "- RBF-SVM: b (failed: no memory), 4 tables not run" in report(
        RESULTS | failed
    )


def test_who_is_compared_with_whom() -> None:
    found = gather(RESULTS)
    everybody = ["ranvier", "catboost", "realmlp-td"]
    assert groups(found, regression=False) == [["ranvier", "catboost"], everybody]
    complete = {k: v for k, v in RESULTS.items() if k[2] != "realmlp-td"}
    assert groups(gather(complete), regression=False) == [["ranvier", "catboost"]]


def test_without_results() -> None:
    with pytest.raises(ValueError, match=r"there is nobody to rank: .* catboost"):
        report({})


def test_of_few_rows_all_are_compared_on_what_all_have() -> None:
    text = summary.few_rows(gather(RESULTS))
    assert text.startswith(summary.FEW_ROWS)
    classes, numbers = text.split("Regression, 1 tables:")
    assert "Classification, 1 tables:" in classes
    for part in (classes, numbers):
        assert part.index("| RealMLP-TD |") < part.index("| Ranvier    |")
        assert part.index("| Ranvier    |") < part.index("| CatBoost   |")


def test_no_table_of_a_kind() -> None:
    numbers = {k: v for k, v in RESULTS.items() if k[0].startswith("r")}
    assert "There is no table on which all have results." in report(numbers)


def test_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "p.png"
    draw(gather(RESULTS), path)
    assert path.read_bytes()[:4] == b"\x89PNG"


@pytest.mark.skipif(not results.STORED.exists(), reason="nothing is stored")
def test_the_page_is_what_the_stored_results_say() -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "accuracy.md"
    told = results.read(results.STORED)
    assert page.read_text("utf-8") == report(told, "pictures/accuracy.png")
    assert summary.TITLES["ranvier"] == "Ranvier"


def test_tables_that_chose_the_recipe_are_left_out_of_their_own_section() -> None:
    told: dict[Any, Any] = {}
    for table, errors in {"adult": (0.1, 0.2), "wine": (0.3, 0.2)}.items():
        for name, error in zip(("ranvier", "catboost"), errors, strict=True):
            told |= dict([result(table, name, error, 1.0)])
    text = summary.unseen(gather(told))
    assert "adult" in text.splitlines()[2]
    assert "1 tables:" in text
    assert "0.3000" in text
    assert "0.1000" not in text
