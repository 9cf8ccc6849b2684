"""What each column contributed to a prediction, by gradients along a path of inputs.

Integrated gradients (Sundararajan, Taly & Yan, 2017) go from a baseline row x0 to the
row x on a straight line and add up what each input does on the way:

    c_i = (x_i - x0_i) . mean over the line of dF/dx_i,    sum_i c_i = F(x) - F(x0).

Gradient times input takes dF/dx_i at x alone: quick, and off wherever F bends.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ranvier import inspectable
from ranvier.checks import checked_index, checked_int
from ranvier.inspectable import Decoder, EncodedRows
from ranvier.messages import check_known, choose, unknown
from ranvier.network.array_inputs import as_matrix, check_has_rows
from ranvier.network.network import Network
from ranvier.trace.attribution import Attribution
from ranvier.trace.differences import KINKS
from ranvier.trace.input_gradients import InputGradients
from ranvier.trace.layer_trace import Array

Method = Literal["integrated_gradients", "gradient_x_input"]
Outputs = NDArray[np.intp]

# Of the completeness gap, relative to a prediction above 1; where the activations have
# kinks, a smaller gap would take too many gradients.
TOLERANCE: Final = 1e-5
TOLERANCE_WITH_KINKS: Final = 1e-3
PANEL: Final = 64  # points of a Gauss-Legendre rule
MOST_STEPS: Final = 4096  # a row whose gap stays above that is given as it is
BLOCK: Final = 1 << 19  # numbers of one layer that are held at once


def attribute(
    fitted: Any,
    X: Any,
    *,
    method: Method = "integrated_gradients",
    baseline: Any = None,
    output: int | str | None = None,
    steps: int = 64,
) -> Attribution:
    """Say what each column contributed to each row's prediction.

    Parameters
    ----------
    fitted
        A `Network`, a `TableModel` or estimator of tables (the mean over all its
        networks, calibrated and in the units of the target), or another fitted
        estimator.
    X
        A table as its predict takes it.
    method
        ``"integrated_gradients"``: contributions add up to the prediction's difference
        from that for the baseline. ``"gradient_x_input"``: one gradient a row.
    baseline
        The row to compare with: a table of one row, or numbers as the network sees
        them, (inputs,). ``"mean"``: the mean of X. None: the average training row where
        the object knows it, as a `TableModel` does, else zeros.
    output
        Which output to explain: its number or name. None: for each row the largest.
    steps
        Points on the line from the baseline to the row. Rows whose gap is above 1e-5
        (1e-3 if an activation has kinks, as relu has) are done again with more, up to
        4,096.

    Returns
    -------
    Attribution
        ``contributions`` (n, columns), with the inputs that came from one column, such
        as a category's, added up; ``gap``, how far they are from complete.

    Raises
    ------
    ValueError
        X or the baseline does not fit, or there is no such output or method.

    Examples
    --------
    >>> import ranvier as rv
    >>> net = rv.Network(2, [rv.Dense(1, W=[[3.0], [-1.0]])])
    >>> attribute(net, [[2.0, 5.0]]).contributions.round(6).tolist()
    [[6.0, -5.0]]
    """
    check_known("method", method, get_args(Method))
    steps = checked_int("steps", steps, 1, 1_000_000, example=64)
    networks = inspectable.networks_of(fitted)
    rows = inspectable.named(inspectable.encode(fitted, X), networks[0])
    check_has_rows(rows.X, "X")
    if rows.decoder is None:
        rows = rows._replace(decoder=_as_it_is(rows))
    assert rows.decoder is not None
    F = np.mean([rows.decoder.values(network(rows.X)) for network in networks], axis=0)
    chosen = _outputs(F, output, rows.decoder.names)
    told = [
        _of_network(network, rows, chosen, method, steps, fitted, baseline)
        for network in networks
    ]
    return told[0] if len(told) == 1 else _mean(told)


def _as_it_is(rows: EncodedRows) -> Decoder:
    """Return the decoder of outputs that are predictions but for their unit."""
    return Decoder(
        rows.outputs,
        lambda A: rows.origin + rows.unit * np.asarray(A, np.float64),
        lambda A: np.full(A.shape, rows.unit),
    )


def _of_network(
    whole: Network,
    rows: EncodedRows,
    chosen: Outputs,
    method: Method,
    steps: int,
    fitted: Any,
    baseline: Any,
) -> Attribution:
    """Say what each column contributed to one network's output."""
    network, rows = inspectable.past_embedding(whole, rows)
    x0 = _baseline(fitted, whole, rows, baseline)
    decoder = rows.decoder
    assert decoder is not None
    own = decoder.values(network(rows.X))[np.arange(len(rows.X)), chosen]
    base = decoder.values(network(x0[None]))[0, chosen].astype(np.float64)
    own = own.astype(np.float64)
    gradients = InputGradients(network, decoder.slopes)
    if method == "gradient_x_input":
        parts = (rows.X - x0) * gradients(rows.X, chosen)
        used = np.ones(len(own), int)
    else:
        tolerance = _tolerance(network) * np.maximum(rows.unit, np.abs(own - base))
        parts, used = _integrated(
            network, gradients, rows.X, x0, chosen, own - base, steps, tolerance
        )
        if decoder.bounded:
            parts = _completed(parts, own - base)
    columns = tuple(dict.fromkeys(rows.sources))
    place = np.array([columns.index(source) for source in rows.sources])
    contributions = np.zeros((len(own), len(columns)))
    np.add.at(contributions.T, place, parts.T)
    return Attribution(
        method=method,
        columns=columns,
        contributions=contributions,
        inputs=rows.names,
        input_contributions=parts,
        prediction=own,
        baseline=base,
        output=chosen,
        outputs=decoder.names,
        gaps=parts.sum(axis=1) - (own - base),
        steps=used,
    )


def _mean(told: list[Attribution]) -> Attribution:
    """Average over networks whose mean is the prediction: contributions are linear."""
    names = ("contributions", "input_contributions", "prediction", "baseline", "gaps")
    means = {n: np.mean([getattr(one, n) for one in told], axis=0) for n in names}
    steps = np.sum([one.steps for one in told], axis=0)
    return replace(told[0], steps=steps, **means)


def _integrated(
    network: Network,
    gradients: InputGradients,
    X: Array,
    x0: Array,
    outputs: Outputs,
    difference: Array,
    steps: int,
    tolerance: Array,
) -> tuple[Array, NDArray[np.intp]]:
    """Compute the contributions (n, inputs), and the points that each row took."""
    parts = np.empty(X.shape)
    used = np.zeros(len(X), np.intp)
    left = np.arange(len(X))
    while len(left):
        for at in _pieces(network, left, steps):
            parts[at] = _along_the_line(gradients, X[at], x0, outputs[at], steps)
        used[left] = steps
        gap = np.abs(parts[left].sum(axis=1) - difference[left])
        left = left[gap > tolerance[left]]
        if steps >= MOST_STEPS:
            break
        steps = min(4 * steps, MOST_STEPS)
    return parts, used


def _along_the_line(
    gradients: InputGradients, X: Array, x0: Array, outputs: Outputs, steps: int
) -> Array:
    fractions, weights = _rule(steps)
    points = x0 + fractions[:, None] * (X - x0)[:, None, :]  # (n, steps, inputs)
    slopes = gradients(points.reshape(-1, X.shape[1]), np.repeat(outputs, steps))
    mean: Array = np.einsum("s,nsi->ni", weights, slopes.reshape(points.shape))
    return (X - x0) * mean


def _rule(steps: int) -> tuple[Array, Array]:
    """Return the points in (0, 1) and weights of Gauss-Legendre rules side by side."""
    panels = -(-steps // PANEL)
    sizes = [steps // panels + (k < steps % panels) for k in range(panels)]
    rules = [np.polynomial.legendre.leggauss(size) for size in sizes]
    points = [(k + (x + 1) / 2) / panels for k, (x, _) in enumerate(rules)]
    return np.concatenate(points), np.concatenate([w / 2 / panels for _, w in rules])


def _completed(parts: Array, difference: Array) -> Array:
    """Spread what is missing over the inputs, by the sizes of their contributions.

    Where the line to a row leaves the range of predictions, no number of points finds
    the place to the last digit.
    """
    sizes = np.abs(parts)
    total = sizes.sum(axis=1)
    missing = (difference - parts.sum(axis=1)) / np.where(total > 0, total, 1)
    return np.asarray(parts + missing[:, None] * sizes)


def _tolerance(network: Network) -> float:
    hidden = network.dense_layers[:-1]
    kinks = any(layer.activation.name in KINKS for layer in hidden)
    return TOLERANCE_WITH_KINKS if kinks else TOLERANCE


def _pieces(network: Network, rows: Outputs, steps: int) -> Iterator[Outputs]:
    """Cut rows into pieces that fit the memory."""
    widest = max(network.inputs, *(layer.units for layer in network.dense_layers))
    size = max(1, BLOCK // (widest * steps))
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _baseline(fitted: Any, network: Network, rows: EncodedRows, baseline: Any) -> Array:
    """Return the reference row, as the first dense layer of the network sees it."""
    if baseline is None:
        return np.zeros(rows.X.shape[1]) if rows.baseline is None else rows.baseline
    if isinstance(baseline, str):
        if baseline != "mean":
            raise unknown("baseline", baseline, ["mean"])
        return np.asarray(rows.X.mean(axis=0))
    if hasattr(baseline, "columns"):
        encoded = inspectable.encode(fitted, baseline).X
    else:
        encoded, _ = as_matrix(_row(baseline), np.float64, network.inputs, "baseline")
    if len(encoded) != 1:
        raise ValueError(
            f"the baseline has {len(encoded)} rows, but one row is compared with: give "
            "one, or baseline='mean' for the mean of X"
        )
    return np.asarray(network.embed(encoded)[0], np.float64)


def _row(baseline: Any) -> NDArray[Any]:
    """Return numbers (inputs,) as a table of one row."""
    try:
        return np.atleast_2d(np.asarray(baseline))
    except ValueError:
        raise ValueError(
            f"baseline must be one row of numbers, but got {baseline!r}: give for "
            "example zeros, or 'mean'"
        ) from None


def _outputs(F: Array, output: int | str | None, names: tuple[str, ...]) -> Outputs:
    """Return the number of the output that is explained in each row."""
    if output is None:
        return np.asarray(F.argmax(axis=1), np.intp)
    if isinstance(output, str):
        if output not in names:
            raise ValueError(
                f"output {output!r} does not exist: {choose(output, names, 'outputs')}"
            )
        output = names.index(output)
    return np.full(len(F), checked_index("output", output, len(names)))
