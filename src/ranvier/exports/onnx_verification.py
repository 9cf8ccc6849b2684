"""ONNX files beside the model they were made of, in ONNX Runtime. Imports onnx."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from ranvier.exports.onnx_inputs import raw_feeds, representable
from ranvier.exports.onnx_network import network_model
from ranvier.exports.onnx_table import TableGraph
from ranvier.exports.table_verification import predicted, predicted_bounds, table_gap
from ranvier.exports.verification import TOLERANCES, Verification, accepted, verify
from ranvier.network.network import Network
from ranvier.tabular.model import TableModel

Array = NDArray[Any]

RUNTIME = f"ONNX Runtime {onnxruntime.__version__}"


def verified_network(net: Network, X: Array) -> tuple[bytes, Verification]:
    """Build the file of a network and compare it on rows X (n, inputs)."""
    model = network_model(net)
    session = onnxruntime.InferenceSession(model.SerializeToString())

    def run(X: Array) -> Array:
        return np.asarray(session.run(None, {"X": X})[0])

    return _stored(model, verify("onnx", run, net, X, RUNTIME))


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
