"""The target column <-> labels or standardised numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ranvier.table.category_index import MISSING, CategoryIndex
from ranvier.table.column_types import as_numbers
from ranvier.table.json_fields import JsonFields
from ranvier.table.scalers import StandardScaler
from ranvier.table.value_checks import refuse_infinite, usable_values
from ranvier.table.values import number_text

ClassType = Literal["text", "integer", "float", "boolean"]
ClassValue = str | int | float | bool

# More classes than this, in fewer than two rows each, are names of rows.
CLASSES_TO_JUDGE = 20


@dataclass(frozen=True)
class ClassTarget:
    """Classes in sorted order <-> labels 0, 1, ...

    Attributes
    ----------
    name
        Name of the target column.
    type
        "text", "integer", "float" or "boolean".
    classes
        The classes as values of that type.
    counts
        Training rows of each class.

    Examples
    --------
    >>> target = ClassTarget.fit(["no", "yes", "no"])
    >>> target.transform(["yes", "no", "maybe"])
    array([ 1,  0, -1], dtype=int32)
    >>> target.inverse([1, 0])
    array(['yes', 'no'], dtype=object)
    """

    name: str
    type: ClassType
    classes: tuple[ClassValue, ...]
    counts: tuple[int, ...]

    @classmethod
    def fit(cls, column: Any, *, name: str = "target") -> ClassTarget:
        """Learn the classes.

        Parameters
        ----------
        column
            The targets of the training rows, none missing (see `rows_with_target`).
        name
            Name of the column.

        Returns
        -------
        ClassTarget
            With the classes sorted: texts by code point, numbers by size, false first.

        Raises
        ------
        ValueError
            Missing or infinite values, one class only, or nearly a class a row.
        """
        values = usable_values(column, name)
        _refuse_missing(values.missing, name)
        kind: ClassType = "text"
        if values.kind == "number":
            refuse_infinite(values.data, name)
            kind = values.form
        if values.kind == "text" and values.form != "float":
            kind = values.form
        counts = Counter(_convert(kind, value) for value in values.data.tolist())
        if len(counts) == 1:
            raise ValueError(
                f"the target {name!r} has one class only, {next(iter(counts))!r}: a "
                "classifier needs rows of two classes or more"
            )
        if len(counts) > max(CLASSES_TO_JUDGE, len(values.data) / 2):
            raise ValueError(
                f"the target {name!r} has {len(counts)} classes in {len(values.data)} "
                "rows, fewer than two rows each: choose another column, or regression "
                "if it holds numbers"
            )
        classes = sorted(counts)
        return cls(
            name,
            kind,
            tuple(classes),
            tuple(counts[value] for value in classes),
        )

    @classmethod
    def of_classes(cls, classes: NDArray[Any], name: str = "y") -> ClassTarget:
        """Name classes that are known and sorted; rows of each are not counted."""
        values = np.asarray(classes.tolist())  # of the type that all of them are of
        kind = _TYPES.get(values.dtype.kind, "text")
        if kind == "text":
            values = values.astype(str)
        return cls(name, kind, tuple(values.tolist()), (0,) * len(values))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The classes as texts, to show."""
        if self.type == "text":
            return tuple(str(value) for value in self.classes)
        if self.type == "boolean":
            return tuple(str(value).lower() for value in self.classes)
        if self.type == "integer":
            return tuple(str(value) for value in self.classes)
        return tuple(number_text(float(value)) for value in self.classes)

    @cached_property
    def _index(self) -> CategoryIndex:
        return CategoryIndex(self.labels)

    def transform(self, column: Any) -> NDArray[np.int32]:
        """Return the labels, (n,); -1 where a value is missing or no known class."""
        values = usable_values(column, self.name, empty=True)
        return np.maximum(self._index.codes(values), MISSING).astype(np.int32)

    def unseen(self, column: Any) -> dict[str, int]:
        """Count the values that are no known class, by their text."""
        return self._index.unseen(usable_values(column, self.name, empty=True))

    def inverse(self, labels: Any) -> NDArray[Any]:
        """Return the classes of labels, (n,), as an array of their own type."""
        # NumPy takes the integer type that holds them all.
        dtypes = {"text": object, "integer": None, "float": np.float64}
        classes = np.array(self.classes, dtype=dtypes.get(self.type, np.bool_))
        return classes[np.asarray(labels, dtype=np.int64)]

    def description(self) -> dict[str, Any]:
        """Describe the target as plain JSON, exactly."""
        return {
            "kind": "classes",
            "name": self.name,
            "type": self.type,
            "classes": list(self.classes),
            "counts": list(self.counts),
        }

    @classmethod
    def _read(cls, description: Any) -> ClassTarget:
        """Rebuild a target from its description."""
        fields = JsonFields(
            description, "the target", ["kind", "name", "type", "classes", "counts"]
        )
        kind: ClassType = fields.choice("type", get_args(ClassType))  # type: ignore[assignment]
        given = fields.items("classes")
        types = {"text": str, "integer": int, "float": float, "boolean": bool}
        fields.require(
            all(type(value) is types[kind] for value in given),
            f"a class is no {kind}",
        )
        fields.require(
            kind != "integer" or all(abs(value) < 2**63 for value in given),
            "a class is beyond 64 bits",
        )
        fields.require(
            kind != "float" or bool(np.isfinite(given).all()), "a class is not finite"
        )
        counts = fields.counts("counts")
        fields.require(
            len(given) == len(counts) >= 2 and sorted(set(given)) == given,
            "expected two or more classes in order, and a count for each",
        )
        return cls(fields.text("name"), kind, tuple(given), counts)


_TYPES: dict[str, ClassType] = {
    "b": "boolean",
    "i": "integer",
    "u": "integer",
    "f": "float",
}


def _convert(kind: ClassType, value: Any) -> ClassValue:
    """Return a value of a column as one of the classes' type."""
    if kind == "boolean":
        return value.lower() == "true" if isinstance(value, str) else bool(value)
    types: dict[ClassType, Any] = {"text": str, "integer": int, "float": float}
    return types[kind](value)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class NumberTarget:
    """Numbers <-> standardised numbers.

    Attributes
    ----------
    name
        Name of the target column.
    scale
        Mean, standard deviation and median of the training rows.
    minimum, maximum
        Of the training rows.

    Examples
    --------
    >>> target = NumberTarget.fit([1.0, 3.0])
    >>> target.transform([5.0])
    array([[3.]])
    >>> target.inverse([[3.0]])
    array([5.])
    """

    name: str
    scale: StandardScaler
    minimum: float
    maximum: float

    @classmethod
    def fit(cls, column: Any, *, name: str = "target") -> NumberTarget:
        """Measure the numbers.

        Parameters
        ----------
        column
            The targets of the training rows, none missing (see `rows_with_target`).
        name
            Name of the column.

        Returns
        -------
        NumberTarget
            With the statistics in float64.

        Raises
        ------
        ValueError
            Texts that are no numbers, missing or infinite values, or one value only.
        """
        numbers = as_numbers(usable_values(column, name), name)
        _refuse_missing(np.isnan(numbers), name)
        refuse_infinite(numbers, name)
        scale = StandardScaler.fit(numbers)
        if scale.sd == 0:
            raise ValueError(
                f"the target {name!r} has one value only, {number_text(scale.mean)}: "
                "choose a column whose values vary"
            )
        return cls(name, scale, float(numbers.min()), float(numbers.max()))

    def numbers(self, column: Any) -> NDArray[np.float64]:
        """Return the values in the user's units, (n,), NaN where missing."""
        numbers = as_numbers(usable_values(column, self.name, empty=True), self.name)
        refuse_infinite(numbers, self.name)
        return numbers

    def transform(self, column: Any) -> NDArray[np.float64]:
        """Return standardised values, (n, 1); ValueError where one is missing."""
        numbers = self.numbers(column)
        _refuse_missing(np.isnan(numbers), self.name)
        return self.scale.transform(numbers)[:, None]

    def inverse(self, Z: Any) -> NDArray[np.float64]:
        """Return values in the user's units, (n,), from (n, 1) or (n,)."""
        return self.scale.inverse_transform(np.asarray(Z).reshape(-1))

    def description(self) -> dict[str, Any]:
        """Describe the target as plain JSON, exactly."""
        return {
            "kind": "number",
            "name": self.name,
            "scale": self.scale.describe(),
            "minimum": self.minimum,
            "maximum": self.maximum,
        }

    @classmethod
    def _read(cls, description: Any) -> NumberTarget:
        """Rebuild a target from its description."""
        keys = ["kind", "name", "scale", "minimum", "maximum"]
        fields = JsonFields(description, "the target", keys)
        fields.choice("kind", ["number"])
        scale = StandardScaler.read(fields.item("scale"), "the target")
        fields.require(scale.sd > 0, "the standard deviation is 0")
        low, high = fields.number("minimum"), fields.number("maximum")
        return cls(fields.text("name"), scale, low, high)


def target_from_description(description: Any) -> ClassTarget | NumberTarget:
    """Rebuild a target of either kind.

    Parameters
    ----------
    description
        What its `description` returned, or the same read from JSON.

    Returns
    -------
    ClassTarget or NumberTarget
        Equal to the one described.

    Raises
    ------
    ValueError
        Anything else.
    """
    if isinstance(description, dict) and description.get("kind") == "classes":
        return ClassTarget._read(description)
    return NumberTarget._read(description)


def _refuse_missing(missing: NDArray[np.bool_], name: str) -> None:
    """Raise for missing targets: how many, the first row."""
    if missing.any():
        raise ValueError(
            f"the target {name!r} is missing in {np.count_nonzero(missing)} row(s), "
            f"the first is row {int(missing.argmax())} (counted from 0): leave those "
            "rows out"
        )
