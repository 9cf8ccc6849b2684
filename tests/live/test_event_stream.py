"""What those who listen are told: in process, and 20 at once on a real port."""

import asyncio
import http.client
import json
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import browser
import numpy as np
import pages
import pytest

import ranvier as rv
from ranvier.live import event_stream
from ranvier.live.auth import Auth
from ranvier.live.server import Views


def events(app: Auth, views: Views, run: str, count: int, act: Any) -> list[Any]:
    """Listen to a stream until so many events have come; act after the first."""

    async def listen() -> list[Any]:
        heard: list[Any] = []
        scope_queue: asyncio.Queue[Any] = asyncio.Queue()
        gone = asyncio.Event()

        async def receive() -> Any:
            if scope_queue.empty():
                await gone.wait()
                return {"type": "http.disconnect"}
            return scope_queue.get_nowait()

        async def send(message: Any) -> None:
            text = message.get("body", b"").decode()
            if text.startswith("event: "):
                kind, data = text[7:].split("\ndata: ")
                heard.append((kind, json.loads(data)))
                if len(heard) == 1:
                    await asyncio.to_thread(act)
                if len(heard) >= count:
                    gone.set()

        scope_queue.put_nowait({"type": "http.request", "body": b""})
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "path": f"{app.path}api/stream",
            "root_path": "",
            "scheme": "http",
            "query_string": f"run={run}".encode(),
            "headers": [
                (b"host", pages.HOST.encode()),
                (b"cookie", f"ranvier-8765={app.session}".encode()),
                (b"x-ranvier", app.secret.encode()),
            ],
            "server": ("127.0.0.1", 8765),
            "client": ("127.0.0.1", 1),
        }
        await asyncio.wait_for(app(scope, receive, send), 60)
        return heard

    return asyncio.run(listen())


def test_rows_are_sent_as_they_come(tmp_path: Path) -> None:
    run = pages.record(tmp_path, epochs=3)
    app, views = pages.server(tmp_path)
    more = b'{"epoch":4,"loss":0.5}\n{"epoch":5,"loss":0.25}\n{"epo'

    def act() -> None:
        with (run / "epochs.jsonl").open("ab") as file:
            file.write(more)

    heard = events(app, views, "one", 3, act)
    kinds = {kind for kind, _ in heard}
    assert kinds == {"rows", "playground"}
    rows = [news for kind, news in heard if kind == "rows"]
    assert rows[0]["all"]
    assert rows[1]["epoch"] == [4, 5]
    assert rows[1]["series"]["loss"] == {"mean": [0.5, 0.25]}
    assert (views.event_stream.clients, views.event_stream.visits) == (0, 1)
    views.playground.close()


def test_many_rows_are_thinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "MOST_NEW", 1)
    run = pages.record(tmp_path, epochs=3)
    app, views = pages.server(tmp_path)

    def act() -> None:
        with (run / "epochs.jsonl").open("ab") as file:
            file.write(b'{"epoch":4,"loss":0.5}\n{"epoch":5,"loss":0.25}\n')

    rows = [n for kind, n in events(app, views, "one", 3, act) if kind == "rows"]
    assert rows[-1]["epoch"] == [5]
    assert rows[-1]["series"]["loss"] == {"mean": [0.375], "low": [0.25], "high": [0.5]}
    assert (rows[-1]["total"], rows[-1]["newest"]) == (5, max(rv.Run(run).epochs))
    views.playground.close()


def test_a_look_and_an_event_are_shared(tmp_path: Path) -> None:
    """However many listen, the file is read once a beat, and written out once."""
    run = pages.record(tmp_path, epochs=3)
    views = pages.server(tmp_path)[1]
    reads = written = 0
    read, event = views.event_stream._read, event_stream._event

    def counted(name: str) -> Any:
        nonlocal reads
        reads += 1
        return read(name)

    def counting(kind: str, value: Any) -> bytes:
        nonlocal written
        written += kind == "rows"
        return event(kind, value)

    async def listen(told: list[bytes]) -> None:
        async for part in views.event_stream.events(["one"]):
            told.append(part)
            if b'"total":4' in part:
                return

    async def all_listen() -> list[list[bytes]]:
        heard: list[list[bytes]] = [[] for _ in range(20)]
        tasks = [asyncio.ensure_future(listen(one)) for one in heard]
        while not all(heard):
            await asyncio.sleep(0.01)
        with (run / "epochs.jsonl").open("a") as file:
            file.write('{"epoch":4,"loss":0.5}\n')
        await asyncio.gather(*tasks)
        return heard

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(views.event_stream, "_read", counted)
        patch.setattr(event_stream, "_event", counting)
        heard = asyncio.run(all_listen())
    assert all(one == heard[0] for one in heard)
    assert written == 2
    assert reads < 20
    views.playground.close()


def test_20_watchers_change_no_weight(tmp_path: Path) -> None:
    """A real server, 20 real streams, and the weights of a training left alone."""
    X = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32)
    y = np.sin(X[:, 0]) * X[:, 1]
    start = rv.Network.mlp(5, [16, 16], 1, "tanh", dropout=0.1, seed=1)
    options: dict[str, Any] = {"validation": 0.2, "metric": "r2", "epochs": 1500}
    history = rv.train(alone := start.copy(), X, y, **options)
    recording = rv.Recording(tmp_path, name="one")
    with browser.viewed(tmp_path) as file:
        address = browser.leads_to(file)
        known = pages.entered(address)
        heard: list[list[int]] = [[] for _ in range(20)]
        threads: list[Thread] = []

        def begin(record: Any) -> None:
            """Let all listen once the run is there, and before it goes on."""
            if record.epoch == 1:
                threads.extend(
                    Thread(target=follow, args=[address, "one", known, one])
                    for one in heard
                )
                for thread in threads:
                    thread.start()

        seen = rv.train(
            watched := start.copy(), X, y, **options, run=recording, callbacks=[begin]
        )
        for thread in threads:
            thread.join(600)
            assert not thread.is_alive()
    assert watched == alone
    assert seen.losses == history.losses
    assert [one[-1] for one in heard] == [1500] * 20


def follow(
    address: str, run: str, known: tuple[str, dict[str, str]], totals: list[int]
) -> None:
    """Listen to the stream of a run until it ends; note how many epochs there were."""
    at = urlsplit(address)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=600)
    path, headers = known
    connection.request("GET", f"{path}api/stream?run={run}", headers=headers)
    for line in connection.getresponse():
        if line.startswith(b"data: ") and b'"total"' in line:
            told = json.loads(line[6:])
            totals.append(told["total"])
            if told["ended"]:
                break
    connection.close()
