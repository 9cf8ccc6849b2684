import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pages
import pytest

import ranvier as rv
from ranvier.live import server
from ranvier.live.guard import Guard
from ranvier.live.server import Views

POST = {"Content-Type": "application/json", "X-Ranvier": "1"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with two runs: on arrays, and on a table."""
    folder = tmp_path_factory.mktemp("runs")
    pages.record(folder)
    pages.record_table(folder)
    return folder


@pytest.fixture
def app(folder: Path) -> Iterator[Guard]:
    """Give a server of them."""
    built, views = pages.server(folder)
    yield built
    views.playground.close()


def get(app: Guard, path: str, **query: Any) -> httpx.Response:
    """Ask for something."""

    async def ask() -> httpx.Response:
        async with pages.client(app) as client:
            return await client.get(path, params=query)

    return asyncio.run(ask())


def post(app: Guard, body: Any) -> httpx.Response:
    """Send a command."""

    async def ask() -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with pages.client(app) as client:
            return await client.post("/api/command", headers=POST, content=content)

    return asyncio.run(ask())


def test_the_page(app: Guard) -> None:
    page = get(app, "/")
    assert page.headers["content-type"].startswith("text/html")
    assert "<script>" not in page.text
    assert "style=" not in page.text
    script = get(app, "/assets/app.js")
    assert script.headers["content-type"].startswith("text/javascript")


def test_the_runs(app: Guard) -> None:
    told = get(app, "/api/runs").json()["runs"]
    assert len(told) == 2
    one = next(run for run in told if run["id"] == "one")
    assert (one["state"], one["epochs"], one["shape"]) == ("ended", 20, [2, 4, 3, 1])
    assert one["parameters"]["optimizer lr"] == 0.001
    other = next(run for run in told if run["id"] != "one")
    assert other["target"] == "kind"


def test_a_run_and_its_curves(app: Guard, folder: Path) -> None:
    told = get(app, "/api/run", run="one").json()
    assert told["kept"][:4] == [0, 1, 2, 3]
    assert told["has_rows"]
    assert len(told["layers"]) == 20
    curves = get(app, "/api/curves", run="one", points=7).json()
    assert (curves["total"], len(curves["epoch"])) == (20, 7)
    losses = [record["loss"] for record in rv.Run(folder / "one").records]
    assert curves["series"]["loss"]["high"][0] == pytest.approx(losses[0], rel=1e-6)


def test_a_long_run_is_sampled_first(
    app: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ranvier.live import library

    monkeypatch.setattr(library, "LARGE", 0)
    assert get(app, "/api/curves", run="one", quick=1).json()["partial"]
    assert "partial" not in get(app, "/api/curves", run="one").json()
    assert "partial" not in get(app, "/api/curves", run="one", quick=1).json()


VIEWS = ["network", "unit", "map", "quality", "rows", "row"]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_every_subject(app: Guard, view: str) -> None:
    names = [run["id"] for run in get(app, "/api/runs").json()["runs"]]
    for name in [*names, "playground"]:
        answer = get(app, f"/api/{view}", run=name)
        assert answer.status_code == 200, answer.text
        assert get(app, f"/api/{view}", run=name, epoch=0).status_code == 200


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("/api/run", {"run": "gone"}, 404),
        ("/api/run", {}, 404),
        ("/api/network", {"run": "one", "epoch": 5}, 422),
        ("/api/network", {"run": "one", "epoch": "x"}, 422),
        ("/api/network", {"run": "one", "epoch": "9" * 13}, 422),
        ("/api/unit", {"run": "one", "layer": 9}, 404),
        ("/api/unit", {"run": "one", "layer": 0, "unit": -1}, 404),
        ("/api/row", {"run": "one", "row": 30}, 404),
        ("/api/row", {"run": "one", "row": -1}, 404),
        ("/api/row", {"run": "one", "row": 0, "weight": "W9[0,0]"}, 422),
        ("/api/row", {"run": "one", "row": 0, "weight": "__import__('os')"}, 422),
        ("/assets/nothing.js", {}, 404),
        ("/nowhere", {}, 404),
    ],
)
def test_what_is_not_there(
    app: Guard, path: str, query: dict[str, Any], code: int
) -> None:
    assert get(app, path, **query).status_code == code


PATHS = [
    "..", "../one", "one/..", "%2e%2e", "%2e%2e%2fone", "%252e%252e", "..\\one", "/etc",
    "/etc/passwd", "one/run.json", "one\0", "CON", "~", ".", "", "one ", "one%00",
    "\u2024\u2024/one", "file:///etc/passwd", "http://127.0.0.1/", "*", "o?e",
]  # fmt: skip


@pytest.mark.parametrize("name", PATHS)
def test_names_of_runs_are_no_paths(app: Guard, name: str) -> None:
    """Item S12: a name is looked up in a list, and joined to nothing."""
    for path in ("/api/run", "/api/curves", "/api/network", "/api/stream"):
        assert get(app, path, run=name).status_code == 404
    answer = get(app, f"/assets/{name.replace(chr(0), '%00')}")
    assert answer.status_code == 404 or name in ("", ".", "..", "o?e", "*", "../one")
    assert "root:" not in answer.text


def test_links_inside_a_run_lead_nowhere(tmp_path: Path) -> None:
    run = pages.record(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text("root:x:0")
    for name in ("data.safetensors", "network.safetensors", "epochs.jsonl"):
        (run / name).unlink()
        (run / name).symlink_to(secret)
    (tmp_path / "linked").symlink_to(run)
    app, views = pages.server(tmp_path)
    assert [one["id"] for one in get(app, "/api/runs").json()["runs"]] == ["one"]
    for view in ("run", "curves", "network", "map", "rows"):
        answer = get(app, f"/api/{view}", run="one")
        assert answer.status_code in (200, 409)
        assert "root:" not in answer.text
    views.playground.close()


def test_a_run_without_rows(tmp_path: Path) -> None:
    net = rv.Network.mlp(1, 3, 1, seed=0)
    setup = rv.Recording(tmp_path, name="large", largest_data=1)
    rv.train(net, np.zeros((9, 1)), np.zeros(9), epochs=3, run=setup)
    app, views = pages.server(tmp_path)
    assert get(app, "/api/curves", run="large").status_code == 200
    answer = get(app, "/api/network", run="large")
    assert (answer.status_code, answer.json()) == (409, {"error": "no_rows"})
    views.playground.close()


def test_an_empty_folder(tmp_path: Path) -> None:
    app, views = pages.server(tmp_path / "nowhere")
    assert get(app, "/api/runs").json() == {"runs": []}
    assert get(app, "/api/network", run="playground").status_code == 200
    views.playground.close()


# ---------------------------------------------------------------- commands


def test_commands(app: Guard) -> None:
    assert get(app, "/api/play").json()["epoch"] == 0
    assert post(app, {"command": "step"}).status_code == 200
    assert get(app, "/api/play").json()["epoch"] == 1


def test_fuzzed_commands(app: Guard) -> None:
    """Item S7: 1,000 bodies that are no command change nothing, and none fails."""
    chance = random.Random(0)
    atoms: list[Any] = [None, True, -1, 1e308, "", "play", "__class__", "../x", [], {}]
    names = ["command", "settings", "value", "layer", "i", "j", "table", "layers", "x"]
    before = get(app, "/api/play").json()

    def anything(depth: int) -> Any:
        kind = chance.randrange(3) if depth else 0
        if kind == 1:
            return [anything(depth - 1) for _ in range(chance.randrange(4))]
        if kind == 2:
            several = chance.sample(names, chance.randrange(5))
            return {name: anything(depth - 1) for name in several}
        return chance.choice(atoms)

    async def ask() -> list[int]:
        codes = []
        async with pages.client(app) as client:
            for number in range(1000):
                body = anything(3)
                if number % 3 == 0 and isinstance(body, dict):
                    body["command"] = chance.choice(["setup", "weight", "rate", "play"])
                    body.setdefault("x", 1)
                content = json.dumps(body).encode()
                if number % 10 == 0:
                    content = content[: chance.randrange(len(content) + 1)] + b"\xff"
                answer = await client.post(
                    "/api/command", headers=POST, content=content
                )
                codes.append(answer.status_code)
        return codes

    assert set(asyncio.run(ask())) == {422}
    assert get(app, "/api/play").json() == before


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 99_999, b"\xff", b"NaN", b"null"])
def test_bodies_that_are_no_json(app: Guard, body: bytes) -> None:
    assert post(app, body).status_code == 422


# ---------------------------------------------------------------- what is new


def events(app: Guard, views: Views, run: str, count: int, act: Any) -> list[Any]:
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
            "path": "/api/stream",
            "raw_path": b"/api/stream",
            "root_path": "",
            "scheme": "http",
            "query_string": f"run={run}".encode(),
            "headers": [
                (b"host", pages.HOST.encode()),
                (b"cookie", f"ranvier-8765={app.session}".encode()),
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
    assert rows[1]["series"]["loss"] == [0.5, 0.25]
    assert views.clients == 0
    views.playground.close()


def test_too_many_rows_are_not_sent_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MOST_NEW", 1)
    run = pages.record(tmp_path, epochs=3)
    app, views = pages.server(tmp_path)

    def act() -> None:
        with (run / "epochs.jsonl").open("ab") as file:
            file.write(b'{"epoch":4,"loss":0.5}\n{"epoch":5,"loss":0.25}\n')

    rows = [n for kind, n in events(app, views, "one", 3, act) if kind == "rows"]
    assert rows[-1] == {"run": "one", "total": 5, "ended": True, "all": True}
    views.playground.close()


def test_only_so_many_listen(app: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CLIENTS", 0)
    assert get(app, "/api/stream", run="one").status_code == 503
