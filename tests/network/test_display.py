import re
from xml.etree import ElementTree

import numpy as np
import pytest

from ranvier.network import display
from ranvier.network.activations import leaky_relu
from ranvier.network.layers import Dense, Dropout
from ranvier.network.network import Network

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def net() -> Network:
    layers = [Dense(100, "relu"), Dropout(0.1), Dense(3, "softmax")]
    return Network(4, layers, seed=0)


def drawing(net: Network) -> ElementTree.Element:
    return ElementTree.fromstring(display.svg(net.inputs, net.layers))


def test_rows_by_hand(net: Network) -> None:
    assert display.rows(net.layers, net.dtype) == [
        # 4 x 100 weights and 100 biases; a weight is a product and a sum, a bias a sum
        ("0  Dense relu", "4 x 100", 500, 2000, 900),
        ("1  Dropout 0.1", "", 0, 0, 0),
        ("2  Dense softmax", "100 x 3", 303, 1212, 603),
        ("total", "", 803, 3212, 1503),
    ]
    assert display.rows(net.layers, np.dtype("f8"))[-1].memory == 2 * 3212


def test_summary(net: Network) -> None:
    assert net.summary() == (
        "Network of 4 inputs, float32\n"
        "\n"
        "layer             W        parameters  memory  FLOPs a row\n"
        "----------------------------------------------------------\n"
        "0  Dense relu     4 x 100         500  2.0 kB          900\n"
        "1  Dropout 0.1                      0     0 B            0\n"
        "2  Dense softmax  100 x 3         303  1.2 kB          603\n"
        "----------------------------------------------------------\n"
        "total                             803  3.2 kB        1,503"
    )


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_940, "999.9 kB"),
        (999_960, "1.0 MB"),
        (2.5e9, "2.5 GB"),
        (3e15, "3,000.0 TB"),
    ],
)
def test_memory_in_units(count: int, text: str) -> None:
    assert display._memory(count) == text


def test_line(net: Network) -> None:
    assert repr(net) == (
        "Network(4 -> 100 relu -> dropout 0.1 -> 3 softmax, float32, 803 parameters)"
    )
    slanted = Network(1, [Dense(2, leaky_relu(0.2))], dtype="float64")
    assert repr(slanted) == (
        "Network(1 -> 2 leaky_relu(slope=0.2), float64, 4 parameters)"
    )


def test_line_of_a_deep_network() -> None:
    deep = Network.mlp(2, [3] * 40, 1)
    assert repr(deep) == (
        "Network(2 -> 3 relu -> 3 relu -> 3 relu -> ... 35 more ... -> 3 relu "
        f"-> 3 relu -> 1 identity, float32, {deep.theta.size} parameters)"
    )


def test_small_networks_are_drawn_whole() -> None:
    root = drawing(Network(2, [Dense(3, "tanh"), Dense(1)], seed=0))
    assert len(root.findall(f"{SVG}circle")) == 2 + 3 + 1
    assert len(list(root.iter(f"{SVG}line"))) == 2 * 3 + 3
    texts = [text.text for text in root.iter(f"{SVG}text") if text.text]
    assert texts == ["2 inputs", "3 units", "tanh", "1 unit", "identity"]


def test_lines_show_size_and_sign() -> None:
    W = [[4.0], [-2.0], [0.0]]
    lines = list(drawing(Network(3, [Dense(1, W=W)])).iter(f"{SVG}line"))
    assert [line.get("stroke") for line in lines] == [
        display.POSITIVE,
        display.NEGATIVE,
    ]
    # 0.3 + 2.7 |W| / largest: 1 and 1/2; a weight of zero is no line.
    assert [line.get("stroke-width") for line in lines] == ["3.00", "1.65"]


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_odd_weights_are_drawn_too(value: float) -> None:
    net = Network(2, [Dense(2)], seed=0)
    net.layers[0].W[0, 0] = value
    net.layers[0].W[1] = value
    text = display.svg(net.inputs, net.layers)
    ElementTree.fromstring(text)
    assert "nan" not in text
    assert "inf" not in text


def test_wide_layers_are_shortened(net: Network) -> None:
    root = drawing(net)
    shown = 2 * display.ENDS
    assert len(root.findall(f"{SVG}circle")) == 4 + shown + 3
    assert len(list(root.iter(f"{SVG}line"))) == 4 * shown + shown * 3
    assert "..." in [text.text for text in root.iter(f"{SVG}text")]
    assert "relu, dropout 0.1" in [text.text for text in root.iter(f"{SVG}text")]


def test_deep_networks_are_shortened() -> None:
    root = drawing(Network.mlp(1, [2] * 20, 1, seed=0))
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert "... 13 layers ..." in texts  # of 20 + 2 columns, 9 are drawn
    assert texts.count("2 units") == 7
    # No weights across the gap: 1 x 2, three times 2 x 2, twice 2 x 2, and 2 x 1.
    assert len(list(root.iter(f"{SVG}line"))) == 2 + 3 * 4 + 2 * 4 + 2


def test_deep_and_wide_networks_stay_small() -> None:
    html = Network.mlp(1000, [500] * 60, 10, seed=0)._repr_html_()
    assert len(html) < 400_000


def test_nothing_overlaps_or_leaves_the_drawing(net: Network) -> None:
    root = drawing(net)
    _, _, wide, high = map(float, root.attrib["viewBox"].split())
    circles = [circle.attrib for circle in root.findall(f"{SVG}circle")]
    places = [(float(circle["cx"]), float(circle["cy"])) for circle in circles]
    assert len(set(places)) == len(places)
    for x, y in places:
        assert display.RADIUS < x < wide - display.RADIUS
        assert display.RADIUS < y < high - display.TITLE + display.ROW


def test_html_is_self_contained_and_legible_on_any_page(net: Network) -> None:
    html = net._repr_html_()
    ElementTree.fromstring(html)  # well-formed
    assert "<script" not in html
    assert not re.search(r"(src|href|url)\s*[=(]", html)
    assert "4 -&gt; 100 relu" in html
    assert "currentColor" in html
    assert not re.search(r'(fill|stroke)="(black|white|#000|#fff)', html)
    assert html.count("<tr>") == 1 + 4
    # As in the plain table: the name and the shape left, the three numbers right.
    assert html.count("text-align:left") == 2 * (1 + 4)
    assert html.count("text-align:right") == 3 * (1 + 4)
