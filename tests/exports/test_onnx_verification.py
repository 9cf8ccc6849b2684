"""ONNX files are compared with their models before they are written."""

import pytest
from networks import with_activation
from table_models import fitted, mixed

from ranvier.exports.table_verification import probe_table
from ranvier.exports.verification import ExportError, probe_rows

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


def stored(data: bytes) -> dict[str, str]:
    model = onnx.load_from_string(data)
    return {p.key: p.value for p in model.metadata_props}


def test_of_a_network() -> None:
    from ranvier.exports.onnx_verification import verified_network

    net = with_activation("tanh", "float32")
    data, verification = verified_network(net, probe_rows(net))
    assert stored(data)["verification"] == str(verification)
    assert 0 <= verification.gap < 1e-6


def test_of_a_table_model() -> None:
    from ranvier.exports.onnx_verification import verified_table

    model = fitted(mixed(100), "flag", epochs=2, hidden=(4,))
    data, verification = verified_table(model, probe_table(model, 80))
    assert stored(data)["verification"] == str(verification)
    assert verification.rows == 80
    assert verification.by.startswith("ONNX Runtime ")
    assert verification.gap < 3e-6


def test_bounds_are_compared_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from ranvier.exports import onnx_table
    from ranvier.exports.onnx_verification import verified_table

    model = fitted(mixed(100), "skewed", epochs=2, hidden=(4,))
    verified_table(model, probe_table(model, 80), 0.8)
    right = onnx_table.conformal_quantile
    monkeypatch.setattr(
        onnx_table, "conformal_quantile", lambda sizes, c: right(sizes, c) * 1.01
    )
    with pytest.raises(ExportError, match="differs from Python"):
        verified_table(model, probe_table(model, 80), 0.8)


def test_a_wrong_file_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from ranvier.exports import onnx_columns
    from ranvier.exports.onnx_verification import verified_table

    model = fitted(mixed(100), "flag", epochs=2, hidden=(4,))
    monkeypatch.setattr(onnx_columns, "DAY", 86_400_000_001)
    with pytest.raises(ExportError, match="the onnx file differs from Python by"):
        verified_table(model, probe_table(model, 80))
