"""Authentication of every request to the page's server.

Any website can send requests to this machine, and a foreign host name can be made to
resolve to it (DNS rebinding). Other users of this machine can connect, too. So:

- The Host must be one of our names, and the Origin, if there is one, our own.
- A token opens the page once. The page then has a cookie and a secret.
- The cookie holds for a path that nobody can guess. Cookies are shared by all ports of
  a host, and another local server that is visited must not receive it.
- Requests for data also carry the secret in a header, which a page of another origin
  cannot read and cannot send.
"""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from hmac import compare_digest
from html import escape
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
SECRET_HEADER: Final = "x-ranvier"
CONNECTION: Final = "ranvier.connection"  # in the scope: what `trust` is called of

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


class Auth:
    """Wraps the whole application and lets authenticated requests through.

    Parameters
    ----------
    app
        The application.
    hosts
        Other names that the server is called by.

    Attributes
    ----------
    path : str
        Where the page is: a path that nobody can guess, such as ``"/p-x3jK.../"``.
    session, secret : str
        What the cookie holds, and what the page sends in a header.
    on_exchange : callable or None
        Called with each token once it is used up.
    """

    def __init__(self, app: App, hosts: Iterable[str] = ()) -> None:
        self.app = app
        self.tokens: set[str] = set()
        self.path = f"/p-{secrets.token_urlsafe(32)}/"
        self.session = secrets.token_urlsafe(32)  # the cookie never holds a token
        self.secret = secrets.token_urlsafe(32)
        self.on_exchange: Callable[[str], None] | None = None
        names = "|".join(re.escape(name.lower()) for name in (*LOCAL_NAMES, *hosts))
        self.host = re.compile(rf"({names})(?::[0-9]{{1,5}})?")

    def new_token(self) -> str:
        """Return a new token, which opens the page once."""
        token = secrets.token_urlsafe(32)
        self.tokens.add(token)
        return token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or respond to it here."""
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
            await self._exchange(scope, headers, token, guarded)
        elif not self._knows(headers, scope):
            await _answer(guarded, 401, _WITHOUT_TOKEN)
        else:
            inner = dict(scope)
            inner["path"] = "/" + scope["path"][len(self.path) :]
            inner["raw_path"] = inner["path"].encode()
            if inner["path"].startswith("/api/") and not self._has_secret(headers):
                await _answer(guarded, 403, "Only the page itself may ask for data.")
                return
            if CONNECTION in scope:
                scope[CONNECTION].trust()
            await self._pass(inner, receive, guarded)

    def _refusal(self, scope: Scope, headers: "_Headers") -> tuple[int, str] | None:
        """Say what is wrong with where a request comes from; None if nothing is."""
        hosts = headers.every("host")
        if len(hosts) != 1 or not self._is_own(hosts[0].lower(), scope):
            return 400, "The name in the address is not a name of this server."
        origins = headers.every("origin")
        if len(origins) > 1 or any(one != f"http://{hosts[0]}" for one in origins):
            return 403, "Requests of other sites are refused."
        site = headers.one("sec-fetch-site") or "none"
        # A link to the page was followed, or the file that leads to it was opened.
        visit = (
            scope["path"] in ("/", self.path)
            and headers.one("sec-fetch-mode") == "navigate"
            and headers.one("sec-fetch-dest") in (None, "document")
        )
        if site not in ("same-origin", "none") and not visit:
            return 403, "Requests of other sites are refused."
        if scope["method"] in ("GET", "HEAD"):
            return None
        if scope["method"] != "POST":
            return 405, "Only GET and POST are supported."
        kind = (headers.one("content-type") or "").partition(";")[0].strip().lower()
        if kind != "application/json" or headers.one(SECRET_HEADER) is None:
            return 403, "Only the page itself may send commands."
        return None

    def _is_own(self, host: str, scope: Scope) -> bool:
        """Say whether a Host is a name of ours, or the address that was connected to.

        The latter is no name that DNS could make lead here.
        """
        if self.host.fullmatch(host):
            return True
        address = str((scope.get("server") or ("",))[0]).removeprefix("::ffff:")
        name = f"[{address}]" if ":" in address else address
        return (
            bool(name)
            and re.fullmatch(rf"{re.escape(name.lower())}(?::[0-9]{{1,5}})?", host)
            is not None
        )

    async def _exchange(
        self, scope: Scope, headers: "_Headers", token: str, send: Send
    ) -> None:
        """Exchange a token, once, for the page's cookie and secret.

        A wrong token costs nobody anything: they have 256 bits and cannot be guessed.
        """
        known = [one for one in self.tokens if _same(token, one)]
        # What a browser fetches in advance, nobody has opened.
        early = headers.one("sec-purpose") or headers.one("purpose")
        if scope["path"] != "/" or scope["method"] != "GET" or early or not known:
            await _answer(send, 401, _WITHOUT_TOKEN)
            return
        self.tokens.remove(known[0])
        if self.on_exchange is not None:
            self.on_exchange(known[0])
        if CONNECTION in scope:
            scope[CONNECTION].trust()
        cookie = f"{_cookie_name(scope)}={self.session}; Path={self.path}; HttpOnly"
        extra = {
            "Content-Type": "text/html; charset=utf-8",
            "Set-Cookie": f"{cookie}; SameSite=Strict",
        }
        await _answer(send, 200, _entrance(self.path, self.secret), extra)

    def _has_secret(self, headers: "_Headers") -> bool:
        return _same(headers.one(SECRET_HEADER) or "", self.secret)

    def _knows(self, headers: "_Headers", scope: Scope) -> bool:
        if not scope["path"].startswith(self.path):
            return False
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
        given = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, again, send)


_WITHOUT_TOKEN: Final = (
    "This address does not open the page, or did so before. Open the file that Ranvier "
    "printed, or an address with a token that was not used yet."
)


def _entrance(path: str, secret: str) -> str:
    """Write the page that stores the secret for its origin and opens the real page."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="ranvier" content="{escape(secret)}" data-path="{escape(path)}">'
        f'<title>Ranvier</title><script type="module" src="{escape(path)}'
        'assets/enter.js"></script></head><body></body></html>'
    )


class _Headers:
    """The raw headers of a request; a name may occur more than once."""

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self.raw = [(name.decode("latin-1"), value) for name, value in raw]

    def every(self, name: str) -> list[str]:
        return [value.decode("latin-1") for known, value in self.raw if known == name]

    def one(self, name: str) -> str | None:
        """Return the value of a header that is there once."""
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
    headers = {"Content-Type": "text/plain; charset=utf-8", **(extra or {})}
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
