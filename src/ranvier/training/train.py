"""Training a network: the public function, and the loop around it.

The training itself is `sgd.epochs` and `lbfgs.minimise`; they yield or show one record
an epoch and know nothing of callbacks.
"""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

from ranvier import _engine, threads
from ranvier.checks import checked_bool
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.run.folder import Recording
from ranvier.training import lbfgs, run_creation, run_writer, sgd
from ranvier.training.callbacks import Callback, CallbackList
from ranvier.training.column_scales import warn_of_scales
from ranvier.training.config import TrainConfig
from ranvier.training.epoch_metrics import MetricLike, resolve_all
from ranvier.training.history import EpochRecord, History
from ranvier.training.nonfinite import NonFiniteError as NonFiniteError
from ranvier.training.optimizers import LBFGS, Optimizer
from ranvier.training.progress_bar import Bar, bar
from ranvier.training.run_writer import RunWriter
from ranvier.training.schedules import Schedule
from ranvier.training.sgd import OptimizerState
from ranvier.training.stopping import Best, EarlyStopping
from ranvier.training.task import Task, row_work
from ranvier.training.validation import Validation, prepare, split

# A training shows each record to a function, which says whether to stop, and returns
# why it ended.
See = Callable[[EpochRecord], bool]
Training = Callable[[See], str]
# Opens the run to write: its writer, and the epochs and the best weights it has so far.
OpenRun = Callable[
    [Task, OptimizerState | None, TrainConfig],
    tuple[RunWriter, list[EpochRecord], Best],
]
RunLike = str | os.PathLike[str] | Recording | None

DEFAULT_FOLDER = "runs"


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
    ema_decay: float = 0.0,
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
        The network; training starts from its parameters and changes them.
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
        Name or function of the progress in [0, 1) that returns a factor of the learning
        rate. None: constant.
    decay_schedule, dropout_schedule
        The same for the optimizer's weight_decay and for the network's dropout rates;
        the factors of dropout must be at most 1. None: constant.
    epochs
        Passes over the rows, or iterations of L-BFGS. None: 100, or the
        ``max_iterations`` of `LBFGS`.
    batch_size
        Rows of a step, at most all. None: 256, or for a small table the power of two
        that makes about 32 steps an epoch, but at least 16.
    drop_last
        Whether each epoch leaves out the last step if it has fewer rows than the
        others.
    shuffle
        Whether each epoch takes the rows in a new order.
    sample_weight
        Weights of the rows in the loss, (n,), at least 0. None: all 1.
    validation
        Rows to score the network on after each epoch: (X, y) or (X, y, weights); or
        rows of X to hold out: a fraction in (0, 1), the same of each class, or an array
        of row indices.
    metric
        What to score besides the loss: ``"accuracy"``, ``"rmse"``, ``"mae"``, ``"r2"``,
        a function of (y_true, y_pred), or several of them.
    stop
        Rule for early stopping; the network then ends with the weights of the best
        epoch. None: it ends with those of the last.
    ema_decay
        Decay, in [0, 1), of an exponential moving average of the weights, for example
        0.999. The network then holds the average after each epoch and is scored with
        it, while training continues from the weights themselves. 0: no average.
    callbacks
        Functions called with each `EpochRecord`, in order, after the epoch; one that
        returns True (or raises StopIteration) stops the training. Also objects with
        any of the methods ``on_train_begin(network, config)``,
        ``on_epoch_end(record)`` and ``on_train_end(history)``.
    n_threads
        Threads to compute with; the result does not depend on it. None: as many as the
        processors and their limits allow (see `show_config`), and one if a step is
        small.
    seed
        Key of the row orders, the dropout masks and the rows held out, at least 0.
        None: a new one, kept in `History.seed`.
    progress
        Whether to draw a progress bar on standard error. None: if it is a terminal.
    run
        Folder of runs in which to record this one, or a `Recording` with more options;
        `History.run` is then the folder of this run. None: nothing is written.
    live
        Whether to open a page that shows the network as it learns. Without `run`, the
        run is recorded in the folder ``runs``.

    Returns
    -------
    History
        One record an epoch, the best epoch, and why training ended.

    Raises
    ------
    ValueError, TypeError
        An argument has no meaning; the network has not changed.
    NonFiniteError
        The loss or the weights became infinite or NaN; the network keeps the weights of
        the last finished epoch.
    OSError
        The run cannot be written; the network keeps the weights of the epoch.

    Warns
    -----
    UserWarning
        A column is on a scale far from that of the others.
    RuntimeWarning
        Ctrl-C ended the training. The network holds the weights of the best epoch so
        far; before the first epoch was done, those reached within it.

    Notes
    -----
    Same data, seed and version give the same bits, for any number of threads. An error
    in a callback is raised as it is, with a note that names the callback; the network
    then holds the weights of the last finished epoch.

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
    config = TrainConfig.of(net, locals())
    return train_with(
        net, X, y, config, sample_weight=sample_weight, validation=validation,
        callbacks=callbacks, n_threads=n_threads, progress=progress, run=run, live=live,
        notices=True,
    )  # fmt: skip


def train_with(
    net: Network,
    X: Any,
    y: Any,
    config: TrainConfig,
    *,
    sample_weight: Any = None,
    validation: Validation = None,
    callbacks: Iterable[Callback] = (),
    n_threads: int | None = None,
    progress: bool | None = None,
    run: RunLike | OpenRun = None,
    live: bool = False,
    is_cancelled: Callable[[], bool] | None = None,
    notices: bool = False,
) -> History:
    """Train a network in place by settings that are checked already; see `train`.

    Once `is_cancelled` gives True, it ends within a second as Ctrl-C would end it. With
    `notices`, columns that are surely on another scale are warned of.
    """
    data = prepare(net, X, y, sample_weight, config.loss)
    if notices and net.embedding is None:
        warn_of_scales(data.X, run_creation.column_names(X))
    rows, held_out = split(net, data, validation, config.loss, config.seed)
    config = config.for_rows(len(rows))
    work = row_work(net.theta.size, 6) * config.step_rows(len(rows))
    workspace = _engine.Workspace(threads.choose(n_threads, work))
    metrics = resolve_all(config.metric, config.loss.name)
    task = Task(
        net, data, rows, config.loss, workspace, held_out, metrics, is_cancelled
    )
    followers = CallbackList(task, config.stop, callbacks, config.seed)
    followers.history.config = config
    training, state = _training(task, config)
    if progress is not None:
        progress = checked_bool("progress", progress)
    shown = bar(progress, config.epochs)
    if run is not None or live:
        open_run = run if callable(run) else _new_run(run, X)
        _open(open_run, followers, state, config, live=live)
    _run(training, followers, shown, config)
    return followers.history


def _training(
    task: Task, config: TrainConfig
) -> tuple[Training, OptimizerState | None]:
    """Return the training itself, and its optimizer's state; None for L-BFGS."""
    if isinstance(config.optimizer, LBFGS):
        return partial(lbfgs.minimise, task, config.optimizer, config.epochs), None
    state = OptimizerState.fresh(task, config)

    def descend(see: See) -> str:
        for record in sgd.epochs(task, config, state):
            if see(record):
                return "stopped"
        return "finished"

    return descend, state


def _new_run(run: RunLike, X: Any) -> OpenRun:
    """Return the function that makes the folder of a new run and its writer."""
    folder = DEFAULT_FOLDER if run is None else run
    columns = run_creation.column_names(X)

    def open_run(
        task: Task, state: OptimizerState | None, config: TrainConfig
    ) -> tuple[RunWriter, list[EpochRecord], Best]:
        return run_writer.begin(folder, task, state, config, columns), [], None

    return open_run


def _open(
    open_run: OpenRun,
    followers: CallbackList,
    state: OptimizerState | None,
    config: TrainConfig,
    *,
    live: bool,
) -> None:
    """Open the run to write, and the page that shows it."""
    try:
        followers.writer, records, best = open_run(followers.task, state, config)
    except run_creation.NoRoomError as error:
        run_creation.warn_stopped(error)
        return
    followers.restore(records, best)
    history = followers.history
    history.run = followers.writer.path
    if live:
        from ranvier.run.viewer import open_page

        history.page = open_page(history.run)
        print(f"Watch it learn: {history.page}", file=sys.stderr)  # noqa: T201


def _run(
    training: Training, followers: CallbackList, shown: Bar, config: TrainConfig
) -> None:
    """Run the training to its end, whatever ends it."""
    with followers.writer or nullcontext():
        try:
            followers.on_train_begin(config)
            with shown as followers.bar:
                ended = followers.over or training(followers.on_epoch_end)
        except KeyboardInterrupt:
            followers.on_interrupt()
        except BaseException:
            followers.on_failure()
            raise
        else:
            followers.on_train_end(ended)
