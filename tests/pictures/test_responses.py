import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

import ranvier as rv
from ranvier.pictures.responses import MOST_LINES, _spread

rng = np.random.default_rng(0)
X = rng.normal(size=(30, 3))


def test_each_unit_is_a_line() -> None:
    net = rv.Network.mlp(3, [4, 5], 1, "tanh", seed=0)
    ax = rv.plot_responses(net, X, "x1", row=7, points=11)
    assert len(ax.lines) == 4
    along = ax.lines[0].get_xdata()
    rows = np.tile(X[7], (11, 1))
    rows[:, 1] = along
    A = net.forward(rows)[0].A
    for unit, line in enumerate(ax.lines):
        np.testing.assert_allclose(line.get_ydata(), A[:, unit], rtol=1e-5)
    assert [text.get_text() for text in ax.texts] == [f"unit {k}" for k in range(4)]
    assert len({(line.get_color(), line.get_linestyle()) for line in ax.lines}) == 4
    assert "layer 1 (tanh)" in ax.get_ylabel()
    assert len(rv.plot_responses(net, X, layer=2).lines) == 5


def test_many_units_are_a_map() -> None:
    net = rv.Network.mlp(3, [MOST_LINES + 20], 1, seed=0)
    ax = rv.plot_responses(net, X, 2, points=13)
    (image,) = ax.images
    assert image.get_array().shape == (MOST_LINES + 20, 13)
    assert ax.get_xlabel() == "x2"


TABLE = pd.DataFrame(
    {
        "size": rng.normal(size=60),
        "kind": rng.choice(["a", "b", "c"], 60),
        "code": pd.Categorical(rng.choice([f"a long name {i}" for i in range(9)], 60)),
        "day": pd.date_range("2024-01-01", periods=60),
        "old": rng.integers(0, 2, 60) == 1,
    }
)


def test_along_columns_of_every_kind() -> None:
    reg = rv.TabularRegressor(effort="fast").fit(TABLE, TABLE["size"] + rng.normal(60))
    for column in TABLE:
        ax = rv.plot_responses(reg, TABLE, column, points=9)
        assert ax.get_xlabel() == column
        labels = [label.get_text() for label in ax.get_xticklabels()]
        if column in ("kind", "code"):
            assert labels == sorted(set(TABLE[column]))
        if column == "day":
            assert "Jan" in ax.xaxis.get_major_formatter().get_offset() + str(labels)
        plt.close(ax.figure)


def test_the_units_over_categories_are_marked_lines() -> None:
    model = rv.fit_table(TABLE, target="size", hidden=(4,), epochs=2)
    ax = rv.plot_responses(model, TABLE, "kind", row=0)
    assert len(ax.lines) == 4
    rows = TABLE.iloc[[0] * 3].assign(kind=["a", "b", "c"])
    A = model.network.forward(model.encode_rows(rows).X)[0].A
    for unit, line in enumerate(ax.lines):
        assert line.get_xdata().tolist() == [0, 1, 2]
        np.testing.assert_allclose(line.get_ydata(), A[:, unit], rtol=1e-5)


def test_what_is_not_there() -> None:
    net = rv.Network.mlp(3, [4], 1, seed=0)
    with pytest.raises(ValueError, match=r"layer 3 does not exist: .* 1 to 2"):
        rv.plot_responses(net, X, layer=3)
    with pytest.raises(ValueError, match="column 5 does not exist"):
        rv.plot_responses(net, X, 5)


def test_given_axes_are_returned() -> None:
    _, ax = plt.subplots()
    assert rv.plot_responses(rv.Network.mlp(3, [4], 1, seed=0), X, ax=ax) is ax


def test_labels_are_moved_apart() -> None:
    placed = _spread(np.array([1.0, 0.0, 1.0, 1.01]), 0.1)
    assert np.diff(np.sort(placed)).min() >= 0.1 - 1e-12
    assert placed[1] == 0.0
