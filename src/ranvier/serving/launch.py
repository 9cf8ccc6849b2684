"""Serving a model from this machine: a port, a token, and the server on both."""

from __future__ import annotations

import socket
import sys
from ipaddress import ip_address
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

import uvicorn

from ranvier.disk import read_regular
from ranvier.serving.application import Limits, Service, application
from ranvier.tabular.prediction import TablePredictor

SHORTEST_TOKEN: Final = 16  # characters
HEADER_BYTES: Final = 16_384


def token_of(file: Path | None) -> str:
    """Return the token in a file, or a new one.

    Raises
    ------
    ValueError
        The file holds no token, or one that is easily guessed.
    """
    if file is None:
        return token_urlsafe(24)
    token = read_regular(file).decode("utf-8", "replace").strip()
    if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable():
        raise ValueError(
            f"{file} holds a token of {len(token)} characters, but at least "
            f"{SHORTEST_TOKEN} letters or digits are needed: make one with python -c "
            "'import secrets; print(secrets.token_urlsafe())'"
        )
    return token


def serve(
    model: TablePredictor,
    name: str,
    *,
    host: str,
    port: int,
    token: str | None,
    limits: Limits,
    shows_token: bool,
) -> None:
    """Serve a model until Ctrl-C.

    Parameters
    ----------
    model, name
        What predicts, and what it is called.
    host, port
        Address to listen at; port 0: one that is free.
    token
        What requests must carry; None: nothing, on a loopback address only.
    limits
        Of one request.
    shows_token
        Whether to print the token, because nobody knows it yet.

    Raises
    ------
    OSError
        The port is taken, or the address is none of this machine's.
    ValueError
        There is no token, and other machines can reach the address.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=400) as listener:
        bound, port = listener.getsockname()[:2]
        local = ip_address(bound.partition("%")[0]).is_loopback
        if token is None and not local:
            raise ValueError(
                f"other machines can reach {host}, so requests need a token: leave "
                "--no-token out"
            )
        service = Service(model, name, token, limits)
        config = uvicorn.Config(
            application(service),
            ws="none",
            lifespan="off",
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=HEADER_BYTES,
            timeout_graceful_shutdown=5,
        )
        shown = f"[{host}]" if ":" in host else host
        _say(f"http://{shown}:{port}", token if shows_token else None, local)
        try:
            uvicorn.Server(config).run(sockets=[listener])
        finally:
            service.close()


def _say(origin: str, token: str | None, local: bool) -> None:
    lines = [
        f"Predictions: POST {origin}/predict",
        f"Schema: GET {origin}/openapi.json",
    ]
    if token is not None:
        lines.append(f"Token: {token}")
    if not local:
        lines.append(
            "Warning: other machines can reach this address, and what is sent is not "
            "encrypted: put a proxy with TLS in front of it."
        )
    lines.append("Ctrl-C ends it.")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
