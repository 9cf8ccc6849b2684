"""Layers in words and numbers that JSON can hold, and back."""

from collections.abc import Mapping
from math import nan
from typing import Any

from ranvier.network import activations, embedding
from ranvier.network.activations import Activation
from ranvier.network.embedding import Embedding, EmbeddingLayer
from ranvier.network.layers import BoundLayer, Dense, Dropout, Layer


def layer_to_dict(layer: Layer | BoundLayer) -> dict[str, Any]:
    """Describe a layer without its parameters."""
    if isinstance(layer, Dropout):
        return {"kind": "dropout", "rate": layer.rate}
    if isinstance(layer, Embedding | EmbeddingLayer):
        return embedding.to_dict(layer)
    f = layer.activation
    entry: dict[str, Any] = {"kind": "dense", "units": layer.units}
    entry["activation"] = f.name
    if layer.parametric:
        entry["parametric"] = True
    if f.name in activations.PARAMETERS:
        entry["parameter"] = f.parameter
    return entry


def layer_from_dict(entry: Mapping[str, Any]) -> Layer:
    """Build what `layer_to_dict` described; ValueError of anything else."""
    layer: Layer
    match entry:
        case {"kind": "embedding", "columns": list(), "scale": bool()}:
            layer = embedding.from_dict(entry)
        case {"kind": "dropout", "rate": float() | int() as rate}:
            layer = Dropout(rate)
        case {"kind": "dense", "units": int() as units, "activation": str() as name}:
            parameter = entry.get("parameter", nan)
            if not isinstance(parameter, float | int):
                raise ValueError(f"the parameter of {name} is {parameter!r}, no number")
            own = bool(entry.get("parametric", False))
            layer = Dense(units, Activation(name, parameter), parametric=own)
        case _:
            raise ValueError(f"{entry!r} does not describe a layer")
    if rest := set(entry) - set(layer_to_dict(layer)):
        raise ValueError(f"{entry!r} has unknown entries: {', '.join(sorted(rest))}")
    return layer
