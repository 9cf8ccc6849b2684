"""What can be asked for on the command line."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from benchmarks import machine, workloads
from benchmarks.competitors import PEERS, RANVIER, Competitor
from benchmarks.workloads import Workload
from ranvier import threads


@dataclass(frozen=True)
class Options:
    """How to measure, and what.

    Parameters
    ----------
    workloads
        Those named; empty: those that the subcommand usually measures.
    peers
        The competitors beside Ranvier that are installed and asked for.
    threads
        The most threads that a contestant may take.
    rounds
        Timings of each contestant; the median counts.
    seconds
        The least length of a timing.
    out
        File to write the report to.
    before
        What the report holds already, above the section that is being measured.
    """

    workloads: tuple[Workload, ...] = ()
    peers: tuple[Competitor, ...] = PEERS
    threads: int = 1
    rounds: int = 7
    seconds: float = 0.3
    quick: bool = False
    out: Path | None = None
    before: tuple[str, ...] = ()

    def keep(self, text: str) -> None:
        """Write the report as far as it has come, if it is to be written at all."""
        if self.out is not None:
            self.out.write_text("\n".join([*self.before, text]), "utf-8")

    @property
    def thread_counts(self) -> tuple[int, ...]:
        """Return the numbers of threads that competitors are tried with."""
        return (1,) if self.threads == 1 else (1, self.threads)

    def threads_of(self, competitor: Competitor) -> tuple[int, ...]:
        """Return the numbers to try a competitor with; Ranvier chooses by itself."""
        return (self.threads,) if competitor is RANVIER else self.thread_counts


def parser(name: str) -> argparse.ArgumentParser:
    """Make the parser of a subcommand."""
    made = argparse.ArgumentParser(prog=f"python -m benchmarks {name}".strip())
    add = made.add_argument
    known = ", ".join(workloads.by_name())
    add("workload", nargs="*", help=f"a shape such as 20-64-64-1, or one of {known}")
    add("--batch", type=int, help="rows of a step (128)")
    add("--rows", type=int, help="rows of an epoch (100 batches)")
    add("--loss", choices=workloads.LOSSES)
    add("--activation", choices=workloads.ACTIVATIONS)
    add("--dropout", type=float, help="rate after each hidden layer (0)")
    add("--weight-decay", type=float, help="of AdamW (0: plain Adam)")
    add("--dtype", choices=("float32", "float64"))
    add("--threads", type=int, help="most threads (the processors that are free)")
    add("--peers", help="names between commas, or none (all installed)")
    add("--rounds", type=int, help="timings of each; the median counts (7)")
    add("--seconds", type=float, help="least length of a timing (0.3)")
    add("--quick", action="store_true", help="3 short rounds: to try, not to quote")
    add("--out", type=Path, help="write the report here, too")
    return made


def options(name: str, arguments: list[str]) -> Options:
    """Read the arguments of a subcommand; a mistake ends the program and says why."""
    reader = parser(name)
    given = reader.parse_args(arguments)
    fields = ("batch", "rows", "loss", "activation", "dropout", "weight_decay", "dtype")
    changes = {field: getattr(given, field) for field in fields}
    try:
        return Options(
            workloads=tuple(workloads.named(w, **changes) for w in given.workload),
            peers=peers_named(given.peers),
            threads=threads.choose(given.threads or threads.available(), 0),
            rounds=given.rounds or (3 if given.quick else 7),
            seconds=given.seconds or (0.05 if given.quick else 0.3),
            quick=given.quick,
            out=given.out,
        )
    except ValueError as mistake:
        reader.error(str(mistake))


def peers_named(names: str | None) -> tuple[Competitor, ...]:
    """Return the competitors named, or all that are installed.

    Raises
    ------
    ValueError
        There is none of a name, or it is not installed.
    """
    if names is None:
        return tuple(peer for peer in PEERS if machine.installed(peer.package))
    if names == "none":
        return ()
    known = {peer.name.casefold(): peer for peer in PEERS}
    chosen = []
    for name in names.split(","):
        peer = known.get(name.strip().casefold())
        if peer is None:
            raise ValueError(
                f"there is no competitor {name!r}: choose from "
                f"{', '.join(peer.name for peer in PEERS)}, or 'none'"
            )
        if not machine.installed(peer.package):
            raise ValueError(
                f"{peer.name} is not installed: pip install {peer.package}, or all "
                "of them with pip install --group benchmarks (pip 25.1 or newer)"
            )
        chosen.append(peer)
    return tuple(chosen)
