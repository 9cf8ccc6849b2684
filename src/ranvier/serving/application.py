"""The server as a function of a model: its routes and their responses."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, Final

import numpy as np
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ranvier.serving.batching import Batcher
from ranvier.serving.counters import Counters
from ranvier.serving.json_rows import (
    ARROW,
    RequestError,
    columns_of_rows,
    rows_of_json,
    table_of_arrow,
)
from ranvier.serving.predictions import columns_of_model, predict
from ranvier.serving.schema import openapi
from ranvier.table.frames import Columns
from ranvier.tabular.prediction import TablePredictor

LOCAL_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")
WAITING: Final = 20  # times most_rows that may wait for a batch


@dataclass(frozen=True)
class Limits:
    """What one request may take.

    Parameters
    ----------
    rows
        Of its table.
    bytes
        Of its body.
    seconds
        From its first byte to its response.
    """

    rows: int = 10_000
    bytes: int = 16_000_000
    seconds: float = 30.0


class Service:
    """Handlers of the routes.

    Parameters
    ----------
    model
        What predicts.
    name
        Name of the model.
    token
        What a request for predictions must carry; None: nothing.
    limits
        Of one request.
    """

    def __init__(
        self, model: TablePredictor, name: str, token: str | None, limits: Limits
    ) -> None:
        self.model = model
        self.limits = limits
        self.counters = Counters()
        self._token = None if token is None else token.encode()
        self._columns = columns_of_model(model)
        self._schema = json.dumps(openapi(model, name, limits.rows)).encode()
        self._batcher = Batcher(self._work, self.counters.batch)

    async def health(self, request: Request) -> Response:
        """Say that the server is ready."""
        return JSONResponse({"status": "ready", "target": self.model.target})

    async def schema(self, request: Request) -> Response:
        """Return the OpenAPI description."""
        self._authenticate(request)
        return Response(self._schema, media_type="application/json")

    async def metrics(self, request: Request) -> Response:
        """Return the counters."""
        self._authenticate(request)
        return PlainTextResponse(self.counters.text())

    async def predict(self, request: Request) -> Response:
        """Predict the rows of a request."""
        begun = time.monotonic()
        try:
            async with asyncio.timeout(self.limits.seconds):
                response = await self._predict(request)
        except RequestError as error:
            response = refusal(request, error)
        except TimeoutError:
            seconds = self.limits.seconds
            late = RequestError(
                503,
                f"there was no result in {seconds:g} seconds: send fewer rows, or try "
                "again later",
            )
            response = refusal(request, late)
        self.counters.request(response.status_code, time.monotonic() - begun)
        return response

    def close(self) -> None:
        """End the thread that predicts."""
        self._batcher.close()

    async def _predict(self, request: Request) -> Response:
        self._authenticate(request)
        interval = _interval(request)
        kind = request.headers.get("content-type", "application/json").split(";")[0]
        if self._token is None:
            _refuse_other_sites(request, kind)
        body = await self._body(request)
        if kind == ARROW:
            rows: list[Any] = table_of_arrow(body).to_pylist()
        else:
            rows = rows_of_json(body)
        if len(rows) > self.limits.rows:
            raise RequestError(
                413,
                f"the table has {len(rows)} rows, but at most {self.limits.rows} are "
                "taken at once: send it in parts",
            )
        columns = columns_of_rows(rows, self._columns, self._ignored)
        if self._batcher.waiting_rows > WAITING * self.limits.rows:
            raise RequestError(503, "too many rows wait already: try again later")
        try:
            found = await self._batcher.submit(columns, interval)
        except ValueError as error:
            raise RequestError(422, str(error)) from None
        return Response(
            json.dumps({"predictions": found}, ensure_ascii=False, allow_nan=False),
            media_type="application/json",
        )

    @property
    def _ignored(self) -> tuple[str, ...]:
        return (*self.model.not_inputs, self.model.target)

    def _work(self, parts: list[Columns], interval: float | None) -> list[Any]:
        frame = parts[0]
        if len(parts) > 1:
            names = frame.columns
            frame = Columns(
                {
                    name: np.concatenate([p.columns[name] for p in parts])
                    for name in names
                }
            )
        return predict(self.model, frame, interval)

    async def _body(self, request: Request) -> bytes:
        """Read the body, as long as it is not too large."""
        parts, size = [], 0
        try:
            async for part in request.stream():
                parts.append(part)
                size += len(part)
                if size > self.limits.bytes:
                    raise RequestError(
                        413,
                        f"the body has more than {self.limits.bytes} bytes: send the "
                        "rows in parts",
                    )
        except ClientDisconnect:
            raise RequestError(400, "the client left before its body ended") from None
        return b"".join(parts)

    def _authenticate(self, request: Request) -> None:
        if self._token is None:
            return
        given = request.headers.get("authorization", "")
        scheme, _, token = given.partition(" ")
        if scheme.lower() != "bearer" or not compare_digest(
            token.encode(), self._token
        ):
            raise RequestError(
                401,
                "the token is missing or wrong: send the header Authorization: Bearer "
                "TOKEN, with the token that the server printed or was given",
            )


def refusal(request: Request, error: Exception) -> Response:
    """Return the response that says what is wrong with a request."""
    assert isinstance(error, RequestError)
    content: dict[str, Any] = {"error": error.message}
    if error.fields:
        content["fields"] = error.fields
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
    return JSONResponse(content, error.status, headers)


def _failed(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "something went wrong on the server"}, 500)


def _refuse_other_sites(request: Request, kind: str) -> None:
    """Refuse what a web page that is visited could send to a server without a token.

    Browsers ask first before they send these content types to another site, and a
    foreign name that leads to this machine is no name of ours.
    """
    if kind not in ("application/json", ARROW):
        raise RequestError(
            415,
            f"the content type is {kind[:100]}: without a token, send the header "
            f"Content-Type: application/json or {ARROW}",
        )
    host = request.headers.get("host", "").rpartition(":")[0]
    if host not in LOCAL_NAMES:
        raise RequestError(
            421,
            f"the host is {host[:100]!r}: without a token, use one of "
            f"{', '.join(LOCAL_NAMES)}",
        )


def _interval(request: Request) -> float | None:
    text = request.query_params.get("interval")
    if text is None:
        return None
    try:
        interval = float(text)
    except ValueError:
        interval = float("nan")
    if not 0 < interval < 1:
        raise RequestError(
            422, f"interval is {text[:50]!r}, but a number in (0, 1) was expected"
        )
    return interval


def application(service: Service) -> Starlette:
    """Put the server together."""
    return Starlette(
        routes=[
            Route("/predict", service.predict, methods=["POST"]),
            Route("/openapi.json", service.schema, methods=["GET"]),
            Route("/health", service.health, methods=["GET"]),
            Route("/metrics", service.metrics, methods=["GET"]),
        ],
        exception_handlers={RequestError: refusal, Exception: _failed},
    )
