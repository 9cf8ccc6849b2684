"""A real Chromium for the tests of the page: the one on this machine.

Where there is none, ./test installs Debian's (tools/browser.sh), and the tests say how.
RANVIER_NEEDS_BROWSER=1, as CI sets it, makes a missing browser a failure.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from time import monotonic
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
RANVIER = str(Path(sys.executable).with_name("ranvier"))
AXE = ROOT / ".venv" / "axe" / "package" / "axe.min.js"
VIEWS = ["curves", "network", "row", "map", "playground", "runs"]  # of the page
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT = 600_000  # milliseconds: the machine may be busy, or stand still for a while
HINT = "run tools/browser.sh, or on Debian: apt-get install chromium fonts-noto-cjk npm"


def missing(what: str) -> NoReturn:
    """Skip a test for what is missing; where it is required, fail."""
    text = f"{what}: {HINT}"
    if os.environ.get("RANVIER_NEEDS_BROWSER"):
        pytest.fail(text, pytrace=False)
    pytest.skip(text)


@contextmanager
def chromium() -> Iterator[Any]:
    """Open a browser."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        missing("there is no Chromium")
    from playwright.sync_api import sync_playwright

    arguments = [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def viewed(folder: Path, *arguments: str) -> Iterator[str]:
    """Run ``ranvier view`` on a folder, and give the address that leads to its page.

    It is that of a file, and can be opened again and again.
    """
    command = [RANVIER, "view", str(folder), "--no-browser", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "http://" in process.stdout.readline()
        found = re.search(r"file://\S+", process.stdout.readline())
        assert found is not None
        try:
            yield found[0]
        finally:
            process.terminate()


def leads_to(file: str) -> str:
    """Return the address, with its token, that the file leads to at present."""
    text = Path(unquote(urlsplit(file).path)).read_text()
    found = re.search(r'href="([^"]+)"', text)
    assert found is not None
    return unescape(found[1])


class Visit:
    """A page that was opened, with everything it complained of."""

    def __init__(self, opened: Any, address: str) -> None:
        self.page = opened
        self.complaints: list[str] = []
        opened.set_default_timeout(WAIT)
        opened.on("pageerror", lambda error: self.complaints.append(str(error)))
        opened.on("console", self._hear)
        self.base = enter(opened, address)

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def view(self, name: str, **more: str) -> Any:
        """Go to a view, and wait until it is drawn."""
        entries = "&".join(f"{key}={value}" for key, value in more.items())
        self.page.goto("about:blank")
        self.page.goto(f"{self.base}#view={name}&{entries}")
        ready = {
            "curves": ".chart path",
            "network": ".unit image",
            "row": ".formula math",
            "map": ".surface image",
            "playground": ".unit image",
            "runs": ".runs tbody tr",
        }
        self.page.wait_for_selector(ready[name], state="attached")
        return self.page


# What the page itself sends with each request.
OWN = "headers: {'X-Ranvier': localStorage.getItem('ranvier-secret')}"


def enter(page: Any, address: str) -> str:
    """Open the file that leads to the page, and give the address it ends at."""
    page.goto(address)
    page.wait_for_url("**/p-*/**")
    page.wait_for_selector("nav a")
    return str(page.url).partition("#")[0]


def until(page: Any, condition: str) -> None:
    """Wait until an expression is true; the page's policy lets no one else wait so."""
    end = monotonic() + WAIT / 1000
    while not page.evaluate(condition):
        assert monotonic() < end, condition
        page.wait_for_timeout(50)


def axe(page: Any) -> list[str]:
    """Let axe-core look at a page, and give what it finds."""
    if not AXE.exists():
        missing("axe-core is not there")
    # By the driver, past the policy of the page, which would refuse it.
    page.evaluate(f"() => {{ {AXE.read_text('utf-8')} }}")
    told = page.evaluate("async () => (await axe.run(document)).violations")
    return [
        f"{one['id']}: {node['target']} {node['html'][:120]}"
        for one in told
        for node in one["nodes"][:3]
    ]
