"""All checks of a network with rows: data, weights, records, layers, predictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.doctor.curve_checks import Record, clipping_findings, curve_findings
from ranvier.doctor.finding import Finding
from ranvier.doctor.kinds import RANKS
from ranvier.doctor.layer_checks import layer_findings, weight_findings
from ranvier.doctor.network_checks import FOR_CLASSES, setting_findings
from ranvier.doctor.prediction_checks import Predicted, prediction_findings
from ranvier.doctor.preflight import rows_findings
from ranvier.doctor.rows import Rows
from ranvier.doctor.setup import Setup
from ranvier.doctor.trial import Trials
from ranvier.network.array_inputs import as_matrix, as_targets
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.training.optimizers import Adam

Array = NDArray[Any]

SMALL, LARGER = 4, 64  # units
GAIN: Final = 0.9  # score of a larger network, where less is better

# With these, a network cannot be run on the rows.
BREAKING: Final = (
    "missing_values",
    "infinite_values",
    "float32_overflow",
    "missing_target",
    "target_overflow",
    "too_few_outputs",
    "nonfinite_weights",
)


def network_diagnosis(
    setup: Setup,
    records: Sequence[Record],
    X: Any = None,
    y: Any = None,
    held_out: tuple[Any, Any] | None = None,
) -> list[Finding]:
    """Return all that is found about a network.

    Parameters
    ----------
    setup
        The network and how it was trained.
    records
        Of each epoch; may be empty.
    X, y
        The rows it was trained on; None: they are not known.
    held_out
        Other rows, and their targets.
    """
    net = setup.network
    found: list[Finding] = []
    rows = None
    if X is not None and y is not None:
        rows = Rows.of(X, y, names=setup.names)
        if not setup.encodes:  # what an encoder made are no columns of the user's
            found += rows_findings(rows, setup, held_out)
    else:
        found += setting_findings(setup)
    found += curve_findings(
        records,
        rate=setup.rate,
        stops_early=setup.stops_early,
        unusual=setup.unusual_rate,
        baseline=np.inf if rows is None else _baseline(rows, setup),
    )
    clip_norm = getattr(setup.optimizer, "clip_norm", None)
    found += clipping_findings(records, clip_norm, setup.rate)
    if net is not None:
        found += weight_findings(net)
    breaks = any(finding.name in BREAKING for finding in found)
    if net is not None and rows is not None and not breaks:
        with np.errstate(all="ignore"):
            found += _of_rows(net, setup, X, y, held_out)
    many = net is not None and rows is not None and net.theta.size > 3 * len(rows)
    return without_symptoms(
        found, rate_is_unusual=setup.unusual_rate[1], many_weights=many
    )


def _baseline(rows: Rows, setup: Setup) -> float:
    """Return the loss of the best constant; infinity if it is not known."""
    y = rows.y[~rows.missing_target]
    if not len(y):
        return np.inf
    if setup.loss in FOR_CLASSES and rows.classes is not None:
        p = np.bincount(y.astype(np.int64)) / len(y)
        return float(-(p[p > 0] * np.log(p[p > 0])).sum())
    if setup.loss == "squared_error" and rows.given is not None:
        return float(np.nanvar(rows.given, axis=0).mean())
    return np.inf


def _of_rows(
    net: Network, setup: Setup, X: Any, y: Any, held_out: tuple[Any, Any] | None
) -> Iterator[Finding]:
    """Yield what layers and predictions show."""
    name = setup.loss or "squared_error"
    loss = Loss(name)
    matrix, _ = as_matrix(X, net.dtype, columns=net.inputs)
    Y = as_targets(y, loss, net.outputs, net.dtype, rows=len(matrix))
    yield from layer_findings(net, matrix, Y, loss)
    train = predicted(net, name, matrix, y)
    other = None
    if held_out is not None:
        with suppress(ValueError):  # for example a class that training has not
            other = predicted(net, name, *held_out)
    judged = list(prediction_findings(train, other, setup))
    yield from judged
    if not {finding.name for finding in judged} & {
        "network_too_small",
        "not_separable",
    }:
        rows = Rows.of(X, y, names=setup.names)
        # With a usual rate, so that a network is not called small where it is slow.
        usual = setup.given(optimizer=Adam(lr=0.01), epochs=100)
        trials = Trials.of(rows, held_out and Rows.of(*held_out), usual)
        yield from _too_small(trials, setup)


def _too_small(trials: Trials | None, setup: Setup) -> Iterator[Finding]:
    """Yield that a larger network does much better, for a very small one."""
    hidden = setup.hidden
    if trials is None or max(hidden, default=0) > SMALL or len(hidden) > 1:
        return
    metric = trials.metric({})
    change = {"hidden": [LARGER], "activation": "relu"}
    own, larger = (trials.score(each, metric) for each in ({}, change))
    if larger < GAIN * own and np.isfinite(larger):
        evidence: dict[str, Any] = {"metric": metric, "score": own, "larger": larger}
        evidence |= setup.shape | {"units": LARGER}
        yield Finding("more_units_help", evidence, "likely", change)


def predicted(net: Network, loss: str, X: Any, y: Any) -> Predicted:
    """Return rows with a network's predictions of them."""
    task: Any = "classification" if loss in FOR_CLASSES else "regression"
    rows = Rows.of(X, y, task)
    matrix, _ = as_matrix(X, net.dtype, columns=net.inputs)
    A = np.asarray(net(matrix), np.float64)
    if loss not in FOR_CLASSES:
        return Predicted(rows, A)
    if net.activation.name == "identity":
        A = _softmax(A) if net.outputs > 1 else 1 / (1 + np.exp(-A))
    if net.outputs == 1:
        A = np.column_stack([1 - A[:, 0], A[:, 0]])
    k = A.shape[1]
    codes = (
        rows.y if rows.given is None or rows.given.shape[1] > 1 else rows.given[:, 0]
    )
    given = Rows.of(X, codes.astype(np.int64), "classification")
    labels = np.asarray(codes, np.int64)
    return Predicted(_with_codes(given, labels, k), A)


def _with_codes(rows: Rows, labels: Array, k: int) -> Rows:
    """Return rows whose classes are all that the network knows."""
    return Rows(
        rows.columns, rows.numeric, labels, tuple(range(k)), rows.given, rows.is_matrix
    )


def _softmax(Z: Array) -> Array:
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return np.asarray(E / E.sum(axis=1, keepdims=True))


def without_symptoms(
    found: list[Finding], *, rate_is_unusual: bool = False, many_weights: bool = True
) -> list[Finding]:
    """Leave out what another finding explains.

    Parameters
    ----------
    found
        All findings.
    rate_is_unusual
        Whether the learning rate is far above what its optimizer usually takes.
    many_weights
        Whether the network has so many weights that it can remember its rows.
    """
    faults = [f for f in found if RANKS[f.name] < RANKS["small_validation"]]
    if faults:
        found = [f for f in found if f.name != "not_learning"]
    names = {f.name for f in found}
    explained = {
        "not_learning": {"stopped_early"},
        "rate_too_low": {
            "network_too_small",
            "more_units_help",
            "not_separable",
            "symmetric_units",
            "regularisation_strong",
            "dropout_high",
            "vanishing_gradient",
            "saturated_units",
            "dead_units",
            "no_signal",
        },
        "stopped_early": {
            "network_too_small",
            "more_units_help",
            "symmetric_units",
            "dead_units",
            "overfitting",
            "exploding_gradient",
        },
        "unit_can_go": {"dead_units", "symmetric_units"},
        "network_too_small": {"bottleneck"},
        "more_units_help": {"bottleneck"},
        "overconfident": {"stopped_early", "rate_too_low"},
        "class_never_predicted": {
            "imbalanced_classes",
            "rate_too_low",
            "rate_too_high",
            "stopped_early",
        },
        "exploding_gradient": {"rate_too_high"} if rate_is_unusual else set(),
        "rate_too_high": set() if rate_is_unusual else {"exploding_gradient"},
        "overfitting": set() if many_weights else {"overconfident"},
        "gradient_spike": {"diverged", "rate_too_high"},
    }
    hidden = {name for name, causes in explained.items() if causes & names}
    return [f for f in found if f.name not in hidden]
