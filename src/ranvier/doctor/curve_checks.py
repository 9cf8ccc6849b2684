"""Checks of the records of a training: losses, learning rates, gradients by epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.doctor.finding import Finding

Array = NDArray[Any]
Record = Mapping[str, Any]

LEAST_EPOCHS: Final = 5
DIVERGED: Final = (
    10.0  # the last loss compared to the first, or the first to a constant
)
RISES: Final = 0.25  # of the epochs of the second half, in which the loss rises
RISE: Final = 0.1  # the usual rise, as a fraction of the loss
SLOW: Final = 0.5  # what the loss has lost at the end of a training that was too slow
STRAIGHT: Final = 0.35  # fraction of the fall that comes in the second half
# Fall over the last tenth of the epochs: of the validation loss, and of the training
# loss alone, which may fall long after the validation loss would rise.
FALLING, FALLING_ALONE = 0.05, 0.15
FEW_FALL, EPOCHS = (
    0.01,
    60,
)  # of the loss in each of a few epochs; what to train instead
LEARNED: Final = 0.3  # the training loss, compared to the first, that needs no more
OVERFIT: Final = 1.15  # the last validation loss, compared to the lowest
VANISHED: Final = 1e-3  # of the highest learning rate
CLIPPED: Final = 0.02  # of the usual norm of the gradient
SPIKE: Final = 100.0


def curve_findings(
    records: Sequence[Record],
    *,
    rate: float | None = None,
    stops_early: bool = False,
    baseline: float = np.inf,
    unusual: tuple[bool, bool] = (False, False),
) -> Iterator[Finding]:
    """Yield what the records of a training show.

    Parameters
    ----------
    records
        For each epoch the fields of `EpochRecord`; only ``epoch`` and ``loss`` must be
        there.
    rate
        The learning rate, if the records have none.
    stops_early
        Whether the weights of the best epoch were kept.
    baseline
        The loss of the best constant output, if it is known.
    unusual
        Whether the learning rate is far below, or far above, what its optimizer usually
        takes.
    """
    if not records:
        return
    epochs = np.array([record["epoch"] for record in records])
    loss = np.array([record["loss"] for record in records], np.float64)
    rates = _field(records, "learning_rate")
    known = rates[np.isfinite(rates)]
    rate = float(known[0]) if len(known) else rate
    yield from _diverged(epochs, loss, rate)
    if len(loss) < LEAST_EPOCHS or not np.isfinite(loss).all():
        yield from _few_epochs(epochs, loss)
        return
    if loss[-1] > DIVERGED * max(loss[0], 1e-12):
        return
    validation = _field(records, "validation_loss")
    too_high = list(_too_high(loss, rate, baseline, unusual[1]))
    yield from too_high
    overfit = []
    if np.isfinite(validation).all():
        overfit = list(_overfitting(epochs, loss, validation, stops_early))
        yield from overfit
    vanished = list(_vanished(epochs, rates, loss))
    yield from vanished
    if not too_high and not overfit and not vanished:
        yield from _too_short(epochs, loss, validation, rate, unusual[0])
    yield from _spike(epochs, _field(records, "gradient_norm"))


def _field(records: Sequence[Record], name: str) -> Array:
    """Return a field of each record, NaN where it has none."""
    values = [record.get(name) for record in records]
    return np.array([np.nan if v is None else v for v in values], np.float64)


def _lower(rate: float | None, factor: float) -> float:
    """Return a learning rate lower by a factor, in one digit."""
    return float(f"{(rate or 0.01) / factor:.1g}")


def _diverged(epochs: Array, loss: Array, rate: float | None) -> Iterator[Finding]:
    bad = np.flatnonzero(~np.isfinite(loss))
    grown = len(loss) > 1 and loss[-1] > DIVERGED * max(loss[0], 1e-12)
    if not len(bad) and not grown:
        return
    at = int(bad[0]) if len(bad) else int(np.argmax(loss > 2 * loss[0]))
    proposed = _lower(rate, 100)
    evidence: dict[str, Any] = {
        "epoch": int(epochs[at]),
        "loss": float(loss[at]),
        "rate": rate,
    }
    evidence["proposed"] = proposed
    yield Finding("diverged", evidence, change={"lr": proposed, "clip_norm": 1.0})


def _few_epochs(epochs: Array, loss: Array) -> Iterator[Finding]:
    """Yield that a training of very few epochs was still learning."""
    steps = np.diff(loss)
    if len(steps) and np.isfinite(loss).all() and (steps < -FEW_FALL * loss[:-1]).all():
        percent = 100 * float(1 - loss[-1] / loss[-2])
        evidence = {"epoch": int(epochs[-1]), "percent": percent, "proposed": EPOCHS}
        yield Finding("stopped_early", evidence, "likely", {"epochs": EPOCHS})


def _too_high(
    loss: Array, rate: float | None, baseline: float, unusual: bool
) -> Iterator[Finding]:
    """Yield that the loss rises again and again, or that first steps ruined weights."""
    half = loss[len(loss) // 2 :]
    steps = np.diff(half)
    rises = steps[steps > 0]
    if len(half) < 3 or not len(rises):
        return
    fraction = len(rises) / len(steps)
    usual = float(np.median(half))
    size = float(np.median(rises)) / max(usual, 1e-12)
    high = usual > LEARNED * min(loss[:3].max(), baseline)
    lost = loss[0] > DIVERGED * baseline and usual > 0.9 * baseline
    restless = fraction >= RISES and size >= RISE and high
    if restless or lost or (unusual and usual > LEARNED * loss[:3].min() / 3):
        proposed = _lower(rate, 30)
        evidence: dict[str, Any] = {
            "rate": rate,
            "percent": 100 * fraction,
            "rise": size,
        }
        evidence |= {"loss": float(loss[-1]), "proposed": proposed}
        yield Finding("rate_too_high", evidence, "likely", {"lr": proposed})


def _overfitting(
    epochs: Array, loss: Array, validation: Array, stops_early: bool
) -> Iterator[Finding]:
    best = int(validation.argmin())
    tail = max(1, len(loss) // 20)
    last = float(np.median(validation[-tail:]))
    fell = loss[-1] < loss[best]
    if stops_early or best >= 0.8 * len(loss) or not fell:
        return
    if last > OVERFIT * validation[best]:
        evidence: dict[str, Any] = {
            "epoch": int(epochs[best]),
            "best": float(validation[best]),
        }
        evidence |= {"last": last, "training": float(loss[-1])}
        change = {"epochs": int(epochs[best])}
        yield Finding("overfitting", evidence, "certain", change)


def _vanished(epochs: Array, rates: Array, loss: Array) -> Iterator[Finding]:
    """Yield that a schedule ended the training long before its last epoch."""
    if not np.isfinite(rates).all():
        return
    gone = np.flatnonzero(rates < VANISHED * rates.max())
    if len(gone) and gone[0] < 0.6 * len(rates) and loss[-1] > LEARNED * loss[0] / 3:
        evidence = {"first": float(rates.max()), "last": float(rates[gone[0]])}
        evidence["epoch"] = int(epochs[gone[0]])
        yield Finding("rate_vanished", evidence, "likely", {"schedule": None})


def clipping_findings(
    records: Sequence[Record], clip_norm: float | None, rate: float | None
) -> Iterator[Finding]:
    """Yield that gradients are clipped so much that training stands still."""
    norms = _field(records, "gradient_norm")
    norms = norms[np.isfinite(norms)]
    if clip_norm is None or len(norms) < LEAST_EPOCHS:
        return
    usual = float(np.median(norms))
    loss = [record["loss"] for record in records]
    if clip_norm < CLIPPED * usual and loss[-1] > LEARNED * loss[0]:
        evidence = {"clip_norm": clip_norm, "usual": usual, "rate": rate or 0.01}
        evidence["proposed"] = float(f"{2 * usual:.1g}")
        change = {"clip_norm": evidence["proposed"]}
        yield Finding("clipped", evidence, "likely", change)


def _too_short(
    epochs: Array, loss: Array, validation: Array, rate: float | None, unusual: bool
) -> Iterator[Finding]:
    """Yield that the loss fell too slowly, or was still falling at the end."""
    n, watched, least = len(loss), loss, FALLING_ALONE
    if np.isfinite(validation).all():
        watched, least = validation, FALLING
        if validation.argmin() < 0.9 * (n - 1):
            return
    first, last = float(watched[0]), float(watched[-1])
    fall = first - last
    half = float(watched[n // 2] - last)
    steady = np.mean(np.diff(watched) < 0) > 0.8
    scale = max(abs(first), 1e-12)
    slow = fall < SLOW * scale and half > STRAIGHT * fall
    if steady and fall > 0 and (slow or unusual):
        proposed = float(f"{(rate or 1e-4) * 30:.1g}")
        evidence: dict[str, Any] = {
            "rate": rate,
            "epochs": n,
            "first": first,
            "last": last,
        }
        evidence["proposed"] = proposed
        yield Finding("rate_too_low", evidence, "likely", {"lr": proposed})
        return
    tenth = max(1, n // 10)
    recent = float(watched[-1 - tenth] - last) / max(
        abs(float(watched[-1 - tenth])), 1e-12
    )
    if last < (LEARNED if watched is loss else LEARNED / 3) * scale:
        return
    if steady and recent > least * (1 if n >= 20 else 3):
        evidence = {"epoch": int(epochs[-1]), "percent": 100 * recent}
        evidence["proposed"] = 5 * n
        yield Finding("stopped_early", evidence, "likely", {"epochs": 5 * n})


def _spike(epochs: Array, norms: Array) -> Iterator[Finding]:
    known = np.isfinite(norms)
    if known.sum() < 10:
        return
    usual = float(np.median(norms[known]))
    at = int(np.nanargmax(np.where(known, norms, -1)))
    if usual > 0 and at >= 2 and norms[at] > SPIKE * max(usual, np.nanmax(norms[:2])):
        evidence: dict[str, Any] = {
            "epoch": int(epochs[at]),
            "ratio": float(norms[at] / usual),
        }
        evidence["proposed"] = float(f"{10 * usual:.1g}")
        change = {"clip_norm": evidence["proposed"]}
        yield Finding("gradient_spike", evidence, "possible", change)
