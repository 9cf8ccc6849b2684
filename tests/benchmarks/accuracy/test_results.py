from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from benchmarks.accuracy import results


def result(table: str = "iris", split: int = 0, **more: Any) -> results.Result:
    return {"table": table, "split": split, "contender": "svm", "error": 0.25, **more}


def test_what_is_appended_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "r.jsonl"
    assert results.read(path) == {}
    results.append(path, result())
    results.append(path, result(split=1, error=1 / 3, scores=[1 / 3]))
    assert results.read(path) == {
        ("iris", 0, "svm"): result(),
        ("iris", 1, "svm"): result(split=1, error=0.333333, scores=[0.333333]),
    }


def test_a_later_line_replaces_and_tidy_drops(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    for error in (0.5, 0.4):
        results.append(path, result(error=error))
    results.append(path, result("boston"))
    assert results.read(path)["iris", 0, "svm"]["error"] == 0.4
    before = results.read(path)
    results.tidy(path)
    assert results.read(path) == before
    lines = path.read_text().splitlines()
    assert len(lines) == 2
    assert "boston" in lines[0]


def test_a_line_that_was_broken_off(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    results.append(path, result())
    with path.open("a") as file:
        file.write('{"table": "broken o')  # the process was killed here
    assert list(results.read(path)) == [("iris", 0, "svm")]
    results.append(path, result("boston"))
    assert len(results.read(path)) == 2
    assert "broken" not in path.read_text()


def test_any_other_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('{"no": 1}\n')
    with pytest.raises(ValueError, match=r"line 1 of .* is no result"):
        results.read(path)


def test_several_may_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"

    def write(number: int) -> None:
        results.append(path, result(split=number, told="x" * 5_000))
        if number % 5 == 0:
            results.tidy(path)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(40)))
    assert len(results.read(path)) == 40
