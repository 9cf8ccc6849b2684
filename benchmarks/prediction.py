"""Predicting: one row from Python, as a service does it, and 100,000 rows."""

from dataclasses import dataclass, replace
from functools import partial
from math import nan
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
from benchmarks.report import Section, figure, percent, table, times, written
from benchmarks.timing import Timed, interleaved, medians, paced
from benchmarks.workloads import Workload

ONE_ROW = ("20-64-64-1", "50-256-256-256-1")
MANY_ROWS = "50-256-256-256-1"
ROWS = 100_000
# Allowed difference from double precision, relative to the largest output.
TOLERANCE = 1e-4

Seconds = dict[str, float]  # by competitor


def section(chosen: Options) -> Section:
    """Measure both, for the usual networks or those chosen, and write the tables."""
    peers, rows = predicting(chosen), 10_000 if chosen.quick else ROWS
    one = chosen.workloads or [workloads.named(shape) for shape in ONE_ROW]
    many = chosen.workloads or [workloads.named(MANY_ROWS)]
    with stage() as theirs:
        single = {
            each.shape: one_row(plain(each, 1000), peers, chosen, theirs)
            for each in one
        }
        # In processes that have predicted nothing yet: their memory is looked at.
        theirs.clear()
        several = [
            result
            for each in many
            for result in many_rows(plain(each, rows), peers, chosen, theirs)
        ]
    names = [RANVIER.name, *(peer.name for peer in peers)]
    text = written(
        "Prediction",
        "One row as a NumPy array (1, d): microseconds a call, median of "
        f"{chosen.rounds} interleaved rounds. In brackets how many times longer than "
        "Ranvier.",
        table(["network", *names], [cells_of(*item, names) for item in single.items()]),
        f"{rows:,} rows at once, at most {chosen.threads} threads. Share: of the rate "
        "of NumPy's 2048^3 product in the same rounds. Memory: by how much the "
        "process's peak grew beyond the outputs, in its first call with so many rows.",
        table(
            ["network", "competitor", "ms", "GFLOP/s", "of peak", "MB"],
            [result.cells() for result in several],
        ),
    )
    return Section(text, reached(single, several))


def reached(single: dict[str, Seconds], several: list["ManyRows"]) -> dict[str, float]:
    """Return the figures of the goals."""
    figures = {f"row {shape}": 1e6 * s[RANVIER.name] for shape, s in single.items()}
    against = [
        s[ONNX.name] / s[RANVIER.name] for s in single.values() if ONNX.name in s
    ]
    if against:
        figures["row ONNX"] = min(against)
    ours = [
        result
        for result in several
        if result.entry.contestant.is_ranvier and result.workload.rows == ROWS
    ]
    if not ours:
        return figures
    figures["rows rate"] = min(100 * result.rate / result.peak for result in ours)
    memory = [result.entry.memory for result in ours if result.entry.memory is not None]
    if memory:
        figures["rows memory"] = max(memory) / 1e6
    return figures


def predicting(chosen: Options) -> list[Competitor]:
    """Return the peers that predict, ONNX Runtime first where it is installed."""
    asked = {peer.name for peer in chosen.peers} & {"scikit-learn", "PyTorch"}
    peers = [peer for peer in PEERS if peer.name in asked]
    if asked and installed(ONNX.package) and installed("onnx"):
        peers.insert(0, ONNX)
    return peers


def plain(workload: Workload, rows: int) -> Workload:
    """Return its network, for so many rows, with Z of the last layer as outputs."""
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
    """Return a competitor's fastest number of threads; None where it cannot predict."""
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
) -> Seconds:
    """Measure single rows: the seconds of each competitor that can predict."""
    say(f"prediction of one row: {workload.shape}")
    timed = {}
    for competitor in (RANVIER, *peers):
        entry = best(competitor, workload, 1, chosen, theirs)
        if entry is not None:
            timed[competitor.name] = entry.timed
    return medians(timed, chosen.rounds)


def cells_of(shape: str, seconds: Seconds, names: list[str]) -> list[str]:
    """Write the row of a network in the table of single rows."""
    ours, cells = seconds[RANVIER.name], [shape]
    for name in names:
        took = seconds.get(name, nan)
        ratio = f" ({times(took / ours)})" if name in seconds and took != ours else ""
        cells.append(figure(took * 1e6) + ratio)
    return cells


@dataclass(frozen=True)
class ManyRows:
    """What was measured of a competitor: seconds, and the rates that follow."""

    workload: Workload
    entry: Entry
    seconds: float
    peak: float  # operations a second

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.workload.rows * self.workload.row_flops_forward / self.seconds

    def cells(self) -> list[str]:
        """Write its row of the table."""
        memory = None if self.entry.memory is None else self.entry.memory / 1e6
        cells = [self.workload.shape, self.entry.contestant.short]
        cells += [figure(self.seconds * 1e3), figure(self.rate / 1e9)]
        return [*cells, percent(self.rate / self.peak), figure(memory)]


def many_rows(
    workload: Workload, peers: list[Competitor], chosen: Options, theirs: Stage
) -> list[ManyRows]:
    """Measure many rows with each competitor that can predict."""
    say(f"prediction of {workload.rows:,} rows: {workload.shape}")
    entries = {}
    for competitor in (RANVIER, *peers):
        entry = best(competitor, workload, workload.rows, chosen, theirs)
        if entry is not None:
            entries[competitor.name] = entry
    product = theirs.call(MATMUL, "", chosen.threads)
    product.ask("set_up", workload)
    timed = {name: entry.timed for name, entry in entries.items()}
    timed[MATMUL.name] = paced(partial(product.ask, "train"), chosen.seconds)
    seconds = interleaved(timed, chosen.rounds)
    peak = matmul.FLOPS / min(seconds[MATMUL.name])
    return [
        ManyRows(workload, entry, median(seconds[name]), peak)
        for name, entry in entries.items()
    ]
