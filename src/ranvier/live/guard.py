"""Who may ask the server for anything: the one who knows the token, from this machine.

A page on any website can send requests to this machine, and a name of the attacker's
can be made to lead here (DNS rebinding). So every request needs a token, also those
that only read; the Host must be one of our names; the Origin, where there is one, must
be our own; and what changes something needs a header that no form can send.
"""

import asyncio
import re
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from hmac import compare_digest
from time import monotonic
from typing import Any, Final
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOCAL_NAMES: Final = ("localhost", "127.0.0.1", "[::1]")
LARGEST_BODY: Final = 1_000_000  # bytes
BODY_SECONDS: Final = 10.0
FAILURES: Final = 60  # of wrong tokens in a minute, after which none is looked at

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: "
        "blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action "
        "'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
        "trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Stands before the whole application and lets in what is in order.

    Parameters
    ----------
    app
        What it guards.
    token
        What the address of the page holds, and only who started the server knows.
    hosts
        Other names that the server is called by.
    """

    def __init__(self, app: App, token: str, hosts: Iterable[str] = ()) -> None:
        self.app = app
        self.token = token
        self.session = secrets.token_urlsafe(32)  # the cookie never holds the token
        names = "|".join(re.escape(name.lower()) for name in (*LOCAL_NAMES, *hosts))
        self.host = re.compile(rf"(?:{names})(?::[0-9]{{1,5}})?")
        self.failures: deque[float] = deque(maxlen=FAILURES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # a socket of another kind is closed without a word
        guarded = _with_headers(send)
        headers = _Headers(scope["headers"])
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _answer(guarded, *refusal)
        elif (token := _token_of(scope)) is not None:
            await self._exchange(scope, token, guarded)
        elif not self._knows(headers, scope):
            await _answer(guarded, 401, _WITHOUT_TOKEN)
        else:
            await self._pass(scope, receive, guarded)

    def _refusal(self, scope: Scope, headers: "_Headers") -> tuple[int, str] | None:
        """Say what is wrong with where a request comes from; None if nothing is."""
        hosts = headers.every("host")
        if len(hosts) != 1 or not self.host.fullmatch(hosts[0].lower()):
            return 400, "This server is not called by that name."
        origins = headers.every("origin")
        if len(origins) > 1 or any(one != f"http://{hosts[0]}" for one in origins):
            return 403, "Other sites may not ask."
        site = headers.one("sec-fetch-site") or "none"
        # Somebody followed a link to the page.
        visit = scope["path"] == "/" and headers.one("sec-fetch-mode") == "navigate"
        if site not in ("same-origin", "none") and not visit:
            return 403, "Other sites may not ask."
        if scope["method"] in ("GET", "HEAD"):
            return None
        if scope["method"] != "POST":
            return 405, "The server reads GET and POST."
        kind = (headers.one("content-type") or "").partition(";")[0].strip().lower()
        if kind != "application/json" or headers.one("x-ranvier") != "1":
            return 403, "Only the page itself may change something."
        return None

    async def _exchange(self, scope: Scope, token: str, send: Send) -> None:
        """Give a cookie for the token, and take the token out of the address."""
        now = monotonic()
        while self.failures and self.failures[0] < now - 60:
            self.failures.popleft()
        if len(self.failures) == FAILURES:
            await _answer(send, 429, "Too many wrong tokens: wait a minute.")
        elif scope["path"] != "/" or not _same(token, self.token):
            self.failures.append(now)
            await _answer(send, 401, _WITHOUT_TOKEN)
        else:
            cookie = f"{_cookie_name(scope)}={self.session}; Path=/; HttpOnly"
            extra = {"Location": "/", "Set-Cookie": f"{cookie}; SameSite=Strict"}
            await _answer(send, 303, "", extra)

    def _knows(self, headers: "_Headers", scope: Scope) -> bool:
        name = f"{_cookie_name(scope)}="
        for line in headers.every("cookie"):
            for part in line.split(";"):
                if part.strip().startswith(name):
                    return _same(part.strip()[len(name) :], self.session)
        return False

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, with a body that is short and comes soon."""
        if scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(receive)
        except TimeoutError:
            await _answer(send, 408, "The body did not come in time.")
            return
        if body is None:
            await _answer(send, 413, f"A body has at most {LARGEST_BODY:,} bytes.")
            return
        told = False

        async def again() -> Message:
            nonlocal told
            if told:
                return await receive()
            told = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, again, send)


_WITHOUT_TOKEN: Final = (
    "Open the page by the address that Ranvier printed, which holds a token."
)


class _Headers:
    """The raw headers of a request; a name may occur more than once."""

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self.raw = [(name.decode("latin-1"), value) for name, value in raw]

    def every(self, name: str) -> list[str]:
        return [value.decode("latin-1") for known, value in self.raw if known == name]

    def one(self, name: str) -> str | None:
        """Give the value of a header that is there once."""
        found = self.every(name)
        return found[0] if len(found) == 1 else None


def _token_of(scope: Scope) -> str | None:
    found = parse_qs(scope["query_string"].decode("latin-1")).get("token")
    return found[0] if found else None


def _cookie_name(scope: Scope) -> str:
    """Name the cookie after the port: cookies of one host are shared by all ports."""
    return f"ranvier-{(scope.get('server') or ('', 0))[1]}"


def _same(given: str, known: str) -> bool:
    return compare_digest(given.encode(), known.encode())


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = {name.lower().encode() for name in HEADERS}
            kept = [pair for pair in message["headers"] if pair[0].lower() not in own]
            added = [(n.lower().encode(), v.encode()) for n, v in HEADERS.items()]
            message = {**message, "headers": [*kept, *added]}
        await send(message)

    return sending


async def _answer(
    send: Send, status: int, text: str, extra: dict[str, str] | None = None
) -> None:
    headers = {"content-type": "text/plain; charset=utf-8", **(extra or {})}
    body = text.encode()
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    pairs.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


async def _body(receive: Receive) -> bytes | None:
    """Read a body; None if it is too long."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        part = message.get("body", b"")
        size += len(part)
        if size > LARGEST_BODY:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)
