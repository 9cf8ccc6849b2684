"""A model <-> one file, with nothing in it that could be executed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ranvier import files
from ranvier.reading.decisions import Reading
from ranvier.table.encoder import TableEncoder
from ranvier.table.json_fields import JsonFields
from ranvier.tabular import old_files
from ranvier.tabular.metadata import TrainingMetadata
from ranvier.tabular.outputs import read_outputs

if TYPE_CHECKING:
    from ranvier.tabular.model import TableModel

Array = NDArray[Any]
Parts = dict[str, Any]
Model = TypeVar("Model")

KIND = "model"
PARTS = (
    "network", "encoder", "outputs", "temperature", "notices", "metadata",
    "not_inputs", "mean_of_outputs", "estimator", "reading",
)  # fmt: skip


def save(model: TableModel, path: str | os.PathLike[str]) -> None:
    """Write a model; see `TableModel.save`."""
    description = {
        "network": model.members[0].description(),
        "encoder": model.encoder.describe(),
        "outputs": model.outputs.describe(),
        "temperature": model.temperature,
        "notices": list(model.notices),
        "metadata": asdict(model.metadata),
        "not_inputs": list(model.not_inputs),
        "mean_of_outputs": model.mean_of_outputs,
        "estimator": None if model.estimator is None else dict(model.estimator),
        "reading": model.reading.describe(),
    }
    arrays = {"theta": np.stack([network.theta for network in model.members])}
    if model.residuals is not None:
        arrays["residuals"] = model.residuals
    files.save(path, description, arrays, KIND)


def load(make: Callable[..., Model], path: str | os.PathLike[str]) -> Model:
    """Read the parts of a model and give them to `make`."""
    kind = files.kind_of(path)
    read: Callable[[str, Mapping[str, Any], files.Arrays], Parts] = _read
    if kind not in old_files.KINDS:
        kind = KIND  # which refuses a file of another kind
    description, arrays = files.load(path, kind)
    if kind != KIND or old_files.is_old(description):
        read = old_files.read
    try:
        return make(**read(kind, description, arrays))
    except files.UNUSABLE as error:
        raise files.FileFormatError(
            f"{os.fspath(path)!r} holds no usable model: {error}"
        ) from error


def _read(kind: str, description: Mapping[str, Any], arrays: files.Arrays) -> Parts:
    """Rebuild the parts, checking that each is whole."""
    fields = JsonFields(description, "the model", PARTS)
    outputs = read_outputs(fields.item("outputs"))
    residuals = arrays.get("residuals")
    if residuals is not None:
        fits = residuals.ndim == 2 and residuals.shape[1] == len(outputs.names)
        fits = fits and residuals.dtype == np.float64
        fields.require(fits and bool((residuals >= 0).all()), "residuals are no sizes")
    names = {"theta"} | ({"residuals"} if residuals is not None else set())
    fields.require(set(arrays) == names, f"it should hold {' and '.join(names)} only")
    temperature = None
    if fields.item("temperature") is not None:
        temperature = fields.number("temperature")
        fields.require(temperature > 0, "the temperature is not above 0")
    estimator = fields.item("estimator")
    fields.require(
        estimator is None or isinstance(estimator, dict), "its estimator is no object"
    )
    return {
        "members": old_files.networks(fields, arrays),
        "encoder": TableEncoder.read(fields.item("encoder")),
        "outputs": outputs,
        "temperature": temperature,
        "residuals": residuals,
        "notices": fields.texts("notices"),
        "metadata": TrainingMetadata.read(fields.item("metadata")),
        "not_inputs": fields.texts("not_inputs"),
        "mean_of_outputs": bool(fields.item("mean_of_outputs")),
        "estimator": estimator,
        "reading": Reading.read(fields.item("reading")),
    }
