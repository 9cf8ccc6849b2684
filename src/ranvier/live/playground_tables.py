"""The tables of the playground: four that are drawn, and the user's own."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.reading.reading import read
from ranvier.run.folder import read_manifest
from ranvier.table.encoder import TableEncoder
from ranvier.table.frames import take_rows
from ranvier.table.targets import ClassTarget, NumberTarget
from ranvier.tabular.training_table import labelled_rows

Array = NDArray[Any]

TOYS: Final = ("xor", "circles", "spiral", "parabola")
TOY_ROWS: Final = 400
OWN: Final = "own"
MOST_COLUMNS: Final = 200
MOST_ROWS: Final = 20_000


@dataclass(frozen=True)
class PlayTable:
    """A table to play with.

    Parameters
    ----------
    name
        One of `TOYS`, or ``"own"``.
    title
        What to call it: the file's name, for one of the user's own.
    X, Y
        Inputs (n, d) float32; labels (n,) int32, or numbers (n, 1) float32.
    columns, target
        What they are called.
    classes
        Names of the classes; () for numbers.
    encoder, scale
        How a table of the user's own was encoded.
    """

    name: str
    title: str
    X: Array
    Y: Array
    columns: tuple[str, ...]
    target: str
    classes: tuple[str, ...] = ()
    encoder: TableEncoder | None = None
    scale: NumberTarget | None = None


@dataclass(frozen=True)
class LazyTable:
    """A table of the user's own, which is read when it is first played with.

    Nobody has to wait for a page to watch a training until a large file is read again.
    """

    path: Path
    target: str

    @property
    def title(self) -> str:
        """What to call it."""
        return self.path.name

    @cached_property
    def table(self) -> PlayTable:
        """The table; `OSError` or `ValueError` where it cannot be used."""
        return own_table(self.path, self.target)


def table_of(run: Path) -> LazyTable | None:
    """Return the table that a run of our own was trained on, if it is a file.

    A run tells the path of its table, so one that a stranger has made could name any
    file: this is only for a run whose training asks for it.
    """
    about = read_manifest(run).get("about", {})
    origin = about.get("origin")
    if origin is None or origin["query"] is not None:
        return None
    return LazyTable(Path(origin["path"]), str(origin["target"]))


def toy(name: str, noise: float, seed: int) -> PlayTable:
    """Draw one of the four tables.

    Parameters
    ----------
    name
        ``"xor"``: the sign of x1 x2. ``"circles"``: a disc in a ring. ``"spiral"``: two
        arms. ``"parabola"``: y = x1^2 / 2 + x2 / 2, with noise, which is a number.
    noise
        Spread of the noise, in [0, 1].
    seed
        The same seed draws the same rows.

    Examples
    --------
    >>> toy("xor", 0.0, 0).X.shape
    (400, 2)
    """
    rng = np.random.default_rng([TOYS.index(name), seed])
    n, shake = TOY_ROWS, noise * rng.normal(size=(TOY_ROWS, 2))
    if name == "parabola":
        X = rng.uniform(-2, 2, size=(n, 2))
        Y = X[:, :1] ** 2 / 2 + X[:, 1:] / 2 + shake[:, :1]
        return PlayTable(name, name, _f(X), _f(Y), ("x1", "x2"), "y")
    if name == "xor":
        X = rng.uniform(-2, 2, size=(n, 2))
        labels = (X[:, 0] * X[:, 1] < 0).astype(np.int32)
    else:
        labels = (np.arange(n) % 2).astype(np.int32)
        t = rng.random(n)
        if name == "circles":
            radius = np.where(labels == 0, 0.9 * np.sqrt(t), 1.4 + 0.6 * t)
            angle = 2 * np.pi * rng.random(n)
        else:
            radius, angle = 2 * np.sqrt(t), 3.5 * np.pi * np.sqrt(t) + np.pi * labels
        X = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    X = X + (0.5 if name == "xor" else 0.3) * shake
    return PlayTable(name, name, _f(X), labels, ("x1", "x2"), "y", ("0", "1"))


def own_table(path: Path, target: str) -> PlayTable:
    """Read the user's own table, with all of its columns encoded.

    Raises
    ------
    ValueError
        It cannot be used; the message says why.
    """
    frame = read(path).frame
    labelled = labelled_rows(frame, target)
    kind, frame = labelled.target, take_rows(frame, labelled.rows)
    encoder = TableEncoder.fit(frame, target=target, numeric="robust")
    X = encoder.transform(frame)[:MOST_ROWS]
    Y = kind.transform(labelled.column)[:MOST_ROWS]
    if X.shape[1] > MOST_COLUMNS:
        raise ValueError(
            f"the table has {X.shape[1]} encoded columns, but the playground shows at "
            f"most {MOST_COLUMNS}: give one with fewer columns or categories"
        )
    return PlayTable(
        name=OWN,
        title=path.name,
        X=np.ascontiguousarray(X),
        Y=Y if Y.ndim == 1 else _f(Y),
        columns=encoder.names,
        target=target,
        classes=kind.labels if isinstance(kind, ClassTarget) else (),
        encoder=encoder,
        scale=kind if isinstance(kind, NumberTarget) else None,
    )


def _f(values: Array) -> Array:
    return np.ascontiguousarray(values, np.float32)
