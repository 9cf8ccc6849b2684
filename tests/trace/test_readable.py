import numpy as np
import pytest

import ranvier as rv


@pytest.fixture
def trace() -> rv.Trace:
    net = rv.Network.mlp(3, [4], 2, "tanh", dtype="float64", seed=0)
    X = np.random.default_rng(0).normal(size=(5, 3))
    return net.trace(X, X[:, :2], sample_weight=[1, 2, 3, 4, 0])


def test_arrays_and_numbers_by_name(trace: rv.Trace) -> None:
    assert trace["dW2"] is trace.layers[1].dW
    assert trace["W1[x1,3]"] == trace.layers[0].W[1, 3]
    with pytest.raises(ValueError, match="names no array"):
        trace["nothing"]


def test_a_product_is_that_of_the_layer(trace: rv.Trace) -> None:
    product = trace.matrix_product(2)
    np.testing.assert_allclose(product.X @ product.W + product.b, trace["Z2"])
    with pytest.raises(ValueError, match="layer 0 does not exist"):
        trace.matrix_product(0)


def test_shares_are_the_weights_of_the_rows(trace: rv.Trace) -> None:
    assert trace.shares().tolist() == [0.1, 0.2, 0.3, 0.4, 0.0]


def test_explanations_are_of_the_traced_gradient(trace: rv.Trace) -> None:
    assert trace.explain("W1[0,2]").gradient == pytest.approx(trace["dW1[0,2]"])
    assert len(trace.explain_unit(1, 2).incoming) == 4  # three inputs and the bias
    assert len(trace.to_frame("weights")) == 3 * 4 + 4 + 4 * 2 + 2
