"""The page in a browser, and other sites and servers that want to get at it."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlsplit

import browser
import pages
import pytest
from browser import WAIT, until


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Yield a browser."""
    with browser.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the file that leads to the page of a run."""
    folder = tmp_path_factory.mktemp("runs")
    pages.record(folder)
    with browser.viewed(folder) as found:
        yield found


ATTACK = """<!doctype html><title>waiting</title><script>
const at = "ADDRESS", path = "PATH";
const tries = [
  fetch(at + path + "api/runs", {credentials: "include"}),
  fetch(at + path + "api/command", {method: "POST", credentials: "include",
    headers: {"Content-Type": "application/json", "X-Ranvier": "1"}, body: "{}"}),
  fetch(at + path + "api/command", {method: "POST", credentials: "include",
    headers: {"Content-Type": "text/plain"}, body: '{"command":"play"}'}),
  new Promise((yes, no) => { const s = new EventSource(at + path + "api/stream",
    {withCredentials: true}); s.onopen = yes; s.onerror = no; }),
  new Promise((yes, no) => { const s = new WebSocket(at.replace("http", "ws") + "/");
    s.onopen = yes; s.onerror = no; }),
  new Promise((yes, no) => { const i = new Image(); i.onload = yes; i.onerror = no;
    i.src = at + path + "assets/icon.svg"; }),
  new Promise((yes, no) => { const s = document.createElement("script");
    s.onload = yes; s.onerror = no; s.src = at + path + "assets/app.js";
    document.head.append(s); }),
];
for (let i = 0; i < 65; i++) {
  const frame = document.createElement("iframe");
  frame.src = at + "/?token=wrong" + i;
  document.documentElement.append(frame);
}
Promise.allSettled(tries).then((all) => {
  document.title = all.map((one) => one.status[0]).join("");
});
</script>"""


@contextmanager
def site(text: str) -> Iterator[tuple[str, list[str]]]:
    """Serve a page on another port of this machine; note the cookies it is sent."""
    cookies: list[str] = []

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            cookies.append(self.headers.get("Cookie", ""))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", cookies
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_another_site_gets_nothing(chromium: Any, address: str) -> None:
    """Item S5, in the browser: a page on another port of this machine tries it all.

    It even knows the path of the page. Its 65 frames with wrong tokens lock nobody out.
    """
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(WAIT)
    base = browser.enter(page, address)  # so that the browser has the cookie
    at = urlsplit(base)
    text = ATTACK.replace("ADDRESS", f"http://{at.netloc}").replace("PATH", at.path)
    with site(text) as (other, cookies):
        page.goto(other)
        until(page, "document.title !== 'waiting'")
        # A plain request whose answer cannot be read settles as rejected too.
        assert page.title() == "rrrrrrr"
    assert cookies
    assert not any("ranvier" in cookie for cookie in cookies)
    page.goto(base)
    page.wait_for_selector("nav a")
    told = page.evaluate(f"fetch('api/play', {{{browser.OWN}}}).then((a) => a.json())")
    assert not told["playing"]
    assert page.evaluate("fetch('api/play').then((answer) => answer.status)") == 403
    browser.enter(context.new_page(), address)  # a wrong token has cost the owner none
    context.close()


def test_a_cookie_alone_opens_nothing(chromium: Any, address: str) -> None:
    """A local server that has seen the path and the cookie does not have the secret."""
    context = chromium.new_context()
    base = browser.enter(context.new_page(), address)
    at = urlsplit(base)
    (cookie,) = [one for one in context.cookies(base) if "ranvier" in one["name"]]
    assert cookie["name"] == f"ranvier-{at.port}"
    assert (cookie["path"], cookie["httpOnly"]) == (at.path, True)
    assert cookie["sameSite"] == "Strict"
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=600)
    headers = {"Cookie": f"{cookie['name']}={cookie['value']}"}
    for path, code in (("", 200), ("api/runs", 403), ("api/stream", 403)):
        connection.request("GET", at.path + path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == code
    connection.close()
    context.close()


def test_another_page_of_the_browser_stays_open(chromium: Any, address: str) -> None:
    """The page is reloaded, opened in a second tab and opened anew by its file."""
    context = chromium.new_context()
    first = context.new_page()
    base = browser.enter(first, address)
    first.reload()
    first.wait_for_selector("nav a")
    second = context.new_page()
    second.goto(base)
    second.wait_for_selector("nav a")
    assert browser.enter(context.new_page(), address) == base
    assert "token" not in first.url
    context.close()
