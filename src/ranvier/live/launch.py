"""Serving the page from this machine: a port, a token, a browser."""

import os
import socket
import sys
import webbrowser
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any, Final

import uvicorn

from ranvier.live import connections
from ranvier.live.auth import Auth
from ranvier.live.playground import Playground
from ranvier.live.playground_tables import LazyTable, PlayTable
from ranvier.live.redirect_file import RedirectFile
from ranvier.live.run_index import RunIndex
from ranvier.live.server import Views, application

BACKLOG: Final = 400  # accepted at once; far fewer than a process may have open
HEADER_BYTES: Final = 16_384
LEFT_SECONDS: Final = 20.0  # after the last browser has gone
UNSEEN_SECONDS: Final = 600.0  # for the first one to come


@dataclass(frozen=True)
class Served:
    """A server that is ready: where it is, and how to run it."""

    origin: str
    auth: Auth
    server: uvicorn.Server
    views: Views
    listener: socket.socket

    def address(self, fragment: str = "") -> str:
        """Return an address with a new token, which opens the page once."""
        shown = f"#{fragment}" if fragment else ""
        return f"{self.origin}/?token={self.auth.new_token()}{shown}"

    def run(self) -> None:
        """Serve until Ctrl-C, or until `stop`."""
        try:
            # It captures them again in its coroutine; Ctrl-C before that would lose it.
            with self.server.capture_signals():
                self.server.run(sockets=[self.listener])
        finally:
            self.views.playground.close()

    def stop(self) -> None:
        """End `run`, from another thread."""
        self.server.should_exit = True


def ready(
    root: Path,
    *,
    table: PlayTable | LazyTable | None = None,
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
        Address or name to listen at; only a loopback address is not seen from others.
    port
        0: one that is free.

    Raises
    ------
    OSError
        The port is taken, or the address is none of this machine's.
    ValueError
        The host is empty, which would listen everywhere.
    """
    if not host.strip():
        raise ValueError(
            "the host is empty: give 127.0.0.1 for this machine alone, or 0.0.0.0 to "
            "listen at every address"
        )
    listener = _listener(host, port)
    bound, port = listener.getsockname()[:2]
    views = Views(RunIndex(root), Playground(table))
    name = f"[{host}]" if ":" in host else host
    names = _own_names() if _is_everywhere(bound) else [name]
    app = application(views, names)
    http: Any = connections.protocol()
    config = uvicorn.Config(
        app,
        http=http,
        ws="none",
        lifespan="off",
        log_level="critical",
        access_log=False,  # it would hold the tokens
        backlog=BACKLOG,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=HEADER_BYTES,
        timeout_graceful_shutdown=1,
    )
    shown = "127.0.0.1" if _is_everywhere(bound) else name
    origin = f"http://{shown}:{port}"
    return Served(origin, app, uvicorn.Server(config), views, listener)


def view(
    root: Path,
    *,
    table: PlayTable | LazyTable | None = None,
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
    with RedirectFile() as file:
        address = served.address(fragment)
        file.lead_to(served.address(fragment))

        def renew(token: str) -> None:
            if token not in address:
                file.lead_to(served.address(fragment))

        served.auth.on_exchange = renew
        _say(address, served, file.address)
        if until_left:
            if sys.platform != "win32":
                os.nice(10)  # the training it shows comes first
            Thread(target=_close_when_left, args=[served], daemon=True).start()
        if has_browser() if browser is None else browser:
            Thread(target=webbrowser.open, args=[file.address], daemon=True).start()
        served.run()


def has_browser() -> bool:
    """Say whether a browser on this machine could show the page to its user."""
    if os.environ.get("SSH_CONNECTION"):
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _say(address: str, served: Served, file: str) -> None:
    bound, port = served.listener.getsockname()[:2]
    lines = [
        f"The page is at {address}",
        f"That address works once. To open the page again: {file}",
    ]
    if not ip_address(bound.partition("%")[0]).is_loopback:
        lines.insert(
            0,
            f"Warning: the page listens at {bound}, which other machines can reach, "
            "and is not encrypted: whoever reads its address on the way can use it.",
        )
    if _is_everywhere(bound) and (own := _own_address()) is not None:
        lines.append(f"From another machine: {address.replace('127.0.0.1', own, 1)}")
    elif os.environ.get("SSH_CONNECTION"):
        lines.append(
            f"From your own machine: ssh -L {port}:127.0.0.1:{port} (this machine), "
            "then open that address there."
        )
    lines.append("Ctrl-C ends it.")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _is_everywhere(bound: str) -> bool:
    """Say whether a bound address stands for every address of the machine."""
    return ip_address(bound.partition("%")[0]).is_unspecified


def _own_address() -> str | None:
    """Return the address of this machine on its network, if it has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # no packet is sent
        except OSError:
            return None
        return str(probe.getsockname()[0])


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


def _own_names() -> list[str]:
    """Return the names of this machine, for a server that listens at every address."""
    return [socket.gethostname(), socket.getfqdn()]


def _close_when_left(served: Served) -> None:
    sys.stdin.read()  # until whoever started us has ended
    stream, quiet = served.views.event_stream, 0.0
    while quiet < (LEFT_SECONDS if stream.visits else UNSEEN_SECONDS):
        sleep(1)
        quiet = 0.0 if stream.clients else quiet + 1
    served.stop()
