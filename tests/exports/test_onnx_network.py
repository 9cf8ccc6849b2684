"""A network in ONNX gives what Python gives, in ONNX Runtime and in the reference."""

import numpy as np
import pytest
from networks import DTYPES, everything

from ranvier.exports.verification import probe_rows, relative_gap
from ranvier.network.network import Network

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_activation_and_column(dtype: str) -> None:
    from onnx.reference import ReferenceEvaluator

    from ranvier.exports.onnx_network import network_model

    for net in everything(dtype):
        X = probe_rows(net)
        model = network_model(net)
        session = onnxruntime.InferenceSession(model.SerializeToString())
        assert relative_gap(session.run(None, {"X": X})[0], net(X)) <= 1e-6, net
        with np.errstate(all="ignore"):
            found = ReferenceEvaluator(model).run(None, {"X": X})[0]
        assert relative_gap(found, net(X)) <= 1e-6, net


def test_names_shapes_and_versions() -> None:
    from ranvier.exports.onnx_network import network_model

    model = network_model(Network.mlp(4, [3], 2, seed=0))
    session = onnxruntime.InferenceSession(model.SerializeToString())
    assert [(i.name, i.shape) for i in session.get_inputs()] == [("X", ["rows", 4])]
    assert [(o.name, o.shape) for o in session.get_outputs()] == [("Y", ["rows", 2])]
    assert {(o.domain, o.version) for o in model.opset_import} == {
        ("", 17),
        ("ai.onnx.ml", 3),
    }
    assert model.producer_name == "ranvier"
