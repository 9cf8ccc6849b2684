import json
from itertools import takewhile
from math import exp, log
from pathlib import Path
from statistics import fmean
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
    assert "Those listed have results on 3 of 3 tables:" in text
    assert "All contenders have results on 1 of 3 tables:" in text
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
    lost = ["a", "0.2000", "0.1000", "RealMLP-TD", "1.91x", "not investigated yet"]
    assert lost in rows
    assert "- RealMLP-TD: 3 tables not run" in text


def test_nothing_to_rank() -> None:
    with pytest.raises(ValueError, match=r"nothing to rank.*Run some of .*catboost"):
        report({})
    key, told = result("a", "ranvier-realmlp-td", 0.1, 1.0)
    with pytest.raises(ValueError, match="--presets reports the others"):
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
    assert "No table has results of all contenders." in report(numbers)


def test_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "p.png"
    draw(gather(RESULTS), path)
    assert path.read_bytes()[:4] == b"\x89PNG"


PAGE = Path(__file__).resolve().parents[3] / "docs" / "accuracy.md"
needs_results = pytest.mark.skipif(
    not results.STORED.exists(), reason="no results are stored"
)


@needs_results
def test_the_page_is_current() -> None:
    text = report(results.read(results.STORED), "pictures/accuracy.png")
    assert PAGE.read_text("utf-8") == text


def rows_of(text: str, heading: str) -> dict[str, list[str]]:
    """Read the first table below a heading: first cell -> the others."""
    lines = text.partition(f"## {heading}\n")[2].splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("|"))
    found = {}
    for line in takewhile(lambda line: line.startswith("|"), lines[start:]):
        first, *others = (cell.strip() for cell in line.split("|")[1:-1])
        found[first] = others
    return found


def stored_errors() -> dict[str, dict[str, float]]:
    """Read table -> contender -> mean error over the splits, from the lines alone."""
    splits: dict[str, dict[str, list[float]]] = {}
    for line in results.STORED.read_text("utf-8").splitlines():
        trial = json.loads(line)
        if trial["status"] == "done" and trial["task"] != "regression":
            of_table = splits.setdefault(trial["table"], {})
            of_table.setdefault(trial["contender"], []).append(trial["error"])
    return {
        table: {name: fmean(errors) for name, errors in of_table.items()}
        for table, of_table in splits.items()
    }


@needs_results
def test_figures_of_the_page_follow_from_the_stored_lines() -> None:
    errors, page = stored_errors(), rows_of(PAGE.read_text("utf-8"), "Classification")
    assert len(errors) == 38
    for name, title in {"ranvier": "Ranvier", "catboost": "CatBoost"}.items():
        logs = [log(of_table[name] + 0.01) for of_table in errors.values()]
        assert page[title][1] == f"{exp(fmean(logs)):.4f}"
    pairs = [
        (of_table["ranvier"], of_table["catboost"]) for of_table in errors.values()
    ]
    wins = sum(own < other - 1e-9 for own, other in pairs)
    losses = sum(own > other + 1e-9 for own, other in pairs)
    counts = [str(wins), str(losses), str(len(pairs) - wins - losses)]
    assert page["CatBoost"][4:7] == counts


def test_tables_that_chose_the_recipe_are_left_out_of_their_own_section() -> None:
    told: dict[Any, Any] = {}
    for table, errors in {"adult": (0.1, 0.2), "wine": (0.3, 0.2)}.items():
        for name, error in zip(("ranvier", "catboost"), errors, strict=True):
            told |= dict([result(table, name, error, 1.0)])
    text = summary.unseen(gather(told))
    used, others = text.split("\n\n", 1)
    assert "adult" in used
    assert "adult" not in others
    assert "1 tables:" in text
    assert "0.3000" in text
    assert "0.1000" not in text
