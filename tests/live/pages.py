"""Runs and a server, in process, for the tests of the page."""

import http.client
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import pandas as pd

import ranvier as rv
from ranvier.live.auth import Auth
from ranvier.live.playground import Playground
from ranvier.live.run_index import RunIndex
from ranvier.live.server import Views, application
from ranvier.tabular.fit_table import fit_table

HOST = "127.0.0.1:8765"
HOSTILE = [
    "<img src=x onerror=document.title='owned'>",
    '"><svg/onload=document.title="owned">',
    "javascript:alert(1)",
    "{{7*7}}",
    "\u202egnp.exe",
    "\x1b[31mred\x1b[0m [red]x[/red]",
    "=1+1",
    "이름 " * 40,
]


def record(folder: Path, name: str = "one", epochs: int = 20) -> Path:
    """Record a small training on arrays."""
    X = np.linspace(-1, 1, 60, dtype=np.float32).reshape(30, 2)
    net = rv.Network.mlp(2, [4, 3], 1, "tanh", seed=0)
    recording = rv.Recording(folder, name=name, time_fraction=1.0)
    y = X[:, 0] ** 2
    rv.train(net, X, y, epochs=epochs, validation=0.2, run=recording)
    return folder / name


def table(rows: int = 80, names: list[str] | None = None) -> pd.DataFrame:
    """Make a table of two numbers, a category and a class, named as asked."""
    rng = np.random.default_rng(0)
    first, second, third, target = names or ["height", "width", "colour", "kind"]
    x = rng.normal(size=rows)
    labels = names[:3] if names else ["red", "green", "blue"]
    return pd.DataFrame(
        {
            first: x,
            second: rng.normal(size=rows),
            third: rng.choice(labels, rows),
            target: np.where(x > 0, labels[0], labels[1]),
        }
    )


def record_table(folder: Path, names: list[str] | None = None, rows: int = 80) -> Path:
    """Record the training of a model on a table; from 100 rows on, it has bins."""
    frame = table(rows, names)
    model = fit_table(frame, frame.columns[3], epochs=15, hidden=(6,), run=folder)
    assert model.history is not None
    assert model.history.run is not None
    return model.history.run


def server(folder: Path, playground: Playground | None = None) -> tuple[Auth, Views]:
    """Put a server together."""
    views = Views(RunIndex(folder), playground or Playground())
    return application(views), views


@asynccontextmanager
async def client(app: Auth, *, known: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of a server; if it is known, it has the cookie and the secret."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url=f"http://{HOST}{app.path}"
    ) as asking:
        if known:
            opened = f"http://{HOST}/?token={app.new_token()}"
            assert (await asking.get(opened)).status_code == 200
            asking.headers["X-Ranvier"] = app.secret
        yield asking


def entered(address: str) -> tuple[str, dict[str, str]]:
    """Open an address with a token; give the page's path and its headers."""
    at = urlsplit(address)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=600)
    try:
        return authenticated(connection, at.query)
    finally:
        connection.close()


def authenticated(
    connection: http.client.HTTPConnection, query: str
) -> tuple[str, dict[str, str]]:
    """Exchange the token of an address; give the page's path and its headers."""
    connection.request("GET", f"/?{query}")
    answer = connection.getresponse()
    text = answer.read().decode()
    assert answer.status == 200, text
    found = re.search(r'content="([^"]+)" data-path="([^"]+)"', text)
    assert found is not None
    cookie = (answer.headers["set-cookie"] or "").partition(";")[0]
    return found[2], {"Cookie": cookie, "X-Ranvier": found[1]}
