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
from ranvier.live.auth import Auth

POST = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two runs: on arrays, and on a table."""
    folder = tmp_path_factory.mktemp("runs")
    pages.record(folder)
    pages.record_table(folder)
    return folder


@pytest.fixture
def app(folder: Path) -> Iterator[Auth]:
    """Yield a server of them."""
    built, views = pages.server(folder)
    yield built
    views.playground.close()


def get(app: Auth, path: str, **query: Any) -> httpx.Response:
    """Ask for something."""

    async def ask() -> httpx.Response:
        async with pages.client(app) as client:
            return await client.get(path, params=query)

    return asyncio.run(ask())


def post(app: Auth, body: Any) -> httpx.Response:
    """Send a command."""

    async def ask() -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with pages.client(app) as client:
            return await client.post("/api/command", headers=POST, content=content)

    return asyncio.run(ask())


def test_the_page(app: Auth) -> None:
    page = get(app, "/")
    assert page.headers["content-type"].startswith("text/html")
    assert "<script>" not in page.text
    assert "style=" not in page.text
    script = get(app, "/assets/app.js")
    assert script.headers["content-type"].startswith("text/javascript")


def test_the_runs(app: Auth) -> None:
    told = get(app, "/api/runs").json()["runs"]
    assert len(told) == 2
    one = next(run for run in told if run["id"] == "one")
    assert (one["state"], one["epochs"], one["shape"]) == ("ended", 20, [2, 4, 3, 1])
    assert one["parameters"]["optimizer lr"] == 0.001
    other = next(run for run in told if run["id"] != "one")
    assert other["target"] == "kind"


def test_a_run_and_its_curves(app: Auth, folder: Path) -> None:
    assert "layers" not in get(app, "/api/run", run="one").json()
    told = get(app, "/api/run", run="one", layers=1).json()
    assert told["kept"] == rv.Run(folder / "one").epochs
    assert told["has_rows"]
    assert len(told["layers"]) == 20
    curves = get(app, "/api/curves", run="one", points=7).json()
    assert (curves["total"], len(curves["epoch"])) == (20, 7)
    losses = [record["loss"] for record in rv.Run(folder / "one").records]
    assert curves["series"]["loss"]["high"][0] == pytest.approx(losses[0], rel=1e-6)


def test_a_range_of_the_curves(app: Auth) -> None:
    """Of a long run, what a zoomed chart shows is thinned by itself."""
    for first, last, told in ((5, 8, [4, 9]), (1, 3, [1, 4]), (15, 99, [14, 20])):
        query = {"run": "one", "from": first, "to": last}
        curves = get(app, "/api/curves", **query).json()
        assert curves["epoch"] == list(range(told[0], told[1] + 1))
        assert (curves["total"], len(curves["series"]["loss"]["mean"])) == (
            20,
            len(curves["epoch"]),
        )
    assert len(get(app, "/api/curves", **query, points=3).json()["epoch"]) == 3
    query = {"run": "one", "from": 30, "to": 40}
    assert get(app, "/api/curves", **query).json()["epoch"] in ([], [20])


def test_a_long_run_is_sampled_first(
    app: Auth, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ranvier.live import run_index

    monkeypatch.setattr(run_index, "LARGE", 0)
    assert get(app, "/api/curves", run="one", quick=1).json()["partial"]
    assert "partial" not in get(app, "/api/curves", run="one").json()
    assert "partial" not in get(app, "/api/curves", run="one", quick=1).json()


VIEWS = ["network", "unit", "map", "quality", "rows", "row"]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_every_inspection(app: Auth, view: str) -> None:
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
    app: Auth, path: str, query: dict[str, Any], code: int
) -> None:
    assert get(app, path, **query).status_code == code


PATHS = [
    "..", "../one", "one/..", "%2e%2e", "%2e%2e%2fone", "%252e%252e", "..\\one", "/etc",
    "/etc/passwd", "one/run.json", "one\0", "CON", "~", ".", "", "one ", "one%00",
    "\u2024\u2024/one", "file:///etc/passwd", "http://127.0.0.1/", "*", "o?e",
]  # fmt: skip


@pytest.mark.parametrize("name", PATHS)
def test_names_of_runs_are_no_paths(app: Auth, name: str) -> None:
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


def test_commands(app: Auth) -> None:
    assert get(app, "/api/play").json()["epoch"] == 0
    assert post(app, {"command": "step"}).status_code == 200
    assert get(app, "/api/play").json()["epoch"] == 1


def test_fuzzed_commands(app: Auth) -> None:
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
def test_bodies_that_are_no_json(app: Auth, body: bytes) -> None:
    assert post(app, body).status_code == 422


# ---------------------------------------------------------------- streams


def test_only_so_many_listen(app: Auth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CLIENTS", 0)
    assert get(app, "/api/stream", run="one").status_code == 503


def test_answers_are_kept(tmp_path: Path) -> None:
    """What was asked of the same network before is not computed again."""
    pages.record(tmp_path)
    app, views = pages.server(tmp_path)
    first = get(app, "/api/network", run="one")
    again = get(app, "/api/network", run="one")
    assert first.content == again.content
    assert [len(known) for known in views._responses.values()] == [1]
    for row in range(2 * server.MOST_ANSWERS):
        get(app, "/api/row", run="one", row=row % 30)
    assert all(len(k) <= server.MOST_ANSWERS for k in views._responses.values())
    # That of the playground changes under the same name, so it is not kept.
    before = get(app, "/api/network", run="playground").json()
    post(app, {"command": "step"})
    assert get(app, "/api/network", run="playground").json() != before
    views.playground.close()


def test_the_end_of_a_run_is_another_network(tmp_path: Path) -> None:
    """The newest that is kept is shown until training ends, then what it left."""
    run = pages.record(tmp_path, epochs=20)
    (run / "networks" / "00000020.safetensors").unlink(missing_ok=True)
    newest = max(rv.Run(run).epochs)
    journal = run / "epochs.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole[: whole.index(b'{"ended"')])
    app, views = pages.server(tmp_path)
    young = get(app, "/api/network", run="one").json()
    assert young == get(app, "/api/network", run="one", epoch=newest).json()
    journal.write_bytes(whole)
    assert get(app, "/api/network", run="one").json() != young
    views.playground.close()
