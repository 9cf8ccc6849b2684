"""Connections that nobody can hold against the owner of the page.

Whoever has not shown the cookie is a stranger. Of strangers a fixed number is connected
at a time, and each new one takes the place of the oldest. So a process that opens many
connections and says little only ever pushes out its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from ranvier.live.auth import CONNECTION, App, Receive, Scope, Send

MOST_STRANGERS: Final = 100
HEADER_SECONDS: Final = 10.0


class Strangers:
    """The connections that have not been authenticated, the oldest first.

    Parameters
    ----------
    most
        How many there may be.
    """

    def __init__(self, most: int = MOST_STRANGERS) -> None:
        self.most = most
        self._connected: dict[Connection, None] = {}

    def add(self, connection: Connection) -> None:
        """Take in a connection; the oldest goes if there are too many."""
        self._connected[connection] = None
        if len(self._connected) > self.most:
            oldest = next(iter(self._connected))
            self.remove(oldest)
            oldest.transport.abort()

    def remove(self, connection: Connection) -> None:
        """Forget a connection that was closed or authenticated."""
        self._connected.pop(connection, None)


class Connection(H11Protocol):
    """One connection: a stranger until `trust` is called.

    Its first request has to come within some seconds.
    """

    def __init__(self, *args: Any, strangers: Strangers, **more: Any) -> None:
        super().__init__(*args, **more)
        self.strangers = strangers
        app: Any = partial(_with_connection, self.app, self)
        self.app = app

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the headers."""
        super().connection_made(transport)
        self.strangers.add(self)
        asyncio.get_running_loop().call_later(HEADER_SECONDS, self._end_if_silent)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.strangers.remove(self)
        super().connection_lost(exc)

    def trust(self) -> None:
        """Take the connection for the owner's, from now on."""
        self.strangers.remove(self)

    def _end_if_silent(self) -> None:
        asked = getattr(self, "cycle", None) is not None
        if not asked and not self.transport.is_closing():
            self.transport.close()


def protocol() -> Callable[..., Connection]:
    """Return what makes a connection of a new server."""
    return partial(Connection, strangers=Strangers())


async def _with_connection(
    app: App, connection: Connection, scope: Scope, receive: Receive, send: Send
) -> None:
    await app({**scope, CONNECTION: connection}, receive, send)
