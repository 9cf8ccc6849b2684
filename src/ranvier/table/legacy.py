"""Descriptions in model files of earlier development versions, as today's."""

from __future__ import annotations

from typing import Any

_ENCODER = {"table", "places", "marks", "one_hot", "spreads"}
_WITHOUT_CODES = {
    "table", "numeric", "scalers", "bins", "scale_one_hot", "one_hot_limit",
}  # fmt: skip


def upgraded_encoder(value: Any) -> Any:
    """Return the description of an encoder in today's fields.

    What has other fields, or is damaged, comes back as it is.
    """
    if isinstance(value, dict) and set(value) == _WITHOUT_CODES:
        return {**value, "codes": []}
    if not isinstance(value, dict) or set(value) != _ENCODER:
        return value
    spreads = value["spreads"]
    if not isinstance(spreads, dict) or not all(
        isinstance(spread, dict) for spread in spreads.values()
    ):
        return value
    quantile = any("knots" in spread for spread in spreads.values())
    scalers = {
        name: {"quantiles": spread.get("knots")}
        if quantile
        else {key: spread.get(key) for key in ("median", "width")}
        for name, spread in spreads.items()
    }
    robust = "bins" if value["places"] else "robust"
    return {
        "table": value["table"],
        "numeric": "quantile" if quantile else robust,
        "scalers": scalers,
        "bins": {name: spread.get("edges", []) for name, spread in spreads.items()},
        "scale_one_hot": value["marks"],
        "one_hot_limit": value["one_hot"],
        "codes": [],
    }


_TRANSFORM = {
    "origin": "center",
    "unit": "scale",
    "low": "minimum",
    "high": "maximum",
    "side": "sign",
    "end": "edge",
    "middle": "distance",
    "gain": "smearing",
}


def upgraded_transform(value: Any) -> Any:
    """Return the description of a target's transform in today's fields.

    What has other fields comes back as it is.
    """
    if not isinstance(value, dict) or set(value) != set(_TRANSFORM):
        return value
    return {_TRANSFORM[name]: part for name, part in value.items()}


def with_histogram(value: Any) -> Any:
    """Return the description of a number or a date with a histogram, empty if absent.

    Anything else comes back as it is.
    """
    if not isinstance(value, dict):
        return value
    return {"histogram": {"edges": [], "counts": []}} | value
