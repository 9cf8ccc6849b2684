"""A fitted estimator <-> one file, with nothing in it that could be executed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier import files
from ranvier.network.network import Network
from ranvier.table.description import Fields
from ranvier.table.encoder import TableEncoder

Array = NDArray[Any]

# Types that classes may have beside texts, as `numpy.dtype.str` writes them.
DTYPES = (
    "|b1", "|O", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8", "<f2", "<f4",
    "<f8", ">i2", ">i4", ">i8", ">u2", ">u4", ">u8", ">f2", ">f4", ">f8",
)  # fmt: skip
CLASSES = ("b", "i", "u", "f", "U", "O")  # kinds of dtype that classes may have


def save(estimator: Any, path: str | os.PathLike[str], own: Mapping[str, Any]) -> None:
    """Write an estimator; `own` is what its kind alone has, as plain JSON."""
    networks = estimator.networks_
    description = {
        "parameters": _plain(estimator.get_params()),
        "encoding": estimator.encoder_.describe(),
        "network": networks[0].description(),
        "features": estimator.n_features_in_,
        "names": [str(n) for n in getattr(estimator, "feature_names_in_", ())],
        "own": dict(own),
    }
    theta = np.stack([network.theta for network in networks])
    files.save(path, description, {"theta": theta}, type(estimator).__name__)


def load(kind: type[Any], path: str | os.PathLike[str]) -> Any:
    """Read an estimator of a kind."""
    description, arrays = files.load(path, kind.__name__)
    try:
        return _read(kind, description, arrays)
    except files.UNUSABLE as error:
        raise files.FileFormatError(
            f"{os.fspath(path)!r} holds no usable {kind.__name__}: {error}"
        ) from error


def _read(kind: type[Any], description: dict[str, Any], arrays: files.Arrays) -> Any:
    parts = ["parameters", "encoding", "network", "features", "names", "own"]
    fields = Fields(description, "the estimator", parts)
    fields.require(set(arrays) == {"theta"}, "it should hold theta and no more")
    theta = arrays["theta"]
    fields.require(theta.ndim == 2 and len(theta) > 0, "theta holds no networks")
    given = fields.item("parameters")
    fields.require(isinstance(given, dict), "the parameters are no object")
    # Nothing in a file makes a later fit write anywhere.
    estimator = kind(**given | {"run": None})
    estimator.encoder_ = TableEncoder.read(fields.item("encoding"))
    described = fields.item("network")
    networks = [Network.from_description(described, values) for values in theta]
    inputs = len(estimator.encoder_.names)
    fields.require(networks[0].inputs == inputs, "the network does not fit the columns")
    estimator.networks_ = networks
    estimator.n_features_in_ = fields.count("features")
    if names := fields.texts("names"):
        estimator.feature_names_in_ = np.array(names, dtype=object)
    own = fields.item("own")
    fields.require(isinstance(own, dict), "it lacks what its kind has")
    estimator._restore(Fields(own, "the estimator", list(kind._own)))
    return estimator


def _plain(parameters: dict[str, Any]) -> dict[str, Any]:
    """Keep the parameters that JSON can hold; others go back to their defaults."""
    simple = (str, int, float, bool, type(None))
    told = parameters["categories"]
    # Where one machine has its runs is nothing for another.
    parameters = parameters | {"categories": None, "run": None}
    kept = {name: v for name, v in parameters.items() if isinstance(v, simple)}
    return kept | {"categories": None if told is None else list(map(str, told))}


def described_classes(classes: Array) -> dict[str, Any]:
    """Describe classes as plain JSON, exactly; ValueError of what JSON cannot hold."""
    values = classes.tolist()
    if classes.dtype.kind not in CLASSES or not all(
        isinstance(value, str | int | float | bool) for value in values
    ):
        raise ValueError(
            f"classes of type {classes.dtype} cannot be written to a file: fit with "
            "classes that are texts, numbers or truths"
        )
    return {"dtype": classes.dtype.str, "values": values}


def read_classes(value: Any) -> Array:
    """Rebuild classes from what `described_classes` returned."""
    fields = Fields(value, "the classes", ["dtype", "values"])
    values = fields.items("values")
    if fields.text("dtype")[:2] in ("<U", ">U"):  # as wide as the values are
        fields.require(all(isinstance(v, str) for v in values), "a class is no text")
        return np.array(values, dtype=str)
    return np.array(values, dtype=read_dtype(fields, "dtype"))


def read_dtype(fields: Fields, key: str) -> np.dtype[Any]:
    """Read a type of classes out of a closed list, none of which has a width."""
    return np.dtype(fields.choice(key, DTYPES))
