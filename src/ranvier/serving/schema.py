"""The description of the server for programs: OpenAPI 3.1, from the model's columns."""

from __future__ import annotations

from typing import Any

from ranvier.serving.json_rows import ARROW
from ranvier.serving.predictions import columns_of_model
from ranvier.table.column_types import Category
from ranvier.table.dates import Date
from ranvier.tabular.outputs import ClassOutputs, NumberOutputs
from ranvier.tabular.prediction import TablePredictor
from ranvier.version import __version__


def openapi(model: TablePredictor, name: str, most_rows: int) -> dict[str, Any]:
    """Describe the server.

    Parameters
    ----------
    model
        What it predicts with.
    name
        Name of the model.
    most_rows
        Of one request.
    """
    columns = {column.name: _column(column) for column in columns_of_model(model)}
    row = {"type": "object", "properties": columns, "required": list(columns)}
    health = {"responses": {"200": {"description": "The server is ready."}}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": name,
            "version": __version__,
            "description": f"Predicts {model.target!r}.",
        },
        "paths": {
            "/predict": {"post": _predict(model, most_rows)},
            "/health": {"get": health},
        },
        "components": {
            "schemas": {"Row": row, "Error": _ERROR},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _predict(model: TablePredictor, most_rows: int) -> dict[str, Any]:
    """Describe the request for predictions."""
    rows = {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Row"},
        "minItems": 1,
        "maxItems": most_rows,
    }
    found = {"type": "array", "items": _prediction(model)}
    body = {
        "application/json": {"schema": _object(rows=rows)},
        ARROW: {"schema": {"type": "string", "format": "binary"}},
    }
    interval = {
        "name": "interval",
        "in": "query",
        "required": False,
        "description": "Fraction of true values that low and high should enclose.",
        "schema": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    }
    return {
        "operationId": "predict",
        "security": [{"token": []}],
        "parameters": [interval] * isinstance(model.outputs, NumberOutputs),
        "requestBody": {"required": True, "content": body},
        "responses": _responses(_object(predictions=found)),
    }


def _object(**properties: Any) -> dict[str, Any]:
    """Describe an object that has all of these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }


def _column(column: Any) -> dict[str, Any]:
    """Describe a column: numbers with their range in training, known categories."""
    if isinstance(column, Category):
        return {
            "type": ["string", "number", "boolean", "null"],
            "examples": list(column.categories[:100]),
        }
    if isinstance(column, Date):
        return {"type": ["string", "null"], "format": "date-time"}
    described = {"type": ["number", "null"]}
    low, high = column.minimum, column.maximum
    return described | {"description": f"{low:g} to {high:g} in training."}


def _prediction(model: TablePredictor) -> dict[str, Any]:
    number: dict[str, Any] = {"type": "number"}
    names = list(model.outputs.names)
    probabilities = {"type": "object", "properties": dict.fromkeys(names, number)}
    properties: dict[str, Any]
    if isinstance(model.outputs, NumberOutputs):
        bound = {"type": ["number", "object", "null"]}
        properties = {
            "prediction": {"type": ["number", "object"]},
            "low": bound,
            "high": bound,
        }
    elif isinstance(model.outputs, ClassOutputs):
        properties = {"label": {"examples": names}, "probabilities": probabilities}
    else:
        properties = {"label": {"type": "object"}, "probabilities": probabilities}
    unseen = {
        "type": "array",
        "items": {"type": "string"},
        "description": "Columns whose category is new.",
    }
    return {"type": "object", "properties": properties | {"unseen": unseen}}


def _responses(predictions: dict[str, Any]) -> dict[str, Any]:
    def content(schema: dict[str, Any]) -> dict[str, Any]:
        return {"application/json": {"schema": schema}}

    texts = {
        "400": "The body cannot be read.",
        "401": "The token is missing or wrong.",
        "413": "The body or the table is too large.",
        "422": "A field is wrong.",
        "503": "The server is too busy.",
    }
    error = content({"$ref": "#/components/schemas/Error"})
    return {"200": {"description": "Predictions.", "content": content(predictions)}} | {
        status: {"description": text, "content": error}
        for status, text in texts.items()
    }


_ERROR = {
    "type": "object",
    "properties": {
        "error": {"type": "string"},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "row": {"type": "integer"},
                    "column": {"type": "string"},
                    "given": {},
                    "expected": {"type": "string"},
                },
            },
        },
    },
    "required": ["error"],
}
