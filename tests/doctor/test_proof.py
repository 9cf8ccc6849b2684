"""Cures that are tried."""

import numpy as np
import pytest
from tests.doctor.rows_and_networks import rows

import ranvier as rv


def test_a_cure_is_proven_on_held_out_rows() -> None:
    X, y = rows()
    X[:, 3] *= 1e5
    net = rv.Network.mlp(5, 16, 1, output_activation="sigmoid", seed=0)
    with pytest.warns(UserWarning, match="'x3' are on another scale"):
        history = rv.train(net, X, y, epochs=30, progress=False)
    found = rv.diagnose(net, X, y, history=history, prove=True)
    proof = found[0].proof
    assert proof is not None
    assert proof.improves
    assert (proof.metric, proof.rows, proof.epochs) == ("log_loss", 100, 30)
    assert "Tried: log_loss on 100 held-out rows" in str(found)
    assert "검증용 100행의 log_loss" in str(found.in_language("ko"))
    assert found.to_dict()["findings"][0]["proof"]["after"] == proof.after


def test_a_leak_has_no_cure_that_scores_better() -> None:
    X, y = rows()
    X[:, 4] = y + 0.001 * X[:, 4]
    net = rv.Network.mlp(5, 16, 1, output_activation="sigmoid", seed=0)
    found = rv.diagnose(net, X, y, prove=True)
    assert found[0].name == "leaking_column"
    assert found[0].proof is None


def test_without_rows_nothing_is_tried() -> None:
    X, y = rows()
    net = rv.Network.mlp(5, 16, 1, output_activation="sigmoid", seed=0)
    history = rv.train(net, X, y, optimizer=rv.Adam(lr=1e-6), progress=False)
    found = rv.diagnose(history, prove=True)
    assert [f.proof for f in found] == [None]
    assert np.isfinite(found[0].evidence["last"])
