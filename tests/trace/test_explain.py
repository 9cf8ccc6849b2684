import numpy as np
import pytest

import ranvier as rv
from built import trace_of
from cases import grid, grid_case


@pytest.mark.parametrize("kind", grid()[::11], ids=" ".join)
def test_the_check_agrees_with_the_gradient(kind) -> None:
    trace = trace_of(grid_case(*kind))
    for own in trace.layers:
        k, (i, j) = own.number, (own.W.shape[0] - 1, own.W.shape[1] - 1)
        weight, bias = trace.explain(f"W{k}[{i},{j}]"), trace.explain(f"b{k}[{j}]")
        unit = trace.explain_unit(k, j)
        assert weight.gradient == pytest.approx(own.dW[i, j])
        assert bias.gradient == unit.gradient == pytest.approx(own.db[j])
        for told in (weight, bias, unit):
            assert told.check.gap < 1e-5
            assert told.check.difference == pytest.approx(told.gradient, abs=1e-8)


def test_integers_of_numpy(rng: np.random.Generator) -> None:
    net = rv.Network.mlp(2, [3], 1, "tanh", seed=0)
    trace = net.trace(rng.normal(size=(4, 2)), rng.normal(size=4))
    unit = trace.explain_unit(np.int64(1), np.uint8(2))
    assert unit == trace.explain_unit(1, 2)
    told = trace.explain("W1[1,2]", row=np.int64(3), paths=np.int16(2))
    assert told == trace.explain("W1[1,2]", row=3, paths=2)


def test_a_check_that_can_fail() -> None:
    """At the kink of relu the difference takes the mean of both slopes."""
    hidden = rv.Dense(1, "relu", W=[[1.0]])
    net = rv.Network(1, [hidden, rv.Dense(1, W=[[1.0]])], dtype="float64")
    check = net.trace([[0.0]], [1.0]).explain("b1[0]").check
    assert check.gap > 0.4
    assert check.difference == pytest.approx(-1, rel=1e-4)


def test_the_row_that_contributes_most(rng: np.random.Generator) -> None:
    net = rv.Network.mlp(2, [3], 1, "tanh", seed=0)
    X = rng.normal(size=(6, 2))
    X[4] *= 3
    trace = net.trace(X, rng.normal(size=6), sample_weight=[1, 1, 1, 1, 9, 1])
    own = trace.layers[0]
    shares = own.X[:, 1] * own.dZ[:, 2]
    told = trace.explain("W1[1,2]")
    assert told.row == np.abs(shares).argmax()
    assert told.contribution == pytest.approx(shares[told.row])
    assert [row for row, _ in told.rows] == np.argsort(-np.abs(shares))[:3].tolist()
    other = trace.explain("W1[1,2]", row=2)
    assert (other.row, other.gradient) == (2, told.gradient)
    assert other.contribution == pytest.approx(shares[2])
    with pytest.raises(ValueError, match=r"row 6 of the trace does not exist: .* 5$"):
        trace.explain("W1[1,2]", row=6)


def test_a_unit_and_what_comes_in() -> None:
    hidden = rv.Dense(1, "relu", W=[[2.0], [-5.0]], b=[1.0])
    net = rv.Network(2, [hidden, rv.Dense(1, W=[[3.0]])])
    told = net.trace([[4.0, 1.0]], [2.0]).explain_unit(1, 0)
    # z = 4 x 2 - 5 + 1 = 4, y^ = 12, dL/dz = 2 (12 - 2) 3 = 60
    assert (told.name, told.value, told.gradient) == ("Z1[0]", 4.0, 60.0)
    assert "relu(z) = 4" in told.about
    rows = [
        (part.weight, part.x, part.w, part.product, part.gradient, part.source)
        for part in told.incoming
    ]
    assert rows == [
        ("W1[0,0]", 4.0, 2.0, 8.0, 240.0, "x0"),
        ("W1[1,0]", 1.0, -5.0, -5.0, 60.0, "x1"),
        ("b1[0]", 1.0, 1.0, 1.0, 60.0, "the bias"),
    ]
    with pytest.raises(ValueError, match="unit 1 of layer 1 does not exist"):
        net.trace([[4.0, 1.0]], [2.0]).explain_unit(1, 1)


def test_without_targets_nothing_is_explained() -> None:
    trace = rv.Network(2, [rv.Dense(1)], seed=0).trace([[1.0, 2.0]])
    with pytest.raises(ValueError, match="without targets: give y too"):
        trace.explain("W1[0,0]")
    with pytest.raises(ValueError, match="without targets: give y too"):
        trace.explain_unit(1, 0)


def test_paths_can_be_left_out() -> None:
    trace = rv.Network.mlp(2, [3], 1, seed=0).trace([[1.0, 2.0]], [0.0])
    assert trace.explain("W1[0,0]", paths=0).paths == ()
