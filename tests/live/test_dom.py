"""What a reader is about on the page is not taken from under their hands (dom.js)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser
import pytest
from browser import Visit, until


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str]]:
    """Yield a browser, and the address of a page that has a playground and no run."""
    folder: Path = tmp_path_factory.mktemp("runs")
    with browser.chromium() as chromium, browser.viewed(folder) as address:
        yield chromium, address


@pytest.fixture
def visit(opened: tuple[Any, str]) -> Iterator[Visit]:
    """Yield a visit of the page; at its end, the page must not have complained."""
    chromium, address = opened
    context = chromium.new_context(viewport={"width": 1280, "height": 860})
    made = Visit(context.new_page(), address)
    yield made
    context.close()
    assert made.complaints == []


def play(page: Any, command: str) -> None:
    """Send the playground a command, as another page would that shows it."""
    page.evaluate(
        """(command) => fetch("api/command", {
          method: "POST", body: JSON.stringify({command}),
          headers: {"Content-Type": "application/json",
            "X-Ranvier": localStorage.getItem("ranvier-secret")}})""",
        command,
    )


STATUS = "document.querySelector('.status').textContent"


def test_what_is_being_typed_stays(visit: Visit) -> None:
    """What is redrawn meanwhile waits until the number is sent."""
    page = visit.view("playground", unit="0.1")
    page.wait_for_selector("#weight-0")
    play(page, "reset")
    until(page, f"{STATUS}.includes('epoch 0,')")
    page.fill("#weight-0", "8.25")
    image = "document.querySelector('#unit-0-1 image').getAttribute('href')"
    before = page.evaluate(image)
    play(page, "step")
    until(page, f"{image} !== {json.dumps(before)}")
    assert page.input_value("#weight-0") == "8.25"
    page.keyboard.press("Tab")
    until(page, "document.querySelector('#bias').value !== ''")
    until(page, f"{STATUS}.includes('epoch 1,')")
    told = f"fetch('api/unit?run=playground&layer=0&unit=1', {{{browser.OWN}}})"
    told += ".then((a) => a.json())"
    weights = page.evaluate(told)["weights"]
    assert {weight["index"]: weight["value"] for weight in weights}[0] == 8.25


def test_what_is_marked_to_be_typed_over_stays(visit: Visit) -> None:
    """A field that was gone into waits, too: with another the mark would be lost."""
    page = visit.view("playground", unit="0.1")
    page.wait_for_selector("#weight-0")
    play(page, "reset")
    until(page, f"{STATUS}.includes('epoch 0,')")
    page.wait_for_timeout(300)  # the panel is drawn again, before it is gone into
    page.focus("#weight-0")
    page.evaluate("document.querySelector('#weight-0').select()")
    image = "document.querySelector('#unit-0-1 image').getAttribute('href')"
    before = page.evaluate(image)
    play(page, "step")
    until(page, f"{image} !== {json.dumps(before)}")
    page.wait_for_timeout(300)
    page.keyboard.type("8.25")
    assert page.input_value("#weight-0") == "8.25"


def test_what_is_pressed_stays(visit: Visit) -> None:
    """A unit is chosen though the network is drawn anew while it is pressed."""
    page = visit.view("playground")
    play(page, "reset")
    until(page, f"{STATUS}.includes('epoch 0,')")
    page.hover("#unit-0-1")
    page.mouse.down()
    surface = "document.querySelector('.surface image').getAttribute('href')"
    before = page.evaluate(surface)
    play(page, "step")
    until(page, f"{surface} !== {json.dumps(before)}")  # and the network, but for this
    page.mouse.up()
    page.wait_for_selector(".panel h2")
    assert page.inner_text(".panel h2") == "Unit 1 of layer 1"
    page.click("#close-panel")
    until(page, "document.querySelectorAll('.panel').length === 0")


ARRANGED = """async () => {
    const { arrange } = await import("./assets/dom.js");
    const box = document.body.appendChild(document.createElement("div"));
    const [a, b, c] = [1, 2, 3].map(() => document.createElement("button"));
    const is = (...these) => box.children.length === these.length
        && these.every((node, i) => box.children[i] === node);
    const found = [];
    const arranged = (...these) => { arrange(box, these); found.push(is(...these)); };
    arranged(a, c);
    a.focus();
    arranged(a, b, c);
    found.push(document.activeElement === a);
    arranged(c, b);
    arranged();
    box.remove();
    return found;
}"""


def test_what_is_in_its_place_keeps_the_focus(visit: Visit) -> None:
    """Charts of layers join those that are there, one of which is being looked at."""
    assert visit.view("playground").evaluate(ARRANGED) == [True] * 5
