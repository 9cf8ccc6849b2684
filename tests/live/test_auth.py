"""Items S1 to S8, S14 and S15 of what is known to go wrong with such servers."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pages
import pytest
from pages import HOST

from ranvier.live import auth
from ranvier.live.auth import HEADERS, Auth
from ranvier.live.server import routes


def run(coroutine: Any) -> Any:
    """Run a coroutine to its end."""
    return asyncio.run(coroutine)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one run."""
    return pages.record(tmp_path_factory.mktemp("runs")).parent


@pytest.fixture
def app(folder: Path) -> Iterator[Auth]:
    """Yield a server with one run."""
    built, views = pages.server(folder)
    built.secret = SECRET
    yield built
    views.playground.close()


async def ask(
    app: Auth,
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


def every_route(app: Auth) -> list[tuple[str, str]]:
    """List each method and path that a server answers."""
    found = []
    for route in app.app.routes:  # type: ignore[attr-defined]
        path = route.path.replace("{name}", "app.js")
        found += [(method, path) for method in route.methods]
    return found


def test_every_route_needs_the_cookie(app: Auth) -> None:
    listed = every_route(app)
    assert len(listed) >= 2 * 13 + 1
    posting = {"Content-Type": "application/json", "X-Ranvier": app.secret}
    name = "ranvier-8765"
    for method, path in listed:
        for cookie in (None, f"{name}=", f"{name}=wrong", f"ranvier={app.session}"):
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


def test_every_route_but_the_files_of_the_page_needs_the_secret(app: Auth) -> None:
    """The cookie alone, which another local server might have seen, is not enough."""
    cookie = f"ranvier-8765={app.session}"
    for method, path in every_route(app):
        for secret in (None, "", "1", app.session, app.secret[:-1], app.secret + "x"):
            headers = {"Content-Type": "application/json", "Cookie": cookie}
            headers |= {} if secret is None else {"X-Ranvier": secret}
            answer = run(ask(app, path, known=False, method=method, headers=headers))
            is_file = not path.startswith("/api/")
            assert answer.status_code == (200 if is_file else 403), (method, path)


def test_every_route_lies_under_a_path_that_nobody_can_guess(app: Auth) -> None:
    headers = {"Cookie": f"ranvier-8765={app.session}", "X-Ranvier": app.secret}
    assert re.fullmatch(r"/p-[\w-]{43}/", app.path)
    for method, path in every_route(app):
        for before in ("", app.path[:-2] + "x", "/p-"):
            at = f"http://{HOST}{before}{path}"
            answer = run(ask(app, at, known=False, method=method, headers=headers))
            assert answer.status_code in (401, 403), (method, at)


def enter(app: Auth, query: str, **headers: str) -> httpx.Response:
    """Ask for the page with a token."""
    at = f"http://{HOST}/?{query}"
    return run(ask(app, at, known=False, headers=headers))


def test_a_token_is_exchanged_once(app: Auth) -> None:
    used: list[str] = []
    app.on_exchange = used.append
    token = app.new_token()
    answer = enter(app, f"token={token}")
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"ranvier-8765={app.session};")
    for part in ("HttpOnly", "SameSite=Strict", f"Path={app.path};"):
        assert part in cookie
    assert app.secret in answer.text
    assert token not in answer.text + cookie
    assert used == [token]
    assert enter(app, f"token={token}").status_code == 401
    assert run(ask(app, "/")).status_code == 200


def test_what_is_fetched_in_advance_uses_no_token(app: Auth) -> None:
    token = app.new_token()
    for headers in ({"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}):
        assert enter(app, f"token={token}", **headers).status_code == 401
    at = f"http://{HOST}/?token={token}"
    assert run(ask(app, at, known=False, method="HEAD")).status_code == 401
    assert enter(app, f"token={token}").status_code == 200


def test_tokens_are_long_and_new() -> None:
    checks = [Auth(lambda *_: None) for _ in range(5)]  # type: ignore[arg-type,return-value]
    drawn = [
        value
        for one in checks
        for value in (one.session, one.secret, one.path, one.new_token())
    ]
    assert len(set(drawn)) == 20
    assert all(len(value) >= 43 for value in drawn)  # 256 bits


@pytest.mark.parametrize("change", ["", "x", "cut", "more", "é", "%00"])
def test_wrong_tokens(app: Auth, change: str) -> None:
    token = app.new_token()
    wrong = {"cut": token[:-1], "more": token + "t"}.get(change, change)
    assert enter(app, f"token={wrong}").status_code == 401
    # Nor does the right one open anything else than the page.
    for path in ("/api/runs", app.path, f"{app.path}api/runs"):
        at = f"http://{HOST}{path}?token={token}"
        assert run(ask(app, at, known=False)).status_code == 401
    assert enter(app, f"token={token}").status_code == 200


def test_wrong_tokens_cost_the_owner_nothing(app: Auth) -> None:
    """Nobody can lock the owner out by guessing, be it from another site's frames."""

    async def guess() -> set[int]:
        frame = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
        async with pages.client(app, known=False) as client:
            at = f"http://{HOST}/?token=x"
            sent = [await client.get(at, headers=frame) for _ in range(500)]
            return {answer.status_code for answer in sent}

    assert run(guess()) == {401}
    assert enter(app, f"token={app.new_token()}").status_code == 200


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
def test_our_own_names(app: Auth, host: str) -> None:
    assert run(ask(app, known=False, headers={"Host": host})).status_code == 401


@pytest.mark.parametrize("host", BAD_HOSTS)
def test_names_that_are_not_ours(app: Auth, host: str) -> None:
    assert run(ask(app, known=False, headers={"Host": host})).status_code == 400


def test_two_names_or_none(app: Auth) -> None:
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
    app = Auth(pages.server(tmp_path)[0].app, ["my-machine"])
    assert (
        run(ask(app, known=False, headers={"Host": "my-machine:1"})).status_code == 401
    )
    assert (
        run(ask(app, known=False, headers={"Host": "my-machineX"})).status_code == 400
    )


# ---------------------------------------------------------------- S5, S6: other sites

OWN = f"http://{HOST}"
SECRET = "s" * 43


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
    app: Auth, headers: dict[str, str], method: str
) -> None:
    path = "/api/runs" if method == "GET" else "/api/command"
    sent = {"Content-Type": "application/json", "X-Ranvier": SECRET} | headers
    answer = run(
        ask(app, path, method=method, headers=sent, content=b'{"command":"x"}')
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Ranvier": ""},
        {"Content-Type": "application/json", "X-Ranvier": ""},
        {"X-Ranvier": SECRET},
        {"Content-Type": "text/plain", "X-Ranvier": SECRET},
        {"Content-Type": "application/x-www-form-urlencoded", "X-Ranvier": SECRET},
        {"Content-Type": "multipart/form-data", "X-Ranvier": SECRET},
        {"Content-Type": "application/json", "X-Ranvier": "2"},
    ],
)
def test_posts_that_a_form_could_send(app: Auth, headers: dict[str, str]) -> None:
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
def test_our_own_page(app: Auth, headers: dict[str, str]) -> None:
    assert run(ask(app, headers=headers)).status_code == 200
    sent = {"Content-Type": "application/json", "X-Ranvier": SECRET} | headers
    content = b'{"command":"pause"}'
    answer = run(ask(app, "/api/command", method="POST", headers=sent, content=content))
    assert answer.status_code == 200


def test_a_link_to_the_page_may_be_followed(app: Auth) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert run(ask(app, "/", headers=headers)).status_code == 200
    headers["Sec-Fetch-Dest"] = "document"
    assert run(ask(app, "/", headers=headers)).status_code == 200
    headers["Sec-Fetch-Dest"] = "iframe"
    assert run(ask(app, "/", headers=headers)).status_code == 403


def test_the_address_that_was_connected_to_is_a_name(app: Auth) -> None:
    """Where the server listens at every address, each of the machine's opens it."""

    async def raw(host: str, server: str) -> int:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "GET",
            "path": "/",
            "query_string": b"",
            "headers": [(b"host", host.encode())],
            "server": (server, 8765),
        }
        await app(scope, None, send)  # type: ignore[arg-type]
        return int(sent[0]["status"])

    assert run(raw("192.0.2.7:8765", "192.0.2.7")) == 401
    assert run(raw("192.0.2.7", "::ffff:192.0.2.7")) == 401
    assert run(raw("[2001:db8::7]:80", "2001:db8::7")) == 401
    assert run(raw("192.0.2.8:8765", "192.0.2.7")) == 400
    assert run(raw("192x0.2.7", "192.0.2.7")) == 400
    assert run(raw("0.0.0.0:8765", "127.0.0.1")) == 400
    assert run(raw("", "")) == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods(app: Auth, method: str) -> None:
    assert run(ask(app, method=method)).status_code == 405


def test_no_answer_speaks_to_other_sites(app: Auth) -> None:
    headers = {"Access-Control-Request-Method": "POST"}
    for path in ("/", "/api/runs", "/nowhere"):
        for known in (True, False):
            answer = run(ask(app, path, known=known, headers=headers))
            assert not [n for n in answer.headers if n.startswith("access-control")]


# ---------------------------------------------------------------- S8: headers


def test_every_answer_has_the_headers(app: Auth) -> None:
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


def test_a_long_body(app: Auth) -> None:
    headers = {"Content-Type": "application/json", "X-Ranvier": SECRET}

    async def endless() -> Any:
        for _ in range(10_000):
            yield b" " * 100_000  # a gigabyte, of which ten parts are read

    async def send(content: Any) -> int:
        async with pages.client(app) as client:
            answer = await client.post("/api/command", headers=headers, content=content)
            return answer.status_code

    assert run(send(b" " * (auth.LARGEST_BODY + 1))) == 413
    assert run(send(endless())) == 413
    assert run(send(b" " * 1000)) == 422


def test_a_slow_body(app: Auth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "BODY_SECONDS", 0.05)
    headers = {"Content-Type": "application/json", "X-Ranvier": SECRET}

    async def raw() -> int:
        told: list[Any] = []

        async def send(message: Any) -> None:
            told.append(message)

        async def receive() -> Any:
            await asyncio.sleep(9)

        scope = {
            "type": "http",
            "method": "POST",
            "path": f"{app.path}api/command",
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


def test_no_answer_holds_the_token(app: Auth) -> None:
    token = app.new_token()
    paths = ["/", "/api/runs", "/api/run?run=one", "/assets/app.js", "/nowhere"]
    paths += [f"http://{HOST}/?token=wrong", f"http://{HOST}/?token={token}"]
    for path in paths:
        for known in (True, False):
            answer = run(ask(app, path, known=known))
            told = answer.text + json.dumps(dict(answer.headers))
            assert token not in told
            assert app.session not in answer.text


def test_there_is_no_other_door(app: Auth) -> None:
    """A socket or a lifespan of the application's own is not answered."""

    async def raw(kind: str) -> list[Any]:
        told: list[Any] = []

        async def send(message: Any) -> None:
            told.append(message)

        await app({"type": kind, "path": "/api/runs", "headers": []}, None, send)  # type: ignore[arg-type]
        return told

    assert run(raw("websocket")) == []
    assert len(routes(pages.Views.__new__(pages.Views))) == 15
