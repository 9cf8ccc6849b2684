"""A busy neighbour: several threads against one, both while it keeps a core busy."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks import workloads
from benchmarks.competitors import RANVIER_TOLD
from benchmarks.contestants import Contestant, Stage, say, stage
from benchmarks.options import Options
from benchmarks.report import Section, figure, table, times, written
from benchmarks.timing import Timed, medians, paced
from benchmarks.workloads import Workload

TITLE = "A busy neighbour"


@contextmanager
def busy_process() -> Iterator[subprocess.Popen[bytes]]:
    """Keep one processor busy, wherever the system puts the process."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def section(chosen: Options) -> Section:
    """Measure the workloads, or those chosen, and write the table."""
    many = chosen.thread_counts[-1]
    if many == 1:
        return Section(written(TITLE, "Only one processor is free here."))
    these = chosen.workloads or workloads.NUMBERED + workloads.FURTHER
    with stage() as theirs, busy_process():
        measured = [measure(workload, chosen, theirs) for workload in these]
    head = (
        "Microseconds a step while `python -c 'while True: pass'` runs, pinned "
        f"nowhere; median of {chosen.rounds} interleaved rounds. Last column: time of "
        f"{many} threads over that of one."
    )
    columns = ["workload", "layers", "1 thread", f"{many} threads", "takes"]
    text = written(TITLE, head, table(columns, [cells for cells, _ in measured]))
    return Section(text, {"neighbour": max(takes for _, takes in measured)})


def measure(
    workload: Workload, chosen: Options, theirs: Stage
) -> tuple[list[str], float]:
    """Measure a workload under load: a row of the table, and the ratio of the times."""
    say(f"neighbour {workload.name}: {workload}")
    several = [theirs.call(RANVIER_TOLD, "", n) for n in chosen.thread_counts]
    epochs = {str(each): timed(each, workload, chosen) for each in several}
    seconds = medians(epochs, chosen.rounds)
    one, many = (seconds[str(each)] / workload.steps for each in several)
    cells = [workload.name, workload.shape, figure(one * 1e6), figure(many * 1e6)]
    return [*cells, times(many / one)], many / one


def timed(contestant: Contestant, workload: Workload, chosen: Options) -> Timed:
    """Make ready, and give the timing of an epoch."""
    contestant.ask("set_up", workload)
    return paced(partial(contestant.ask, "train"), chosen.seconds)
