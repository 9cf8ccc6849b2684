import numpy as np
from matplotlib import pyplot as plt

from ranvier.pictures import palette
from ranvier.pictures.neuron_plot import MOST_INPUTS, draw_neuron


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_a_line_for_each_weight_and_the_bias() -> None:
    ax = draw_neuron(["a", "b"], np.array([2.0, -1.0]), 0.5, "tanh")
    assert len(ax.lines) == 3
    widths = [line.get_linewidth() for line in ax.lines]
    assert widths[0] > widths[1] > widths[2]
    assert [line.get_linestyle() for line in ax.lines] == ["-", "--", "-"]
    assert ax.lines[1].get_color() == palette.NEGATIVE
    assert {"a", "b", "1", "w = 2", "w = -1", "b = 0.5", "tanh", "z"} <= set(texts(ax))


def test_the_numbers_of_a_row() -> None:
    numbers = (np.array([3.0, 4.0]), 2.5, 0.98)
    ax = draw_neuron(["a", "b"], np.array([2.0, -1.0]), 0.5, "tanh", numbers)
    assert {"a = 3", "b = 4", "z = 2.5", "a = 0.98"} <= set(texts(ax))


def test_of_many_inputs_the_ends() -> None:
    names = [f"x{i}" for i in range(50)]
    ax = draw_neuron(names, np.ones(50), 0.0, "relu")
    assert len(ax.lines) == MOST_INPUTS + 1
    assert "..." in texts(ax)
    assert "x49" in texts(ax)


def test_given_axes_are_returned() -> None:
    _, ax = plt.subplots()
    assert draw_neuron(["a"], np.zeros(1), 0.0, "step", ax=ax) is ax
