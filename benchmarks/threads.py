"""Two threads against one: Ranvier told how many to take, interleaved."""

from functools import partial
from statistics import median

from benchmarks import workloads
from benchmarks.competitors import MATMUL, RANVIER_TOLD, matmul
from benchmarks.contestants import Stage, say, stage
from benchmarks.options import Options
from benchmarks.report import figure, percent, table, times
from benchmarks.report import section as written
from benchmarks.timing import interleaved, paced
from benchmarks.workloads import Workload


def section(chosen: Options) -> str:
    """Measure the workloads, or those chosen, and write the table."""
    few, many = chosen.thread_counts[0], chosen.thread_counts[-1]
    if few == many:
        return written("Threads", "One processor is free here: nothing to compare.")
    these = chosen.workloads or workloads.NUMBERED + workloads.FURTHER
    with stage() as theirs:
        rows = [row(workload, chosen, theirs) for workload in these]
    head = (
        f"Microseconds a step with one thread and with {many}; median of "
        f"{chosen.rounds} interleaved rounds. Share: of the rate of NumPy's 2048^3 "
        "product with as many threads in the same rounds."
    )
    columns = ["workload", "layers", "1 thread", "share"]
    columns += [f"{many} threads", "share", "faster"]
    return written("Threads", head, table(columns, rows))


def row(workload: Workload, chosen: Options, theirs: Stage) -> list[str]:
    """Measure a workload: the times, the shares of the product's rate, the ratio."""
    say(f"threads {workload.name}: {workload}")
    timed = {}
    for count in chosen.thread_counts:
        for competitor in (RANVIER_TOLD, MATMUL):
            contestant = theirs.call(competitor, "", count)
            contestant.ask("set_up", workload)
            train = partial(contestant.ask, "train")
            timed[f"{competitor.name} {count}"] = paced(train, chosen.seconds)
    seconds = interleaved(timed, chosen.rounds)
    cells, steps = [workload.name, workload.shape], []
    for count in chosen.thread_counts:
        steps.append(median(seconds[f"{RANVIER_TOLD.name} {count}"]) / workload.steps)
        peak = matmul.FLOPS / min(seconds[f"{MATMUL.name} {count}"])
        share = workload.step_flops / steps[-1] / peak
        cells += [figure(steps[-1] * 1e6), percent(share)]
    return [*cells, times(steps[0] / steps[-1])]
