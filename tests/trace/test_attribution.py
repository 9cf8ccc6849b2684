import numpy as np
import pytest

import ranvier as rv
from ranvier.trace.attribution import Attribution

HOSTILE = "<b>\x1b[31mred</b>"


def made(n: int = 3, columns: int = 15) -> Attribution:
    names = (HOSTILE, *(f"c{i}" for i in range(1, columns)))
    values = np.arange(1.0, n * columns + 1).reshape(n, columns)
    values[:, 1::2] *= -1
    return Attribution(
        method="integrated_gradients",
        columns=names,
        contributions=values,
        inputs=names,
        input_contributions=values,
        prediction=values.sum(axis=1) + 1.5,
        baseline=np.full(n, 1.0),
        output=np.zeros(n, np.intp),
        outputs=("price",),
        gaps=np.full(n, -0.5),
        steps=np.full(n, 64),
    )


def test_the_strongest() -> None:
    told = made()
    assert told.strongest(0)[:2] == [("c14", 15.0), ("c13", -14.0)]
    assert told.strongest()[0] == ("c14", np.abs(told.contributions[:, 14]).mean())
    with pytest.raises(ValueError, match="row 3 does not exist"):
        told.strongest(3)


def test_text() -> None:
    text = str(made(n=1))
    assert text.startswith("Contributions to price: from 1 to ")
    assert "\x1b" not in text
    assert "3 other columns" in text
    assert text.endswith("gradients a row: 64; completeness gap 0.5.")
    assert "Mean size of the contributions, 3 rows" in str(made())
    assert HOSTILE.replace("\x1b", "\ufffd") in str(made(columns=3))


def test_values_stand_beside_their_names() -> None:
    told = made(columns=4)
    values = {"c1": "<i>", "c3": "7"}
    text = told.describe(1, values)
    assert "c1 = <i> " in text
    assert "c3 = 7 " in text
    assert "c2 " in text
    assert "c1 = &lt;i&gt;" in told.to_html(1, values)


def test_html_is_text_and_bars() -> None:
    html = made(columns=4)._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;" in html
    assert html.count("<tr>") == 4
    assert "<script" not in html


def test_frame() -> None:
    told = made(columns=3)
    frame = told.to_frame()
    assert frame.shape == (3, 3)
    assert frame["c2"].tolist() == told.contributions[:, 2].tolist()


def test_plot() -> None:
    told = made()
    ax = told.plot(row=1)
    assert len(ax.patches) == 13
    assert ax.patches[0].get_width() == told.strongest(1)[0][1]
    assert ax.get_yticklabels()[12].get_text() == "3 other columns"
    assert told.plot(most=3, ax=ax) is ax
    assert "mean size" in told.plot().get_xlabel()
    with pytest.raises(ValueError, match=r"row .* does not exist"):
        told.plot(row=9)


def test_a_real_one_is_shown() -> None:
    net = rv.Network(2, [rv.Dense(1, W=[[3.0], [-1.0]])])
    assert "x0" in str(rv.attribute(net, [[2.0, 5.0]]))
