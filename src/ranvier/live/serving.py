"""Serving the page from this machine: a port, a token, a browser."""

import asyncio
import os
import secrets
import socket
import sys
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from ranvier.live.library import Library
from ranvier.live.playground import Playground
from ranvier.live.server import Views, application
from ranvier.live.tables import PlayTable, Promised

LOCAL: Final = ("127.0.0.1", "::1", "localhost")
CONNECTIONS: Final = 200
HEADER_BYTES: Final = 16_384
HEADER_SECONDS: Final = 10.0
LEFT_SECONDS: Final = 20.0  # after the last browser has gone
UNSEEN_SECONDS: Final = 600.0  # for the first one to come


@dataclass(frozen=True)
class Served:
    """A server that is ready: its address with the token, and how to run it."""

    address: str
    server: uvicorn.Server
    views: Views
    listener: socket.socket

    def run(self) -> None:
        """Serve until Ctrl-C, or until `stop`."""
        try:
            self.server.run(sockets=[self.listener])
        finally:
            self.views.playground.close()

    def stop(self) -> None:
        """End `run`, from another thread."""
        self.server.should_exit = True


class PatientProtocol(H11Protocol):
    """HTTP whose first request has to come within some seconds (slow loris)."""

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the headers."""
        super().connection_made(transport)
        asyncio.get_running_loop().call_later(HEADER_SECONDS, self._end_if_silent)

    def _end_if_silent(self) -> None:
        asked = getattr(self, "cycle", None) is not None
        if not asked and not self.transport.is_closing():
            self.transport.close()


def ready(
    root: Path,
    *,
    table: PlayTable | Promised | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> Served:
    """Bind a port and put the server together.

    Parameters
    ----------
    root
        Folder of runs, or one run.
    table
        The user's own table for the playground.
    host
        Address to listen at; only those of this machine are not seen from others.
    port
        0: one that is free.

    Raises
    ------
    OSError
        The port is taken, or the address is none of this machine's.
    """
    listener = _listener(host, port)
    port = listener.getsockname()[1]
    token = secrets.token_urlsafe(32)
    views = Views(Library(root), Playground(table))
    name = f"[{host}]" if ":" in host else host
    names = [] if host in LOCAL or host in ("0.0.0.0", "::") else [name]
    app = application(views, token, [*names, *_own_names(host)])
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        log_level="critical",
        access_log=False,  # it would hold the token
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        h11_max_incomplete_event_size=HEADER_BYTES,
        timeout_graceful_shutdown=1,
    )
    shown = name if names else "127.0.0.1" if host != "::1" else "[::1]"
    address = f"http://{shown}:{port}/?token={token}"
    return Served(address, uvicorn.Server(config), views, listener)


def view(
    root: Path,
    *,
    table: PlayTable | Promised | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    browser: bool | None = None,
    until_left: bool = False,
    fragment: str = "",
) -> None:
    """Serve the page, say where it is, and open it where there is a browser.

    Parameters
    ----------
    root, table, host, port
        See `ready`.
    browser
        Whether to open it; None: where there is one.
    until_left
        End when standard input has ended and nobody looks any more.
    fragment
        What the page is to show first.
    """
    served = ready(root, table=table, host=host, port=port)
    address = served.address + (f"#{fragment}" if fragment else "")
    _say(address, host)
    if until_left:
        if sys.platform != "win32":
            os.nice(10)  # the training it shows comes first
        Thread(target=_close_when_left, args=[served], daemon=True).start()
    if has_browser() if browser is None else browser:
        Thread(target=webbrowser.open, args=[address], daemon=True).start()
    served.run()


def has_browser() -> bool:
    """Say whether a browser on this machine could show the page to its user."""
    if os.environ.get("SSH_CONNECTION"):
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _say(address: str, host: str) -> None:
    port = address.rpartition("/")[0].rpartition(":")[2].partition("/")[0]
    lines = [f"The page is at {address}"]
    if host not in LOCAL:
        lines.insert(
            0,
            f"Warning: {host} can be reached from other machines, and the page is not "
            "encrypted: whoever reads its address on the way can use it.",
        )
    elif os.environ.get("SSH_CONNECTION"):
        lines.append(
            f"From your own machine: ssh -L {port}:127.0.0.1:{port} (this machine), "
            "then open that address there."
        )
    lines.append("Ctrl-C ends it.")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _listener(host: str, port: int) -> socket.socket:
    """Bind a port that no other server has."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise OSError(
            error.errno,
            f"the page cannot be served at {host}, port {port} ({error.strerror}): "
            "give another --port, or none",
        ) from error
    return listener


def _own_names(host: str) -> list[str]:
    """Give the names a browser may use where the server listens at every address."""
    if host not in ("0.0.0.0", "::"):
        return []
    return [socket.gethostname(), socket.getfqdn()]


def _close_when_left(served: Served) -> None:
    sys.stdin.read()  # until whoever started us has ended
    quiet = 0.0
    while quiet < (LEFT_SECONDS if served.views.feed.visits else UNSEEN_SECONDS):
        sleep(1)
        quiet = 0.0 if served.views.feed.clients else quiet + 1
    served.stop()
