"""The page in a real browser: every view, both languages, by mouse and by keyboard."""

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import browser
import numpy as np
import pages
import pytest
from browser import VIEWS, WAIT, Visit, until

import ranvier as rv

HEADINGS = {
    "en": ["Curves", "Network", "Row", "Data map", "Playground", "Runs"],
    "ko": ["곡선", "신경망", "행", "데이터 지도", "놀이터", "실행 목록"],
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Yield a browser."""
    with browser.chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with three runs: a table's, and two on arrays."""
    folder = tmp_path_factory.mktemp("runs")
    pages.record(folder, "one")
    pages.record(folder, "two", epochs=30)
    pages.record_table(folder)
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Yield the address of their page."""
    with browser.viewed(folder) as found:
        yield found


@pytest.fixture
def visit(chromium: Any, address: str) -> Iterator[Visit]:
    """Yield a visit of the page; at its end, the page must not have complained."""
    context = chromium.new_context(viewport={"width": 1280, "height": 860})
    made = Visit(context.new_page(), address)
    yield made
    context.close()
    assert made.complaints == []


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder for pictures of every view."""
    folder = browser.ROOT / ".venv" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


# ---------------------------------------------------------------- every view


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view(visit: Visit, view: str, language: str, shots: Path) -> None:
    """axe-core finds nothing, light and dark; each view is drawn and named."""
    for theme in ("light", "dark"):
        more = {"unit": "0.1"} if view in ("network", "playground") else {}
        page = visit.view(view, lang=language, theme=theme, **more)
        if more:
            page.wait_for_selector(".panel")
        assert page.get_attribute("html", "lang") == language
        wanted = HEADINGS[language][VIEWS.index(view)]
        assert page.inner_text("nav a[aria-current]") == wanted
        assert page.title() == f"{wanted} \u2013 Ranvier"
        assert not re.search(r"\b[a-z]+\.[a-z_]+\b(?!\()", page.inner_text("header"))
        page.screenshot(path=shots / f"{view}-{language}-{theme}.png", full_page=True)
        assert browser.axe(page) == []


@pytest.mark.parametrize("view", VIEWS)
def test_narrow_and_magnified(chromium: Any, address: str, view: str) -> None:
    """At 320 pixels, which is 1280 at 400 %, nothing sticks out to the side."""
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    made = Visit(context.new_page(), address)
    for language in ("en", "ko"):
        page = made.view(view, lang=language)
        page.wait_for_timeout(300)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, f"{view} in {language}: {wide} pixels"
    context.close()


def test_the_language_of_the_browser(chromium: Any, address: str) -> None:
    context = chromium.new_context(locale="ko-KR")
    page = context.new_page()
    browser.enter(page, address)
    assert page.get_attribute("html", "lang") == "ko"
    page.select_option("#language", "en")
    until(page, "document.documentElement.lang === 'en'")
    assert "Curves" in page.inner_text("nav")
    page.reload()
    page.wait_for_selector("nav a")
    assert page.get_attribute("html", "lang") == "en"
    context.close()


def test_dark_by_the_system(chromium: Any, address: str) -> None:
    context = chromium.new_context(color_scheme="dark")
    page = context.new_page()
    browser.enter(page, address)
    assert page.get_attribute("html", "data-theme") == "dark"
    page.click("#theme")
    until(page, "document.documentElement.dataset.theme === 'light'")
    context.close()


# ---------------------------------------------------------------- what one does there


def test_curves(visit: Visit) -> None:
    page = visit.view("curves", run="one")
    assert page.locator(".chart-card").count() >= 3
    rate = page.locator(".chart-card", has_text="The step size")
    assert re.search(r"stayed at 0\.\d+ until epoch 20\.", rate.inner_text())
    page.fill("#filter", "loss")
    until(page, "document.querySelectorAll('.chart-card').length === 1")
    page.check("#logy")
    until(page, "location.hash.includes('logy=1')")
    page.reload()
    page.wait_for_selector(".chart path", state="attached")
    assert page.locator(".chart-card").count() == 1
    assert page.is_checked("#logy")
    page.focus(".chart")
    page.keyboard.press("Home")
    until(page, "document.getElementById('live').textContent.includes('Epoch 1')")
    until(page, "document.querySelectorAll('.crosshair').length === 1")
    page.click(".chart-card details summary")
    page.wait_for_selector(".chart-card tbody tr")
    with page.expect_download() as download:
        page.click("text=CSV")
    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[0] == "epoch,training,validation"
    assert len(lines) == 21
    for kind, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with page.expect_download() as download:
            page.click(f"text={kind}")
        assert Path(download.value.path()).read_bytes().startswith(start)


def ticks(page: Any) -> list[str]:
    """Return what stands below the axis of epochs of the first chart."""
    found: list[str] = (
        page.locator(".chart").first.locator(".below").all_text_contents()
    )
    return found


def test_zoom_by_mouse(visit: Visit) -> None:
    """A range is dragged over, kept in the address, shared, and left by two clicks."""
    page = visit.view("curves", run="two")
    before = ticks(page)
    box = page.locator(".chart").first.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.4 * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], y, steps=4)
    page.wait_for_selector(".selection")
    page.mouse.up()
    until(page, "/zoom=[0-9]+-[0-9]+/.test(location.hash)")
    until(page, "document.querySelectorAll('.selection').length === 0")
    first, last = map(
        int, page.evaluate("location.hash.match(/zoom=(.*?)(&|$)/)[1]").split("-")
    )
    assert 1 < first < last < 30
    assert ticks(page) != before
    assert all(first <= int(tick) <= last for tick in ticks(page))
    page.click(".chart-card:first-child summary")
    page.wait_for_selector(".chart-card tbody tr")
    told = page.locator(
        ".chart-card:first-child tbody td:first-child"
    ).all_inner_texts()
    assert list(map(int, told)) == list(range(first, last + 1))
    page.reload()
    page.wait_for_selector(".chart path", state="attached")
    assert all(first <= int(tick) <= last for tick in ticks(page))
    assert page.locator("text=All epochs").first.is_visible()
    page.locator(".chart").first.dblclick()
    until(page, "!location.hash.includes('zoom')")
    assert ticks(page) == before
    assert not page.locator("text=All epochs").first.is_visible()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_zoom_by_keyboard(visit: Visit, language: str) -> None:
    page = visit.view("curves", run="two", lang=language)
    before = ticks(page)
    page.locator(".chart").first.focus()
    page.keyboard.press("Home")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    for _ in range(6):
        page.keyboard.press("Shift+ArrowRight")
    page.wait_for_selector(".selection")
    page.keyboard.press("Enter")
    until(page, "location.hash.includes('zoom=5-11')")
    live = "document.getElementById('live').textContent"
    until(page, f"/5.*11/.test({live})")
    page.keyboard.press("+")
    until(page, "!location.hash.includes('zoom=5-11')")
    page.keyboard.press("-")
    page.keyboard.press("-")
    page.keyboard.press("Escape")
    until(page, "!location.hash.includes('zoom')")
    until(page, f"!/5.*11/.test({live})")
    assert ticks(page) == before
    assert browser.axe(page) == []


def test_runs_are_laid_over_each_other(visit: Visit) -> None:
    page = visit.view("runs")
    assert page.locator(".runs tbody tr").count() == 3
    page.click("#sort-epochs")
    page.wait_for_selector("th[aria-sort='ascending']")
    told = page.locator(".runs tbody tr").all_inner_texts()
    assert "15 / 15" in told[0]
    assert page.locator("th.differs").count() >= 1
    page.fill("#runs-filter", "two")
    until(page, "document.querySelectorAll('.runs tbody tr').length === 1")
    page.fill("#runs-filter", "")
    until(page, "document.querySelectorAll('.runs tbody tr').length === 3")
    for name in ("one", "two"):
        page.check(f"#tick-{name}")
    page.click("text=Show the ticked runs as curves")
    until(
        page,
        "document.querySelectorAll('.chart-card:first-child .legend li').length >= 4",
    )


def test_the_network_by_keyboard(visit: Visit) -> None:
    page = visit.view("network", run="one")
    page.focus("#unit-0-1")
    assert "Unit 1 of layer 1" in page.inner_text(".hover")
    page.keyboard.press("Enter")
    page.wait_for_selector(".panel h2")
    assert page.inner_text(".panel h2") == "Unit 1 of layer 1"
    assert page.locator(".histogram").count() == 2
    heads = page.locator(".bars thead th").all_inner_texts()
    assert heads == ["From", "w", "∂L/∂w"]
    gradients = page.locator(".bars tbody td:last-child").all_inner_texts()
    assert len(gradients) == 2
    assert all(float(text.replace("\u2212", "-")) for text in gradients)
    page.focus("#age")
    before = page.locator(".unit image").first.get_attribute("href")
    page.keyboard.press("Home")
    until(page, "location.hash.includes('epoch=0')")
    assert page.inner_text("output[for=age]") == "epoch 0"
    assert before


def test_a_row_is_traced(visit: Visit, folder: Path) -> None:
    page = visit.view("row", run="one")
    page.fill("#search", "7")
    page.wait_for_selector("#row-7")
    page.click("#row-7")
    until(page, "document.querySelector('.detail h2')?.textContent === 'Row 7'")
    page.click("#sum-1-2")
    page.click("#term-1-2-0")
    until(page, "document.querySelector('#weight')?.value === 'W1[0,2]'")
    run = rv.Run(folder / "one")
    assert run.data is not None
    trace = run.network().trace(run.data["X"][7:8], run.data["Y"][7:8])
    shown = page.inner_text(".formula").replace("\u2212", "-").replace("\n", "")
    wanted = float(trace["dW1"][0, 2])
    assert float(shown.rpartition("=")[2].strip("() ")) == pytest.approx(
        wanted, rel=2e-3
    )
    page.reload()
    page.wait_for_selector(".formula math")
    assert page.input_value("#weight") == "W1[0,2]"
    page.fill("#any-weight", "W3[2,0]")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('#weight').value === 'W3[2,0]'")
    page.fill("#any-weight", "W9[2,0]")
    page.keyboard.press("Enter")
    told = page.evaluate("document.querySelector('#any-weight').validationMessage")
    assert told == "There is no weight W9[2,0] in this network."
    assert page.input_value("#weight") == "W3[2,0]"


def test_the_map(visit: Visit) -> None:
    page = visit.view("map")
    run = page.locator("#run option").all()
    name = next(o.get_attribute("value") for o in run if "kind" in o.inner_text())
    page = visit.view("map", run=name)
    page.wait_for_selector(".matrix")
    assert page.locator(".surface .mark").count() > 50
    page.select_option("#column-x", "width")
    until(page, "location.hash.includes('x=width')")
    until(
        page,
        "document.querySelector('.surface').getAttribute('aria-label').includes('width')",
    )
    page.locator(".mark.press").first.dispatch_event("click")
    page.wait_for_selector(".formula math")


def test_the_playground_learns_a_spiral(visit: Visit) -> None:
    page = visit.view("playground")
    page.select_option("#table", "spiral")
    until(page, "document.querySelector('#table').value === 'spiral'")
    page.fill("#units-0", "24")
    page.keyboard.press("Enter")
    page.fill("#units-1", "16")
    page.keyboard.press("Enter")
    layers = f"fetch('api/play', {{{browser.OWN}}}).then((a) => a.json())"
    layers += ".then((a) => a.settings.layers)"
    until(page, f"{layers}.then((l) => l.map((o) => o.units).join() === '24,16')")
    page.select_option("#speed", "0")
    page.click("#do-play")
    status = "document.querySelector('.status').textContent"
    loss = re.compile(r"loss ([\d.]+(?:e\S+)?),")
    end = monotonic() + WAIT / 1000
    while True:
        told = page.evaluate(status).replace("\u2212", "-")
        if (found := loss.search(told)) and float(found[1]) < 0.1:
            break
        assert monotonic() < end, told
        page.wait_for_timeout(100)
    page.select_option("#rate", "0.003")
    page.click("#do-pause")
    page.wait_for_selector("#do-play")
    page.click("text=Show as Python")
    assert "rv.train(" in page.inner_text("pre")
    page.click("#do-reset")
    until(page, "document.querySelector('.status').textContent.includes('epoch 0')")
    page.click("#do-step_batch")
    until(page, "document.querySelector('.status').textContent.includes('step 1')")
    page.click("#do-step")
    until(page, "document.querySelector('.status').textContent.includes('epoch 1')")


# Commands wait until they are let go; what is asked meanwhile is answered.
HOLD_COMMANDS = """() => {
    const real = window.fetch;
    Object.assign(window, { sent: [], waiting: [], answered: 0, real });
    window.fetch = (what, how) => {
        if (String(what) !== "api/command") {
            const answer = real(what, how), play = String(what).startsWith("api/play");
            answer.then(() => { answered += play ? 1 : 0; });
            return answer;
        }
        sent.push(JSON.parse(how.body));
        return new Promise((go) => { waiting.push(() => go(real(what, how))); });
    };
}"""
STEP = """() => real("api/command", {
    method: "POST",
    headers: { "Content-Type": "application/json",
        "X-Ranvier": localStorage.getItem("ranvier-secret") },
    body: JSON.stringify({ command: "step_batch" }),
})"""


def test_an_answer_of_before_a_change_does_not_undo_it(visit: Visit) -> None:
    page = visit.view("playground")
    until(page, "document.querySelector('#units-1')")
    boxes = [page.locator(f"#units-{i}") for i in (0, 1)]
    units = [int(box.input_value()) + 1 for box in boxes]  # only what differs is sent
    page.evaluate(HOLD_COMMANDS)
    boxes[0].fill(str(units[0]))
    page.keyboard.press("Enter")
    until(page, "sent.length === 1")
    page.evaluate(STEP)  # of another page: this one asks how things are, as before
    until(page, "answered > 0")
    page.wait_for_timeout(200)
    boxes[1].fill(str(units[1]))
    page.keyboard.press("Enter")
    until(page, "sent.length === 2")
    layers = page.evaluate("sent[1].settings.layers.map((layer) => layer.units)")
    assert layers == units
    page.evaluate("waiting.forEach((go) => go())")


def test_a_weight_is_set_by_hand(visit: Visit) -> None:
    page = visit.view("playground")
    page.fill("#units-0", "5")  # few enough for each to be drawn
    page.keyboard.press("Enter")
    until(page, "document.querySelectorAll('[id^=unit-0-]').length === 5")
    page.focus("#unit-0-1")
    page.keyboard.press("Enter")
    page.wait_for_selector(".panel input.weight")
    image = "document.querySelector('#unit-0-1 image').getAttribute('href')"
    before = page.evaluate(image)
    page.locator(".panel input.weight").first.fill("9.5")
    page.keyboard.press("Tab")
    until(page, f"{image} !== {json.dumps(before)}")
    assert "9.5" in [w.input_value() for w in page.locator(".panel input.weight").all()]


def test_rows_appear_as_they_are_written(chromium: Any, tmp_path: Path) -> None:
    """A run that is being written is seen to grow."""
    run = pages.record(tmp_path, epochs=3)
    with browser.viewed(tmp_path) as address:
        context = chromium.new_context()
        made = Visit(context.new_page(), address)
        page = made.view("curves", run="one")
        with (run / "epochs.jsonl").open("a") as file:
            file.write('{"epoch":4,"loss":0.5}\n{"epoch":5,"loss":0.25}\n')
        until(
            page, "document.querySelector('.legend b').textContent.startsWith('0.25')"
        )
        assert made.complaints == []
        context.close()


def test_every_view_of_a_run_that_is_being_trained(
    chromium: Any, tmp_path: Path
) -> None:
    """All views work while another thread trains and writes the run."""
    over = threading.Event()

    def unhurried(record: rv.EpochRecord) -> bool:
        sleep(0.01)
        return over.is_set()

    X = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
    options: dict[str, Any] = {"epochs": 10**6, "validation": 0.2}
    options |= {"run": rv.Recording(tmp_path, "live"), "callbacks": [unhurried]}
    net = rv.Network.mlp(3, [6, 4], 1, "tanh", seed=0)
    training = threading.Thread(target=rv.train, args=[net, X, X[:, 0]], kwargs=options)
    training.start()
    try:
        with browser.viewed(tmp_path) as address:
            context = chromium.new_context()
            made = Visit(context.new_page(), address)
            page = made.view("curves", run="live")
            told = "document.querySelector('.legend b').textContent"
            before = page.evaluate(told)
            until(page, f"{told} !== {json.dumps(before)}")
            for view in ("network", "row", "map", "playground"):
                page = made.view(view, run="live")
            page = made.view("runs")
            assert page.locator(".state.running").count() == 1
            epochs = "document.querySelector('.runs tbody').textContent"
            before = page.evaluate(epochs)
            until(page, f"{epochs} !== {json.dumps(before)}")
            assert made.complaints == []
            context.close()
    finally:
        over.set()
        training.join(600)


def test_embedded_columns(chromium: Any, tmp_path: Path) -> None:
    """A network that begins with an embedding, on each view that shows its numbers."""
    X = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
    X[:, 1] = np.arange(60) % 3
    columns = [rv.columns.Periodic(4, 2), rv.columns.Category(3, 2)]
    net = rv.Network(2, [rv.Embedding(columns), rv.Dense(4, "tanh"), rv.Dense(1)])
    rv.train(net, X, X[:, 0] * X[:, 1], epochs=5, run=rv.Recording(tmp_path, "one"))
    with browser.viewed(tmp_path) as address:
        context = chromium.new_context()
        made = Visit(context.new_page(), address)
        page = made.view("network", run="one")
        assert page.locator(".edges .contribution").count() == 2 * 4
        assert page.locator(".input title").all_text_contents() == ["x1", "x2"]
        page.focus("#unit-0-1")
        page.keyboard.press("Enter")
        page.wait_for_selector(".panel")
        names = page.locator(".bars tbody th").all_text_contents()
        assert set(names) == {"x1: e1", "x1: e2", "x1", "x2: e1", "x2: e2"}
        assert browser.axe(page) == []
        page = made.view("row", run="one")
        assert "5 inputs" in page.inner_text(".detail")
        page = made.view("map", run="one", x="x1", y="x2")
        assert page.locator(".axes .left").all_text_contents()[:3] == ["0", "1", "2"]
        assert browser.axe(page) == []
        assert made.complaints == []
        context.close()


def test_every_control_can_be_reached_by_keyboard(visit: Visit) -> None:
    page = visit.view("network", run="one")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement?.id || ''"))
    assert {
        "skip",
        "to-curves",
        "run",
        "language",
        "theme",
        "age",
        "column-x",
    } <= reached
    assert {"unit-0-0", "unit-2-0"} <= reached


def test_a_damaged_run_hides_no_other(chromium: Any, tmp_path: Path) -> None:
    """It is in the table with its reason, and the views show the others."""
    pages.record(tmp_path, name="good")
    (pages.record(tmp_path, name="newest") / "run.json").write_text("{<b>")
    with browser.viewed(tmp_path) as address:
        context = chromium.new_context()
        made = Visit(context.new_page(), address)
        assert made.view("curves").input_value("#run") == "good"
        page = made.view("runs")
        assert page.locator(".state.damaged").count() == 1
        assert "is not the first page of a run, or is damaged" in page.inner_text(
            "main"
        )
        assert page.locator("tbody input[type=checkbox]").count() == 1
        assert browser.axe(page) == []
        assert made.complaints == []
        context.close()
