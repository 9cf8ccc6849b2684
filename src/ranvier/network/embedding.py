"""The embedding: what becomes of each column of X before the first dense layer.

A description says what a column becomes (`ranvier.network.columns`); its values look
into the network's one array theta.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from ranvier.checks import checked_bool, checked_list
from ranvier.network.columns import (
    KINDS,
    Category,
    Column,
    Periodic,
    Piecewise,
    Plain,
)

Parameters = NDArray[np.floating[Any]]


class _Columns:
    """What follows from the columns, of a description and of a layer alike."""

    __slots__ = ()

    columns: tuple[Column, ...]
    scaled: bool

    @property
    def inputs(self) -> int:
        """Columns of X."""
        return len(self.columns)

    @property
    def units(self) -> int:
        """How many numbers all columns become: what the first dense layer takes."""
        return sum(column.outputs for column in self.columns)

    def shapes(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Name every array in the order of theta: "3.table", and at last "scale"."""
        for place, column in enumerate(self.columns):
            for name, shape in column.shapes().items():
                yield f"{place}.{name}", shape
        if self.scaled:
            yield "scale", (self.units,)

    def count(self) -> int:
        """Count the parameters."""
        return sum(int(np.prod(shape)) for _, shape in self.shapes())

    def flops(self) -> int:
        """Count the operations on a row; a cosine counts as one."""
        return sum(column.flops for column in self.columns) + self.scaled * self.units

    def engine_spec(self) -> tuple[Any, ...]:
        """Return the embedding in the form the engine takes."""
        columns = [column.engine_spec() for column in self.columns]
        return "embedding", columns, self.scaled

    def names(self, columns: Sequence[str]) -> list[str]:
        """Name the units after the columns: "age: e1" for the first of several.

        x itself, which a periodic column passes on, keeps the column's name.
        """
        named: list[str] = []
        for name, column in zip(columns, self.columns, strict=True):
            learned = column.outputs - isinstance(column, Plain | Periodic)
            named += [f"{name}: e{k}" for k in range(1, learned + 1)]
            named += [name] * (column.outputs - learned)
        return named


@dataclass(frozen=True, init=False, repr=False)
class Embedding(_Columns):
    """The first layer of a network of columns that are not just numbers.

    Each column of X becomes what its description says; all of that, side by side, is
    what the first dense layer takes.

    Parameters
    ----------
    columns
        One of `Plain`, `Periodic`, `Piecewise` and `Category` for each column of X.
    scale
        Whether each number is multiplied by a learned factor that starts at 1, so
        that the network can weigh its inputs (Holzmueller et al. 2024).

    Raises
    ------
    TypeError
        A column is none of these.
    ValueError
        There is no column.

    Examples
    --------
    >>> layer = Embedding([Plain(), Periodic(16, 3), Category(12, 8)])
    >>> layer.inputs, layer.units
    (3, 13)
    """

    columns: tuple[Column, ...]
    scaled: bool

    def __init__(self, columns: Sequence[Column], *, scale: bool = True) -> None:
        given: list[Any] = checked_list("columns", columns, "descriptions of columns")
        for place, column in enumerate(given):
            if not isinstance(column, Plain | Periodic | Piecewise | Category):
                raise TypeError(
                    f"column {place} of an Embedding is {column!r}, but a column is a "
                    "Plain, a Periodic, a Piecewise or a Category: write for example "
                    "Embedding([Plain(), Category(12, 8)])"
                )
        if not given:
            raise ValueError(
                "columns is empty: an Embedding needs a description of each column of X"
            )
        object.__setattr__(self, "columns", tuple(given))
        object.__setattr__(self, "scaled", checked_bool("scale", scale))

    def start(self, generator: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        """Draw every array as it starts, by its name."""
        drawn = {
            f"{place}.{name}": value
            for place, column in enumerate(self.columns)
            for name, value in column.start(generator).items()
        }
        return drawn | ({"scale": np.ones(self.units)} if self.scaled else {})

    def __repr__(self) -> str:
        columns = ", ".join(map(repr, self.columns))
        return f"Embedding([{columns}]{'' if self.scaled else ', scale=False'})"


@final
class EmbeddingLayer(_Columns):
    """The embedding of a network: what it makes of each column, and its parameters.

    Parameters
    ----------
    description
        The `Embedding` that it follows; a `Network` makes the layer.
    theta
        Its parameters (parameters,), which it views.

    Attributes
    ----------
    columns : tuple
        What becomes of each column of X.
    values : tuple of dict
        The arrays of each column by their letters, ``layer.values[2]["table"]``; they
        look into the network's theta. Write into them.
    scale : ndarray of shape (units,), or None
        The factors of the embedded values.

    Examples
    --------
    >>> from ranvier.network.layers import Dense
    >>> from ranvier.network.network import Network
    >>> net = Network(1, [Embedding([Category(3, 2)]), Dense(1)], seed=0)
    >>> net.layers[0].values[0]["table"].shape, net.layers[0].scale.tolist()
    ((3, 2), [1.0, 1.0])
    """

    __slots__ = ("columns", "scale", "scaled", "values")

    columns: tuple[Column, ...]
    scaled: bool
    values: tuple[Mapping[str, Parameters], ...]
    scale: Parameters | None

    def __init__(self, description: _Columns, theta: Parameters) -> None:
        values: list[dict[str, Parameters]] = [{} for _ in description.columns]
        scale, start = None, 0
        for name, shape in description.shapes():
            end = start + int(np.prod(shape))
            part = theta[start:end].reshape(shape)
            if name == "scale":
                scale = part
            else:
                place, _, letter = name.partition(".")
                values[int(place)][letter] = part
            start = end
        object.__setattr__(self, "columns", description.columns)
        object.__setattr__(self, "scaled", description.scaled)
        object.__setattr__(self, "values", tuple(values))
        object.__setattr__(self, "scale", scale)

    def arrays(self) -> dict[str, Parameters]:
        """Return every array by its name: "3.table", "scale".

        Examples
        --------
        >>> from ranvier.network.layers import Dense
        >>> from ranvier.network.network import Network
        >>> net = Network(1, [Embedding([Category(3, 2)]), Dense(1)], seed=0)
        >>> list(net.layers[0].arrays())
        ['0.table', 'scale']
        """
        found = {
            f"{place}.{name}": value
            for place, own in enumerate(self.values)
            for name, value in own.items()
        }
        return found if self.scale is None else found | {"scale": self.scale}

    def __setattr__(self, name: str, value: object) -> None:
        if value is getattr(self, name, None):
            return  # `layer.scale *= 2` has written in place
        raise AttributeError(
            f"a layer of a network is frozen, so {name!r} cannot be set: write into "
            "its arrays, layer.scale[...] = values"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        parts = [array.reshape(-1) for array in self.arrays().values()]
        theta = np.concatenate(parts) if parts else np.zeros(0, np.float32)
        description = Embedding(self.columns, scale=self.scaled)
        return EmbeddingLayer, (description, theta)

    def __repr__(self) -> str:
        return f"EmbeddingLayer({self.inputs} -> {self.units})"


def to_dict(layer: _Columns) -> dict[str, Any]:
    """Describe an embedding in what JSON can hold."""
    names = {kind: name for name, kind in KINDS.items()}
    columns = []
    for column in layer.columns:
        _, *sizes = column.engine_spec()
        columns.append([names[type(column)], *sizes])
    return {"kind": "embedding", "columns": columns, "scale": layer.scaled}


def from_dict(entry: Mapping[str, Any]) -> Embedding:
    """Build what `to_dict` described; ValueError of anything else."""
    columns: list[Column] = []
    for given in entry["columns"]:
        match given:
            case ["plain"]:
                columns.append(Plain())
            case ["periodic", int() as frequencies, int() as width]:
                columns.append(Periodic(frequencies, width))
            case ["piecewise", list() as edges, int() as width, bool() as linear]:
                columns.append(Piecewise(edges, width, linear=linear))
            case ["category", int() as size, int() as width]:
                columns.append(Category(size, width))
            case _:
                raise ValueError(f"{given!r} does not describe a column")
    return Embedding(columns, scale=bool(entry["scale"]))
