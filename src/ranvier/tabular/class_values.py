"""Classes of an estimator's own type <-> plain JSON, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.table.json_fields import JsonFields

Array = NDArray[Any]

# Types that classes may have beside texts, as `numpy.dtype.str` writes them.
DTYPES = (
    "|b1", "|O", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8", "<f2", "<f4",
    "<f8", ">i2", ">i4", ">i8", ">u2", ">u4", ">u8", ">f2", ">f4", ">f8",
)  # fmt: skip
CLASSES = ("b", "i", "u", "f", "U", "O")  # kinds of dtype that classes may have


def describe_classes(classes: Array) -> dict[str, Any]:
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
    """Rebuild classes from what `describe_classes` returned."""
    fields = JsonFields(value, "the classes", ["dtype", "values"])
    values = fields.items("values")
    if fields.text("dtype")[:2] in ("<U", ">U"):  # as wide as the values are
        fields.require(all(isinstance(v, str) for v in values), "a class is no text")
        return np.array(values, dtype=str)
    return np.array(values, dtype=read_dtype(fields.text("dtype")))


def read_dtype(text: str) -> np.dtype[Any]:
    """Read a type of classes out of a closed list; none of them has a width."""
    if text not in DTYPES:
        raise ValueError(f"classes have the type {text[:20]!r}, which no class has")
    return np.dtype(text)
