from matplotlib import pyplot as plt

from ranvier.pictures.bars import bars


def test_bars_are_the_numbers() -> None:
    ax = bars([("income", 2.0), ("age", -0.5)], "contribution")
    assert [patch.get_width() for patch in ax.patches] == [2.0, -0.5]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["income", "age"]
    assert ax.get_xlabel() == "contribution"
    assert ax.yaxis_inverted()
    # The sign is told without colour too: by the hatch, and by the number.
    assert [patch.get_hatch() or "" for patch in ax.patches] == ["", "///"]
    assert [text.get_text() for text in ax.texts] == ["2", "-0.5"]


def test_axes_that_are_given_are_returned() -> None:
    _, ax = plt.subplots()
    assert bars([("a", 1.0)], "x", ax=ax) is ax
    plt.close("all")
