"""The first member, trained by `train` where it can be recorded, shown and resumed."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from time import perf_counter
from typing import Any

import numpy as np

from ranvier.files import FileFormatError
from ranvier.network.network import Network
from ranvier.reading.decisions import Reading
from ranvier.run.folder import Recording
from ranvier.run.run import Run
from ranvier.splits import Split
from ranvier.table.encoder import TableEncoder
from ranvier.tabular.dataset import EncodedDataset
from ranvier.tabular.fit_context import FitContext
from ranvier.tabular.fit_options import FitOptions
from ranvier.tabular.hyperparameters import Hyperparameters
from ranvier.tabular.members import Member, MemberSpec
from ranvier.tabular.old_files import read_hyperparameters
from ranvier.tabular.outputs import read_outputs
from ranvier.training.callbacks import Callback
from ranvier.training.history import EpochRecord, History
from ranvier.training.nonfinite import NonFiniteError
from ranvier.training.resume import resume
from ranvier.training.run_creation import as_recording
from ranvier.training.task import Data
from ranvier.training.train import train_with


@dataclass
class FirstMember:
    """How the training of the first network is recorded and watched.

    Parameters
    ----------
    run
        Folder of runs, or what is to be said of the recording; a `Run` that was
        stopped is resumed. None: nothing is recorded.
    callbacks, live
        As for `train`.
    about
        What else the run stores.
    history
        Its epochs, once it was trained.
    earlier_seconds
        Time that was spent on it before it was resumed.
    """

    run: str | os.PathLike[str] | Recording | Run | None = None
    callbacks: Iterable[Callback] = ()
    live: bool = False
    about: Mapping[str, Any] = field(default_factory=dict)
    history: History | None = None
    earlier_seconds: float = 0.0

    @property
    def is_watched(self) -> bool:
        """Whether the first network is trained apart from the others."""
        self.callbacks = list(self.callbacks)
        return self.run is not None or self.live or bool(self.callbacks)

    def train(
        self,
        spec: MemberSpec,
        fold: Split,
        seed: int,
        about: Mapping[str, Any],
        context: FitContext,
    ) -> list[Member]:
        """Train it; give a list of it, empty if it diverged.

        Ctrl-C, the end of the time and a callback of the user's end it with the best
        epoch so far; Ctrl-C and the callback end the whole fit.
        """
        time_over = False

        def is_over(record: EpochRecord) -> bool:
            nonlocal time_over
            context.shown.show(record)
            time_over = context.time_budget.is_over
            return time_over

        watched: dict[str, Any] = {
            "callbacks": [*self.callbacks, is_over],
            "n_threads": context.n_threads,
            "progress": False,
        }
        started = perf_counter()
        try:
            with warnings.catch_warnings():
                # The caller says it, with how many networks are kept.
                interrupted = "training was interrupted"
                warnings.filterwarnings("ignore", interrupted, RuntimeWarning)
                if isinstance(self.run, Run):
                    net, history = resume_first(spec, fold, self.run, **watched)
                else:
                    watched |= {"run": self._recording(about), "live": self.live}
                    net, history = train_first(spec, fold, seed, **watched)
        except NonFiniteError as error:
            context.failed.append(error)
            return []
        if spec.stop is None:
            history.best_epoch = len(history) or None
        self.history = history
        if isinstance(self.run, Run):
            spent = perf_counter() - started
            self.earlier_seconds = max(0.0, history.seconds - spent)
        if history.stopped == "interrupted":
            context.interrupt()
        elif history.stopped != "finished" and not time_over:
            context.stopping.set()
        return [as_member(net, history, spec, fold)]

    def _recording(self, about: Mapping[str, Any]) -> Recording | None:
        """Say what the run stores beside the network, its rows and its epochs."""
        if self.run is None and not self.live:
            return None
        assert not isinstance(self.run, Run)
        recording = as_recording("runs" if self.run is None else self.run, None)
        about = {**about, **self.about, **(recording.about or {})}
        return replace(recording, about=about)


def train_first(
    spec: MemberSpec, fold: Split, seed: int, **watched: Any
) -> tuple[Network, History]:
    """Train a member as `train_members` would, bit for bit, but with `train`.

    Parameters
    ----------
    spec, fold, seed
        The rows and hyperparameters, the held-out rows, and the seed of the member.
    watched
        What `train` takes besides: ``run``, ``callbacks``, ``progress`` and the like.

    Returns
    -------
    tuple
        The network with the weights of its best epoch, and the history.
    """
    net = spec.start(fold, seed)
    data, held_out = _rows_of(spec, fold)
    history = train_with(
        net, data.X, data.Y, spec.config(net, fold, seed), sample_weight=data.weights,
        validation=held_out, **watched,
    )  # fmt: skip
    return net, history


def resume_first(
    spec: MemberSpec, fold: Split, run: Run, **watched: Any
) -> tuple[Network, History]:
    """Resume the run of a member."""
    data, held_out = _rows_of(spec, fold)
    return resume(
        run, data.X, data.Y, sample_weight=data.weights, validation=held_out, **watched
    )


def _rows_of(spec: MemberSpec, fold: Split) -> tuple[Data, Any]:
    """Return the rows of a fold, most often all, and which of them are held out."""
    rows = np.union1d(fold.train, fold.held_out)
    data = spec.data if len(rows) == len(spec.data) else spec.data.take(rows)
    scored = len(fold.held_out) > 0
    return data, np.searchsorted(rows, fold.held_out) if scored else None


def as_member(net: Network, history: History, spec: MemberSpec, fold: Split) -> Member:
    """Make a member of what `train_first` gave, or a run that was resumed."""
    keeps_best = spec.stop is not None and len(fold.held_out)
    number = history.best_epoch if keeps_best else len(history)
    return spec.member(net, history, history[number - 1] if number else None, fold)


# ---------------------------------------------------------------- what a run stores


def describe_fit(
    dataset: EncodedDataset,
    form: int,
    hyperparameters: Hyperparameters,
    options: FitOptions,
    rows_per_member: int | None,
) -> dict[str, Any]:
    """Describe a fit for its run, so that its page and `resume` know the table."""
    outputs = dataset.outputs[form]
    about: dict[str, Any] = {
        "columns": list(dataset.encoder.names),
        "encoding": dataset.encoder.describe(),
        "reading": dataset.reading.describe(),
        "outputs": outputs.describe(),
        "hyperparameters": asdict(hyperparameters),
        "options": options.describe(),
        "rows": dataset.rows,
        "rows_per_member": rows_per_member,
        "copies": _copies_are(dataset),
        "grouped": any(given is not None for given in dataset.split_by),
    }
    if (target := outputs.recorded) is not None:
        about |= {"target": target.name, "target_description": target.description()}
    return about


def _copies_are(dataset: EncodedDataset) -> str | None:
    """Say where the copies of each row can be read again: in the weights, or not."""
    copies, weights = dataset.copies, dataset.weights
    if copies is None:
        return None
    weights = np.ones(len(copies)) if weights is None else weights
    return "weights" if np.array_equal(copies, weights) else "lost"


def recorded_dataset(run: Run, dataset: EncodedDataset | None) -> EncodedDataset:
    """Return the rows and hyperparameters that a run was begun with.

    Parameters
    ----------
    run
        A run whose training began with a table.
    dataset
        Of the table, read again; None: it is made of what the run holds.

    Raises
    ------
    FileFormatError
        The run does not describe a table, or not rightly.
    """
    about: dict[str, Any] = run.manifest.get("about", {})
    try:
        hyperparameters = read_hyperparameters(about)
        outputs, limit = read_outputs(about["outputs"]), about["rows_per_member"]
        if dataset is not None:
            forms = [form.describe() for form in dataset.outputs]
            dataset = dataset.only(forms.index(outputs.describe()))
            return replace(
                dataset, hyperparameters=hyperparameters, rows_per_member=limit
            )
        if limit is not None:
            raise ValueError("each network had some of the rows only")
        if about.get("grouped", False):  # runs of older versions do not say
            raise ValueError(
                "its folds depend on groups or strata of the rows, and a run does not "
                "store these: put the table back where it was"
            )
        if about["copies"] == "lost":
            raise ValueError(
                "its rows had weights, and how often each occurs is not stored"
            )
        held: Mapping[str, Any] = run.data or {}
        weights, copies = held.get("weights"), None
        if about["copies"] == "weights":
            ones = np.ones(len(held["X"]), np.int64)
            copies = ones if weights is None else weights.astype(np.int64)
        return EncodedDataset(
            encoder=TableEncoder.read(about["encoding"]),
            reading=Reading.read(about["reading"]),
            X=held["X"],
            outputs=(outputs,),
            Y=(held["Y"],),
            weights=weights,
            hyperparameters=hyperparameters,
            copies=copies,
            rows=int(about["rows"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FileFormatError(
            f"the run {run.name!r} does not describe its table: {error}"
        ) from None


def check_run(first: FirstMember, preset: str | None) -> None:
    """Refuse what is no folder of runs, and a network that is none by itself."""
    if first.is_watched and preset == "tabm":
        raise ValueError(
            "a run or a callback follows one network, but those of preset='tabm' share "
            "their weights and are trained as one: leave run=, callbacks= or the "
            "preset out (in the shell, add --no-run)"
        )
    if not isinstance(first.run, str | os.PathLike | Recording | Run | None):
        raise TypeError(
            f"run must be a folder of runs, a Recording, or None for no run, but got "
            f"{first.run!r}: give for example 'runs'"
        )


def name_of(y: Any) -> str:
    """Return the name of a target, of a column of a frame or a frame of one; else y."""
    name = getattr(y, "name", None)
    columns = list(getattr(y, "columns", ()))
    name = columns[0] if len(columns) == 1 else name
    return name if isinstance(name, str) and name else "y"
