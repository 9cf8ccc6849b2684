"""How fast the page is. What it costs a training to be watched: benchmarks/watched.py.

    python benchmarks/page.py [paint] [runs] [epochs] [stream]

paint     from the address to the first paint, and to the first drawn curve
runs      a folder of 1,000 runs: until the table stands
epochs    a run of 1,000,000 epochs: until its curves stand
stream    60 rows a second for --minutes: memory of server and browser, before and after

Needs Chromium and playwright, as the tests of the page do.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import numpy as np

import ranvier as rv

RANVIER = str(Path(sys.executable).with_name("ranvier"))
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, int]]:
    """Serve a folder: the address, and the server's process."""
    command = [RANVIER, "view", str(folder), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        try:
            yield found[0].partition("#")[0], process.pid
        finally:
            process.terminate()


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
            page.goto(f"{address}#view={view}&lang=en")
            page.wait_for_selector(selector, state="attached", timeout=120_000)
            times.append(perf_counter() - began)
            context.close()
    return times


def told(what: str, times: list[float]) -> None:
    """Print the median of some times, and their range."""
    low, high = min(times), max(times)
    print(f"{what}: {statistics.median(times):.2f} s ({low:.2f} to {high:.2f})")


def paint(folder: Path, minutes: float) -> None:
    """Time the first curve."""
    record(folder, "one", 200)
    with served(folder) as (address, _):
        told("first curve", until(address, "curves", ".chart path"))
        first = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        times = []
        with chromium() as browser:
            for _ in range(5):
                context = browser.new_context()
                page = context.new_page()
                page.goto(f"{address}#view=curves")
                page.wait_for_selector(".chart path", state="attached")
                times.append(page.evaluate(first) / 1000)
                context.close()
        told("first paint", times)


def runs(folder: Path, minutes: float) -> None:
    """Time the table of 1,000 runs."""
    first = record(folder, "run-0")
    for number in range(1, 1000):
        shutil.copytree(first, folder / f"run-{number}")
    with served(folder) as (address, _):
        told("table of 1,000 runs", until(address, "runs", ".runs tbody tr"))


def epochs(folder: Path, minutes: float) -> None:
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
    for _ in range(3):  # a fresh server each time: nothing is kept from the last
        with served(folder) as (address, _):
            times += until(address, "curves", ".chart path", 1)
    told(f"curves of 1,000,000 epochs ({size / 1e6:.0f} MB)", times)


def memory(process: int) -> float:
    """Give the resident memory of a process, in MB."""
    text = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", text)
    return int(found[1]) / 1024 if found else float("nan")


def stream(folder: Path, minutes: float) -> None:
    """Write 60 rows a second, and watch the memory of server and browser."""
    run = record(folder, "one")
    with served(folder) as (address, server), chromium() as browser:
        page = browser.new_page()
        page.goto(f"{address}#view=curves")
        page.wait_for_selector(".chart path", state="attached", timeout=120_000)
        session = page.context.new_cdp_session(page)

        def heap() -> float:
            session.send("HeapProfiler.collectGarbage")
            used = session.send("Runtime.getHeapUsage")["usedSize"]
            return float(used) / 1e6

        began, epoch = perf_counter(), 20
        while (passed := perf_counter() - began) < 60 * minutes:
            due = 20 + int(60 * passed)
            with (run / "epochs.jsonl").open("a") as file:
                for number in range(epoch + 1, due + 1):
                    value = 1 / number + 0.01 * np.sin(number)
                    line = {"epoch": number, "loss": value, "learning_rate": 0.001}
                    file.write(json.dumps(line) + "\n")
            epoch = due
            if int(passed) % 60 == 0:
                text = f"{passed:5.0f} s: server {memory(server):.0f} MB, page"
                print(f"{text} {heap():.1f} MB, {epoch:,} epochs")
                sleep(1)
            sleep(0.05)
        shown = page.inner_text(".legend b")
        print(
            f"at the end: server {memory(server):.0f} MB, page {heap():.1f} MB, {shown}"
        )


def processor(process: int) -> float:
    """Give the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure what the command line asks for."""
    kinds = {one.__name__: one for one in (paint, runs, epochs, stream)}
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=[*kinds])
    parser.add_argument("--minutes", type=float, default=10.0)
    asked = parser.parse_args()
    for name in asked.names:
        with tempfile.TemporaryDirectory() as folder:
            kinds[name](Path(folder), asked.minutes)


if __name__ == "__main__":
    main()
