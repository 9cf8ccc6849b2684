"""Ensembles for tables: the rate of a whole training step.

`python -m benchmarks ensembles` trains the members of a preset or of the default on
synthetic tables, and reports the rate relative to NumPy's 2048^3 product.
"""

import argparse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from time import perf_counter

import numpy as np

from benchmarks.competitors import matmul
from benchmarks.contestants import say
from benchmarks.problems import problem_of
from benchmarks.report import figure, percent, table
from benchmarks.timing import interleaved, paced
from benchmarks.workloads import Workload
from ranvier import threads
from ranvier.network import losses
from ranvier.network.network import Network
from ranvier.splits import Split
from ranvier.table.encoder import TableEncoder
from ranvier.table.frames import Columns
from ranvier.tabular.hyperparameters import Hyperparameters, choose_hyperparameters
from ranvier.tabular.input_embedding import input_embedding
from ranvier.tabular.members import MemberSpec, OutputSpec
from ranvier.tabular.presets import preset_hyperparameters
from ranvier.training.batch_ensemble import BatchEnsemble
from ranvier.training.batch_ensemble_training import batch_ensemble_epochs
from ranvier.training.sgd import OptimizerState, epochs
from ranvier.training.task import Data

COLUMNS = 16  # numbers, as the tables have at their middle
EPOCHS = 100_000  # more than are timed
SECONDS = 0.3  # the least length of a timing


@dataclass(frozen=True)
class Ensemble:
    """The members for a table of so many rows: of a preset, or of the default."""

    rows: int
    preset: str = ""

    def __str__(self) -> str:
        return self.preset or "the default"

    @property
    def hyperparameters(self) -> Hyperparameters:
        """How they are built and trained; the schedules never come to their end."""
        hyperparameters = choose_hyperparameters(self.rows)
        if self.preset:
            hyperparameters = preset_hyperparameters(
                self.preset, self.rows, classification=False
            )
        return replace(hyperparameters, epochs=EPOCHS)

    def spec(self) -> MemberSpec:
        """Make the table, encode it, and give what the members share."""
        rng = np.random.default_rng(0)
        X = rng.normal(size=(self.rows, COLUMNS))
        y = X[:, 0] * X[:, 1] + np.sin(X[:, 2])
        frame = Columns({f"x{i}": column for i, column in enumerate(X.T)})
        hyperparameters = self.hyperparameters
        encoding = TableEncoder.fit(frame, **hyperparameters.encoding())
        data = Data(encoding.transform(frame), y[:, None].astype(np.float32))
        output = OutputSpec(losses.resolve("squared_error"), 1, "identity")
        embedding = input_embedding(encoding, hyperparameters)
        return MemberSpec(data, output, hyperparameters, embedding, encoding.sources)


# Of the default one for each size of a batch.
ENSEMBLES = (
    *(Ensemble(rows) for rows in (900, 2_500, 9_000, 15_000)),
    Ensemble(5_000, "realmlp-td"),
    Ensemble(5_000, "tabm"),
)


class Training:
    """Members in training, as many as are trained at once."""

    def __init__(self, ensemble: Ensemble, n_threads: int) -> None:
        spec, fold = ensemble.spec(), Split(np.arange(ensemble.rows), np.arange(0))
        net, together = spec.network(0), spec.hyperparameters.batch_ensemble_size
        self.members = together or n_threads
        self.config = spec.config(net, fold, 0)
        self.shape = sizes_of(net)
        self.operations = self.members * row_operations(net) * ensemble.rows
        self.pool = ThreadPoolExecutor(n_threads)
        self.running = (shared if together else alone)(spec, fold, n_threads)

    def epochs(self, count: int) -> float:
        """Train all of them for so many epochs; give the seconds."""
        started = perf_counter()
        for _ in range(count):
            list(self.pool.map(next, self.running))
        return perf_counter() - started


def shared(spec: MemberSpec, fold: Split, n_threads: int) -> list[Iterator[object]]:
    """Begin the training of members that share their weights."""
    net = spec.network(0)
    members = BatchEnsemble(net, spec.hyperparameters.batch_ensemble_size)
    members.start(net, spec.sections, 0)
    task, config = spec.task(net, fold), spec.config(net, fold, 0)
    return [batch_ensemble_epochs(members, task, config, n_threads)]


def alone(spec: MemberSpec, fold: Split, n_threads: int) -> list[Iterator[object]]:
    """Begin the training of members of their own, one a thread."""
    begun: list[Iterator[object]] = []
    for seed in range(n_threads):
        net = spec.start(fold, seed)
        task, config = spec.task(net, fold), spec.config(net, fold, seed)
        begun.append(epochs(task, config, OptimizerState.fresh(task, config)))
    return begun


def sizes_of(net: Network) -> tuple[int, ...]:
    """Return what the first dense layer takes, and the units of each."""
    dense = net.dense_layers
    return dense[0].inputs, *(layer.units for layer in dense)


def row_operations(net: Network) -> int:
    """Count those of the products, a row.

    Of a cell of W two forward, two of dW, and two of dX: those of the first layer only
    where columns learn from them, which a scale alone does not need.
    """
    d_in, d_out, *_ = sizes_of(net)
    learns = net.embedding is not None and any(net.embedding.values)
    whole = sum(6 * before * after for before, after in pairwise(sizes_of(net)))
    return whole - (0 if learns else 2 * d_in * d_out)


def main(arguments: list[str]) -> None:
    """Measure, and print a line for each."""
    given = parser().parse_args(arguments)
    n_threads = threads.choose(given.threads, np.inf)
    nothing = Workload("product", (1, 1), 1, 1)
    product = matmul.Trainer(nothing, problem_of(nothing), n_threads)
    rows = []
    for ensemble in ENSEMBLES:
        say(f"{ensemble}")
        rows.append(line(ensemble, product, n_threads, given.rounds))
    head = ["members", "rows", "batch", "layers", "us a step", "GFLOP/s", "of peak"]
    print(f"At most {n_threads} threads.\n\n{table(head, rows)}")


def parser() -> argparse.ArgumentParser:
    """Make the reader of the arguments."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks ensembles", description=__doc__
    )
    made.add_argument("--rounds", type=int, default=5, help="timings of each (5)")
    made.add_argument("--threads", type=int, help="most threads (those free)")
    return made


def line(
    ensemble: Ensemble, product: matmul.Trainer, n_threads: int, rounds: int
) -> list[str]:
    """Measure an ensemble between products: a row of the table."""
    training = Training(ensemble, n_threads)

    def multiplied(count: int) -> float:
        started = perf_counter()
        product.train(count)
        return perf_counter() - started

    timed = {"epoch": training.epochs, "product": multiplied}
    seconds = interleaved({k: paced(run, SECONDS) for k, run in timed.items()}, rounds)
    rate = training.operations / median(seconds["epoch"])
    fraction = rate / (matmul.FLOPS / min(seconds["product"]))
    steps = training.config.steps_per_epoch(ensemble.rows)
    return [
        str(ensemble),
        f"{ensemble.rows:,}",
        str(training.config.batch_size),
        "-".join(map(str, training.shape)),
        figure(median(seconds["epoch"]) / steps * 1e6),
        figure(rate / 1e9),
        percent(fraction),
    ]
