import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ranvier.live import curves
from ranvier.live.curves import Curves, finite, sampled, thinned


def write(path: Path, lines: list[dict[str, Any]]) -> None:
    """Append lines to a journal."""
    with (path / "epochs.jsonl").open("a") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


def some(first: int, last: int) -> list[dict[str, Any]]:
    """Return records."""
    return [
        {
            "epoch": k,
            "loss": 1 / k,
            "validation_loss": 2 / k if k % 2 else None,
            "metrics": {"r2": k / 100},
            "learning_rate": 0.1,
            "seconds": 0.01,
        }
        for k in range(first, last + 1)
    ]


def test_kept_up_to_date(tmp_path: Path) -> None:
    told = Curves(tmp_path)
    told.update()
    assert len(told) == 0
    write(tmp_path, some(1, 3))
    told.update()
    told.update()
    assert told.columns["loss"].tolist() == [1.0, 1 / 2, 1 / 3]
    with (tmp_path / "epochs.jsonl").open("a") as file:
        file.write('{"epoch":4,"lo')
    told.update()
    assert len(told) == 3
    with (tmp_path / "epochs.jsonl").open("a") as file:
        file.write('ss":0.25}\n{"ended":"finished"}\n')
    told.update()
    assert told.columns["loss"].tolist()[-1] == 0.25
    assert np.isnan(told.columns["metric: r2"][-1])
    assert told.last["end"] == {"ended": "finished"}


def test_going_back(tmp_path: Path) -> None:
    write(tmp_path, [*some(1, 9), {"resumed": 4}, *some(5, 6)])
    told = Curves(tmp_path)
    told.update()
    assert told.columns["epoch"].tolist() == [1, 2, 3, 4, 5, 6]
    write(tmp_path, [{"resumed": 0}])
    told.update()
    assert len(told) == 0


def test_a_file_that_became_shorter(tmp_path: Path) -> None:
    write(tmp_path, some(1, 9))
    told = Curves(tmp_path)
    told.update()
    (tmp_path / "epochs.jsonl").write_text("")
    told.update()
    assert len(told) == 0
    write(tmp_path, some(1, 2))
    told.update()
    assert len(told) == 2


@pytest.mark.parametrize("odd", ["", "layers", "resumed", "infinite", "integers"])
def test_long_files_are_read_to_the_same_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    lines = some(1, 500)
    if odd == "layers":
        lines[99]["layers"] = [{"W": [1.0, 2.0], "dead": None}]
    if odd == "resumed":
        lines[100:100] = [{"resumed": 50}, *some(51, 100)]
    if odd == "infinite":
        lines[7]["loss"] = None
        lines[8]["validation_loss"] = 1e300
    if odd == "integers":
        lines[7] |= {"loss": 1, "validation_loss": 0, "metrics": {"r2": 1}}
    write(tmp_path, [*lines, {"ended": "finished", "best_epoch": 3}])
    slow = Curves(tmp_path)
    slow.update()
    monkeypatch.setattr(curves, "LARGE", 0)
    fast = Curves(tmp_path)
    fast.update()
    assert fast.columns.keys() == slow.columns.keys()
    for name, column in slow.columns.items():
        np.testing.assert_array_equal(fast.columns[name], column)
    assert fast.last["end"] == slow.last["end"]
    assert fast.last["record"]["epoch"] == 500


def test_thinned(tmp_path: Path) -> None:
    write(tmp_path, some(1, 100))
    told = Curves(tmp_path)
    assert thinned(told, 10) == {"total": 0, "epoch": [], "series": {}}
    told.update()
    thin = thinned(told, 10)
    assert (thin["total"], thin["epoch"]) == (100, [*range(10, 101, 10)])
    loss = thin["series"]["loss"]
    assert (loss["high"][0], loss["low"][0]) == (1.0, 0.1)
    assert loss["mean"][0] == pytest.approx(sum(1 / k for k in range(1, 11)) / 10)
    odd = thin["series"]["validation_loss"]["high"]  # every other is missing
    assert odd[0] == 2.0
    assert "seconds" not in thin["series"]
    assert thinned(told, 1000)["epoch"] == [*range(1, 101)]
    assert thinned(told, 1000)["series"]["validation_loss"]["mean"][1] is None


def test_a_peak_survives_thinning(tmp_path: Path) -> None:
    lines = some(1, 1000)
    lines[567]["loss"] = 1e6
    write(tmp_path, lines)
    told = Curves(tmp_path)
    told.update()
    assert max(thinned(told, 20)["series"]["loss"]["high"]) == 1e6


def test_a_sample_of_a_long_file(tmp_path: Path) -> None:
    write(tmp_path, [*some(1, 5000), {"ended": "finished"}])
    told = sampled(tmp_path, 100)
    assert told["partial"]
    assert 90 <= len(told["epoch"]) <= 100
    assert told["epoch"][0] == 1
    for epoch, loss in zip(told["epoch"], told["series"]["loss"]["mean"], strict=True):
        assert loss == pytest.approx(1 / epoch, rel=1e-6)
    (tmp_path / "epochs.jsonl").write_text("")
    assert sampled(tmp_path)["epoch"] == []


def test_finite() -> None:
    values = np.array([1.23456789012, np.nan, np.inf, -np.inf, 0.0])
    assert finite(values) == [1.234568, None, None, None, 0.0]
