from xml.etree import ElementTree

import numpy as np
import pytest

import ranvier as rv


@pytest.fixture
def trace(rng: np.random.Generator) -> rv.Trace:
    net = rv.Network.mlp(3, [4], 2, seed=0)
    net.theta[...] = rng.normal(size=net.theta.size)
    return net.trace(rng.normal(size=(5, 3)))


def test_every_entry_is_its_sum(trace: rv.Trace) -> None:
    for number in (1, 2):
        written = trace.matrix_product(number)
        for row, unit in np.ndindex(written.Z.shape):
            entry = written[row, unit]
            total = entry.terms.sum() + entry.b
            assert total == pytest.approx(entry.value, rel=1e-12)
            assert entry.value == trace.layers[number - 1].Z[row, unit]


def test_the_text() -> None:
    net = rv.Network(2, [rv.Dense(2, W=[[1.0, 2.0], [3.0, 4.0]], b=[10.0, 20.0])])
    written = net.trace([[1.0, -1.0]]).matrix_product(1)
    assert written.shapes == "[1, 2] x [2, 2] + [2] -> [1, 2]"
    assert str(written) == (
        "Z1 = X1 W1 + b1    [1, 2] x [2, 2] + [2] -> [1, 2]\n\n"
        "X1 [1, 2]\n  1  -1\n\nW1 [2, 2]\n  1  2\n  3  4\n\n"
        "b1 [2]\n  10  20\n\nZ1 [1, 2]\n  8  18"
    )
    assert str(written[0, 1]) == (
        "z[0,1] = x[0,0] w[0,1] + x[0,1] w[1,1] + b[1]\n"
        "       = 1 x 2 + -1 x 4 + 20\n"
        "       = 18"
    )
    assert written[0, 1].to_latex() == (
        r"z_{0,1} = x_{0,0} w_{0,1} + x_{0,1} w_{1,1} + b_{1} = "
        r"1 \cdot 2 + -1 \cdot 4 + 20 = 18"
    )
    assert r"\begin{bmatrix} 1 & -1 \end{bmatrix}" in written.to_latex()


def test_a_large_product_shows_its_corners() -> None:
    net = rv.Network.mlp(100, [50], 1, seed=0)
    written = net.trace(np.ones((200, 100))).matrix_product(1)
    assert max(map(len, str(written).splitlines())) < 100
    assert len(str(written).splitlines()) < 40
    assert str(written[7, 3]).count("...") == 2


def test_mathml_is_well_formed(trace: rv.Trace) -> None:
    written = trace.matrix_product(1)
    root = ElementTree.fromstring(written.to_mathml())
    rows = root.findall(".//{*}mtable")
    assert [len(table) for table in rows] == [5, 3, 1, 5]
    assert "[5, 3] x [3, 4] + [4] -&gt; [5, 4]" in written._repr_html_()


def test_what_is_not_there(trace: rv.Trace) -> None:
    with pytest.raises(ValueError, match=r"row 5 does not exist: .* 0 to 4"):
        trace.matrix_product(1)[5, 0]
    with pytest.raises(ValueError, match="unit 4 does not exist"):
        trace.matrix_product(1).entry(0, 4)
    with pytest.raises(ValueError, match="layer 3 does not exist"):
        trace.matrix_product(3)
