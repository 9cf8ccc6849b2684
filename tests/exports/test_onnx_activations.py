"""Every activation has a formula in ONNX; test_onnx_network.py compares values."""

import pytest

from ranvier.network.activations import NAMES

pytest.importorskip("onnx")


def test_every_activation_has_a_formula() -> None:
    from ranvier.exports.onnx_activations import FORMULAS

    assert FORMULAS.keys() == NAMES.keys()
