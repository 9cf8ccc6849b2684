import numpy as np
import pytest

import ranvier as rv
from ranvier import _engine
from ranvier.network import activations
from ranvier.trace.differences import BENDS, KINKS, Differences


def test_every_activation_with_a_kink_is_known() -> None:
    """f' jumps, or f'' does, exactly where `KINKS` and `BENDS` say so."""
    z = np.arange(-8, 8.0005, 1e-3)
    for name in set(activations.NAMES) - {"step", "softmax", "exp"}:
        f = rv.Activation(name, 0.5) if name in ("elu",) else rv.Activation(name)
        _, slope = _engine.activation(name, f.parameter, z)
        bend = np.diff(np.asarray(slope), 2)  # 1e-6 times the third derivative
        at = z[1:-1][np.abs(bend) > 1e-4]
        known = KINKS.get(name, ()) + BENDS.get(name, ())
        assert sorted({round(float(value), 1) for value in at}) == sorted(known), name


def test_derivatives_by_hand() -> None:
    """L = (2 w - 5)^2 at w = 3: dL/dw = 4 (2 w - 5), dL/db = 2 (2 w - 5)."""
    net = rv.Network(1, [rv.Dense(1, W=[[3.0]])], dtype="float64")
    moves = Differences(net, [[2.0]], [5.0], None, None)
    (dW,), (db,) = moves.compare(np.array([0]), "W"), moves.compare(np.array([1]), "b")
    assert (dW.given, db.given) == (4.0, 2.0)
    assert dW.found == pytest.approx(4.0, abs=dW.allowed)
    assert db.found == pytest.approx(2.0, abs=db.allowed)
    assert max(dW.allowed, db.allowed) < 1e-8
    assert net.theta.tolist() == [3.0, 0.0]


def test_a_larger_loss_is_allowed_more_rounding() -> None:
    net = rv.Network(1, [rv.Dense(1, W=[[3.0]])], dtype="float64")
    allowed = []
    for y in (5.0, 5e6):
        moves = Differences(net, [[2.0]], [y], None, None)
        allowed.append(moves.compare(np.array([1]), "b")[0].allowed)
    assert allowed[1] > 1e6 * allowed[0]
