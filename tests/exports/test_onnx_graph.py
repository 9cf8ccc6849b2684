"""An ONNX graph under construction."""

import numpy as np
import pytest

pytest.importorskip("onnx")


def test_equal_constants_are_stored_once() -> None:
    from ranvier.exports.onnx_graph import Graph

    graph = Graph("g")
    assert graph.constant(np.float32(2)) == graph.constant(np.float32(2))
    assert graph.constant(np.float32(2)) != graph.constant(np.float64(2))
    assert graph.constant(np.float32(2)) != graph.constant(np.float32([2]))
    assert len(graph.tensors) == 3


def test_metadata_is_kept() -> None:
    from ranvier.exports.onnx_graph import Graph

    graph = Graph("g")
    graph.output("y", graph.input("x", "float32", ["n"]), "float32", ["n"])
    model = graph.model({"who": "me"})
    assert [(p.key, p.value) for p in model.metadata_props] == [("who", "me")]
