"""Files of earlier versions: models, estimators, and hyperparameters in runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ranvier import files
from ranvier.network.losses import Loss, quantile
from ranvier.network.network import Network
from ranvier.table.encoder import TableEncoder
from ranvier.table.json_fields import JsonFields
from ranvier.table.target_transform import TargetTransform
from ranvier.table.targets import ClassTarget, target_from_description
from ranvier.tabular.class_values import read_classes
from ranvier.tabular.hyperparameters import Hyperparameters
from ranvier.tabular.metadata import TrainingMetadata
from ranvier.tabular.outputs import (
    ClassOutputs,
    LabelOutputs,
    NumberOutputs,
    Outputs,
)

Parts = dict[str, Any]

KINDS = ("TabularClassifier", "TabularRegressor")
MODEL = ("network", "encoder", "target", "facts")
ESTIMATOR = ("parameters", "encoding", "network", "features", "names", "own")

# Hyperparameters: earlier name -> name.
RENAMED = {
    "smoothing": "label_smoothing",
    "numbers": "numeric_encoding",
    "width": "embedding_dim",
    "sigma": "frequency_scale",
    "from_rows": "data_dependent_init",
    "held_out": "holds_out",
    "tried": "selection_folds",
    "marks": "scale_one_hot",
    "merged": "deduplicate",
    "calibrated": "calibrates",
    "shared": "batch_ensemble_size",
    "normal": "quantile_scaling",
}


def is_old(description: Mapping[str, Any]) -> bool:
    """Whether a file of the kind "model" was written then."""
    return "facts" in description


def read(kind: str, description: Mapping[str, Any], arrays: files.Arrays) -> Parts:
    """Return the parts of the model in such a file, as `TableModel` takes them."""
    if kind in KINDS:
        return _estimator(kind, description, arrays)
    fields = JsonFields(description, "the model", MODEL)
    target = target_from_description(fields.item("target"))
    outputs: Outputs
    if isinstance(target, ClassTarget):
        outputs = ClassOutputs(target)
    else:
        scale, ends = target.scale, ([target.minimum], [target.maximum])
        parts = map(np.array, ([scale.mean], [scale.sd], *ends))
        outputs = NumberOutputs(
            target.name, TargetTransform.linear(*parts), Loss("squared_error")
        )
    return {
        "members": networks(fields, arrays),
        "encoder": TableEncoder.read(fields.item("encoder")),
        "outputs": outputs,
        "metadata": TrainingMetadata.read(fields.item("facts")),
        "mean_of_outputs": True,
    }


def _estimator(
    kind: str, description: Mapping[str, Any], arrays: files.Arrays
) -> Parts:
    fields = JsonFields(description, "the estimator", ESTIMATOR)
    members = networks(fields, arrays)
    encoder = TableEncoder.read(fields.item("encoding"))
    given, own = fields.item("parameters"), fields.item("own")
    fields.require(isinstance(given, dict), "the parameters are no object")
    seed = given.get("random_state")
    estimator = {
        "class": kind,
        "parameters": given,
        "features": fields.count("features"),
        "names": list(fields.texts("names")),
        "classes": own.get("classes"),
        "label_dtype": own.get("labels"),
    }
    metadata = TrainingMetadata(
        reason=f"it was saved by a {kind}",
        rows=encoder.schema.rows,
        epochs=0,
        best_epoch=0,
        seconds=0.0,
        seed=seed if isinstance(seed, int) else None,
        created="",
        version="",
    )
    parts = _classes(own, members) if kind == KINDS[0] else _numbers(own, given)
    return parts | {
        "members": members,
        "encoder": encoder,
        "metadata": metadata,
        "estimator": estimator,
    }


def _classes(own: Any, members: list[Network]) -> Parts:
    fields = JsonFields(own, "the classifier", ["classes", "labels", "temperature"])
    if fields.item("labels") is not None:
        return {"outputs": LabelOutputs("y", members[0].outputs)}
    temperature = fields.number("temperature")
    fields.require(temperature > 0, "the temperature is not above 0")
    target = ClassTarget.of_classes(read_classes(fields.item("classes")), "y")
    return {"outputs": ClassOutputs(target), "temperature": temperature}


def _numbers(own: Any, given: Mapping[str, Any]) -> Parts:
    fields = JsonFields(own, "the regressor", ["one", "units", "errors"])
    transform = TargetTransform.read(fields.item("units"))
    name = given.get("loss", "squared_error")
    loss = quantile(given["quantile"]) if name == "quantile" else Loss(name)
    errors = np.array(fields.items("errors"), np.float64)
    return {
        "outputs": NumberOutputs("y", transform, loss, bool(fields.item("one"))),
        "residuals": errors.reshape(-1, len(transform.scale)),
    }


def read_hyperparameters(about: Mapping[str, Any]) -> Hyperparameters:
    """Rebuild the hyperparameters of a run, also from their earlier names."""
    if "recipe" not in about:
        stored = about["hyperparameters"]
    else:
        stored = {RENAMED.get(k, k): v for k, v in about["recipe"].items()}
        if stored["numeric_encoding"] == "places":
            stored["numeric_encoding"] = "bins"
    return Hyperparameters(**stored | {"hidden": tuple(stored["hidden"])})


def networks(fields: JsonFields, arrays: files.Arrays) -> list[Network]:
    """Rebuild networks of one description from the rows of their parameters."""
    theta = arrays["theta"]
    fields.require(theta.ndim == 2 and len(theta) > 0, "theta holds no networks")
    described = fields.item("network")
    return [Network.from_description(described, values) for values in theta]
