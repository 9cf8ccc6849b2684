"""A trace in a file: every array by its name, in the container of `ranvier.files`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier import files
from ranvier.inspectable import EncodedRows
from ranvier.network.losses import Loss
from ranvier.network.network import Network
from ranvier.trace.layer_trace import FORWARD, Backward, LayerTrace

if TYPE_CHECKING:
    from ranvier.trace.trace import Trace

KIND: Final = "trace"
Arrays = dict[str, NDArray[Any]]


def save(trace: Trace, path: str | os.PathLike[str]) -> None:
    """Write a trace to one file; see `Trace.save`."""
    loss = trace.loss
    description = {
        "network": trace.network.description(),
        "loss": None if loss is None else [loss.name, loss.parameter],
        "columns": list(trace.columns),
        "sources": list(trace.sources),
        "outputs": list(trace.outputs),
        "rows": list(trace.rows),
        "given": trace.given,
    }
    files.save(path, description, _arrays(trace), KIND)


def load(make: type[Trace], path: str | os.PathLike[str]) -> Trace:
    """Read a trace that `save` wrote; see `Trace.load`."""
    description, arrays = files.load(path, KIND)
    try:
        return _rebuild(make, description, arrays)
    except files.UNUSABLE as error:
        raise files.FileFormatError(
            f"{os.fspath(path)!r} is a file of Ranvier's, but no trace can be made of "
            f"it: {error}. Save the trace again"
        ) from None


def _arrays(trace: Trace) -> Arrays:
    given = {"theta": trace.network.theta, "X": trace.X, "L": np.float64(trace.L)}
    optional = {"Y": trace.Y, "weights": trace.weights}
    given |= {name: array for name, array in optional.items() if array is not None}
    for own in trace.layers:
        named = {f"layers.{own.number}.{k}": v for k, v in own.arrays().items()}
        given |= named
    return {name: np.asarray(array) for name, array in given.items()}


def _rebuild(
    make: type[Trace], description: Mapping[str, Any], arrays: Arrays
) -> Trace:
    """Compute the trace again and put in the stored values, which must fit."""
    told = description["loss"]
    encoded = EncodedRows(
        arrays["X"],
        tuple(map(str, description["columns"])),
        tuple(map(str, description["sources"])),
        arrays.get("Y"),
        tuple(map(str, description["outputs"])),
    )
    trace = make(
        Network.from_description(description["network"], arrays["theta"]),
        encoded,
        loss=None if told is None else Loss(*told),
        sample_weight=arrays.get("weights"),
    )
    expected = {name: array.shape for name, array in _arrays(trace).items()}
    if expected != {name: array.shape for name, array in arrays.items()}:
        raise ValueError("its arrays are not those of its network")
    rows = tuple(map(int, description["rows"]))
    if len(rows) != len(trace.X):
        raise ValueError(f"it names {len(rows)} rows and holds {len(trace.X)}")
    trace.rows, trace.L = rows, float(arrays["L"])
    trace.given = _given(description, trace)
    # As stored: another machine may round the last digit in another way.
    trace.layers = tuple(_stored(own, arrays) for own in trace.layers)
    return trace


def _given(description: Mapping[str, Any], trace: Trace) -> dict[str, tuple[str, ...]]:
    """Read what the table held; files from before that was kept tell nothing of it."""
    told = description.get("given") or {}
    if not told:
        return {}
    given = {source: tuple(map(str, told[source])) for source in trace.sources}
    if any(len(values) != len(trace.rows) for values in given.values()):
        raise ValueError("what the table held is not of its rows")
    return given


def _stored(own: LayerTrace, arrays: Arrays) -> LayerTrace:
    def of(name: str) -> NDArray[Any]:
        return arrays[f"layers.{own.number}.{name}"]

    backward = None
    if own.backward is not None:
        backward = Backward(*(of(name) for name in Backward._fields))
    given: dict[str, Any] = {name: of(name) for name in FORWARD}
    return replace(own, **given, backward=backward)
