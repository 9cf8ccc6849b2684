"""Trials, one after the other, each in a process; what goes wrong is a result, too."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.accuracy import results
from benchmarks.accuracy.contenders import RANVIER
from benchmarks.accuracy.results import Key, Result
from benchmarks.accuracy.tables import Table, pairs
from benchmarks.accuracy.trial import Trial
from benchmarks.machine import THREAD_VARIABLES

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 10  # times the limit of processor time may pass on the clock
TOLD_LETTERS = 300


@dataclass(frozen=True)
class Plan:
    """What to run, and how.

    ``limit`` seconds of processor time a trial may take; ``python``, the interpreter of
    all contenders but Ranvier, which may need packages that do not go with ours.
    """

    contenders: tuple[str, ...]
    tables: tuple[Table, ...]
    folder: Path
    path: Path
    limit: float
    threads: int
    python: str = sys.executable
    again: frozenset[str] = frozenset()

    def trials(self) -> Iterator[Trial]:
        """List the trials, a table after the other, so that comparisons grow early."""
        for table, split in pairs(self.tables):
            for name in self.contenders:
                yield Trial(name, table, split, self.threads, str(self.folder))


def run_all(plan: Plan) -> None:
    """Run the trials that have no result yet, and those of `again`; print each."""
    there = results.read(plan.path)
    due = [t for t in plan.trials() if key(t) not in there or t.contender in plan.again]
    for number, trial in enumerate(due, 1):
        if key(trial) in results.read(plan.path) and trial.contender not in plan.again:
            continue  # somebody else has run it meanwhile
        result = outcome(trial, plan)
        results.append(plan.path, result)
        told = result["error"] if result["status"] == "done" else result["status"]
        where = f"{trial.contender} on {trial.table.name}, split {trial.split}"
        print(f"{number}/{len(due)}  {where}: {told}", flush=True)
    if due:
        results.tidy(plan.path)


def key(trial: Trial) -> Key:
    """Return the key of a trial's result."""
    return trial.table.name, trial.split, trial.contender


def outcome(trial: Trial, plan: Plan) -> Result:
    """Run a trial in its process; give its result, or how it failed."""
    started = datetime.now(UTC)
    head: Result = {
        "table": trial.table.name,
        "task": trial.table.task,
        "split": trial.split,
        "contender": trial.contender,
        "threads": trial.threads,
        "limit": plan.limit,
        "started": started.isoformat(timespec="seconds"),
    }
    own = trial.contender.startswith(RANVIER)
    if own and (commit := commit_here()):
        head["commit"] = commit
    python = sys.executable if own else plan.python
    process = subprocess.Popen(
        [python, "-m", "benchmarks.accuracy.trial", trial.to_json()],
        cwd=ROOT,
        env=environment(trial.threads),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: limit_processor(plan.limit),
    )
    try:
        out, err = process.communicate(timeout=PATIENCE * plan.limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return head | {"status": "time limit", "told": "on the clock"}
    except BaseException:  # Ctrl-C: the trial is not over, and has no result
        process.kill()
        process.communicate()
        raise
    return head | read_outcome(process.returncode, out, err)


def commit_here() -> str | None:
    """Tell the commit that is checked out, where git knows it."""
    try:
        command = ["git", "rev-parse", "--short", "HEAD"]
        return subprocess.check_output(command, cwd=ROOT, text=True).strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def read_outcome(code: int, out: str, err: str) -> Result:
    """Tell from what a process left how its trial ended."""
    if code == 0:
        result: Result = json.loads(out.splitlines()[-1])
        return result
    if code == -24:  # SIGXCPU: the limit of processor time
        return {"status": "time limit", "told": "of processor time"}
    if code < 0:
        return {"status": "failed", "told": f"ended by signal {-code}"}
    lines = [line for line in err.splitlines() if line.strip()]
    return {"status": "failed", "told": (lines or ["no word"])[-1][:TOLD_LETTERS]}


def limit_processor(seconds: float) -> None:
    """Have the system end this process after so many seconds of its processors."""
    whole = max(1, round(seconds))
    resource.setrlimit(resource.RLIMIT_CPU, (whole, whole + 5))


def environment(threads: int) -> dict[str, str]:
    """Return the variables of a trial: its threads, which sleep while they wait.

    Threads that spin count as working, and where others work they hold them up.
    """
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return (
        os.environ
        | dict.fromkeys(THREAD_VARIABLES, str(threads))
        | {"OMP_WAIT_POLICY": "passive", "PYTHONPATH": path}
    )
