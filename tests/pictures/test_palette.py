import sys

import pytest
from matplotlib import colors
from matplotlib import pyplot as plt

from ranvier.pictures import palette


@pytest.fixture(autouse=True)
def _closed() -> None:
    yield
    plt.close("all")


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in colors.to_rgb(colour)
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("paper", ["white", "black", "#121212"])
@pytest.mark.parametrize("colour", [palette.POSITIVE, palette.NEGATIVE])
def test_lines_stand_out_on_white_and_on_black(paper: str, colour: str) -> None:
    # 3:1 is asked of lines (WCAG 2.2, 1.4.11); orange on white comes close to it.
    assert contrast(colour, paper) > 2.8


def test_axes_are_made_or_kept() -> None:
    ax = palette.axes(None)
    assert palette.axes(ax) is ax
    _, grid = palette.figure((4, 3), 2, 3)
    assert grid.shape == (2, 3)


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_the_middle_of_the_diverging_colours_is_the_paper(style: str) -> None:
    with plt.style.context(style):
        paper = colors.to_rgb(plt.rcParams["axes.facecolor"])
        colormap = palette.diverging()
        assert colormap(0.5)[:3] == pytest.approx(paper, abs=0.02)
        ends = [luminance(colormap(end)) for end in (0.0, 1.0)]
        assert all(abs(end - luminance(paper)) > 0.08 for end in ends)
        assert palette.ink(palette.axes(None)) == plt.rcParams["axes.labelcolor"]


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match="pip install matplotlib"):
        palette.axes(None)
