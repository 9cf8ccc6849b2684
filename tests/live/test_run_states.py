"""What the page says of a run, in a real browser: its state and the kept epoch."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser
import numpy as np
import pages
import pytest
from browser import Visit, until

import ranvier as rv
from ranvier.live.playground import Playground
from ranvier.live.playground_tables import own_table

SLOW = """
import sys, time, numpy as np, ranvier as rv
X = np.linspace(-1, 1, 60).reshape(30, 2)
net = rv.Network.mlp(2, [4], 1, seed=0)
recording = rv.Recording("runs", name=sys.argv[1])
rv.train(net, X, X[:, 0] ** 2, epochs=int(sys.argv[2]), run=recording,
         callbacks=[lambda record: time.sleep(0.05)], progress=False)
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser.chromium() as opened:
        yield opened


@pytest.fixture
def visit(chromium: Any, tmp_path: Path) -> Iterator[Visit]:
    """Yield a visit of the page of the folder "runs", with one run."""
    pages.record(tmp_path / "runs", "one")
    with browser.viewed(tmp_path / "runs") as address:
        context = chromium.new_context(viewport={"width": 1280, "height": 860})
        yield Visit(context.new_page(), address)
        context.close()


def training(folder: Path, name: str, epochs: int) -> subprocess.Popen[bytes]:
    """Train slowly in another process, whose run the page can watch."""
    program = [sys.executable, "-c", SLOW, name, str(epochs)]
    return subprocess.Popen(program, cwd=folder, stderr=subprocess.DEVNULL)


def heading(page: Any) -> str:
    return str(page.inner_text(".heading"))


@pytest.mark.parametrize(
    ("stop", "said"),
    [(None, "ended"), (signal.SIGINT, "stopped"), (signal.SIGKILL, "stopped")],
)
def test_the_state_follows_the_training(
    stop: signal.Signals | None, said: str, visit: Visit, tmp_path: Path
) -> None:
    """The reader stays on Curves, and does nothing."""
    process = training(tmp_path, "live", 40 if stop is None else 100_000)
    while not (tmp_path / "runs" / "live" / "epochs.jsonl").exists():
        assert process.poll() is None
    page = visit.view("curves", run="live")
    until(page, "document.querySelector('.heading').innerText.includes('training')")
    assert "epoch " in heading(page)
    if stop is not None:
        os.kill(process.pid, stop)
    process.wait()
    state = f"document.querySelector('.heading').innerText.includes({said!r})"
    until(page, state)
    assert "training" not in heading(page)
    if said == "stopped":
        assert f"ranvier resume {tmp_path}/runs/live" in heading(page)


def test_a_diverged_run_says_why(visit: Visit, tmp_path: Path) -> None:
    X = np.random.default_rng(0).normal(size=(60, 2))
    net = rv.Network.mlp(2, 8, 1, seed=0)
    recording = rv.Recording(tmp_path / "runs", name="wild")
    with pytest.raises(rv.NonFiniteError) as raised:
        rv.train(net, X, 1e3 * X[:, 0], optimizer=rv.SGD(lr=50.0), run=recording)
    page = visit.view("runs")
    assert "diverged" in page.inner_text("tr:has-text('wild')")
    page.goto(f"{visit.base}#view=curves&run=wild")
    until(page, "document.querySelector('.heading .warning') !== null")
    assert page.inner_text(".heading .warning") == str(raised.value)
    assert "lower the learning rate" in page.inner_text(".heading .warning")
    assert "No curve has that name" not in page.inner_text("main")


def test_a_run_that_is_gone_is_not_replaced_by_another(
    visit: Visit, tmp_path: Path
) -> None:
    pages.record(tmp_path / "runs", "two")
    page = visit.view("curves", run="two")
    assert "two" in heading(page)
    shutil.rmtree(tmp_path / "runs" / "two")
    until(page, "document.querySelector('#newest-run') !== null")
    assert "There is no run two any more" in page.inner_text("main")
    page.click("#newest-run")
    page.wait_for_selector(".chart path")
    assert "one" in heading(page)


def test_a_server_that_is_gone_and_comes_back(chromium: Any, tmp_path: Path) -> None:
    pages.record(tmp_path, "one")
    with browser.viewed(tmp_path, "--port", "0") as address:
        made = Visit(chromium.new_page(), address)
        page = made.view("curves")
    until(page, "document.querySelector('#lost') !== null")
    assert "Connection lost" in page.inner_text("#lost")
    assert page.query_selector(".chart path") is not None  # what there was stays


def test_the_kept_epoch_is_marked(visit: Visit, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 4)), rng.integers(0, 2, 40)
    net = rv.Network.mlp(4, 64, 2, output_activation="softmax", seed=0)
    history = rv.train(
        net, X, y, epochs=60, optimizer=rv.Adam(lr=0.02), validation=0.4,
        stop=rv.EarlyStopping(patience=60), metric="accuracy",
        run=rv.Recording(tmp_path / "runs", name="best"), progress=False,
    )  # fmt: skip
    best = history.best_epoch
    assert best is not None
    assert best < 60
    page = visit.view("curves", run="best")
    until(page, "document.querySelectorAll('.chart .kept').length >= 3")
    assert f"epoch {best} is kept" in heading(page)
    legend = page.inner_text(".legend >> nth=0")
    value = history[best - 1].validation_loss
    assert f"kept, epoch {best}: {float(f'{value:.5g}'):g}" in legend
    page.goto(f"{visit.base}#view=runs")
    page.wait_for_selector(".runs tbody tr")
    row = page.inner_text("tr:has-text('best')")
    assert f"(kept, epoch {best}: {float(f'{value:.4g}'):g})" in row
    page = visit.view("curves", run="one")  # no rule: the last network is left
    page.wait_for_selector(".chart path", state="attached")
    assert "is kept" not in heading(page)
    assert page.query_selector(".chart .kept") is None


def test_rounding_noise_is_flat_and_the_raw_curve_stays(visit: Visit) -> None:
    """A constant rate, smoothed, varies by 1e-17: no line may go up and down."""
    page = visit.view("curves", run="one", smooth="0.9")
    chart = "figure:has(h3:text('Learning rate'))"
    page.wait_for_selector(f"{chart} path[stroke-width='2']", state="attached")
    path = page.get_attribute(f"{chart} path[stroke-width='2']", "d")
    heights = {float(point.split(",")[1]) for point in path[1:].split("L")}
    assert max(heights) - min(heights) < 1
    loss = page.query_selector_all("figure:has(h3:text('Loss')) path.raw")
    assert len(loss) == 2


def test_a_playground_without_held_out_rows(tmp_path: Path) -> None:
    path = tmp_path / "xor4.csv"
    path.write_text("a,b,y\n0,0,no\n0,1,yes\n1,0,yes\n1,1,no\n")
    playground = Playground(own_table(path, "y"))
    playground.do("step", None)
    state = playground.state()
    assert state["curve"][-1][2] is None
    playground.close()


@pytest.mark.filterwarnings("ignore:Column")  # the class is the sign of a height
def test_the_page_says_that_it_shows_one_of_several(
    visit: Visit, tmp_path: Path
) -> None:
    frame = pages.table(160)
    model = rv.fit_table(
        frame, "kind", effort="fast", epochs=3, run=tmp_path / "runs" / "kind"
    )
    assert model.history is not None
    assert model.history.run is not None
    shutil.move(model.history.run, tmp_path / "runs" / "table")
    said = f"Network 1 of the {len(model.members)} that the model averages"
    for view in ("curves", "network", "row", "map"):
        page = visit.view(view, run="table")
        assert said in page.inner_text("main"), view
    page = visit.view("network", run="one")
    assert "that the model averages" not in page.inner_text("main")


def test_the_doctor_stands_above_the_curves(visit: Visit, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3)) * [1, 1, 1e6]
    net = rv.Network.mlp(3, 16, 1, output_activation="sigmoid", seed=0)
    with pytest.warns(UserWarning, match="scale"):
        rv.train(
            net, X, X[:, 0] > 0.3 * X[:, 1] ** 2, epochs=20, progress=False,
            run=rv.Recording(tmp_path / "runs", name="ill"),
        )  # fmt: skip
    found = rv.diagnose(rv.Run(tmp_path / "runs" / "ill"))
    for language in ("en", "ko"):
        page = visit.view("curves", run="ill", lang=language)
        until(page, "document.querySelector('.verdicts li') !== null")
        text = page.inner_text(".verdicts")
        for finding in found.in_language(language):
            assert finding.verdict in text
            assert finding.cure in text
    page = visit.view("curves", run="one", lang="en")
    page.wait_for_timeout(1500)
    healthy = len(rv.diagnose(rv.Run(tmp_path / "runs" / "one")))
    assert len(page.query_selector_all(".verdicts li")) == healthy
