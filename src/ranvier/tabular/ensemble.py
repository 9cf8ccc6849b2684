"""The members of a table's ensemble, trained on an encoded dataset."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.tabular.conformal import calibration_residuals, residual_quantiles
from ranvier.tabular.dataset import EncodedDataset
from ranvier.tabular.first_member import FirstMember, check_run, describe_fit
from ranvier.tabular.fit_context import FitContext
from ranvier.tabular.fit_options import FitOptions
from ranvier.tabular.hyperparameters import Hyperparameters
from ranvier.tabular.members import Member, finished, within
from ranvier.tabular.metadata import TrainingMetadata, now
from ranvier.tabular.model import TableModel
from ranvier.tabular.outputs import ClassOutputs, NumberOutputs, OutOfFold, Outputs
from ranvier.tabular.selection import count_networks, train_selected
from ranvier.training.calibration import shrinkage, temperature
from ranvier.training.progress_bar import bar
from ranvier.training.task import Data
from ranvier.version import __version__
from ranvier.warn import warn_user

Array = NDArray[Any]


class Ensemble(NamedTuple):
    """Trained members, with the rows and the form of the target that they learned."""

    members: list[Member]
    data: Data
    outputs: Outputs
    hyperparameters: Hyperparameters

    @property
    def out_of_fold(self) -> OutOfFold:
        """Outputs of the members on the rows each held out."""
        return OutOfFold.of(self.members, self.data)


def fit_ensemble(
    dataset: EncodedDataset,
    options: FitOptions,
    context: FitContext,
    seed: int,
    first: FirstMember,
    progress: bool | None = None,
) -> Ensemble:
    """Train the members, the first of them recorded where that is asked for.

    Parameters
    ----------
    dataset
        The rows to learn from.
    options
        How many networks, and which rows they hold out.
    context
        Threads, time limit and Ctrl-C.
    seed
        Of the first member; the next ones have the next seeds.
    first
        How the first member is recorded and watched.
    progress
        As for `train`.

    Raises
    ------
    KeyboardInterrupt
        Ctrl-C was pressed before any member had an epoch.
    NonFiniteError
        All members diverged.

    Warns
    -----
    RuntimeWarning
        Ctrl-C ended the fit; or some members diverged, and are left out.
    """
    check_run(first, options.preset)
    divided = dataset.folds(options, seed)
    rows = len(divided[0].train)
    spec, divided = within(context, dataset.spec(), divided, seed)
    hyperparameters, forms = spec.hyperparameters, dataset.outputs
    if (
        options.preset
        or context.time_budget.limit is not None
        or not hyperparameters.holds_out
    ):
        forms = forms[:1]  # there is no time to try others, or nothing to judge by
    specs = [
        replace(spec, data=Data(dataset.X, Y, dataset.weights))
        for Y in dataset.Y[: len(forms)]
    ]
    limit = len(divided[0].train) if len(divided[0].train) < rows else None

    def record(form: int) -> list[Member]:
        limited = dataset.rows_per_member if limit is None else limit
        about = describe_fit(dataset, form, hyperparameters, options, limited)
        # For the page: this network is one of several, and what they average to.
        wanted = count_networks(1, divided, hyperparameters.selection_folds)
        about["members"] = wanted * (hyperparameters.batch_ensemble_size or 1)
        return first.train(specs[form], divided[0], seed, about, context)

    count = count_networks(len(specs), divided, hyperparameters.selection_folds)
    with bar(progress, count * hyperparameters.epochs) as context.shown:
        members, form = train_selected(
            specs, forms, dataset.encoder.is_bin, divided, seed, context,
            record if first.is_watched else None,
        )  # fmt: skip
    members = finished(members)
    context.require_some(members)
    if context.interrupted:
        wanted = count_networks(1, divided, hyperparameters.selection_folds)
        wanted *= hyperparameters.batch_ensemble_size or 1
        _warn_of_interrupt(members, wanted)
    return Ensemble(members, specs[form].data, forms[form], hyperparameters)


def fit_model(
    dataset: EncodedDataset,
    options: FitOptions,
    context: FitContext,
    *,
    seed: int,
    first: FirstMember | None = None,
    progress: bool | None = None,
    reason: str,
    given_seed: int | None,
) -> TableModel:
    """Train an ensemble, and make a model of it: calibrated, with its residuals.

    Parameters
    ----------
    dataset, options, context, seed, first, progress
        As for `fit_ensemble`.
    reason, given_seed
        Why the task is what it is, and the seed the user gave, for the metadata.
    """
    started = perf_counter()
    first = FirstMember() if first is None else first
    ensemble = fit_ensemble(dataset, options, context, seed, first, progress)
    outputs, T, residuals = calibrated(ensemble, dataset.copies)
    if ensemble.hyperparameters.few_rows:
        shrink(ensemble)
    notices = [*dataset.notices, *context.notices]
    for text in context.notices:
        warn_user(text, RuntimeWarning)
    if isinstance(outputs, NumberOutputs) and outputs.transform.formula:
        notices.append(
            f"The target is skewed and is learned as {outputs.transform.formula}."
        )
    histories = [member.history() for member in ensemble.members]
    history = histories[0] if first.history is None else first.history
    if context.interrupted:
        history.stopped = "interrupted"
    seconds = perf_counter() - started + first.earlier_seconds
    return TableModel(
        [member.network for member in ensemble.members],
        dataset.encoder,
        outputs,
        temperature=T,
        residuals=residuals,
        notices=notices,
        reading=dataset.reading,
        metadata=TrainingMetadata(
            reason=reason,
            rows=dataset.rows,
            epochs=len(history),
            best_epoch=history.best_epoch or len(history),
            seconds=seconds,
            seed=given_seed,
            created=now(),
            version=__version__,
        ),
        history=history,
        histories=histories,
    )


def calibrated(
    ensemble: Ensemble, copies: Array | None
) -> tuple[Outputs, float | None, Array | None]:
    """Use the outputs on held-out rows to correct those on new ones.

    Returns
    -------
    tuple
        The outputs, of a transformed target with their mean corrected; for classes, the
        temperature; for numbers, the quantiles of the residuals.
    """
    outputs, held = ensemble.outputs, ensemble.out_of_fold
    if isinstance(outputs, NumberOutputs):
        held = held.averaged()
        outputs = outputs.balanced(held)
        networks = [member.network for member in ensemble.members]
        residuals, weights = calibration_residuals(
            outputs.transform, networks, ensemble.data, held, copies
        )
        return outputs, None, residual_quantiles(residuals, weights)
    if not isinstance(outputs, ClassOutputs):
        return outputs, None, None
    hyperparameters = ensemble.hyperparameters
    if not len(held.rows) or not hyperparameters.calibrates or hyperparameters.few_rows:
        return outputs, 1.0, None
    return outputs, temperature(held.Z, held.Y, held.weights), None


def shrink(ensemble: Ensemble) -> None:
    """Calibrate the members of a few rows in place, in W and b of their last layers.

    (P / q)^(1 / T) q = softmax(Z / T + (1 - 1 / T) log q), see `shrinkage`. Of several
    labels, each is calibrated by itself: Z is the log-odds, and q / (1 - q) stands for
    q.
    """
    held = ensemble.out_of_fold
    if not len(held.rows):
        return
    if isinstance(ensemble.outputs, ClassOutputs):
        T: Any
        T, q = shrinkage(held.Z, held.Y, held.weights)
        origin = np.log(q)
    else:
        columns = zip(held.Z.T, held.Y.T, strict=True)
        found = [
            shrinkage(np.stack([1 - p, p], 1), y.astype(int), held.weights)
            for p, y in columns
        ]
        T = np.array([T for T, _ in found])
        origin = np.array([np.log(q[1] / q[0]) for _, q in found])
    for member in ensemble.members:
        last = member.network.dense_layers[-1]
        last.W[...] /= T
        last.b[...] = last.b / T + (1 - 1 / T) * origin


def _warn_of_interrupt(members: list[Member], count: int) -> None:
    """Say what is kept after Ctrl-C; with nothing to keep, let it through."""
    if not members:
        raise KeyboardInterrupt
    warn_user(
        f"the fit was interrupted: {len(members)} of {count} networks are kept, each "
        "with the weights of its best epoch so far",
        RuntimeWarning,
    )
