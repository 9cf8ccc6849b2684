"""Many networks trained at once on the same rows, one network a thread."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from threading import Event
from typing import Any

import numpy as np

from ranvier import threads
from ranvier.network.array_inputs import as_matrix
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.training.argument_checks import checked_seed
from ranvier.training.config import TrainConfig
from ranvier.training.epoch_metrics import MetricLike
from ranvier.training.history import History
from ranvier.training.optimizers import Optimizer
from ranvier.training.schedules import Schedule
from ranvier.training.stopping import EarlyStopping
from ranvier.training.train import train_with
from ranvier.training.validation import Validation
from ranvier.training.worker_threads import run_in_threads


def train_many(
    nets: Sequence[Network],
    X: Any,
    y: Any,
    *,
    loss: str | Loss | None = None,
    optimizer: str | Optimizer | Sequence[str | Optimizer] = "adam",
    schedule: str | Schedule | Sequence[str | Schedule | None] | None = None,
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
    n_threads: int | None = None,
    seed: int | Sequence[int | None] | None = 0,
) -> list[History]:
    """Train several networks in place on the same rows, at the same time.

    Each ends as `train` alone would leave it, bit for bit. Small networks gain most:
    with one network a thread, the threads need not wait for each other.

    Parameters
    ----------
    nets
        K networks of one dtype, each an object of its own.
    X, y
        Inputs and targets, as for `train`; shared, and kept in memory once.
    optimizer, schedule
        As for `train`; or a list of K, one for each network.
    sample_weight
        Weights of the rows, (n,), for all; or (K, n), or a list of K, for each its own.
        0 leaves a row out.
    decay_schedule, dropout_schedule, drop_last
        As for `train`, for all networks.
    loss, epochs, batch_size, shuffle, validation, metric, stop, ema_decay
        As for `train`, for all networks.
    n_threads
        How many networks to train at a time; no result depends on it. None: as many
        as there are processors for this process.
    seed
        The k-th network is trained with seed + k. Or a list of K; None: new ones.

    Returns
    -------
    list of History
        One for each network, in their order.

    Raises
    ------
    ValueError, TypeError
        An argument has no meaning. The networks have not changed.
    NonFiniteError
        As for `train`, with a note that says which network. The others are trained to
        their end first.

    Warns
    -----
    RuntimeWarning
        Ctrl-C ended the training; each network holds its best weights so far. So it
        does when a signal handler raises another exception, which is then raised.

    Examples
    --------
    >>> import numpy as np
    >>> import ranvier as rv
    >>> X = np.linspace(-1, 1, 64)[:, None]
    >>> nets = [rv.Network.mlp(1, 8, 1, "tanh", seed=k) for k in range(4)]
    >>> rates = [rv.Adam(lr=lr) for lr in (0.001, 0.003, 0.01, 0.03)]
    >>> histories = rv.train_many(nets, X, X[:, 0] ** 2, optimizer=rates, epochs=50)
    >>> histories[3].best_loss < histories[0].best_loss
    True
    """
    settings = dict(locals())
    count = _check(nets)
    matrix, _ = as_matrix(X, nets[0].dtype, columns=nets[0].inputs)
    settings["optimizer"] = _for_each("optimizer", optimizer, count)
    settings["schedule"] = _for_each("schedule", schedule, count)
    settings["seed"] = _seeds(seed, count)
    configs = [_config(nets[k], settings, k) for k in range(count)]
    weights = _for_each("sample_weight", _rows_of_weights(sample_weight), count)
    cancel = Event()

    def one(k: int) -> History:
        return train_with(
            nets[k], matrix, y, configs[k], sample_weight=weights[k],
            validation=validation, n_threads=1, progress=False,
            is_cancelled=cancel.is_set,
        )  # fmt: skip

    workers = min(count, threads.choose(n_threads, np.inf))
    jobs = run_in_threads(one, count, workers, cancel.set)
    return [_result(job, k) for k, job in enumerate(jobs)]


def _config(net: Network, settings: Mapping[str, Any], k: int) -> TrainConfig:
    """Return the settings of one network: some of the lists hold one for each."""
    own = {name: settings[name][k] for name in ("optimizer", "schedule", "seed")}
    try:
        return TrainConfig.of(net, {**settings, **own})
    except (TypeError, ValueError) as error:
        error.add_note(f"raised for nets[{k}]; no network has been trained")
        raise


def _result(job: Future[History], k: int) -> History:
    error = job.exception()
    if error is not None:
        error.add_note(f"raised in the training of nets[{k}]")
        raise error
    return job.result()


def _check(nets: Sequence[Network]) -> int:
    """Refuse what cannot be trained together; give the number of networks."""
    if not isinstance(nets, list | tuple) or not nets:
        raise TypeError(
            f"nets must be a list of networks, but got {nets!r}: give for example "
            "[Network.mlp(4, 16, 1, seed=k) for k in range(8)]"
        )
    for k, net in enumerate(nets):
        if not isinstance(net, Network):
            raise TypeError(
                f"nets[{k}] must be a ranvier.Network, but is {type(net).__name__}"
            )
        if (net.inputs, net.dtype) != (nets[0].inputs, nets[0].dtype):
            raise ValueError(
                f"nets[{k}] has {net.inputs} inputs in {net.dtype}, but nets[0] has "
                f"{nets[0].inputs} in {nets[0].dtype}: networks that share their rows "
                "need the same; train the others in a call of their own"
            )
        if any(net is other for other in nets[:k]):
            raise ValueError(
                f"nets[{k}] is in the list twice, and two trainings cannot change the "
                "same network: give a copy, net.copy()"
            )
    return len(nets)


def _for_each(name: str, given: Any, count: int) -> Sequence[Any]:
    """Return one for each network: those of a list, or the same for all."""
    if not isinstance(given, list | tuple):
        return [given] * count
    if len(given) != count:
        raise ValueError(
            f"{name} is a list of {len(given)}, but there are {count} networks: give "
            "one for each, or a single one for all"
        )
    return given


def _rows_of_weights(given: Any) -> Any:
    """Turn (K, n) into a list of K; numbers in a list are weights of rows, for all."""
    if isinstance(given, list | tuple):
        return np.asarray(given) if all(np.isscalar(w) for w in given) else list(given)
    return list(given) if np.ndim(given) == 2 else given


def _seeds(given: Any, count: int) -> Sequence[int | None]:
    if given is None or isinstance(given, list | tuple):
        return _for_each("seed", given, count)
    first = checked_seed(given)
    return [first + k for k in range(count)]
