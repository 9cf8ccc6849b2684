import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

import ranvier as rv

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))
TWO = rv.Network(3, [rv.Dense(1, "sigmoid", W=[[2.0], [0.0], [5.0]])])


def legend(ax) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_two_classes() -> None:
    y = (X[:, 0] > 0).astype(int)
    ax = rv.plot_boundary(TWO, X, y, columns=(0, 1), row=3, resolution=20)
    (image,) = ax.images
    share = np.asarray(image.get_array())
    assert share.shape == (20, 20)
    # Along x0 the rest is that of row 3: sigmoid(2 x0 + 5 x2).
    left, right, low, high = image.get_extent()
    expected = 1 / (1 + np.exp(-(2 * left + 5 * X[3, 2])))
    assert share[0, 0] == pytest.approx(expected, abs=1e-4)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x0", "x1")
    assert legend(ax) == ["0", "1"]
    assert low < X[:, 1].min() < X[:, 1].max() < high
    assert left < X[:, 0].min() < X[:, 0].max() < right


def test_more_classes_have_a_hatch_each() -> None:
    net = rv.Network.mlp(3, [4], 3, output_activation="softmax", seed=1)
    y = net(X).argmax(axis=1)
    ax = rv.plot_boundary(net, X, y, resolution=20)
    hatches = {
        hatch
        for own in ax.collections
        if hasattr(own, "hatches")
        for hatch in own.hatches
        if hatch
    }
    assert {"//", ".."} <= hatches
    assert set(legend(ax)) == set(map(str, y))
    named = rv.plot_boundary(
        net, X, np.array(["no", "perhaps", "yes"])[y], resolution=8
    )
    assert set(legend(named)) <= {"no", "perhaps", "yes"}


def test_numbers_have_a_colour_bar() -> None:
    ax = rv.plot_boundary(rv.Network.mlp(3, [4], 1, seed=0), X, resolution=10)
    assert any(other.get_ylabel() == "prediction" for other in ax.figure.axes)


def test_raw_tables_and_hostile_names() -> None:
    name = "<b>$x_1$\x1b"
    frame = pd.DataFrame({name: X[:, 0], "kind": ["a", "b"] * 30, "z": X[:, 1]})
    frame["label"] = np.where(frame[name] > 0, "up", "down")
    model = rv.fit_table(frame, "label", hidden=(4,), epochs=3, progress=False)
    ax = rv.plot_boundary(model, frame, frame.label, columns=(name, "z"), resolution=8)
    assert "\x1b" not in ax.get_xlabel()
    ax.figure.canvas.draw()
    with pytest.raises(ValueError, match="'kind' holds no numbers"):
        rv.plot_boundary(model, frame, columns=("z", "kind"))


def test_one_class_everywhere_is_drawn_too() -> None:
    sure = rv.Network(3, [rv.Dense(1, "sigmoid", W="zeros", b=[9.0])])
    assert rv.plot_boundary(sure, X, resolution=8).images


def test_bad_columns_and_rows() -> None:
    with pytest.raises(ValueError, match="names 'x1' twice"):
        rv.plot_boundary(TWO, X, columns=(1, 1))
    with pytest.raises(ValueError, match="no column 'x9'"):
        rv.plot_boundary(TWO, X, columns=("x9", 1))
    with pytest.raises(ValueError, match="row 60 is outside"):
        rv.plot_boundary(TWO, X, row=60)


def test_given_axes_are_returned() -> None:
    _, ax = plt.subplots()
    assert rv.plot_boundary(TWO, X, resolution=8, ax=ax) is ax
