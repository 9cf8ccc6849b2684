"""How fast the page is. What it costs a training to be watched: benchmarks/watched.py.

    python -m benchmarks live [paint] [runs] [epochs] [stream]

paint     from the address to the first paint, and to the first drawn curve
runs      a folder of 1,000 runs: until the table stands
epochs    a run of 1,000,000 epochs: until its curves stand
stream    60 rows a second for ten minutes: memory of server and browser

Needs Chromium and playwright, as the tests of the page do.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from time import perf_counter, sleep
from typing import Any
from urllib.parse import urlsplit

import numpy as np

import ranvier as rv

RANVIER = str(Path(sys.executable).with_name("ranvier"))
Figure = tuple[str, str, str]  # what, how much, how it was measured
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, int]]:
    """Serve a folder: the file that leads to the page, and the server's process."""
    command = [RANVIER, "view", str(folder), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = re.search(r"file://\S+", process.stdout.readline())
        assert found is not None
        try:
            yield found[0], process.pid
        finally:
            process.terminate()


def unused(file: str) -> str:
    """Return the address with a fresh token that the file leads to."""
    found = re.search(r'href="([^"#]+)', Path(urlsplit(file).path).read_text())
    assert found is not None
    return unescape(found[1])


@contextmanager
def chromium() -> Iterator[Any]:
    """Open a browser."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def record(folder: Path, name: str, epochs: int = 20) -> Path:
    """Record a small training."""
    X = np.linspace(-1, 1, 60, dtype=np.float32).reshape(30, 2)
    net = rv.Network.mlp(2, [4, 3], 1, "tanh", seed=0)
    setup = rv.Recording(folder, name=name)
    rv.train(net, X, X[:, 0] ** 2, epochs=epochs, validation=0.2, run=setup)
    return folder / name


def until(address: str, view: str, selector: str, turns: int = 5) -> list[float]:
    """Time from the address to a drawn element, each time in a fresh profile."""
    times = []
    with chromium() as browser:
        for _ in range(turns):
            context = browser.new_context()
            page = context.new_page()
            began = perf_counter()
            page.goto(f"{unused(address)}#view={view}&lang=en")
            page.wait_for_selector(selector, state="attached", timeout=120_000)
            times.append(perf_counter() - began)
            context.close()
    return times


def told(times: list[float]) -> str:
    """Write the median of some times, and their range."""
    low, high = min(times), max(times)
    return f"{statistics.median(times):.2f} s ({low:.2f} to {high:.2f})"


def paint(folder: Path, turns: int) -> list[Figure]:
    """Time the first paint and the first curve."""
    record(folder, "one", 200)
    painted = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    times = []
    with served(folder) as (address, _):
        drawn = until(address, "curves", ".chart path", turns)
        with chromium() as browser:
            for _ in range(turns):
                context = browser.new_context()
                page = context.new_page()
                page.goto(f"{unused(address)}#view=curves")
                page.wait_for_selector(".chart path", state="attached")
                times.append(page.evaluate(painted) / 1000)
                context.close()
    profiles = f"{turns} fresh profiles of a browser"
    return [
        ("first paint", told(times), f"{profiles}, from the navigation"),
        ("first curve drawn", told(drawn), f"{profiles}, from the address"),
    ]


def runs(folder: Path, turns: int) -> list[Figure]:
    """Time the table of 1,000 runs."""
    first = record(folder, "run-0")
    for number in range(1, 1000):
        shutil.copytree(first, folder / f"run-{number}")
    with served(folder) as (address, _):
        times = until(address, "runs", ".runs tbody tr", turns)
    return [
        ("1,000 runs", told(times), f"from the address to the table, {turns} times")
    ]


def epochs(folder: Path, turns: int) -> list[Figure]:
    """Time the curves of 1,000,000 epochs."""
    run = record(folder, "long")
    with (run / "epochs.jsonl").open("w") as file:
        for epoch in range(1, 1_000_001):
            line = {
                "epoch": epoch,
                "loss": 1 / epoch,
                "validation_loss": 2 / epoch,
                "metrics": {"r2": 1 - 1 / epoch},
                "learning_rate": 0.001,
                "gradient_norm": 0.1,
                "seconds": 0.001,
                "rows_per_second": 1e6,
            }
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
    size = (run / "epochs.jsonl").stat().st_size
    times = []
    for _ in range(turns):  # a fresh server each time: nothing is kept from the last
        with served(folder) as (address, _):
            times += until(address, "curves", ".chart path", 1)
    what = f"a run of 1,000,000 epochs ({size / 1e6:.0f} MB)"
    return [(what, told(times), f"to its curves, {turns} fresh servers and browsers")]


def memory(process: int) -> float:
    """Return the resident memory of a process, in MB."""
    text = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", text)
    return int(found[1]) / 1024 if found else float("nan")


def stream(folder: Path, minutes: float) -> list[Figure]:
    """Write 60 rows a second, and watch the memory of server and browser."""
    run = record(folder, "one")
    with served(folder) as (address, server), chromium() as browser:
        page = browser.new_page()
        page.goto(f"{unused(address)}#view=curves")
        page.wait_for_selector(".chart path", state="attached", timeout=120_000)
        session = page.context.new_cdp_session(page)

        def held() -> tuple[float, float]:
            session.send("HeapProfiler.collectGarbage")
            used = session.send("Runtime.getHeapUsage")["usedSize"]
            return memory(server), float(used) / 1e6

        seen = [held()]
        began, epoch = perf_counter(), 20
        while (passed := perf_counter() - began) < 60 * minutes:
            due = 20 + int(60 * passed)
            with (run / "epochs.jsonl").open("a") as file:
                for number in range(epoch + 1, due + 1):
                    value = 1 / number + 0.01 * np.sin(number)
                    line = {"epoch": number, "loss": value, "learning_rate": 0.001}
                    file.write(json.dumps(line) + "\n")
            epoch = due
            if passed > 60 * len(seen):
                seen.append(held())
            sleep(0.05)
        page.wait_for_timeout(1000)
        seen.append(held())
    resident, heap = np.array(seen).T
    return [
        (
            f"60 rows a second for {minutes:g} minutes",
            f"server {resident[0]:.0f} MB at the start, {resident[-1]:.0f} MB at the "
            f"end; the page's heap {heap.min():.1f} to {heap.max():.1f} MB, "
            f"{heap[-1]:.1f} MB at the end",
            f"{epoch - 20:,} rows, memory once a minute",
        )
    ]


def processor(process: int) -> float:
    """Return the seconds of processor time that a process has used."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:  # it has ended
        return 0.0
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
