import numpy as np
import pytest
from matplotlib import pyplot as plt

import ranvier as rv

NET = rv.Network.mlp(3, [4], 2, seed=0)


def test_weights_with_the_bias_as_last_row() -> None:
    ax = rv.plot_weights(NET, names=["a", "b", "c"])
    (image,) = ax.images
    layer = NET.layers[0]
    np.testing.assert_allclose(image.get_array(), np.vstack([layer.W, layer.b]))
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", "b", "c", "bias"]
    assert len(ax.texts) == 16
    low, high = image.get_clim()
    assert low == -high  # so that 0 is the paper
    other = rv.plot_weights(NET, 2)
    assert other.get_yticklabels()[2].get_text() == "unit 2"


def test_gradients() -> None:
    trace = NET.trace(np.ones((5, 3)), np.zeros((5, 2)))
    ax = rv.plot_gradients(trace, 2)
    own = trace.layers[1]
    np.testing.assert_allclose(ax.images[0].get_array(), np.vstack([own.dW, own.db]))
    with pytest.raises(ValueError, match="without targets"):
        rv.plot_gradients(NET.trace(np.ones((5, 3))))


def test_large_maps_have_no_numbers() -> None:
    ax = rv.plot_weights(rv.Network.mlp(50, [60], 1, seed=0))
    assert not ax.texts
    assert ax.get_ylabel() == "inputs, the bias last"
    (minus,) = ax.lines  # the sign is told without colour
    W = rv.Network.mlp(50, [60], 1, seed=0).layers[0].W
    assert len(minus.get_xdata()) == (-0.1 * np.abs(W).max() > W).sum()


def test_a_layer_of_zeros_is_drawn() -> None:
    net = rv.Network(2, [rv.Dense(2, W="zeros")])
    assert rv.plot_weights(net).images


def test_what_is_not_there() -> None:
    for layer in (0, 3):
        with pytest.raises(ValueError, match=f"layer {layer} does not exist"):
            rv.plot_weights(NET, layer)


def test_given_axes_are_returned() -> None:
    _, ax = plt.subplots()
    assert rv.plot_weights(NET, ax=ax) is ax
