"""ONNX files beside the model they were made of, in ONNX Runtime. Imports onnx."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from ranvier.exports.labels import Labels
from ranvier.exports.onnx_inputs import raw_feeds, representable
from ranvier.exports.onnx_network import network_model
from ranvier.exports.onnx_table import TableGraph
from ranvier.exports.table_verification import predicted, predicted_bounds, table_gap
from ranvier.exports.verification import (
    TOLERANCES,
    ExportError,
    Verification,
    accepted,
    verify,
)
from ranvier.network.network import Network
from ranvier.tabular.model import TableModel

Array = NDArray[Any]

RUNTIME = f"ONNX Runtime {onnxruntime.__version__}"


def verified_network(
    net: Network, X: Array, labels: Labels | None = None
) -> tuple[bytes, Verification]:
    """Build the file of a network and compare it on rows X (n, inputs)."""
    model = network_model(net, labels)
    session = onnxruntime.InferenceSession(model.SerializeToString())

    def run(X: Array) -> Array:
        if labels is None:
            return np.asarray(session.run(None, {"X": X})[0])
        if labels.inputs:
            truths = {name: x > 0.5 for name, x in zip(labels.inputs, X.T, strict=True)}
            return np.asarray(session.run(None, truths)[0])[:, None].astype(float)
        label, P = session.run(["label", "probabilities"], {"X": X})
        _check_labels(labels, label, P)
        return np.asarray(P[:, 1:] if net.outputs == 1 else P)

    return _stored(model, verify("onnx", run, net, X, RUNTIME))


def _check_labels(labels: Labels, label: Array, P: Array) -> None:
    """Raise ExportError where a label is not that of its probabilities."""
    # The label comes of the outputs; 1 - p may round the other way.
    if labels.several:
        right = label == (P > 0.5)
    else:
        chosen = np.searchsorted(labels.classes, label)
        right = P[np.arange(len(P)), chosen] >= P.max(axis=1) - 1e-6
    if not right.all():
        raise ExportError(
            "the labels of the onnx file are not those of its probabilities, so it was "
            "not written. Please report this with the model"
        )


def verified_table(
    model: TableModel, probe: dict[str, Array], interval: float | None = None
) -> tuple[bytes, Verification]:
    """Build the file of a table model and compare it.

    Parameters
    ----------
    model
        The model.
    probe
        Rows as `probe_table` draws them.
    interval
        As for `TableGraph`.
    """
    graph = TableGraph(model, interval)
    built = graph.build()
    session = onnxruntime.InferenceSession(built.SerializeToString())
    table = representable(model.encoder, probe)
    feeds = raw_feeds(model.encoder, table)
    (found,) = session.run([graph.main_output], feeds)
    gap = table_gap(model, found, predicted(model, table))
    if graph.interval is not None:
        names = [graph.names["low"], graph.names["high"]]
        true = predicted_bounds(model, table, graph.interval)
        for mine, theirs in zip(session.run(names, feeds), true, strict=True):
            gap = max(gap, table_gap(model, mine, theirs))
    rows = len(found)
    return _stored(
        built, accepted("onnx", gap, TOLERANCES["onnx table"], rows, RUNTIME)
    )


def _stored(
    model: onnx.ModelProto, verification: Verification
) -> tuple[bytes, Verification]:
    """Write the verification into the file."""
    entry = model.metadata_props.add()
    entry.key, entry.value = "verification", str(verification)
    return model.SerializeToString(), verification
