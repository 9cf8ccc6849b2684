"""Items S1 to S8, S14 and S15 of what is known to go wrong with such servers."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pages
import pytest
from pages import HOST, TOKEN

from ranvier.live import guard
from ranvier.live.guard import HEADERS, Guard
from ranvier.live.server import routes


def run(coroutine: Any) -> Any:
    """Run a coroutine to its end."""
    return asyncio.run(coroutine)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with one run."""
    return pages.record(tmp_path_factory.mktemp("runs")).parent


@pytest.fixture
def app(folder: Path) -> Iterator[Guard]:
    """Give a server with one run."""
    built, views = pages.server(folder)
    yield built
    views.playground.close()


async def ask(
    app: Guard,
    path: str = "/api/runs",
    *,
    known: bool = True,
    method: str = "GET",
    headers: dict[str, str] | list[tuple[str, str]] | None = None,
    content: bytes | None = None,
) -> httpx.Response:
    """Ask a server for something."""
    async with pages.client(app, known=known) as client:
        request = client.build_request(method, path, headers=headers, content=content)
        return await client.send(request)


# ---------------------------------------------------------------- S3: a token for all


def every_route(app: Guard) -> list[tuple[str, str]]:
    """List each method and path that a server answers."""
    found = []
    for route in app.app.routes:  # type: ignore[attr-defined]
        path = route.path.replace("{name}", "app.js")
        found += [(method, path) for method in route.methods]
    return found


def test_every_route_needs_the_token(app: Guard) -> None:
    listed = every_route(app)
    assert len(listed) >= 2 * 13 + 1
    posting = {"Content-Type": "application/json", "X-Ranvier": "1"}
    for method, path in listed:
        for cookie in (None, "ranvier-8765=", "ranvier-8765=wrong", f"ranvier={TOKEN}"):
            headers = posting | ({"Cookie": cookie} if cookie else {})
            answer = run(
                ask(
                    app,
                    path,
                    known=False,
                    method=method,
                    headers=headers,
                    content=b"{}",
                )
            )
            assert answer.status_code == 401, (method, path)
            assert "token" in answer.text or method == "HEAD"


def test_the_token_is_exchanged_for_a_cookie(app: Guard) -> None:
    answer = run(ask(app, f"/?token={TOKEN}", known=False))
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("ranvier-8765=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert TOKEN not in cookie
    assert run(ask(app, "/")).status_code == 200


def test_tokens_are_long_and_new() -> None:
    sessions = {Guard(lambda *_: None, "x").session for _ in range(5)}  # type: ignore[arg-type,return-value]
    assert len(sessions) == 5
    assert all(len(session) >= 43 for session in sessions)  # 256 bits


@pytest.mark.parametrize("token", ["", "x", TOKEN[:-1], TOKEN + "t", "é", "%00"])
def test_wrong_tokens(app: Guard, token: str) -> None:
    assert run(ask(app, f"/?token={token}", known=False)).status_code == 401
    # Nor does the right one open anything else than the page.
    assert run(ask(app, f"/api/runs?token={TOKEN}", known=False)).status_code == 401


def test_wrong_tokens_are_slowed_down(
    app: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def guess() -> list[int]:
        async with pages.client(app, known=False) as client:
            codes = [(await client.get("/?token=x")).status_code for _ in range(70)]
            # Not even the right one helps for a while; who has the cookie goes on.
            codes.append((await client.get(f"/?token={TOKEN}")).status_code)
            return codes

    async def known_one() -> int:
        async with pages.client(app) as client:
            for _ in range(guard.FAILURES):
                app.failures.append(guard.monotonic())
            return (await client.get("/api/runs")).status_code

    codes = run(guess())
    assert codes[: guard.FAILURES] == [401] * guard.FAILURES
    assert set(codes[guard.FAILURES :]) == {429}
    app.failures.clear()
    assert run(known_one()) == 200
    later = guard.monotonic() + 61
    monkeypatch.setattr(guard, "monotonic", lambda: later)
    assert run(ask(app, f"/?token={TOKEN}", known=False)).status_code == 303


# ---------------------------------------------------------------- S4: Host

GOOD_HOSTS = ["127.0.0.1", "127.0.0.1:1", "localhost:8765", "LOCALHOST", "[::1]:80"]
BAD_HOSTS = [
    "", " ", "evil.example", "127.0.0.1.nip.io", "localhost.", "localhost.evil.example",
    "a@localhost", "user:pw@127.0.0.1", "127.0.0.1:", "127.0.0.1:123456", "127.0.0.1:x",
    "127.0.0.2", "127.1", "0.0.0.0", "0", "2130706433", "0x7f000001", "::1", "[::1",
    "[::]", "[::ffff:127.0.0.1]", "[::1].evil.example", "localhost/", "localhost#",
    "localhost?x", "local host", "localhost,evil.example", "http://localhost",
    "127.0.0.1\t", "*", "null", "ranvier", "localhost:80:80", "[127.0.0.1]", "xn--ls8h",
]  # fmt: skip


@pytest.mark.parametrize("host", GOOD_HOSTS)
def test_our_own_names(app: Guard, host: str) -> None:
    assert run(ask(app, known=False, headers={"Host": host})).status_code == 401


@pytest.mark.parametrize("host", BAD_HOSTS)
def test_names_that_are_not_ours(app: Guard, host: str) -> None:
    assert run(ask(app, known=False, headers={"Host": host})).status_code == 400


def test_two_names_or_none(app: Guard) -> None:
    async def raw(hosts: list[bytes]) -> int:
        told: list[Any] = []

        async def send(message: Any) -> None:
            told.append(message)

        scope = {
            "type": "http",
            "method": "GET",
            "path": "/",
            "query_string": b"",
            "headers": [(b"host", host) for host in hosts],
            "server": ("127.0.0.1", 8765),
        }
        await app(scope, None, send)  # type: ignore[arg-type]
        return int(told[0]["status"])

    assert run(raw([])) == 400
    assert run(raw([b"localhost", b"localhost"])) == 400
    assert run(raw([b"localhost", b"evil.example"])) == 400
    assert run(raw([b"localhost"])) == 401


def test_a_name_that_was_asked_for(tmp_path: Path) -> None:
    app = Guard(pages.server(tmp_path)[0].app, TOKEN, ["my-machine"])
    assert (
        run(ask(app, known=False, headers={"Host": "my-machine:1"})).status_code == 401
    )
    assert (
        run(ask(app, known=False, headers={"Host": "my-machineX"})).status_code == 400
    )


# ---------------------------------------------------------------- S5, S6: other sites

OWN = f"http://{HOST}"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "https://127.0.0.1:8765"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "http://127.0.0.1:8766"},
        {"Origin": "http://localhost:8765"},
        {"Origin": ""},
        {"Origin": OWN + "/"},
        {"Origin": OWN.upper()},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "other"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Origin": OWN, "Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_requests_of_other_sites(
    app: Guard, headers: dict[str, str], method: str
) -> None:
    path = "/api/runs" if method == "GET" else "/api/command"
    sent = {"Content-Type": "application/json", "X-Ranvier": "1"} | headers
    answer = run(
        ask(app, path, method=method, headers=sent, content=b'{"command":"x"}')
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "application/json"},
        {"X-Ranvier": "1"},
        {"Content-Type": "text/plain", "X-Ranvier": "1"},
        {"Content-Type": "application/x-www-form-urlencoded", "X-Ranvier": "1"},
        {"Content-Type": "multipart/form-data", "X-Ranvier": "1"},
        {"Content-Type": "application/json", "X-Ranvier": "2"},
    ],
)
def test_posts_that_a_form_could_send(app: Guard, headers: dict[str, str]) -> None:
    content = b'{"command":"pause"}'
    answer = run(
        ask(app, "/api/command", method="POST", headers=headers, content=content)
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": OWN},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_our_own_page(app: Guard, headers: dict[str, str]) -> None:
    assert run(ask(app, headers=headers)).status_code == 200
    sent = {"Content-Type": "application/json", "X-Ranvier": "1"} | headers
    content = b'{"command":"pause"}'
    answer = run(ask(app, "/api/command", method="POST", headers=sent, content=content))
    assert answer.status_code == 200


def test_a_link_to_the_page_may_be_followed(app: Guard) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert run(ask(app, "/", headers=headers)).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods(app: Guard, method: str) -> None:
    assert run(ask(app, method=method)).status_code == 405


def test_no_answer_speaks_to_other_sites(app: Guard) -> None:
    headers = {"Access-Control-Request-Method": "POST"}
    for path in ("/", "/api/runs", "/nowhere"):
        for known in (True, False):
            answer = run(ask(app, path, known=known, headers=headers))
            assert not [n for n in answer.headers if n.startswith("access-control")]


# ---------------------------------------------------------------- S8: headers


def test_every_answer_has_the_headers(app: Guard) -> None:
    answers = [
        run(ask(app, path, known=known, method=method))
        for method, path in every_route(app)
        for known in (True, False)
        if path != "/api/stream"
    ]
    answers += [
        run(ask(app, headers={"Host": "evil.example"})),
        run(ask(app, "/nowhere")),
        run(ask(app, "/api/row?run=gone")),
    ]
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers.get_list(name) == [value], answer.url


def test_the_policy_is_strict() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


# ---------------------------------------------------------------- S14: limits


def test_a_long_body(app: Guard) -> None:
    headers = {"Content-Type": "application/json", "X-Ranvier": "1"}

    async def endless() -> Any:
        for _ in range(10_000):
            yield b" " * 100_000  # a gigabyte, of which ten parts are read

    async def send(content: Any) -> int:
        async with pages.client(app) as client:
            answer = await client.post("/api/command", headers=headers, content=content)
            return answer.status_code

    assert run(send(b" " * (guard.LARGEST_BODY + 1))) == 413
    assert run(send(endless())) == 413
    assert run(send(b" " * 1000)) == 422


def test_a_slow_body(app: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.05)
    headers = {"Content-Type": "application/json", "X-Ranvier": "1"}

    async def raw() -> int:
        told: list[Any] = []

        async def send(message: Any) -> None:
            told.append(message)

        async def receive() -> Any:
            await asyncio.sleep(9)

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/api/command",
            "query_string": b"",
            "headers": [
                (b"host", HOST.encode()),
                (b"cookie", f"ranvier-8765={app.session}".encode()),
                *((n.lower().encode(), v.encode()) for n, v in headers.items()),
            ],
            "server": ("127.0.0.1", 8765),
        }
        await app(scope, receive, send)
        return int(told[0]["status"])

    assert run(raw()) == 408


# ---------------------------------------------------------------- S15: the token


def test_no_answer_holds_the_token(app: Guard) -> None:
    paths = ["/", "/api/runs", "/api/run?run=one", "/assets/app.js", "/nowhere"]
    paths += ["/?token=wrong", f"/?token={TOKEN}"]
    for path in paths:
        for known in (True, False):
            answer = run(ask(app, path, known=known))
            told = answer.text + json.dumps(dict(answer.headers))
            assert TOKEN not in told
            assert app.session not in answer.text


def test_there_is_no_other_door(app: Guard) -> None:
    """A socket or a lifespan of the application's own is not answered."""

    async def raw(kind: str) -> list[Any]:
        told: list[Any] = []

        async def send(message: Any) -> None:
            told.append(message)

        await app({"type": kind, "path": "/api/runs", "headers": []}, None, send)  # type: ignore[arg-type]
        return told

    assert run(raw("websocket")) == []
    assert len(routes(pages.Views.__new__(pages.Views))) == 14
