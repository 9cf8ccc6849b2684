from itertools import product

import numpy as np
import pytest

import ranvier as rv
from built import trace_of
from cases import gap, grid, grid_case
from ranvier.trace.addresses import Weight
from ranvier.trace.chain import MOST_TERMS, sum_of_products, weight_factors
from ranvier.trace.explain import _row_trace


def every_weight(trace: rv.Trace) -> list[Weight]:
    found = []
    for own in trace.layers:
        d_in, d_out = own.W.shape
        places = product([None, *range(d_in)], range(d_out))
        found += [Weight(own.number, i, j) for i, j in places]
    return found


@pytest.mark.parametrize("kind", grid()[::5], ids=" ".join)
def test_the_factors_multiply_and_the_rows_add_up(kind) -> None:
    """Their products over the rows are dW and db, which other tests hold to peers."""
    trace = trace_of(grid_case(*kind))
    rows = [_row_trace(trace, row) for row in range(len(trace.X))]
    for weight in every_weight(trace):
        number, i, j = weight
        own = trace.layers[number - 1]
        expected = own.db[j] if i is None else own.dW[i, j]
        shares = [
            np.prod([factor.value for factor in weight_factors(at, weight)])
            for at in rows
        ]
        assert np.sum(shares) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_the_terms_of_a_sum_add_up() -> None:
    trace = rv.Network.mlp(2, [3, 12], 2, "tanh", seed=1).trace([[1, 2]], [[0, 1]])
    at = _row_trace(trace, 0)
    outer, *_ = weight_factors(at, Weight(1, 0, 1))
    assert len(outer.terms) == MOST_TERMS + 1
    assert outer.terms[-1].name == "4 smaller terms"
    assert sum(term.value for term in outer.terms) == pytest.approx(outer.value)
    sizes = [abs(term.value) for term in outer.terms[:-1]]
    assert sizes == sorted(sizes, reverse=True)
    one, *_ = weight_factors(at, Weight(2, 0, 1))
    assert [term.name for term in one.terms] in (
        ["dL/dZ3[0] W3[1,0]", "dL/dZ3[1] W3[1,1]"],
        ["dL/dZ3[1] W3[1,1]", "dL/dZ3[0] W3[1,0]"],
    )


def test_one_term_too_many_is_listed_rather_than_called_the_rest() -> None:
    ones = np.ones(MOST_TERMS + 1)
    parts = sum_of_products([str(j) for j in range(len(ones))], ones, ones, 9.0)
    assert len(parts) == MOST_TERMS + 1
    assert parts[-1].name == str(MOST_TERMS)


@pytest.mark.parametrize(
    ("loss", "output", "y", "formula", "value"),
    [
        ("squared_error", "identity", 1.0, "2 (a - y) with a = 3, y = 1", 4.0),
        ("absolute_error", "identity", 1.0, "sign(a - y)", 1.0),
        (rv.losses.huber(0.5), "identity", 1.0, "held within -0.5 and 0.5", 0.5),
        (rv.losses.quantile(0.9), "identity", 1.0, "-0.9 if a < y, 0.1 if a > y", 0.1),
        ("log_loss", "identity", 1.0, "(sigmoid(a) - y)", -0.0474259),
        ("log_loss", "sigmoid", 1.0, "(1 - y) / (1 - a) - y / a", -1.04979),
        ("poisson", "exp", 2.0, "(1 - y / a)", 0.900426),
        ("poisson", "identity", 2.0, "(exp(a) - y)", 18.0855),
    ],
)
def test_the_slope_of_each_loss_in_words(loss, output, y, formula, value) -> None:
    net = rv.Network(1, [rv.Dense(1, output, W=[[3.0]])])
    explained = net.trace([[1.0]], [y], loss=loss).explain("W1[0,0]")
    factor = explained.factors[0]
    assert factor.name == "dL/dA1[0]"
    assert factor.value == pytest.approx(value, rel=1e-5)
    assert formula in factor.source


def test_softmax_and_its_loss_are_one_factor() -> None:
    net = rv.Network(1, [rv.Dense(3, "softmax", W=[[1.0, 2.0, 3.0]])])
    trace = net.trace([[1.0]], [0], loss=rv.losses.cross_entropy(smoothing=0.3))
    explained = trace.explain("W1[0,2]")
    fused, x = explained.factors
    assert (fused.name, x.name) == ("dL/dZ1[2]", "dZ1[2]/dW1[0,2]")
    assert "cross_entropy and softmax in one" in fused.meaning
    assert "(a - (y smoothed by 0.3)) with a = 0.665241, y = 0" in fused.source
    assert sum(term.value for term in fused.terms) == pytest.approx(fused.value)


def test_a_saturated_output_is_one_factor_too() -> None:
    net = rv.Network(1, [rv.Dense(1, "sigmoid", W=[[-1000.0]])], dtype="float64")
    explained = net.trace([[1.0]], [1.0]).explain("W1[0,0]")
    assert [factor.value for factor in explained.factors] == [-1.0, 1.0]


def test_shares_of_several_rows_and_outputs_are_told(rng: np.random.Generator) -> None:
    net = rv.Network(2, [rv.Dense(3)], seed=0)
    trace = net.trace(rng.normal(size=(4, 2)), rng.normal(size=(4, 3)))
    source = trace.explain("b1[1]", row=2).factors[0].source
    assert source.startswith("2 (a - y) / 3 with a = ")
    assert source.endswith("times the row's share 0.25")


def test_names_of_columns_and_outputs_go_all_the_way() -> None:
    pd = pytest.importorskip("pandas")
    net = rv.Network.mlp(2, [2], 1, seed=0)
    trace = net.trace(pd.DataFrame({"income": [1.0], "age": [2.0]}), [1.0])
    explained = trace.explain("W1[income,1]")
    assert explained.about == "the weight from income to unit 1 of layer 1"
    assert explained.factors[-1].source == "the input income"
    assert trace.explain("W2[1,0]").factors[-1].source.startswith("A1[1], the output")


def test_gap_is_no_rubber_stamp() -> None:
    assert gap(np.array([1.0]), np.array([2.0])) == 0.5
