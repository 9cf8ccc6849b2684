import numpy as np
import pytest

import ranvier as rv
from ranvier.trace.row_selection import LARGEST, refuse_too_many, taken_rows


def test_rows() -> None:
    assert taken_rows(None, 3).tolist() == [0, 1, 2]
    assert taken_rows([2, 0, 2], 3).tolist() == [2, 0, 2]
    assert taken_rows(range(2), 3).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([6], "row 6 does not exist: rows are numbered 0 to 5"),
        ([-1], "row -1 does not exist"),
        ([], "must be the numbers of rows"),
        ([0.5], "must be the numbers of rows"),
        (3, "must be the numbers of rows, such as"),
        ("all", "must be the numbers of rows"),
    ],
)
def test_rows_outside_the_table(rows, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        taken_rows(rows, 6)


def test_a_million_rows_are_refused_with_what_they_would_take() -> None:
    net = rv.Network.mlp(3, [16, 16], 2, seed=0)
    X = np.zeros((1_000_000, 3), np.float32)
    y = np.zeros((1_000_000, 2), np.float32)
    with pytest.raises(
        ValueError, match=r"1,000,000 rows would take 1,\d\d\d MB"
    ) as told:
        net.trace(X, y)
    assert "rows=[0, 1, 2] or rows=range(" in str(told.value)
    assert len(net.trace(X, y, rows=[999_999]).X) == 1


def test_as_many_as_offered_fit() -> None:
    net = rv.Network.mlp(3, [16, 16], 2, seed=0)
    with pytest.raises(ValueError, match="name the rows") as told:
        refuse_too_many(net, 10**6, derivatives=True)
    offered = int(str(told.value).rpartition("range(")[2].rstrip(")"))
    refuse_too_many(net, offered, derivatives=True)
    with pytest.raises(ValueError, match=f"at most {LARGEST / 1e6:,.0f} MB"):
        refuse_too_many(net, offered + 1, derivatives=True)
