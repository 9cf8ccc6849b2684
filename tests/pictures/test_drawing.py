import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex

import ranvier as rv
from ranvier.pictures import palette
from ranvier.pictures.drawing import ENDS, MOST_LINES


def lines_of(ax) -> list[LineCollection]:
    return [own for own in ax.collections if isinstance(own, LineCollection)]


def units_of(ax) -> list[int]:
    return [
        len(own.get_offsets())
        for own in ax.collections
        if isinstance(own, PathCollection)
    ]


def texts_of(ax) -> str:
    return " ".join(text.get_text() for text in ax.texts)


def test_a_line_for_each_weight() -> None:
    hidden = rv.Dense(2, "relu", W=[[2.0, -1.0], [0.0, 0.5], [1.0, 1.0]])
    net = rv.Network(3, [hidden, rv.Dense(1, W=[[1.0], [-3.0]])])
    ax = rv.plot_network(net)
    assert units_of(ax) == [3, 2, 1]
    first, last = lines_of(ax)
    assert len(first.get_segments()) == 5  # the weight that is 0 is no line
    assert len(last.get_segments()) == 2
    # The strongest is on top: W[0, 0], the widest line, blue and solid.
    widths = first.get_linewidths()
    assert list(widths) == sorted(widths)
    assert to_hex(first.get_colors()[-1]) == palette.POSITIVE
    assert to_hex(last.get_colors()[-1]) == palette.NEGATIVE
    assert last.get_linestyles()[-1][1] is not None  # dashed: legible without colour
    assert first.get_linestyles()[-1][1] is None
    for part in ("3 inputs", "2 units\nrelu", "1 unit\nidentity"):
        assert part in texts_of(ax)


def test_a_wide_layer_is_summarised() -> None:
    ax = rv.plot_network(rv.Network.mlp(5, [64, 200], 3, seed=0))
    assert units_of(ax) == [5, 64, 2 * ENDS, 3]
    assert "... 176 more ..." in texts_of(ax)
    lines = lines_of(ax)
    assert max(len(own.get_segments()) for own in lines) == MOST_LINES
    assert f"the strongest\n{MOST_LINES:,} of" in texts_of(ax)


def test_the_lines_that_are_kept_are_the_strongest() -> None:
    net = rv.Network.mlp(40, [40], 1, seed=0)
    W = np.abs(net.layers[0].W)
    ax = rv.plot_network(net)
    (first, _) = lines_of(ax)
    widest = first.get_linewidths().max()
    kept = (first.get_linewidths() - 0.25) / (widest - 0.25) * W.max()
    expected = np.sort(W, axis=None)[-MOST_LINES:]
    np.testing.assert_allclose(np.sort(kept), expected, rtol=1e-5)


def test_names() -> None:
    frame = pd.DataFrame({"a": np.arange(40.0), "kind": ["x", "y"] * 20})
    frame["label"] = np.where(frame.a > 20, "big", "<small>")
    model = rv.fit_table(frame, "label", hidden=(4,), epochs=2, progress=False)
    text = texts_of(rv.plot_network(model))
    for name in ("a", "kind=x", "kind=y", "big", "<small>"):
        assert name in text
    net = rv.Network.mlp(2, [3], 1, seed=0)
    assert "income" in texts_of(rv.plot_network(net, names=["income", "age"]))
    with pytest.raises(ValueError, match="names must be a list of 2 names"):
        rv.plot_network(net, names=["income"])


def test_axes_are_kept_and_nothing_else_is_drawn_as_network() -> None:
    _, ax = plt.subplots()
    net = rv.Network.mlp(2, [3], 1, seed=0)
    assert rv.plot_network(net, ax=ax) is ax
    with pytest.raises(TypeError, match="has no network"):
        rv.plot_network("net")
