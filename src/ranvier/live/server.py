"""The server as a function of its parts: the routes, and what each answers.

Everything that reads is a GET, everything that changes a POST; both pass the `Guard`.
Names of runs are looked up in the library; columns, units and rows in the subject.
Nothing that comes from the page is run, or becomes a path.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import (
    JSONResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from ranvier.files import FileFormatError
from ranvier.live import answers, assets, picture
from ranvier.live.curves import METRIC, SCALARS, Curves, finite, sampled, thinned
from ranvier.live.guard import Guard
from ranvier.live.library import Library, describe
from ranvier.live.playground import Playground
from ranvier.live.settings import BadRequestError, read_command
from ranvier.live.subject import NoRowsError, Subject, of_run
from ranvier.run.run import Run

PLAYGROUND: Final = "playground"  # no name of a run's folder made by the clock
MOST_CLIENTS: Final = 64
MOST_POINTS: Final = 2000
MOST_NEW: Final = 500  # rows of a run sent at once; more, and the page asks for all
PULSE: Final = 0.5  # seconds between two looks for something new
QUICK_PULSE: Final = 0.1  # while the playground plays
HEARTBEAT: Final = 15.0


class Views:
    """What the routes answer.

    Parameters
    ----------
    library
        The runs.
    playground
        The network to play with.
    """

    def __init__(self, library: Library, playground: Playground) -> None:
        self.library = library
        self.playground = playground
        self.assets = assets.load()
        self.clients = self.visits = 0
        self._subjects: dict[tuple[str, int | None], Subject] = {}

    def page(self, request: Request) -> Response:
        """Give the page itself."""
        asset = self.assets["index.html"]
        return Response(asset.data, media_type=asset.kind)

    def asset(self, request: Request) -> Response:
        """Give a file of the page; from the list, and no other."""
        asset = self.assets.get(request.path_params["name"])
        if asset is None:
            return PlainTextResponse("There is no such file.", 404)
        return Response(asset.data, media_type=asset.kind)

    def runs(self, request: Request) -> Response:
        """List the runs."""
        return _json({"runs": self.library.describe_all()})

    def run(self, request: Request) -> Response:
        """Describe one run: what was asked for, which ages are kept."""
        name = request.query_params["run"]
        run = self.library.run(name)
        curves = self.library.curves(name)
        return _json(
            describe(run, curves.last)
            | {"kept": run.epochs, "layers": curves.layers, "has_rows": _has_rows(run)}
        )

    def curves(self, request: Request) -> Response:
        """Give the curves of a run, thinned."""
        points = _whole(request, "points") or MOST_POINTS
        name = request.query_params["run"]
        if request.query_params.get("quick") and not self.library.is_read(name):
            return _json(sampled(self.library.run(name).path))
        curves = self.library.curves(name)
        return _json(thinned(curves, max(2, min(points, MOST_POINTS))))

    def network(self, request: Request) -> Response:
        """Give the picture of the network."""
        subject, x, y, row = self._asked(request)
        return _json(picture.network_picture(subject, x, y, row))

    def unit(self, request: Request) -> Response:
        """Give the room of one unit."""
        subject = self._asked(request)[0]
        layer, unit = _whole(request, "layer"), _whole(request, "unit")
        return _json(picture.unit_room(subject, layer or 0, unit or 0))

    def map(self, request: Request) -> Response:
        """Give the map of the answers over two columns."""
        subject, x, y, row = self._asked(request)
        return _json(answers.data_map(subject, x, y, row))

    def quality(self, request: Request) -> Response:
        """Give the matrix and the calibration, or the residuals."""
        return _json(answers.quality(self._asked(request)[0]))

    def rows(self, request: Request) -> Response:
        """Give a page of rows, the worst first."""
        search = request.query_params.get("search", "")[:200]
        page = _whole(request, "page") or 0
        return _json(answers.row_list(self._asked(request)[0], search, max(page, 0)))

    def row(self, request: Request) -> Response:
        """Give one row's way through the network."""
        subject, _, _, row = self._asked(request)
        weight = request.query_params.get("weight")
        return _json(answers.row_trace(subject, row or 0, weight and weight[:80]))

    def play(self, request: Request) -> Response:
        """Describe the playground."""
        return _json(self.playground.state())

    async def command(self, request: Request) -> Response:
        """Carry out a command of the playground."""
        try:
            body = json.loads(await request.body())
        except (ValueError, RecursionError):
            raise BadRequestError("a command is JSON") from None
        name, value = read_command(body)
        await run_in_threadpool(self.playground.do, name, value)
        return _json({"version": self.playground.version})

    async def stream(self, request: Request) -> Response:
        """Send what is new, as it comes: rows of runs, turns of the playground."""
        if self.clients >= MOST_CLIENTS:
            return PlainTextResponse(f"At most {MOST_CLIENTS} pages at a time.", 503)
        watched = request.query_params.getlist("run")[:20]
        for name in watched:
            self.library.run(name)
        return StreamingResponse(
            self._events(request, watched), media_type="text/event-stream"
        )

    async def _events(self, request: Request, watched: list[str]) -> AsyncIterator[str]:
        self.clients += 1
        self.visits += 1
        seen = dict.fromkeys(watched, -1)
        version, quiet = -1, 0.0
        try:
            while True:
                told = False
                for name in watched:
                    if not self._stirs(name, seen):
                        continue
                    news = await run_in_threadpool(self._news, name, seen)
                    if news is not None:
                        yield _event("rows", news)
                        told = True
                if self.playground.version != version:
                    version = self.playground.version
                    yield _event("playground", {"version": version})
                    told = True
                pulse = QUICK_PULSE if self.playground.playing else PULSE
                quiet = 0.0 if told else quiet + pulse
                if quiet >= HEARTBEAT:
                    yield ": still here\n\n"
                    quiet = 0.0
                await asyncio.sleep(pulse)
        finally:
            self.clients -= 1

    def _stirs(self, name: str, seen: dict[str, int]) -> bool:
        """Say whether there may be something new, at the cost of a look at the size."""
        curves = self.library.read_so_far(name)
        return curves is None or curves.has_grown() or seen[name] != _mark(curves)

    def _news(self, name: str, seen: dict[str, int]) -> dict[str, Any] | None:
        """Give the rows of a run that a client has not seen; None if there are none."""
        try:
            curves = self.library.curves(name)
        except KeyError:
            return None
        total, before = len(curves), seen[name]
        ended = "end" in curves.last
        if _mark(curves) == before:
            return None
        seen[name] = _mark(curves)
        known = before // 2
        if before < 0 or total < known or total - known > MOST_NEW:
            return {"run": name, "total": total, "ended": ended, "all": True}
        names = [c for c in curves.columns if c in SCALARS or c.startswith(METRIC)]
        return {
            "run": name,
            "total": total,
            "ended": ended,
            "epoch": curves.columns["epoch"][known:total].astype(int).tolist(),
            "series": {c: finite(curves.columns[c][known:total]) for c in names},
        }

    def _asked(
        self, request: Request
    ) -> tuple[Subject, str | None, str | None, int | None]:
        """Find the subject a request is about, and the columns and the row it names."""
        query = request.query_params
        name = query["run"]
        if name == PLAYGROUND:
            subject = self.playground.subject()
        else:
            subject = self._subject(name, _whole(request, "epoch"))
        return subject, query.get("x"), query.get("y"), _whole(request, "row")

    def _subject(self, name: str, epoch: int | None) -> Subject:
        """Read the network of a run, unless that was done before."""
        run = self.library.run(name)
        latest = max(run.epochs, default=0)
        key = (name, epoch if epoch is not None else -latest - 1)
        if epoch is None and run.end is None:
            epoch = latest
        known = self._subjects.get(key)
        if known is None:
            if len(self._subjects) > 16:
                self._subjects.clear()
            known = self._subjects[key] = of_run(run, epoch)
        return known


def _mark(curves: Curves) -> int:
    """Give a number that changes with the rows there are, and with their end."""
    return len(curves) * 2 + ("end" in curves.last)


def application(views: Views, token: str, hosts: Iterable[str] = ()) -> Guard:
    """Put the server together.

    Parameters
    ----------
    views
        What it shows.
    token
        What the address of the page holds.
    hosts
        Other names it is called by.
    """
    app = Starlette(
        routes=routes(views),
        exception_handlers={Exception: _failed} | dict.fromkeys(_ANSWERS, _refused),
    )
    return Guard(app, token, hosts)


def routes(views: Views) -> list[Route]:
    """Give every route there is."""
    reading: dict[str, Callable[..., Any]] = {
        "/": views.page,
        "/assets/{name}": views.asset,
        "/api/runs": views.runs,
        "/api/run": views.run,
        "/api/curves": views.curves,
        "/api/network": views.network,
        "/api/unit": views.unit,
        "/api/map": views.map,
        "/api/quality": views.quality,
        "/api/rows": views.rows,
        "/api/row": views.row,
        "/api/play": views.play,
        "/api/stream": views.stream,
    }
    found = [Route(path, view, methods=["GET"]) for path, view in reading.items()]
    return [*found, Route("/api/command", views.command, methods=["POST"])]


# What can be wrong with a request, and the code it is answered with.
_ANSWERS: Final[dict[type[Exception], int]] = {
    BadRequestError: 422,
    FileFormatError: 409,
    NoRowsError: 409,
    KeyError: 404,
    IndexError: 404,
    FileNotFoundError: 404,
    ValueError: 422,
}


def _refused(request: Request, error: Exception) -> Response:
    status = next(code for kind, code in _ANSWERS.items() if isinstance(error, kind))
    told = "no_rows" if isinstance(error, NoRowsError) else str(error)[:500]
    if isinstance(error, KeyError | IndexError):
        told = "There is no such thing."
    return JSONResponse({"error": told}, status)


def _failed(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "Something went wrong on the server."}, 500)


def _json(value: Any) -> Response:
    return Response(
        json.dumps(_finite(value), allow_nan=False, separators=(",", ":")),
        media_type="application/json",
    )


def _finite(value: Any) -> Any:
    """Turn what JSON does not have into null."""
    if isinstance(value, dict):
        return {str(name): _finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    if isinstance(value, float) and (value != value or value in (_INF, -_INF)):
        return None
    return value


_INF: Final = float("inf")


def _event(name: str, value: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(_finite(value), allow_nan=False)}\n\n"


def _whole(request: Request, name: str) -> int | None:
    """Read a whole number from the query; None where there is none."""
    text = request.query_params.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.lstrip("-").isdecimal() or len(text) > 12:
        raise BadRequestError(f"{name} is a whole number")
    return int(text)


def _has_rows(run: Run) -> bool:
    return (run.path / "data.safetensors").is_file()
