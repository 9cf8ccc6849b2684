"""The measure of the prediction intervals, on a tiny table and on real ones."""

from pathlib import Path

import numpy as np
import pytest
import tiny
from benchmarks.intervals import LEVELS, Coverage, coverage, line, main, summary

import real_tables
from benchmarks import intervals
from benchmarks.accuracy import tables


def test_by_hand() -> None:
    some = [
        Coverage("a", 1000, (0.5, 0.8, 0.91), 1.234),
        Coverage("b", 200, (0.6, 0.8, 0.95), 2.0),
    ]
    assert line(some[0]) == "| a | 1,000 | 0.500 | 0.800 | 0.910 | 1.23 |"
    told = summary(some)
    assert told.startswith("On the mean of 2 tables 0.5: 0.550, 0.8: 0.800, 0.9: 0.930")
    assert "1 tables are within 2%" in told


def test_the_command(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(tables, "FOLDER", tiny.make(tmp_path / "data"))
    monkeypatch.setattr(intervals, "MOST_SPLITS", 2)
    main(["--effort", "fast", "--rows", "42"])
    printed = capsys.readouterr().out
    assert "| slope | 30 | " in printed
    assert "On the mean of 1 tables" in printed
    with pytest.raises(SystemExit, match="no table 'sides'"):
        main(["--tables", "sides"])


@real_tables.needed
@pytest.mark.slow
@pytest.mark.parametrize("name", ["insurance", "abalone", "power_plant"])
def test_intervals_hold_on_real_tables(name: str) -> None:
    table = {t.name: t for t in tables.tables(tables.FOLDER)}[name]
    told = coverage(table, 2000, "fast")
    # Three standard deviations of a fraction of so many rows, plus the tolerance.
    noise = 3 * np.sqrt(0.9 * 0.1 / told.rows)
    assert abs(told.held[-1] - LEVELS[-1]) < 0.02 + noise
