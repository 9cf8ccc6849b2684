import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from benchmarks.competitors import RANVIER
from benchmarks.options import Options
from benchmarks.training import Result, check, main_table, notes, reached
from benchmarks.workloads import NUMBERED, by_name, named

from benchmarks import training

ROOT = Path(__file__).resolve().parents[2]


def results() -> list[Result]:
    made = []
    for name, ours, theirs in (("W2", 50e-6, 200e-6), ("W4", 1e-3, 9e-3)):
        result = Result(by_name()[name], peak=100e9)
        result.seconds.update({"Ranvier": ours, "PyTorch": theirs, "JAX": 3 * ours})
        result.losses.update({"Ranvier": 0.25, "start": 2.0, "PyTorch": 0.25})
        result.remarks["PyTorch"] = "PyTorch, 1 thread, fused"
        made.append(result)
    del made[1].seconds["JAX"]
    return made


def test_table_of_made_up_results() -> None:
    lines = main_table(results(), ["PyTorch", "JAX", "scikit-learn"]).splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    # 128 * 30,080 operations in 50 us are 77 GFLOP/s.
    assert rows[2][:5] == ["W2", "20-64-64-1", "50.0", "77.0", "77 %"]
    assert rows[2][5:] == ["200 (4.00x)", "150 (3.00x)", "-", "3.00x"]
    assert rows[3][5:] == ["9,000 (9.00x)", "-", "-", "9.00x"]
    # The geometric mean of 4 and 9 is 6.
    assert rows[4][5:] == ["(6.00x)", "(3.00x)", "(-)", ""]


def test_notes_tell_losses_and_forms() -> None:
    text = notes(results())
    assert "Losses: Ranvier 0.25, start 2, PyTorch 0.25." in text
    assert "\n  - PyTorch: PyTorch, 1 thread, fused." in text


def test_figures_of_the_goals() -> None:
    found = reached(results())
    assert found["rate W2"] == pytest.approx(128 * 30_080 / 50e-6 / 100e9 * 100)
    assert found["best peer"] == pytest.approx(3.0)
    assert "PyTorch" not in found  # two workloads are not W1 to W9
    nine = []
    for workload in NUMBERED:
        result = Result(workload, peak=100e9)
        result.seconds.update({"PyTorch": 8.0, "torch.compile": 6.0, "Ranvier": 2.0})
        nine.append(result)
    assert reached(nine)["PyTorch"] == pytest.approx(3.0)
    assert "JAX" not in reached(nine)
    for result in nine:
        del result.seconds["PyTorch"], result.seconds["torch.compile"]
    assert "best peer" not in reached(nine)


class Answers:
    """A contestant that answers from a list, to see what the check makes of it."""

    def __init__(self, competitor: Any, **answers: Any) -> None:
        self.competitor, self.answers = competitor, answers

    def ask(self, method: str, *arguments: object) -> Any:
        return self.answers.get(method)


PEER = training.MATMUL  # any competitor that is not Ranvier


@pytest.mark.parametrize(
    ("theirs", "dropout", "fine"),
    [(1.01, 0.0, True), (1.03, 0.0, False), (1.05, 0.1, True), (1.2, 0.1, False)],
)
def test_a_loss_far_from_ours_is_not_timed(
    theirs: float, dropout: float, fine: bool
) -> None:
    result = Result(named("2-1", dropout=dropout))
    ours = Answers(RANVIER, loss=1.0, first_loss=2.0)
    assert check(ours, result) == ""
    offence = check(Answers(PEER, loss=theirs, difference=""), result)
    assert (offence == "") == fine
    assert fine or "reached the loss" in offence


def test_another_task_is_no_witness_and_no_learning_is_an_offence() -> None:
    result = Result(named("2-1"))
    assert "learns nothing" in check(Answers(RANVIER, loss=2.0, first_loss=2.0), result)
    another = Answers(PEER, loss=9.0, difference="no dropout")
    assert check(another, result) == ""


@pytest.mark.slow
@pytest.mark.peers
def test_the_command_with_all_that_is_installed(tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    words = "training 3-8-1 --batch 16 --rows 64 --quick --rounds 1 --seconds 0.001"
    command = [sys.executable, "-m", "benchmarks", *words.split(), "--out", str(out)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert out.read_text("utf-8").split() == run.stdout.split()
    row = next(line for line in run.stdout.splitlines() if line.startswith("| 3-8-1"))
    assert "(" in row  # a peer was timed
    assert "not timed" not in run.stdout


def test_what_is_measured_is_written_before_the_rest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = iter(results())
    monkeypatch.setattr(training, "measured", lambda *_: next(made))
    out = tmp_path / "report.md"
    three = (by_name()["W2"], by_name()["W4"], by_name()["W6"])
    with pytest.raises(StopIteration):  # the third has no result: as if it had failed
        training.section(Options(three, peers=(), out=out, before=("# Above\n",)))
    written = out.read_text("utf-8")
    assert written.startswith("# Above\n\n## Training")
    assert "| W2 " in written
    assert "| W4 " in written
