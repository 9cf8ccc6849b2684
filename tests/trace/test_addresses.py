import numpy as np
import pytest

import ranvier as rv
from ranvier.trace.addresses import (
    Weight,
    parse,
    read_weight,
)

COLUMNS = ("age", "income, net", "height")


@pytest.fixture
def layers() -> tuple:
    net = rv.Network.mlp(3, [4], 2, seed=0)
    return net.trace(np.ones((5, 3)), np.ones((5, 2))).layers


@pytest.mark.parametrize(
    ("name", "weight"),
    [
        ("W2[1,0]", Weight(2, 1, 0)),
        ("  W1[ 2 , 3 ] ", Weight(1, 2, 3)),
        ("b1[3]", Weight(1, None, 3)),
        ("W1[age,3]", Weight(1, 0, 3)),
        ("W1[income, net,3]", Weight(1, 1, 3)),
    ],
)
def test_weights(layers: tuple, name: str, weight: Weight) -> None:
    assert read_weight(name, layers, COLUMNS) == weight
    assert read_weight(str(weight), layers, COLUMNS) == weight


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "W3[0,0]",
            r"'W3\[0,0\]' names layer 3, which does not exist: .* 1 to 2",
        ),
        ("W0[0,0]", "names layer 0, which does not exist"),
        ("W1[9,1]", r"shape \(3, 4\).*0 to 2 and 0 to 3; did you mean 'W1\[2,1\]'"),
        ("W1[-1,0]", r"did you mean 'W1\[0,0\]'"),
        ("W1[0]", r"did you mean 'W1\[0,0\]'"),
        ("b2[0,0]", r"did you mean 'b2\[0\]'"),
        ("W2[age,0]", r"did you mean 'W2\[0,0\]'"),  # only layer 1 sees the columns
        ("W2", "names no weight: give one such as"),
        ("Z2[0,0]", "names no weight"),
        ("weights", "names no weight"),
        ("", "names no weight"),
        (17, "17 names no weight"),
    ],
)
def test_unknown_weights(layers: tuple, name, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_weight(name, layers, COLUMNS)


def test_places(layers: tuple) -> None:
    assert parse("dZ2", layers, ()) == ("dZ", 2, ())
    assert parse("A1[4,3]", layers, ()) == ("A", 1, (4, 3))
    assert parse("slope1", layers, ()) == ("slope", 1, ())
    assert parse("dW1[height,0]", layers, COLUMNS) == ("dW", 1, (2, 0))
    with pytest.raises(ValueError, match=r"'ZZ1' names no array.*did you mean 'Z1'"):
        parse("ZZ1", layers, ())
    with pytest.raises(ValueError, match=r"did you mean 'A1\[4,3\]'"):
        parse("A1[5,7]", layers, ())
    with pytest.raises(ValueError, match="'Z3' names layer 3, which does not exist"):
        parse("Z3", layers, ())
