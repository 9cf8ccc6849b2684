"""Seconds of training until real tables are learnt: MNIST to 98 %, letter to 96 %.

Everybody trains the same network with Adam at rate 0.001 and shuffled batches of its
usual size. The clock stands still while the accuracy on the test rows is taken, after
each epoch.
"""

from dataclasses import dataclass, replace
from statistics import median

from benchmarks import problems
from benchmarks.competitors import RANVIER, Competitor, UnsupportedError
from benchmarks.contestants import Contestant, Stage, say, stage
from benchmarks.options import Options
from benchmarks.report import Section, figure, percent, table, written
from benchmarks.workloads import Workload

# Rows of a batch where the user names none; PyTorch and JAX name none.
USUAL_BATCH = {"Ranvier": 256, "scikit-learn": 200}
OTHERS_BATCH = 128
TITLE = "Time to a quality"
# First weights to train from; the median counts.
SEEDS = 3


@dataclass(frozen=True)
class Goal:
    """A table, the accuracy to reach on its test rows, and the epochs to try for."""

    name: str
    workload: Workload
    accuracy: float
    epochs: int


GOALS = (
    Goal(
        "MNIST",
        Workload(
            "MNIST", (784, 256, 128, 10), 128, 60_000,
            loss="cross_entropy", table="mnist", shuffle=True,
        ),
        accuracy=0.98,
        epochs=40,
    ),
    Goal(
        "letter",
        Workload(
            "letter", (16, 128, 128, 26), 128, 16_000,
            loss="cross_entropy", table="letter", shuffle=True,
        ),
        accuracy=0.96,
        epochs=100,
    ),
)  # fmt: skip


def section(chosen: Options) -> Section:
    """Train everybody until the goals are reached, and write the table."""
    if not problems.has_tables():
        return Section(written(TITLE, "Not measured: the real tables are not here."))
    rows = []
    with stage() as theirs:
        for goal in GOALS:
            for competitor in (RANVIER, *chosen.peers):
                try:
                    rows.append(row(goal, competitor, chosen, theirs))
                except (UnsupportedError, RuntimeError) as lack:
                    rows.append([goal.name, competitor.name, "", str(lack), "", ""])
    head = (
        "Seconds of training alone, of the fastest form of each; Adam at rate 0.001, "
        "batches of the usual size, an accuracy on the test rows after each epoch."
    )
    columns = ["table and network", "competitor", "batch", "seconds", "epochs"]
    return Section(written(TITLE, head, table([*columns, "accuracy"], rows)))


def row(
    goal: Goal, competitor: Competitor, chosen: Options, theirs: Stage
) -> list[str]:
    """Train a competitor from several first weights; write its medians."""
    size = USUAL_BATCH.get(competitor.name, OTHERS_BATCH)
    workload = replace(goal.workload, batch=size)
    contestant = fastest(competitor, workload, chosen, theirs)
    runs = []
    for seed in range(1 if chosen.quick else SEEDS):
        contestant.ask("set_up", replace(workload, seed=seed))
        runs.append(contestant.ask("time_to", goal.accuracy, goal.epochs))
        seconds, epochs, reached = runs[-1]
        say(f"    {contestant}: {seconds:.2f} s, {epochs} epochs, {reached:.4f}")
    cells = [f"{goal.name} {workload.shape} to {percent(goal.accuracy)}"]
    cells += [str(contestant), str(size)]
    seconds, epochs, reached = (median(several) for several in zip(*runs, strict=True))
    if min(run[2] for run in runs) < goal.accuracy:
        return [*cells, "not always reached", f"{epochs:.0f}", f"{reached:.4f}"]
    return [*cells, figure(seconds), f"{epochs:.0f}", f"{reached:.4f}"]


def fastest(
    competitor: Competitor, workload: Workload, chosen: Options, theirs: Stage
) -> Contestant:
    """Return the form of a competitor whose second epoch is the shortest."""
    times = {}
    for contestant in theirs.forms(competitor, chosen.threads_of(competitor)):
        contestant.ask("set_up", workload)
        times[contestant] = contestant.ask("train", 1)
    return min(times, key=lambda contestant: times[contestant])
