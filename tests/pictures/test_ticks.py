import numpy as np
import pytest
from matplotlib import pyplot as plt

from ranvier.pictures.ticks import name_places
from ranvier.pictures.varied_rows import Along


@pytest.mark.parametrize(("letters", "turned"), [(1, 0.0), (30, 30.0)])
def test_long_names_are_turned_below_a_picture(letters: int, turned: float) -> None:
    names = ("a" * letters, "b\x1b" * letters)
    along = Along(np.array(names, object), np.arange(2.0), names)
    _, ax = plt.subplots()
    name_places(ax.xaxis, along)
    name_places(ax.yaxis, along)
    for labels, angle in ((ax.get_xticklabels(), turned), (ax.get_yticklabels(), 0.0)):
        assert labels[0].get_text() == "a" * letters
        assert "\x1b" not in labels[1].get_text()
        assert {label.get_rotation() for label in labels} == {angle}


def test_numbers_stay_numbers() -> None:
    _, ax = plt.subplots()
    before = ax.xaxis.get_major_locator()
    name_places(ax.xaxis, Along(np.arange(3.0), np.arange(3.0)))
    assert ax.xaxis.get_major_locator() is before
