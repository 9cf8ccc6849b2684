"""Predicting: one row from Python, as a service does it, and 100,000 rows."""

from dataclasses import dataclass, replace
from functools import partial
from statistics import median

from benchmarks import workloads
from benchmarks.competitors import (
    MATMUL,
    ONNX,
    PEERS,
    RANVIER,
    Competitor,
    UnsupportedError,
    matmul,
)
from benchmarks.contestants import Contestant, Stage, say, stage
from benchmarks.machine import installed
from benchmarks.options import Options
from benchmarks.report import figure, percent, table, times
from benchmarks.report import section as written
from benchmarks.timing import Timed, interleaved, paced
from benchmarks.workloads import Workload

ONE_ROW = ("20-64-64-1", "50-256-256-256-1")
MANY_ROWS = "50-256-256-256-1"
ROWS = 100_000
# How far outputs may be from those in double precision, as a share of the largest.
TOLERANCE = 1e-4


def section(chosen: Options) -> str:
    """Measure both, for the usual networks or those chosen, and write the tables."""
    peers, rows = predicting(chosen), 10_000 if chosen.quick else ROWS
    one = chosen.workloads or [workloads.named(shape) for shape in ONE_ROW]
    many = chosen.workloads or [workloads.named(MANY_ROWS)]
    with stage() as theirs:
        single = [one_row(plain(each, 1000), peers, chosen, theirs) for each in one]
        # In processes that have predicted nothing yet: their memory is looked at.
        theirs.clear()
        several = []
        for each in many:
            several += many_rows(plain(each, rows), peers, chosen, theirs)
    names = [RANVIER.name, *(peer.name for peer in peers)]
    return written(
        "Prediction",
        "One row as a NumPy array (1, d): microseconds a call, median of "
        f"{chosen.rounds} interleaved rounds. In brackets how many times longer than "
        "Ranvier.",
        table(["network", *names], single),
        f"{rows:,} rows at once, at most {chosen.threads} threads. Share: of the rate "
        "of NumPy's 2048^3 product in the same rounds. Memory: by how much the "
        "process's peak grew beyond the outputs, in its first call with so many rows.",
        table(["network", "competitor", "ms", "GFLOP/s", "share", "MB"], several),
    )


def predicting(chosen: Options) -> list[Competitor]:
    """Give the peers that predict, ONNX Runtime first where it is installed."""
    asked = {peer.name for peer in chosen.peers} & {"scikit-learn", "PyTorch"}
    peers = [peer for peer in PEERS if peer.name in asked]
    if asked and installed(ONNX.package) and installed("onnx"):
        peers.insert(0, ONNX)
    return peers


def plain(workload: Workload, rows: int) -> Workload:
    """Give its network, for so many rows, with Z of the last layer as outputs."""
    return replace(
        workload, rows=rows, batch=1, loss="squared_error", dropout=0.0, table=""
    )


@dataclass(frozen=True)
class Entry:
    """A contestant that predicts what it should, and its timing."""

    contestant: Contestant
    timed: Timed
    memory: int | None = None


def entered(
    contestant: Contestant, workload: Workload, rows: int, chosen: Options
) -> Entry:
    """Check a contestant's outputs, look at its memory, and make it ready to be timed.

    Raises
    ------
    RuntimeError, UnsupportedError
        It failed, or its outputs are wrong.
    """
    error = contestant.ask("set_up_prediction", workload)
    if not error <= TOLERANCE:
        raise RuntimeError(f"{contestant}: outputs are {error:.2g} from the true ones")
    memory = contestant.ask("memory_of_prediction") if rows > 1 else None
    timed = paced(partial(contestant.ask, "predict_rows", rows), chosen.seconds)
    return Entry(contestant, timed, memory)


def best(
    competitor: Competitor,
    workload: Workload,
    rows: int,
    chosen: Options,
    theirs: Stage,
) -> Entry | None:
    """Give a competitor's fastest number of threads; None where it cannot predict."""
    form, entries = next(iter(competitor.forms)), []
    for count in chosen.threads_of(competitor):
        contestant = theirs.call(competitor, form, count)
        try:
            entries.append(entered(contestant, workload, rows, chosen))
        except (UnsupportedError, RuntimeError) as lack:
            say(f"    {competitor.name}: {lack}")
    return min(entries, key=lambda entry: entry.timed(), default=None)


def one_row(
    workload: Workload, peers: list[Competitor], chosen: Options, theirs: Stage
) -> list[str]:
    """Measure single rows; write a row of the table."""
    say(f"prediction of one row: {workload.shape}")
    found = {
        competitor.name: best(competitor, workload, 1, chosen, theirs)
        for competitor in (RANVIER, *peers)
    }
    timed = {name: entry.timed for name, entry in found.items() if entry is not None}
    seconds = {
        name: median(several)
        for name, several in interleaved(timed, chosen.rounds).items()
    }
    ours = seconds[RANVIER.name]
    cells = [workload.shape, figure(ours * 1e6)]
    for peer in peers:
        theirs_too = seconds.get(peer.name)
        cells.append(
            figure(None)
            if theirs_too is None
            else f"{figure(theirs_too * 1e6)} ({times(theirs_too / ours)})"
        )
    return cells


def many_rows(
    workload: Workload, peers: list[Competitor], chosen: Options, theirs: Stage
) -> list[list[str]]:
    """Measure many rows; write a row of the table for each competitor."""
    rows = workload.rows
    say(f"prediction of {rows:,} rows: {workload.shape}")
    found = {
        competitor.name: best(competitor, workload, rows, chosen, theirs)
        for competitor in (RANVIER, *peers)
    }
    entries = {name: entry for name, entry in found.items() if entry is not None}
    product = theirs.call(MATMUL, "", chosen.threads)
    product.ask("set_up", workload)
    timed = {name: entry.timed for name, entry in entries.items()}
    timed[MATMUL.name] = paced(partial(product.ask, "train"), chosen.seconds)
    seconds = interleaved(timed, chosen.rounds)
    peak = matmul.FLOPS / min(seconds[MATMUL.name])
    written_rows = []
    for name, entry in entries.items():
        took = median(seconds[name])
        rate = rows * workload.row_flops_forward / took
        memory = None if entry.memory is None else entry.memory / 1e6
        cells = [workload.shape, entry.contestant.short]
        cells += [figure(took * 1e3)]
        cells += [figure(rate / 1e9), percent(rate / peak), figure(memory)]
        written_rows.append(cells)
    return written_rows
