"""`ranvier.diagnose`: why a network, a run or an estimator does not do better."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ranvier.checks import checked_bool
from ranvier.doctor.arguments import checked_batch_size, checked_validation
from ranvier.doctor.curve_checks import Record, curve_findings
from ranvier.doctor.finding import Diagnosis, Finding, Language
from ranvier.doctor.network_diagnosis import network_diagnosis
from ranvier.doctor.prediction_checks import Predicted, prediction_findings
from ranvier.doctor.proof import prove as proven
from ranvier.doctor.rows import Rows
from ranvier.doctor.setup import Setup, of_config, of_training
from ranvier.doctor.trial import Trials
from ranvier.inspectable import encode
from ranvier.network.network import Network
from ranvier.run.run import Run
from ranvier.tabular.drift import ColumnDrift, DriftWarning
from ranvier.training.history import History
from ranvier.training.nonfinite import NonFiniteError

Array = NDArray[Any]

DRIFTED = 0.05  # of the rows


def diagnose(
    trained: Any,
    X: Any = None,
    y: Any = None,
    *,
    history: History | None = None,
    validation: Any = None,
    loss: Any = None,
    optimizer: Any = None,
    batch_size: int | None = None,
    error: NonFiniteError | None = None,
    prove: bool = False,
    language: Language = "en",
) -> Diagnosis:
    """Find out why a network does not learn, or could do better.

    Parameters
    ----------
    trained
        A `History`, a `Run`, a `Network`, an estimator or table model that is fitted,
        or the `NonFiniteError` that a training raised.
    X, y
        The rows it was trained on. A `Run` that kept its data needs none. Of a tabular
        estimator or table model: rows to score.
    history
        Of a `Network`: what `train` returned.
    validation
        Held-out rows: (X, y), a fraction or numbers of rows, as for `train`.
    loss, optimizer, batch_size
        As they were given to `train`. None: those of `history`, or the defaults.
    error
        The `NonFiniteError` that a training of the `Network` raised.
    prove
        Whether to try the cures of the first findings: two short trainings for each,
        without and with the cure, scored on the same held-out rows.
    language
        ``"en"`` or ``"ko"``.

    Returns
    -------
    Diagnosis
        What was found, the most likely cause first.

    Raises
    ------
    TypeError
        It is none of these.

    Examples
    --------
    >>> import ranvier as rv
    >>> X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] * 20, [0, 1, 1, 0] * 20
    >>> net = rv.Network.mlp(2, (), 1, output_activation="sigmoid", seed=0)
    >>> history = rv.train(net, X, y, progress=False)
    >>> rv.diagnose(net, X, y, history=history)[0].name
    'not_separable'
    """
    prove = checked_bool("prove", prove)
    batch_size = checked_batch_size(batch_size)
    settings = {"loss": loss, "optimizer": optimizer, "batch_size": batch_size}
    if error is not None and not isinstance(error, NonFiniteError):
        raise TypeError(
            f"error is {type(error).__name__}, but NonFiniteError was expected: give "
            "the error that the training raised"
        )
    if isinstance(trained, History):
        history, trained = trained, _run_of(trained) or trained
    if isinstance(trained, Run):
        case = _case_of_run(trained)
    elif isinstance(trained, NonFiniteError):
        case = _Case(Setup().given(**settings), X=X, y=y, error=trained)
    elif isinstance(trained, Network):
        setup = _setup_of(trained, history).given(**settings)
        rows = _parts(X, y, validation)
        case = _Case(setup, _records(history), *rows, error=error)
    elif isinstance(trained, History):
        case = _Case(_setup_of(None, history), _records(history))
    elif hasattr(trained, "coefs_") and hasattr(trained, "loss_"):
        case = _case_of_mlp(trained, X, y, validation)
    elif hasattr(trained, "drift") or hasattr(trained, "model_"):
        return Diagnosis(_of_table_model(trained, X, y), language=language)
    else:
        raise TypeError(
            f"trained is a {type(trained).__name__}, which cannot be diagnosed: give a "
            "History, a Run, a Network, or an estimator that is fitted (for data alone "
            "use preflight)"
        )
    found = Diagnosis(case.findings(), language=language)
    if prove:
        found = Diagnosis(proven(found, case.trials()), language=language)
    return found


class _Case(NamedTuple):
    """What is known of a training: see `network_diagnosis`."""

    setup: Setup
    records: Sequence[Record] = ()
    X: Any = None
    y: Any = None
    held_out: tuple[Any, Any] | None = None
    error: NonFiniteError | None = None

    def findings(self) -> list[Finding]:
        """Return what is found."""
        setup, records, X, y, held_out, error = self
        found = network_diagnosis(setup, records, X, y, held_out)
        if error is not None:
            found = [f for f in found if f.name != "diverged"]
            found.append(_diverged(error, setup))
        return found

    def trials(self) -> Trials | None:
        """Return what cures are tried on."""
        if self.X is None or self.y is None:
            return None
        names = self.setup.names
        rows = Rows.of(self.X, self.y, names=names)
        held_out = self.held_out and Rows.of(*self.held_out, names=names)
        return Trials.of(rows, held_out, self.setup)


def _run_of(history: History) -> Run | None:
    return None if history.run is None else Run(history.run)


def _records(history: History | None) -> list[Record]:
    return [] if history is None else [vars(record) for record in history]


def _parts(X: Any, y: Any, validation: Any) -> tuple[Any, Any, tuple[Any, Any] | None]:
    """Return training rows, and validation rows if there are any."""
    if validation is None or X is None:
        return X, y, None
    rows = Rows.of(X, y)
    labels = rows.y if rows.classes is not None else None
    found = checked_validation(validation, len(rows), labels)
    assert found is not None
    if found.rows is not None:
        Rows.of(found.rows[0], found.rows[1], what="validation ")
        return X, y, found.rows
    X, y = np.asarray(X), np.asarray(y)
    train, out = found.train, found.held_out
    return X[train], y[train], (X[out], y[out])


def _setup_of(network: Network | None, history: History | None) -> Setup:
    config = None if history is None else history.config
    if config is None:
        return Setup.of(network, 0, 0)
    if isinstance(config, Mapping):  # as `on_train_begin` shows it
        return of_training(network, config)
    return of_config(network, config)


def _case_of_run(run: Run) -> _Case:
    setup = of_training(run.network(), run.manifest["training"])
    about = run.manifest.get("about") or {}
    names = tuple(about.get("columns") or ())
    # Where there are options, the run is of a network of a table model.
    setup = replace(setup, names=names, encodes="options" in about)
    data = run.data
    if data is None:
        return _Case(setup, run.records)
    X, Y, rows = data["X"], data["Y"], data["rows"]
    held_out = None
    if "validation_X" in data:
        held_out = data["validation_X"], data["validation_Y"]
    elif len(rows) < len(X):
        rest = np.setdiff1d(np.arange(len(X)), rows)
        held_out = X[rest], Y[rest]
    return _Case(setup, run.records, X[rows], Y[rows], held_out)


def _diverged(error: NonFiniteError, setup: Setup) -> Finding:
    rate = setup.rate
    proposed = float(f"{(rate or 0.01) / 100:.1g}")
    evidence: dict[str, Any] = {
        "epoch": error.epoch,
        "loss": float("nan"),
        "step": error.step,
    }
    evidence |= {"layer": error.layer, "rows": error.rows, "rate": rate}
    evidence["proposed"] = proposed
    change = {"lr": proposed, "clip_norm": 1.0}
    return Finding("diverged", evidence, change=change)


def _case_of_mlp(model: Any, X: Any, y: Any, validation: Any) -> _Case:
    """Return what is known of an MLPClassifier or MLPRegressor."""
    setup, records = Setup.of(model, 0, 0), _mlp_records(model)
    if X is None or y is None:
        return _Case(setup, records)
    X, y, held_out = _parts(X, y, validation)
    if held_out is not None:
        held_out = _encoded(model, *held_out)
    return _Case(setup, records, *_encoded(model, X, y), held_out)


def _mlp_records(model: Any) -> list[Record]:
    losses: Sequence[float] = getattr(model, "loss_curve_", None) or ()
    validation: Sequence[float] = getattr(model, "validation_losses_", None) or ()
    watched = len(validation) == len(losses)
    return [
        {
            "epoch": i + 1,
            "loss": own,
            "validation_loss": validation[i] if watched else None,
            "learning_rate": model.learning_rate_init,
        }
        for i, own in enumerate(losses)
    ]


def _encoded(model: Any, X: Any, y: Any) -> tuple[Any, Any]:
    rows = encode(model, X, y)
    return X if hasattr(X, "columns") else rows.X, rows.Y  # with the columns' names


def _of_table_model(model: Any, X: Any, y: Any) -> list[Finding]:
    """Diagnose a tabular estimator or a table model, on rows to score."""
    setup = Setup.of(model, 0, 0)
    history = getattr(getattr(model, "model_", model), "history", None)
    found = list(curve_findings(_records(history), stops_early=True))
    found = [f for f in found if f.name == "diverged"]
    if X is None:
        return found
    drift = model.drift(X)
    if columns := [c.name for c in drift.columns if _drifted(c, drift.rows)]:
        evidence = {"columns": columns, "affected": drift.affected, "rows": drift.rows}
        found.append(Finding("new_rows_drift", evidence, "likely"))
    if y is None:
        return found
    with warnings.catch_warnings():  # that the finding says
        warnings.simplefilter("ignore", DriftWarning)
        return found + _of_scored_rows(model, X, y, setup)


def _drifted(column: ColumnDrift, rows: int) -> bool:
    """Say whether a column differs beyond chance, and in more than a few rows."""
    outside = (column.unseen + column.below + column.above) / rows
    missing = column.missing - column.training_missing
    return bool(column.concerns) and max(outside, missing) >= DRIFTED


def _of_scored_rows(model: Any, X: Any, y: Any, setup: Setup) -> list[Finding]:
    """Diagnose the predictions that a model of tables makes for rows."""
    classes = _classes_of(model)
    rows = Rows.of(X, y, "regression" if classes is None else "classification")
    if classes is None:
        P = np.asarray(model.predict(X), np.float64).reshape(len(rows), -1)
        return list(prediction_findings(Predicted(rows, P), None, setup))
    P = np.asarray(model.predict_proba(X))
    assert rows.classes is not None
    places = {str(c): k for k, c in enumerate(classes)}
    codes = np.array([places.get(str(c), -1) for c in rows.classes])[rows.y]
    known = np.flatnonzero(codes >= 0)
    own = rows.take(known)
    own = Rows(
        own.columns, own.numeric, codes[known], tuple(classes), None, own.is_matrix
    )
    part = Predicted(own, P[known])
    return list(prediction_findings(part, part, setup))


def _classes_of(model: Any) -> tuple[Any, ...] | None:
    classes = getattr(model, "classes_", None)
    if classes is None:
        classes = getattr(model, "classes", None)
    return None if classes is None or len(classes) == 0 else tuple(classes)
