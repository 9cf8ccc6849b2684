"""A server of a small model, in a process of its own, as `ranvier serve` starts it."""

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import ranvier as rv


def table(n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": rng.normal(size=n).round(3),
            "count": rng.integers(0, 50, n),
            "colour": rng.choice(["red", "초록", "blue"], n),
            "day": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.integers(0, 400, n), unit="D"),
        }
    )
    frame.loc[::17, "size"] = np.nan
    frame["kind"] = np.where(frame["count"] + rng.normal(0, 9, n) > 25, "many", "few")
    frame["price"] = frame["count"] * 2 + rng.normal(0, 20, n)
    return frame


def fitted(target: str) -> rv.TableModel:
    other = {"kind": "price", "price": "kind"}[target]
    return rv.fit_table(table().drop(columns=other), target, effort="fast", epochs=5)


class Served(NamedTuple):
    """Where a server is, and its token."""

    origin: str
    token: str

    def ask(
        self,
        path: str,
        body: bytes | Any = None,
        *,
        token: str | None = "",
        **headers: str,
    ) -> tuple[int, Any]:
        """Send a request; return the status, and what the JSON or text says."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        given = self.token if token == "" else token
        if given is not None:
            sent["Authorization"] = f"Bearer {given}"
        sent.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(self.origin + path, body, sent)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                status, data = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, data = error.code, error.read()
        try:
            return status, json.loads(data)
        except ValueError:
            return status, data.decode()


@contextmanager
def served(path: Path, *options: str) -> Iterator[Served]:
    """Run `ranvier serve` on a model file."""
    command = [sys.executable, "-P", "-m", "ranvier", "serve", str(path), "--port", "0"]
    process = subprocess.Popen(
        [*command, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        text = ""
        for line in process.stdout:
            text += line
            if "Ctrl-C" in line:
                break
        origin = re.search(r"POST (http://\S+)/predict", text)
        assert origin is not None, text
        token = re.search(r"Token: (\S+)", text)
        yield Served(origin[1], token[1] if token else "")
    finally:
        process.terminate()
        process.communicate(timeout=30)


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as JSON has them."""
    rows: list[dict[str, Any]] = json.loads(
        frame.to_json(orient="records", date_format="iso")
    )
    return rows
