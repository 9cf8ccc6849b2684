import json
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import ranvier as rv

HOSTILE = "<script>alert('x')</script>&\x1b[31m"


@pytest.fixture
def trace(rng: np.random.Generator) -> rv.Trace:
    net = rv.Network.mlp(3, [4, 4], 2, "tanh", "softmax", seed=0)
    return net.trace(rng.normal(size=(5, 3)), [0, 1, 1, 0, 1])


def test_the_text_has_all_of_it(trace: rv.Trace) -> None:
    told = trace.explain("W1[0,2]")
    text = str(told)
    assert text.startswith(f"W1[0,2] = {told.value:.6g}: the weight from x0 to unit 2")
    for factor in told.factors:
        assert f"{factor.name} " in text
        assert f"{factor.value:.6g}  {factor.meaning} ({factor.source})" in text
        for term in factor.terms:
            assert f"+ {term.name}" in text
    assert "= dL/dW1[0,2]" in text
    flowing = " ".join(text.split())
    assert f"row {told.row} of 5; over all rows the gradient is" in flowing
    assert "A central difference with the step 1e-05 gives" in flowing
    assert "The 5 strongest of 8 paths" in text
    assert all(path.text in text for path in told.paths)
    assert repr(told) == text


def test_one_row_speaks_of_no_others(trace: rv.Trace) -> None:
    net = rv.Network.mlp(3, [4], 1, "tanh", seed=0)
    text = str(net.trace([1.0, 2.0, 3.0], 1.0).explain("W2[1,0]"))
    assert "row" not in text
    assert "paths" not in text  # the one path is the factors themselves


def test_a_unit_in_text(trace: rv.Trace) -> None:
    told = trace.explain_unit(2, 1)
    text = str(told)
    assert "= dL/dZ2[1]" in text
    for part in told.incoming:
        assert part.weight in text


class Tags(HTMLParser):
    """Keep what a browser would see: tags, and text outside of them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_shows_formulas_and_numbers(trace: rv.Trace) -> None:
    told = trace.explain("W1[0,2]")
    page = Tags(told._repr_html_())
    assert page.tags.count("math") == 1 + len(told.factors) + 1
    assert {"script", "img", "link"}.isdisjoint(page.tags)
    assert "8 paths" in page.text
    unit = Tags(trace.explain_unit(3, 0).to_html())
    assert unit.tags.count("table") == 2


def test_mathml_and_latex_hold_the_numbers(trace: rv.Trace) -> None:
    told = trace.explain("W2[3,1]")
    text = "".join(ElementTree.fromstring(told.to_mathml()).itertext())
    for factor in told.factors:
        assert f"{abs(factor.value):.6g}" in text
        assert f"{factor.value:.6g}" in told.to_latex()
    assert told.to_latex().count(r"\frac") == 1 + len(told.factors)


def test_hostile_names_are_text(trace: rv.Trace) -> None:
    net = rv.Network.mlp(2, [2], 1, seed=0)
    frame = pd.DataFrame({HOSTILE: [1.0, 2.0], "b": [2.0, 1.0]})
    trace = net.trace(frame, [0.0, 1.0])
    for told in (trace.explain("W1[0,0]"), trace.explain_unit(1, 1)):
        page = Tags(told.to_html())
        assert "script" not in page.tags
        assert "<script>alert('x')</script>" in page.text
        assert "\x1b" not in str(told)
    json.dumps(trace.explain("W1[0,0]").to_dict())


def test_plain_data(trace: rv.Trace) -> None:
    told = trace.explain("W1[0,2]")
    data = json.loads(json.dumps(told.to_dict(), allow_nan=False))
    first = data["factors"][0]
    assert set(first) == {"name", "value", "meaning", "source", "terms", "symbol"}
    assert first["symbol"].startswith("<math")
    assert first["value"] == told.factors[0].value
    assert data["paths"][0]["units"] == list(told.paths[0].units)
    assert data["check"]["gap"] == told.check.gap
    assert data["mathml"] == told.to_mathml()
