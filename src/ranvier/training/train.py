"""Training a network: the public door, and those who watch.

The training itself is `sgd.epochs` and `lbfgs.minimise`; they yield or show one
record an epoch and know nothing of what happens here.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from functools import partial
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier import _engine, threads
from ranvier.network import losses
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.training import (
    argument_checks as checks,
)
from ranvier.training import (
    lbfgs,
    optimizers,
    restoring,
    run_creation,
    run_writer,
    schedules,
    sgd,
)
from ranvier.training.callbacks import Callback, CallbackList
from ranvier.training.config import Arguments
from ranvier.training.epoch_metrics import MetricLike, resolve_all, several
from ranvier.training.history import EpochRecord, History
from ranvier.training.nonfinite import NonFiniteError as NonFiniteError
from ranvier.training.optimizers import LBFGS, Optimizer
from ranvier.training.progress_bar import Bar, bar
from ranvier.training.run_writer import ResumedRun, RunLike, RunWriter
from ranvier.training.schedules import Schedule
from ranvier.training.stopping import EarlyStopping
from ranvier.training.task import Data, Task, row_work
from ranvier.training.validation import Validation, prepare, split

# A training shows each record to a function, which may tell it to stop, and returns how
# it ended.
See = Callable[[EpochRecord], bool]
Training = Callable[[See], str]

USUAL_EPOCHS = 100
USUAL_FOLDER = "runs"
USUAL_STEPS = 32  # of an epoch, while that makes batches between these sizes
SMALLEST_BATCH, LARGEST_BATCH = 16, 256


def train(
    net: Network,
    X: Any,
    y: Any,
    *,
    loss: str | Loss | None = None,
    optimizer: str | Optimizer = "adam",
    schedule: str | Schedule | None = None,
    decay_schedule: str | Schedule | None = None,
    dropout_schedule: str | Schedule | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    drop_last: bool = False,
    shuffle: bool = True,
    sample_weight: Any = None,
    validation: Validation = None,
    metric: MetricLike | Sequence[MetricLike] | None = None,
    stop: EarlyStopping | None = None,
    averaging: float = 0.0,
    callbacks: Iterable[Callback] = (),
    n_threads: int | None = None,
    seed: int | None = 0,
    progress: bool | None = None,
    run: RunLike = None,
    live: bool = False,
) -> History:
    """Train a network: change its parameters in place and return the history.

    Parameters
    ----------
    net
        The network; its parameters are where training starts, and change.
    X
        Inputs, (n, net.inputs): NumPy array, pandas, polars or Arrow table, or lists.
    y
        Targets, (n,) or (n, net.outputs); class numbers from 0 for cross_entropy.
    loss
        Name or description of what to minimise. None: cross_entropy after softmax,
        log_loss after sigmoid, poisson after exp, else squared_error.
    optimizer
        ``"adam"``, ``"adamw"``, ``"sgd"``, ``"lbfgs"``, or a description.
    schedule
        Name or function of the progress in [0, 1): a factor of the learning rate. None:
        constant.
    decay_schedule, dropout_schedule
        The same for the optimizer's weight_decay and for the rates of the network's
        dropout, which no factor may raise. None: constant.
    epochs
        Passes over the rows, or iterations of L-BFGS. None: 100, or what `LBFGS` says.
    batch_size
        Rows of a step; more than there are count as all. None: 256, or of a small table
        the power of two that makes some 32 steps an epoch, but at least 16.
    drop_last
        Whether each epoch leaves out the rows that fill no whole step, others each time
        if it shuffles.
    shuffle
        Whether each epoch takes the rows in an order of its own.
    sample_weight
        Weights of the rows in the loss, (n,), at least 0. None: all 1.
    validation
        Rows to score the network on after each epoch: (X, y), (X, y, weights); or those
        of X to hold out: their share, in (0, 1), evenly from each class, or an array of
        their numbers.
    metric
        What to score besides the loss: ``"accuracy"``, ``"rmse"``, ``"mae"``, ``"r2"``,
        a function of (y_true, y_pred), or several of them.
    stop
        Rule to stop early, after which the network holds the weights of the best epoch.
        Without one it holds those of the last.
    averaging
        Share, in [0, 1), that a running mean of the weights keeps at each step, for
        example 0.999. The network then has the mean after each epoch, and is scored
        with it, while training goes on from the weights themselves. 0: no mean.
    callbacks
        Functions called with each `EpochRecord`, in order, after the epoch; one that
        returns True (or raises StopIteration) stops the training.
    n_threads
        Threads to compute with; the result does not depend on it. None: as many as the
        processors and their limits allow (`show_config` tells them), and one where a
        step is small.
    seed
        Key of the orders, of the dropout masks and of the share held out, at least 0.
        None: a new one, kept in `History.seed`.
    progress
        Whether to draw a progress bar on standard error. None: if it is a terminal.
    run
        Folder of runs in which to record this one, or a `Recording`, which says more;
        `History.run` then names the folder made. None: nothing is written.
    live
        Whether to open a page on which the network can be watched as it learns. It
        needs a run; without one, the run is made in the folder ``runs``.

    Returns
    -------
    History
        One record an epoch, the best epoch, and why training ended.

    Raises
    ------
    ValueError, TypeError
        An argument is not what it should be; the network is as it was.
    NonFiniteError
        The loss or the weights left the finite numbers; the network keeps the weights
        of the last finished epoch.
    OSError
        The run cannot be written; the network keeps the weights of the epoch.

    Warns
    -----
    RuntimeWarning
        Ctrl-C ended the training. The network holds the weights of the best epoch so
        far; before the first epoch was done, those reached within it.

    Notes
    -----
    Same data, seed and version give the same bits, for any number of threads. An error
    in a callback is raised as it is, with a note that names the callback; the network
    then holds the weights of the epoch that had been finished.

    Examples
    --------
    >>> import numpy as np
    >>> import ranvier as rv
    >>> X = np.linspace(-1, 1, 64)[:, None]
    >>> y = X[:, 0] ** 2
    >>> net = rv.Network.mlp(1, 16, 1, "tanh", seed=0)
    >>> adam = rv.Adam(lr=0.01)
    >>> history = rv.train(net, X, y, optimizer=adam, validation=0.25, metric="r2")
    >>> len(history), history[-1].metrics["r2"] > 0.9
    (100, True)
    """
    checks.check_network(net)
    fit = losses.for_output(net.activation) if loss is None else losses.resolve(loss)
    net.check_trainable(fit)
    method, key = optimizers.resolve(optimizer), checks.checked_seed(seed)
    data = prepare(net, X, y, sample_weight, fit)
    rows, held_out = split(net, data, validation, fit, key)
    of_steps = checks.OfSteps(
        schedule, decay_schedule, dropout_schedule, batch_size, drop_last, averaging
    )
    asked = _asked(
        net, method, of_steps, len(rows), loss=fit, epochs=_limit(method, epochs),
        shuffle=shuffle, validation=_validation(validation), metric=several(metric),
        stop=stop, seed=key,
    )  # fmt: skip
    task = _task(net, data, rows, held_out, asked, metric, n_threads)
    watchers = CallbackList(task, stop, checks.checked_functions(callbacks), key)
    training, state = _training(task, asked)
    watchers.columns = run_creation.column_names(X)
    watchers.recorder = _recorder(run, live, watchers, state, asked)
    _watched(training, watchers, bar(progress, asked.epochs))
    return watchers.history


def _asked(
    net: Network,
    method: Optimizer,
    of_steps: checks.OfSteps,
    rows: int,
    **rest: Any,
) -> Arguments:
    """Put together what was asked for; refuse what has no meaning."""
    if isinstance(method, LBFGS):
        checks.check_whole(net, of_steps)
    schedule, of_decay, of_dropout = map(schedules.resolve, of_steps[:3])
    weight_decay = getattr(method, "weight_decay", 0.0)
    checks.check_schedules(net, weight_decay, of_decay, of_dropout)
    return Arguments(
        optimizer=method,
        schedule=schedule,
        decay_schedule=of_decay,
        dropout_schedule=of_dropout,
        batch_size=_batch(method, of_steps.batch_size, rows),
        drop_last=of_steps.drop_last,
        averaging=checks.checked_share("averaging", of_steps.averaging),
        **rest,
    )


def _task(
    net: Network,
    data: Data,
    rows: NDArray[np.int64],
    held_out: Data | None,
    asked: Arguments,
    metric: MetricLike | Sequence[MetricLike] | None,
    n_threads: int | None,
) -> Task:
    scores = resolve_all(metric, asked.loss.name)
    work = row_work(net.theta.size, 6) * asked.batch_size
    workspace = _engine.Workspace(threads.choose(n_threads, work))
    return Task(net, data, rows, asked.loss, workspace, held_out, scores)


def _training(
    task: Task, asked: Arguments
) -> tuple[Training, sgd.OptimizerState | None]:
    """Give the training itself, and what its optimizer carries; None for L-BFGS."""
    method = asked.optimizer
    if isinstance(method, LBFGS):
        return partial(lbfgs.minimise, task, method, asked.epochs), None
    plan = sgd.Plan(
        optimizer=method,
        schedule=asked.schedule,
        epochs=asked.epochs,
        batch_size=asked.batch_size,
        shuffle=asked.shuffle,
        seed=asked.seed,
        averaging=asked.averaging,
        decay_schedule=asked.decay_schedule,
        dropout_schedule=asked.dropout_schedule,
        drop_last=asked.drop_last,
    )
    state = sgd.OptimizerState.fresh(task, plan)
    return partial(_descend, task, plan, state), state


def _recorder(
    run: RunLike,
    live: bool,
    watchers: CallbackList,
    state: sgd.OptimizerState | None,
    asked: Arguments,
) -> RunWriter | None:
    """Give the one who writes the run; none where none is wanted."""
    task = watchers.task
    if isinstance(run, ResumedRun):
        recorder, told, best = restoring.go_on(run, task, state, asked.seed)
        watchers.remember(told, best)
    elif run is not None or live:
        rows = task.validation if asked.validation == "rows" else None
        where = USUAL_FOLDER if run is None else run
        recorder = run_writer.begin(where, task, state, asked, rows, watchers.columns)
    else:
        return None
    watchers.history.run = recorder.path
    if live:
        from ranvier.run.viewer import open_page

        watchers.history.page = open_page(recorder.path)
        print(f"Watch it learn: {watchers.history.page}", file=sys.stderr)  # noqa: T201
    return recorder


def _limit(method: Optimizer, epochs: int | None) -> int:
    usual = getattr(method, "max_iterations", USUAL_EPOCHS)
    return checks.checked_count("epochs", epochs, usual)


def _batch(method: Optimizer, batch_size: int | None, rows: int) -> int:
    usual = rows if isinstance(method, LBFGS) else usual_batch(rows)
    return min(checks.checked_count("batch_size", batch_size, usual), rows)


def _validation(validation: Validation) -> float | str | None:
    """Give what a run says of the rows scored on: a share, or how they were given."""
    if validation is None or isinstance(validation, Real):
        return None if validation is None else float(validation)
    return "numbers" if isinstance(validation, np.ndarray) else "rows"


def usual_batch(rows: int) -> int:
    """Give the batch size for so many rows where the user names none."""
    fitting = 1 << int(np.log2(max(rows / USUAL_STEPS, 1)))
    return min(max(fitting, SMALLEST_BATCH), LARGEST_BATCH)


def _descend(task: Task, plan: sgd.Plan, state: sgd.OptimizerState, see: See) -> str:
    for record in sgd.epochs(task, plan, state):
        if see(record):
            return "stopped"
    return "finished"


def _watched(training: Training, watchers: CallbackList, shown: Bar) -> None:
    with watchers.recorder or nullcontext():
        try:
            with shown as watchers.bar:
                ended = watchers.over or training(watchers.see)
        except KeyboardInterrupt:
            watchers.interrupted()
        else:
            watchers.settle(ended)
