"""value_checks.py: what cannot be used is refused by name."""

import datetime as dt

import numpy as np
import pytest

from ranvier.table.value_checks import refuse, refuse_infinite, usable_values
from ranvier.table.values import values_of

DAY = dt.date(2024, 2, 29)


def test_refusals() -> None:
    with pytest.raises(
        ValueError, match=r"'x' holds 2 infinite value\(s\), the first in row 1 "
    ):
        refuse_infinite(np.array([0, np.inf, -np.inf]), "x")
    with pytest.raises(ValueError, match=r"'x' should hold numbers, but row 1 .*'a'"):
        refuse("x", values_of([None, "a"]), "numbers")


def test_targets_hold_numbers_or_texts() -> None:
    assert usable_values([1, 2], "y").kind == "number"
    assert usable_values([None], "y", empty=True).kind == "empty"
    with pytest.raises(ValueError, match="'y' has no values"):
        usable_values([None], "y")
    with pytest.raises(ValueError, match="'y' holds dates, which cannot be predicted"):
        usable_values([DAY], "y")
    with pytest.raises(ValueError, match="'y' holds values of type list"):
        usable_values([[1]], "y")
