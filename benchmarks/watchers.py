"""Those who watch a run, in a process of their own: see benchmarks/watched.py.

    python -m benchmarks.watchers clients|pages ADDRESS RUN COUNT

A line on standard input, "on" or "off", lets all of them come or go; when they have,
"done" is printed. `clients` read every event as browsers do, but draw nothing. `pages`
are pages of one Chromium, each with a profile of its own, that draw the curves; as soon
as these stand, it gets a processor only when nobody else wants one.
"""

import contextlib
import http.client
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from benchmarks.page import chromium, unused

Switch = Callable[[bool], None]


def family(process: int) -> list[int]:
    """Return the processes that descend from one."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            parents[int(folder.name)] = int(fields[1])
    found = [process]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def prefer(policy: int) -> None:
    """Set how the threads of all processes that descend from this one are scheduled."""
    for process in family(os.getpid()):
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{process}/task").iterdir():
                os.sched_setscheduler(int(thread.name), policy, os.sched_param(0))


@contextmanager
def clients(address: str, run: str, count: int) -> Iterator[Switch]:
    """Yield clients that speak HTTP and read."""
    at = urlsplit(unused(address))
    opened: list[Any] = []

    def ask(path: str, **headers: str) -> tuple[Any, http.client.HTTPResponse]:
        connection = http.client.HTTPConnection(at.hostname or "", at.port)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return connection.sock or answer, answer

    entrance = ask(f"/?{at.query}")[1]
    found = re.search(
        r'content="([^"]+)" data-path="([^"]+)"', entrance.read().decode()
    )
    assert found is not None
    cookie = (entrance.headers["set-cookie"] or "").partition(";")[0]
    known = {"Cookie": cookie, "X-Ranvier": found[1]}

    def listen(answer: http.client.HTTPResponse) -> None:
        # Closing the connection raises one of these.
        shut = (OSError, ValueError, AttributeError, http.client.HTTPException)
        with contextlib.suppress(*shut):
            while answer.read1(65536):
                pass

    def switch(on: bool) -> None:
        for end in opened:
            getattr(end, "shutdown", lambda _, end=end: end.close())(2)
        opened.clear()
        for _ in range(count if on else 0):
            end, answer = ask(f"{found[2]}api/stream?run={run}", **known)
            opened.append(end)
            Thread(target=listen, args=[answer], daemon=True).start()

    yield switch


@contextmanager
def pages(address: str, run: str, count: int) -> Iterator[Switch]:
    """Yield pages of a Chromium that draw the curves of the run."""
    with chromium() as browser:
        opened = [browser.new_context().new_page() for _ in range(count)]

        def switch(on: bool) -> None:
            prefer(os.SCHED_OTHER)
            for page in opened:
                page.set_default_timeout(300_000)
                page.goto(
                    f"{unused(address)}#view=curves&run={run}" if on else "about:blank"
                )
            for page in opened if on else []:
                page.wait_for_selector(".chart path", state="attached")
            prefer(os.SCHED_IDLE)

        yield switch
        prefer(os.SCHED_OTHER)  # so that it can end


def main() -> None:
    """Come and go as standard input says."""
    kind, address, run, count = sys.argv[1:]
    watchers = {"clients": clients, "pages": pages}[kind]
    with watchers(address, run, int(count)) as switch:
        print("ready", flush=True)
        for line in sys.stdin:
            switch(line.strip() == "on")
            print("done", flush=True)


if __name__ == "__main__":
    main()
