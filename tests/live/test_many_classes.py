"""Many classes in a real browser: distinct looks, and nothing is cut in silence."""

from collections.abc import Iterator

import browser
import numpy as np
import pytest
from browser import Visit

import ranvier as rv


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """Yield a visit of the page of runs with 30 classes, and of XOR."""
    folder = tmp_path_factory.mktemp("runs")
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(600, 2)), np.arange(600) % 30
    net = rv.Network.mlp(2, 8, 30, output_activation="softmax", seed=0)
    rv.train(net, X, y, epochs=3, run=rv.Recording(folder, name="many"), progress=False)
    X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), np.array([0, 1, 1, 0])
    net = rv.Network.mlp(2, 2, 1, "tanh", "sigmoid", seed=0)
    rv.train(net, X, y, epochs=5, run=rv.Recording(folder, name="xor"), progress=False)
    with browser.chromium() as opened, browser.viewed(folder) as address:
        yield Visit(opened.new_page(), address)


def test_each_class_has_a_look_of_its_own(visit: Visit) -> None:
    page = visit.view("map", run="many")
    looks = page.evaluate(
        "[...document.querySelectorAll('.legend svg.dot')].map((dot) => dot.innerHTML)"
    )
    assert len(looks) == 31  # and that of held-out rows
    assert len(set(looks)) == 31
    assert "and 18 more" in page.inner_text("details.more-classes summary")


def test_the_matrix_counts_all_rows(visit: Visit) -> None:
    page = visit.view("map", run="many")
    count = (
        "(at) => [...document.querySelectorAll('.matrix')[at]"
        ".querySelectorAll('tbody td')]"
        ".reduce((sum, cell) => sum + Number(cell.textContent.replaceAll(',', '')), 0)"
    )
    page.wait_for_selector(".matrix", state="attached")
    assert page.evaluate(count, 0) == page.evaluate(count, 1) == 600
    assert "The 12 of 30 classes that are confused most" in page.inner_text(".quality")


def test_outputs_that_are_not_shown_are_counted(visit: Visit) -> None:
    page = visit.view("row", run="many", row="0")
    assert "and 14 more" in page.inner_text(".detail")


def test_the_whole_product_of_xor(visit: Visit) -> None:
    """dL/dw = dL/dz2 w2 f'(z1) x, each factor with its source, on a single path."""
    page = visit.view("row", run="xor", row="1", weight="W1[1,0]")
    text = page.inner_text(".detail")
    assert "dL/dZ2[0] W2[0,0]" in text
    assert "the sum of dL/dZ2[j] W2[0,j] over the units j" in text
    assert "f'(z) at z = " in text
    assert "the input x2" in text or "the input x1" in text
