"""Two threads against one, interleaved, with explicit numbers of threads."""

from functools import partial
from statistics import median

from benchmarks import workloads
from benchmarks.competitors import MATMUL, RANVIER_TOLD, matmul
from benchmarks.contestants import Stage, say, stage
from benchmarks.options import Options
from benchmarks.report import Section, figure, percent, table, times, written
from benchmarks.timing import interleaved, paced
from benchmarks.workloads import Workload

TITLE = "Threads"


def section(chosen: Options) -> Section:
    """Measure the workloads, or those chosen, and write the table."""
    many = chosen.thread_counts[-1]
    if many == 1:
        return Section(written(TITLE, "Only one processor is free here."))
    these = chosen.workloads or workloads.NUMBERED + workloads.FURTHER
    with stage() as theirs:
        measured = [measure(workload, chosen, theirs) for workload in these]
    head = (
        f"Microseconds a step with one thread and with {many}; median of "
        f"{chosen.rounds} interleaved rounds. Share: of the rate of NumPy's 2048^3 "
        "product with as many threads in the same rounds."
    )
    columns = ["workload", "layers", "1 thread", "of peak"]
    columns += [f"{many} threads", "of peak", "faster"]
    text = written(TITLE, head, table(columns, [cells for cells, _ in measured]))
    reached = {
        f"threads {workload.name}": faster
        for workload, (_, faster) in zip(these, measured, strict=True)
    }
    return Section(text, reached | {"threads": min(reached.values())})


def measure(
    workload: Workload, chosen: Options, theirs: Stage
) -> tuple[list[str], float]:
    """Measure a workload: a row of the table, and how many times faster it became."""
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
        fraction = workload.step_flops / steps[-1] / peak
        cells += [figure(steps[-1] * 1e6), percent(fraction)]
    faster = steps[0] / steps[-1]
    return [*cells, times(faster)], faster
