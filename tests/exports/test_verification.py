"""An export that differs from the model is found, and not written."""

import numpy as np
import pytest
from networks import with_activation, with_embedding

from ranvier.exports import verification
from ranvier.exports.c_file import network_file
from ranvier.exports.verification import (
    ExportError,
    Verification,
    find_compiler,
    probe_rows,
    relative_gap,
    verify,
    verify_c,
)


def test_probe_rows_are_ordinary_and_hostile() -> None:
    X = probe_rows(with_activation("tanh", "float32"))
    assert len(X) == 64
    assert np.isfinite(X).all()
    assert (X == 0).all(axis=1).any()
    assert np.abs(X).max() >= 1e15
    assert 0 < np.abs(X[X != 0]).min() < 1e-38  # subnormal


def test_probe_rows_fit_an_embedding() -> None:
    net = with_embedding("float32")
    codes = probe_rows(net)[:, 4]
    assert set(codes.tolist()) == {0, 1, 2, 3, 4, 5}


def test_gap_is_relative_to_the_row() -> None:
    expected = np.array([[1e6, 0.0], [0.1, 0.2]])
    first, last = np.array([[1, 0], [0, 0]]), np.array([[0, 0], [0, 0.5]])
    assert relative_gap(expected + first, expected) == pytest.approx(1e-6)
    assert relative_gap(expected + last, expected) == pytest.approx(0.5)


def test_a_wrong_export_is_refused() -> None:
    net = with_activation("tanh", "float64")
    X = probe_rows(net)
    with pytest.raises(ExportError, match=r"differs from Python by 0\.1"):
        verify("numpy", lambda X: net(X) + 0.1, net, X, "NumPy")


@pytest.mark.skipif(find_compiler() is None, reason="needs a C compiler")
def test_a_wrong_c_file_is_refused() -> None:
    net = with_activation("tanh", "float32")
    X = probe_rows(net)
    text = network_file(net, "model", X)
    assert verify_c(text, len(X)) == Verification(64, 0.0, verify_c(text, len(X)).by)
    with pytest.raises(ExportError, match="does not give what Python gives"):
        verify_c(text.replace("tanh1(z)", "z"), len(X))
    with pytest.raises(ExportError, match="does not compile"):
        verify_c(text + "}", len(X))


def test_without_a_compiler_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "COMPILERS", ())
    assert "not verified" in str(verify_c("", 0))
