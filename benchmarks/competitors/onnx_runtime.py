"""ONNX Runtime: predictions only, of the same network written as an ONNX graph."""

from collections.abc import Callable

import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks.competitors import UnsupportedError
from benchmarks.problems import Array, Weights
from benchmarks.workloads import Workload

OPERATORS = {"relu": "Relu", "tanh": "Tanh"}
OPSET, IR_VERSION = 17, 8  # old enough for every runtime of the last years


def graph(workload: Workload, weights: Weights) -> bytes:
    """Write the network as an ONNX model: a Gemm and an activation for each layer."""
    if workload.activation not in OPERATORS:
        raise UnsupportedError(f"has no {workload.activation} in opset {OPSET}")
    nodes, tensors, name = [], [], "X"
    for place, (W, b) in enumerate(weights):
        last = place == len(weights) - 1
        tensors += [
            numpy_helper.from_array(W, f"W{place}"),
            numpy_helper.from_array(b, f"b{place}"),
        ]
        Z, A = ("Y" if last else f"Z{place}"), f"A{place}"
        nodes.append(helper.make_node("Gemm", [name, f"W{place}", f"b{place}"], [Z]))
        if not last:
            nodes.append(helper.make_node(OPERATORS[workload.activation], [Z], [A]))
        name = A
    kind = TensorProto.FLOAT if workload.dtype == "float32" else TensorProto.DOUBLE
    ends = [
        helper.make_tensor_value_info(name, kind, ["n", width])
        for name, width in (("X", workload.layers[0]), ("Y", workload.layers[-1]))
    ]
    made = helper.make_graph(nodes, "network", ends[:1], ends[1:], tensors)
    opset = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(made, opset_imports=opset, ir_version=IR_VERSION)
    serialized: bytes = model.SerializeToString()
    return serialized


def predictor(
    workload: Workload, weights: Weights, threads: int
) -> Callable[[Array], Array]:
    """Return a session's `run` on the processor, with so many threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        graph(workload, weights), options, providers=["CPUExecutionProvider"]
    )
    run = session.run
    return lambda X: run(None, {"X": X})[0]
