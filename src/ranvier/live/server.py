"""The server as a function of its parts: the routes and their responses.

Everything that reads is a GET, everything that changes a POST; both pass `Auth`.
Names of runs are looked up in the run index; columns, units and rows in the inspection.
Nothing that comes from the page is run, or becomes a path.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
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
from starlette.types import Receive, Scope, Send

from ranvier.files import FileFormatError
from ranvier.live import assets, network_view, row_views
from ranvier.live.auth import Auth
from ranvier.live.curves import sampled, thinned
from ranvier.live.event_stream import EventStream
from ranvier.live.inspection import Inspection, NoRowsError, of_run
from ranvier.live.playground import Playground
from ranvier.live.run_index import RunIndex, describe
from ranvier.live.settings import BadRequestError, read_command
from ranvier.run.run import Run

PLAYGROUND: Final = "playground"  # no name of a run's folder made by the clock
MOST_CLIENTS: Final = 64
MOST_POINTS: Final = 2000
MOST_ANSWERS: Final = 16  # kept of one network at one age


class Views:
    """Handlers of the routes.

    Parameters
    ----------
    run_index
        The runs.
    playground
        The network to play with.
    """

    def __init__(self, run_index: RunIndex, playground: Playground) -> None:
        self.run_index = run_index
        self.playground = playground
        self.assets = assets.load()
        self.event_stream = EventStream(run_index, playground)
        self._inspections: dict[tuple[str, int | None], Inspection] = {}
        self._responses: WeakKeyDictionary[Inspection, dict[tuple[str, str], bytes]]
        self._responses = WeakKeyDictionary()
        self._findings: dict[tuple[str, str, int], Any] = {}

    def page(self, request: Request) -> Response:
        """Return the page itself."""
        asset = self.assets["index.html"]
        return Response(asset.data, media_type=asset.kind)

    def asset(self, request: Request) -> Response:
        """Return a file of the page, if it is on the list."""
        asset = self.assets.get(request.path_params["name"])
        if asset is None:
            return PlainTextResponse("There is no such file.", 404)
        return Response(asset.data, media_type=asset.kind)

    def runs(self, request: Request) -> Response:
        """List the runs."""
        return _json({"runs": self.run_index.describe_all()})

    def run(self, request: Request) -> Response:
        """Describe one run: which ages are kept; its layers, where asked for."""
        name = request.query_params["run"]
        run = self.run_index.run(name)
        curves = self.run_index.curves(name)
        return _json(
            describe(run, curves.last)
            | {"kept": run.epochs, "has_rows": _has_rows(run)}
            | ({"layers": curves.layers} if "layers" in request.query_params else {})
        )

    def curves(self, request: Request) -> Response:
        """Return the curves of a run, or a range of their epochs, thinned."""
        points = _whole(request, "points") or MOST_POINTS
        name = request.query_params["run"]
        if request.query_params.get("quick") and not self.run_index.is_read(name):
            return _json(sampled(self.run_index.run(name).path))
        curves = self.run_index.curves(name)
        first, last = _whole(request, "from"), _whole(request, "to")
        asked = [first or 0, (1 << 60) if last is None else last + 1]
        # One more on each side, so that the lines continue to the edges.
        start, stop = np.searchsorted(curves.columns["epoch"], asked).tolist()
        points = max(2, min(points, MOST_POINTS))
        return _json(thinned(curves, points, max(start - 1, 0), stop + 1))

    def findings(self, request: Request) -> Response:
        """Return what the doctor finds in a run that is over, in a language."""
        name = request.query_params["run"]
        language: Any = "ko" if request.query_params.get("lang") == "ko" else "en"
        run, curves = self.run_index.run(name), self.run_index.curves(name)
        if describe(run, curves.last)["state"] == "running":
            return _json({"findings": []})
        key = (name, language, len(curves))
        if key not in self._findings:
            # Imported here: the page does not wait for it.
            from ranvier.doctor.diagnose import diagnose

            if len(self._findings) >= MOST_ANSWERS:
                self._findings.clear()
            self._findings[key] = diagnose(run).in_language(language).to_dict()
        return _json(self._findings[key])

    def network(self, request: Request) -> Response:
        """Return the network as the page draws it."""
        return self._respond(request, network_view.describe_network)

    def unit(self, request: Request) -> Response:
        """Return the space of one unit."""
        layer, unit = _whole(request, "layer"), _whole(request, "unit")
        return self._respond(
            request,
            lambda inspection, *_: network_view.unit_panel(
                inspection, layer or 0, unit or 0
            ),
        )

    def map(self, request: Request) -> Response:
        """Return the map of the predictions over two columns."""
        return self._respond(request, row_views.data_map)

    def quality(self, request: Request) -> Response:
        """Return the matrix and the calibration, or the residuals."""
        return self._respond(request, lambda seen, *_: row_views.quality(seen))

    def rows(self, request: Request) -> Response:
        """Return a page of rows, the worst first."""
        search = request.query_params.get("search", "")[:200]
        page = max(_whole(request, "page") or 0, 0)
        return self._respond(
            request, lambda seen, *_: row_views.row_list(seen, search, page)
        )

    def row(self, request: Request) -> Response:
        """Return one row's way through the network."""
        weight = request.query_params.get("weight", "")[:80] or None
        return self._respond(
            request,
            lambda inspection, x, y, row: row_views.row_trace(
                inspection, row or 0, weight
            ),
        )

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
        watched = request.query_params.getlist("run")[:20]
        for name in watched:
            self.run_index.run(name)
        if self.event_stream.clients >= MOST_CLIENTS:
            text = f"At most {MOST_CLIENTS} pages can be open at the same time."
            return PlainTextResponse(text, 503)
        return _Stream(self.event_stream, watched)

    def _respond(
        self,
        request: Request,
        answer: Callable[[Inspection, str | None, str | None, int | None], object],
    ) -> Response:
        """Respond about a inspection; earlier responses about it are cached.

        So many pages that follow one run cost little more than one.
        """
        query = request.query_params
        inspection = self._inspection(query["run"], _whole(request, "epoch"))
        key = (request.url.path, str(query))
        known = self._responses.setdefault(inspection, {})
        if key not in known:
            found = answer(
                inspection, query.get("x"), query.get("y"), _whole(request, "row")
            )
            if len(known) >= MOST_ANSWERS:
                known.clear()
            known[key] = _encoded(found)
        return Response(known[key], media_type="application/json")

    def _inspection(self, name: str, epoch: int | None) -> Inspection:
        """Read the network of a run, unless that was done before."""
        if name == PLAYGROUND:
            return self.playground.inspection()
        run = self.run_index.run(name)
        if epoch is None and "end" not in self.run_index.curves(name).last:
            epoch = max(run.epochs, default=0)
        key = (name, epoch)
        known = self._inspections.get(key)
        if known is None:
            if len(self._inspections) > 16:
                self._inspections.clear()
            known = self._inspections[key] = of_run(run, epoch)
        return known


class _Stream(StreamingResponse):
    """The events of one client, which counts from the moment it was let in."""

    def __init__(self, event_stream: EventStream, watched: list[str]) -> None:
        super().__init__(event_stream.events(watched), media_type="text/event-stream")
        self._event_stream = event_stream
        event_stream.clients += 1
        event_stream.visits += 1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events until the client goes."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._event_stream.clients -= 1


def application(views: Views, hosts: Iterable[str] = ()) -> Auth:
    """Put the server together.

    Parameters
    ----------
    views
        What it shows.
    hosts
        Other names it is called by.
    """
    app = Starlette(
        routes=routes(views),
        exception_handlers={Exception: _failed} | dict.fromkeys(_ANSWERS, _refused),
    )
    return Auth(app, hosts)


def routes(views: Views) -> list[Route]:
    """Return every route there is."""
    reading: dict[str, Callable[..., Any]] = {
        "/": views.page,
        "/assets/{name}": views.asset,
        "/api/runs": views.runs,
        "/api/run": views.run,
        "/api/curves": views.curves,
        "/api/findings": views.findings,
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
    told = str(error)[:500]
    if isinstance(error, NoRowsError):
        told = "no_rows"
    elif isinstance(error, KeyError | IndexError):
        told = "There is no such thing."
    return JSONResponse({"error": told}, status)


def _failed(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "Something went wrong on the server."}, 500)


def _json(value: Any) -> Response:
    return Response(_encoded(value), media_type="application/json")


def _encoded(value: Any) -> bytes:
    text = json.dumps(_finite(value), allow_nan=False, separators=(",", ":"))
    return text.encode()


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


def _whole(request: Request, name: str) -> int | None:
    """Read a whole number from the query; None where there is none."""
    text = request.query_params.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.lstrip("-").isdecimal() or len(text) > 12:
        raise BadRequestError(f"{name} is a whole number")
    return int(text)


def _has_rows(run: Run) -> bool:
    file = run.path / "data.safetensors"
    return file.is_file() and not file.is_symlink()
