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
    with pytest.raises(ValueError, match="'x1' holds no numbers"):
        rv.plot_boundary(TWO, np.array([["1", "a", "2"]], object), columns=(0, 1))


def test_categories_have_a_band_each() -> None:
    frame = pd.DataFrame({"kind": ["b", "a", None] * 20, "z": X[:, 1]})
    frame["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(60), "D")

    def answer(table: pd.DataFrame) -> np.ndarray:
        return np.where(table["kind"] == "a", 0.0, 4.0) + (table["z"] > 0)

    ax = rv.plot_boundary(answer, frame, columns=("kind", "z"), resolution=20)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["a", "b"]
    assert ax.get_xlabel() == "kind"
    # The rows of each stand in its band, those without a kind nowhere.
    at = np.ma.getdata(ax.collections[-1].get_offsets())
    bands = np.round(at[:, 0])
    known = frame["kind"].notna().to_numpy()
    assert np.array_equal(bands[known], (frame["kind"][known] == "b").astype(float))
    assert np.isnan(at[~known, 0]).all()
    assert len(np.unique(at[known, 0])) == known.sum()
    ax = rv.plot_boundary(answer, frame, columns=("day", "kind"), resolution=20)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", "b"]
    ax.figure.canvas.draw()
    assert "2024" in ax.xaxis.get_major_formatter().get_offset()


def test_classes_over_two_columns_of_categories() -> None:
    frame = pd.DataFrame({"a": list("pqr") * 20, "b": list("uv") * 30, "z": X[:, 0]})
    y = np.where(frame["a"] == "q", "yes", "no")
    clf = rv.TabularClassifier(effort="fast").fit(frame, y)
    ax = rv.plot_boundary(clf, frame, y, columns=("a", "b"), resolution=12)
    (image,) = ax.images
    share = np.asarray(image.get_array())
    assert share.shape == (12, 12)
    assert image.get_extent() == pytest.approx([-0.375, 2.375, -5 / 12, 17 / 12])
    assert (share[:, 4:8] > 0.5).all()  # q, of p, q, r
    assert (share[:, :4] < 0.5).all()
    assert (share[:, 8:] < 0.5).all()
    ax.figure.canvas.draw()


def test_one_class_everywhere_is_drawn_too() -> None:
    sure = rv.Network(3, [rv.Dense(1, "sigmoid", W="zeros", b=[9.0])])
    assert rv.plot_boundary(sure, X, resolution=8).images


def test_bad_columns_and_rows() -> None:
    with pytest.raises(ValueError, match="names 'x1' twice"):
        rv.plot_boundary(TWO, X, columns=(1, 1))
    with pytest.raises(ValueError, match="column 'x9' does not exist"):
        rv.plot_boundary(TWO, X, columns=("x9", 1))
    with pytest.raises(ValueError, match="row 60 does not exist"):
        rv.plot_boundary(TWO, X, row=60)


def test_given_axes_are_returned() -> None:
    _, ax = plt.subplots()
    assert rv.plot_boundary(TWO, X, resolution=8, ax=ax) is ax
