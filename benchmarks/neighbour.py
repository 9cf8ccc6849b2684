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
from benchmarks.report import figure, table, times
from benchmarks.report import section as written
from benchmarks.timing import Timed, medians, paced
from benchmarks.workloads import Workload


@contextmanager
def busy_process() -> Iterator[subprocess.Popen[bytes]]:
    """Keep one processor busy, wherever the system puts the process."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def section(chosen: Options) -> str:
    """Measure the workloads, or those chosen, and write the table."""
    many = chosen.thread_counts[-1]
    if many == 1:
        return written("A busy neighbour", "One processor is free here: no threads.")
    these = chosen.workloads or workloads.NUMBERED + workloads.FURTHER
    with stage() as theirs, busy_process():
        rows = [row(workload, chosen, theirs) for workload in these]
    head = (
        "Microseconds a step while `python -c 'while True: pass'` runs, pinned "
        f"nowhere; median of {chosen.rounds} interleaved rounds. Last column: time of "
        f"{many} threads over that of one."
    )
    columns = ["workload", "layers", "1 thread", f"{many} threads", "takes"]
    return written("A busy neighbour", head, table(columns, rows))


def row(workload: Workload, chosen: Options, theirs: Stage) -> list[str]:
    """Measure a workload under load: one thread, several, the ratio of the times."""
    say(f"neighbour {workload.name}: {workload}")
    several = [theirs.call(RANVIER_TOLD, "", n) for n in chosen.thread_counts]
    epochs = {str(each): timed(each, workload, chosen) for each in several}
    seconds = medians(epochs, chosen.rounds)
    one, many = (seconds[str(each)] / workload.steps for each in several)
    cells = [workload.name, workload.shape, figure(one * 1e6), figure(many * 1e6)]
    return [*cells, times(many / one)]


def timed(contestant: Contestant, workload: Workload, chosen: Options) -> Timed:
    """Make ready, and give the timing of an epoch."""
    contestant.ask("set_up", workload)
    return paced(partial(contestant.ask, "train"), chosen.seconds)
