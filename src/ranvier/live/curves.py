"""The records of a run as columns: read fast, kept up to date, thinned to be drawn."""

import io
import os
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranvier.disk import FileFormatError
from ranvier.run import journal

Column = NDArray[np.float64]

# Beyond so many bytes a file is read by Arrow, in C++ and on every processor.
LARGE: Final = 2_000_000
SCALARS: Final = ("loss", "validation_loss", "learning_rate", "gradient_norm")
METRIC: Final = "metric: "
MOST_LAYER_LINES: Final = 400


class Curves:
    """The columns of one run, each (epochs,); NaN where there is no number.

    Attributes
    ----------
    columns : dict
        ``epoch``, ``loss``, ``validation_loss``, ``learning_rate``, ``gradient_norm``,
        ``seconds``, and ``metric: NAME`` for each metric.
    layers : list of dict
        The lines that hold statistics of the layers.
    last : dict
        ``record``, the last one; and ``end``, if the run has one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path / journal.NAME
        self.columns: dict[str, Column] = {"epoch": np.empty(0)}
        self.layers: list[dict[str, Any]] = []
        self.last: dict[str, Any] = {}
        self._read = 0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self.columns["epoch"])

    def has_grown(self) -> bool:
        """Say whether something has been written since the last time."""
        try:
            return self.path.stat().st_size != self._read
        except OSError:
            return False

    def update(self) -> None:
        """Take in what has been written since the last time."""
        with self._lock:
            try:
                size = self.path.stat().st_size
                if size < self._read:  # a torn end was cut off
                    self.__init__(self.path.parent)  # type: ignore[misc]
                    return
                if size == self._read:
                    return
                with journal.opened(self.path.parent) as file:
                    file.seek(self._read)
                    data = file.read(size - self._read)
            except (OSError, FileFormatError):
                return
            whole = data.rfind(b"\n") + 1
            self._read += whole
            if whole > LARGE and self._take_fast(data[:whole]):
                return
            self._take(list(journal.lines(io.BytesIO(data[:whole]))))

    def _take(self, lines: list[dict[str, Any]]) -> None:
        records: list[dict[str, Any]] = []
        for line in lines:
            if "epoch" in line:
                records.append(line)
                self.last["record"] = {k: v for k, v in line.items() if k != "layers"}
                if "layers" in line:
                    self.layers.append(line)
            elif "ended" in line:
                self.last["end"] = line
            elif isinstance(line.get("resumed"), int):
                self._append(records)
                records = []
                self._go_back(line["resumed"])
        self._append(records)
        if len(self.layers) > MOST_LAYER_LINES:
            self.layers = (
                self.layers[: MOST_LAYER_LINES // 2 : 2]
                + self.layers[MOST_LAYER_LINES // 2 :]
            )

    def _append(self, records: list[dict[str, Any]]) -> None:
        if not records:
            return
        plain = [
            record | {METRIC + k: v for k, v in record.get("metrics", {}).items()}
            for record in records
        ]
        names = ["epoch", *SCALARS, "seconds"]
        names += [name for name in plain[0] if name.startswith(METRIC)]
        self._extend(
            {
                name: np.array([_number(record.get(name)) for record in plain])
                for name in names
                if any(name in record for record in plain)
            },
            len(plain),
        )

    def _extend(self, new: dict[str, Column], count: int) -> None:
        before = len(self)
        for name in {*self.columns, *new}:
            old = self.columns.get(name, np.full(before, np.nan))
            more = new.get(name, np.full(count, np.nan))
            self.columns[name] = np.concatenate([old, more])

    def _go_back(self, epoch: int) -> None:
        keep = self.columns["epoch"] <= epoch
        self.columns = {name: column[keep] for name, column in self.columns.items()}
        self.layers = [line for line in self.layers if line["epoch"] <= epoch]
        self.last.pop("end", None)

    def _take_fast(self, data: bytes) -> bool:
        """Read a long file by Arrow, which leaves out the statistics of layers."""
        if b'{"resumed"' in data:
            return False
        try:
            import pyarrow
            from pyarrow import json
        except ImportError:
            return False
        first = next(journal.lines(io.BytesIO(data)), {})
        metrics = [(name, pyarrow.float64()) for name in first.get("metrics", {})]
        fields = [(name, pyarrow.float64()) for name in ("epoch", *SCALARS, "seconds")]
        schema = pyarrow.schema([*fields, ("metrics", pyarrow.struct(metrics))])
        options = json.ParseOptions(
            explicit_schema=schema, unexpected_field_behavior="ignore"
        )
        reading = json.ReadOptions(block_size=1 << 22)
        try:
            table = json.read_json(
                pyarrow.BufferReader(data), read_options=reading, parse_options=options
            )
        except pyarrow.ArrowInvalid:
            return False
        new = {name: _floats(table[name]) for name, _ in fields}
        for place, (name, _) in enumerate(metrics):
            parts = table["metrics"].chunks
            new[METRIC + name] = np.concatenate(
                [_chunk(part.flatten()[place]) for part in parts]
            )
        there = ~np.isnan(new["epoch"])
        new = {
            name: np.asarray(column[there], np.float64)
            for name, column in new.items()
            if name == "epoch" or not np.isnan(column[there]).all()
        }
        self._extend(new, int(there.sum()))
        tail = data[-65_536:]
        self.last = {}
        ends = list(journal.lines(io.BytesIO(tail[tail.find(b"\n") + 1 :])))
        for line in ends:
            if "epoch" in line:
                self.last["record"] = line
            elif "ended" in line:
                self.last["end"] = line
        return True


def sampled(path: Path, points: int = 400) -> dict[str, Any]:
    """Return curves through some lines of a long file, quicker than reading it.

    Parameters
    ----------
    path
        Folder of the run.
    points
        How many lines, evenly apart.

    Returns
    -------
    dict
        As `thinned` gives it, and ``partial``: each point stands for itself alone.
    """
    records: dict[int, dict[str, Any]] = {}
    with journal.opened(path) as file:
        size = file.seek(0, os.SEEK_END)
        for place in range(points):
            file.seek(size * place // points)
            if place:
                file.readline()  # what is left of a line
            for record in journal.lines(io.BytesIO(file.readline())):
                if isinstance(record.get("epoch"), int):
                    records[record["epoch"]] = record
    some = Curves(path)
    some._take([records[epoch] for epoch in sorted(records)])
    return thinned(some, points) | {"partial": True}


def thinned(
    curves: Curves, points: int, start: int = 0, stop: int | None = None
) -> dict[str, Any]:
    """Return columns short enough to draw, with the range of each point.

    Parameters
    ----------
    curves
        The columns.
    points
        Most points of a curve.
    start, stop
        The rows to give, as of a slice.

    Returns
    -------
    dict
        ``epoch``, the last of each bucket; for each curve ``mean``, ``low``, ``high``;
        ``total``, the epochs there are.
    """
    stop = len(curves) if stop is None else min(stop, len(curves))
    rows = stop - start
    told: dict[str, Any] = {"total": len(curves), "epoch": [], "series": {}}
    if rows <= 0:
        return told
    edges = np.linspace(0, rows, min(points, rows) + 1).astype(np.int64)
    starts, ends = edges[:-1], edges[1:]
    told["epoch"] = curves.columns["epoch"][start:stop][ends - 1].astype(int).tolist()
    for name, whole in curves.columns.items():
        column = whole[start:stop]
        if name in ("epoch", "seconds"):
            continue
        # A curve with a gap here is still a curve.
        if np.isnan(column).all() and np.isnan(whole).all():
            continue
        there = ~np.isnan(column)
        counts = np.maximum(np.add.reduceat(there.astype(np.int64), starts), 1)
        sums = np.add.reduceat(np.where(there, column, 0.0), starts)
        low = np.fmin.reduceat(column, starts)
        high = np.fmax.reduceat(column, starts)
        mean = np.where(np.isnan(low), np.nan, sums / counts)
        told["series"][name] = {
            "mean": finite(mean),
            "low": finite(low),
            "high": finite(high),
        }
    return told


def finite(values: NDArray[np.floating]) -> list[float | None]:
    """Return numbers as JSON has them: seven digits, None for what is not finite."""
    return [
        float(f"{value:.7g}") if np.isfinite(value) else None
        for value in values.tolist()
    ]


def _floats(column: Any) -> Column:
    """Return an Arrow column as an array; Arrow's own method imports pandas."""
    return np.concatenate([_chunk(chunk) for chunk in column.chunks])


def _chunk(chunk: Any) -> Column:
    missing, data = chunk.buffers()
    first, count = chunk.offset, len(chunk)
    values = np.frombuffer(data, np.float64, count, 8 * first).copy()
    if missing is not None:
        bits = np.unpackbits(np.frombuffer(missing, np.uint8), bitorder="little")
        values[bits[first : first + count] == 0] = np.nan
    return values


def _number(value: object) -> float:
    is_large = isinstance(value, int) and abs(value) >= 2**1023  # no float
    return float(value) if isinstance(value, int | float) and not is_large else np.nan
