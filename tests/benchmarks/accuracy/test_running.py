import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from benchmarks.accuracy.running import Plan, key, read_outcome, run_all

from benchmarks.accuracy import results, running, tables


def plan(folder: Path, path: Path, *contenders: str, **changes: object) -> Plan:
    given = {"limit": 300.0, "threads": 1, "tables": tuple(tables.tables(folder)[:1])}
    return Plan(contenders=contenders, folder=folder, path=path, **(given | changes))  # type: ignore[arg-type]


def test_what_is_there_is_not_run_again(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "r.jsonl"
    run_all(plan(folder, path, "linear"))
    first = results.read(path)
    assert len(first) == 3
    assert all(r["status"] == "done" for r in first.values())
    assert "1/3  linear on slope, split 0: " in capsys.readouterr().out
    run_all(plan(folder, path, "linear"))
    assert capsys.readouterr().out == ""
    assert results.read(path) == first


def test_one_contender_again(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    chosen = plan(folder, path, "linear", again=frozenset(["linear"]))
    first = next(iter(chosen.trials()))
    done = {"table": "slope", "split": 0, "contender": "linear", "status": "done"}
    results.append(path, done | {"error": -1.0})
    run_all(chosen)
    assert results.read(path)[key(first)]["error"] != -1.0
    assert len(path.read_text().splitlines()) == 3


def test_a_killed_run_goes_on_where_it_was(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    command = [sys.executable, "-m", "benchmarks", "accuracy", "--tables=slope"]
    command += ["--contenders=linear,svm", "--threads=1", f"--results={path}"]
    environment = os.environ | {"RANVIER_DATA": str(folder)}
    process = subprocess.Popen(
        command, cwd=running.ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 240
    while not results.read(path) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = results.read(path)
    assert 1 <= len(before) < 6
    run_all(plan(folder, path, "linear", "svm"))
    after = results.read(path)
    assert len(after) == 6
    assert {place: after[place] for place in before} == before


def test_a_limit_of_time_is_a_result(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    # A second of processor time is less than the imports take.
    run_all(plan(folder, path, "ranvier", limit=1.0))
    stored = results.read(path).values()
    assert {r["status"] for r in stored} == {"time limit"}
    assert {r["told"] for r in stored} == {"of processor time"}


def test_a_failure_is_a_result(folder: Path, tmp_path: Path) -> None:
    (folder / "parquet" / "slope.parquet").write_bytes(b"no table")
    path = tmp_path / "r.jsonl"
    run_all(plan(folder, path, "linear"))
    stored = results.read(path)["slope", 0, "linear"]
    assert stored["status"] == "failed"
    assert "arquet" in stored["told"]


def test_how_a_process_ended() -> None:
    assert read_outcome(0, 'noise\n{"status": "done"}\n', "") == {"status": "done"}
    assert read_outcome(-9, "", "") == {"status": "failed", "told": "ended by signal 9"}
    assert read_outcome(1, "", "a\nValueError: x\n\n")["told"] == "ValueError: x"
    assert read_outcome(1, "", "")["told"] == "no word"


def test_another_interpreter_runs_all_but_ranvier(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with pytest.raises(FileNotFoundError):
        run_all(plan(folder, path, "linear", python=str(tmp_path / "absent")))
    chosen = plan(folder, path, "ranvier", python=str(tmp_path / "absent"), limit=1.0)
    run_all(chosen)
    assert len(results.read(path)) == 3
