"""How a table is read, decided once from its training rows, and kept with the model."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import narwhals as nw
import numpy as np

from ranvier.messages import listed
from ranvier.reading.bounds import bound_columns, bound_name
from ranvier.reading.checks import refuse_contradictions, refuse_grouping
from ranvier.reading.column_reader import (
    ColumnReader,
    is_zoned,
    plain_texts,
    read_texts,
    without_numbers,
    without_texts,
)
from ranvier.reading.columns import ColumnReading
from ranvier.reading.options import ReadOptions
from ranvier.table.frames import Columns, columns_of, named_columns
from ranvier.table.json_fields import JsonFields
from ranvier.table.values import values_of

METADATA = b"ranvier.reading"  # of an Arrow table: the reading that it came from


@dataclass(frozen=True)
class Reading:
    r"""How each column of a table is read.

    Made from all rows of a training table; new rows are read by it.

    Parameters
    ----------
    columns
        How each column is read, by its name.
    source
        How the file was read: its format, encoding, delimiter, skipped lines, lines of
        header, sheet, as plain JSON; empty for a table that came from no file.

    Examples
    --------
    >>> import pandas as pd
    >>> days = ["18/03/2024", "02/04/2024"]
    >>> table = pd.DataFrame({"day": days, "eur": ["1,50", "2,00"]})
    >>> reading, table = Reading.fit(table)
    >>> table["eur"].tolist()
    [1.5, 2.0]
    >>> print(*reading.lines(), sep="\n")
    'day': date (day first), 2024-03-18 to 2024-04-02
    'eur': number (decimal comma), 1.5 to 2
    """

    columns: Mapping[str, ColumnReading] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def fit(
        cls,
        frame: Any,
        *,
        options: ReadOptions | None = None,
        target: str | None = None,
        task: str | None = None,
        as_texts: Collection[str] = (),
        source: Mapping[str, Any] | None = None,
    ) -> tuple[Reading, Any]:
        """Decide from all rows how a table is read, and read it.

        Parameters
        ----------
        frame
            A pandas, polars or Arrow table. Columns that `read_table` has read before
            are taken as it read them.
        options
            What the user says about the columns.
        target
            The column to predict: a few different texts there stay texts.
        task
            "classification" if they all do, "regression" if they do not.
        as_texts
            Columns whose texts stay texts.
        source
            How the file was read that the table came from.

        Returns
        -------
        reading, frame
            The decisions, and a table of the same library: texts that hold numbers,
            durations (in seconds) or dates are such.
        """
        frame = named_columns(frame)
        before = _from_metadata(frame)
        known, given = before.columns, columns_of(frame)
        options = options or ReadOptions()
        from_csv = (source or {}).get("format") in ("CSV", "TSV")
        texts = set(as_texts)
        if target is not None and task == "classification":
            texts.add(target)
        few = target if task is None else None
        reader = ColumnReader(options, few, frozenset(texts), known, from_csv)
        others = [name for name in given if name not in known]
        with ThreadPoolExecutor() as pool:  # Arrow reads columns side by side
            read = pool.map(plain_texts, [given[name] for name in others])
            plain = dict(zip(others, read, strict=True))
        found = {
            name: reader.read(name, column, plain=plain.get(name))
            for name, column in given.items()
        }
        prefer = reader.preferences()
        for name, (column, _) in found.items():
            if column.ambiguous and name not in known:
                found[name] = reader.read(name, given[name], prefer)
        columns = {name: column for name, (column, _) in found.items()}
        marks = bound_columns(columns, given, known)
        columns |= {name: ColumnReading("boolean") for name in marks}
        reading = cls(columns, source or before.source)
        changed = {name: new for name, (_, new) in found.items() if new is not None}
        return reading, reading._put(frame, changed | marks)

    def apply(self, frame: Any, *, target: str | None = None) -> Any:
        """Read new rows as the training rows were read.

        Parameters
        ----------
        frame
            A pandas, polars or Arrow table; columns that training had not are left.
        target
            The column to predict, which may hold anything in new rows.

        Returns
        -------
        same as `frame`
            The rows, with columns of numbers and dates where training had them.

        Raises
        ------
        ValueError
            A value cannot be read that way, or contradicts it: the column, the row and
            what to do.
        """
        frame = named_columns(frame)
        if not self.columns:
            return frame
        read_before, given = _from_metadata(frame).columns, columns_of(frame)
        known = {name for name in given if bound_name(name) in given}
        changed = bound_columns(dict(self.columns), given, known)
        for name, column in given.items():
            own = self.columns.get(name)
            if own is None or read_before.get(name) == own:
                continue
            try:
                new = _applied(own.with_formats(), column, name)
            except ValueError:
                if name != target:
                    raise
                continue
            if new is not None:
                changed[name] = new
        return self._put(frame, changed)

    def lines(self) -> list[str]:
        """Say how each column is read, a line for each."""
        return [column.sentence(name) for name, column in self.columns.items()]

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should know about the reading, as sentences."""
        said = [
            sentence
            for name, column in self.columns.items()
            for sentence in column.notices(name)
        ]
        return (*said, *_missing_notices(self.columns))

    def describe(self) -> dict[str, Any]:
        """Return the reading as plain JSON."""
        columns = {name: column.describe() for name, column in self.columns.items()}
        return {"source": dict(self.source), "columns": columns}

    @classmethod
    def read(cls, described: Any) -> Reading:
        """Rebuild a reading; anything malformed gives ValueError."""
        fields = JsonFields(described, "the reading", ["source", "columns"])
        source, columns = fields.item("source"), fields.item("columns")
        fields.require(isinstance(source, dict), "the source is no object")
        fields.require(isinstance(columns, dict), "the columns are no object")
        read = {
            name: ColumnReading.read(column, f"column {name!r}")
            for name, column in columns.items()
        }
        return cls(read, source)

    def _put(self, frame: Any, changed: Mapping[str, Any]) -> Any:
        """Put columns into a table in place of its own, and this reading with them."""
        if isinstance(frame, Columns):
            return Columns({**frame.columns, **changed})
        if changed:
            table = nw.from_native(frame, eager_only=True)
            backend = table.implementation
            table = table.with_columns(
                *(
                    _series(name, new, backend, self.columns[name].zoned)
                    for name, new in changed.items()
                )
            )
            frame = table.to_native()
        return self.attached(frame)

    def attached(self, frame: Any) -> Any:
        """Return an Arrow table with this reading in its metadata."""
        if hasattr(frame, "replace_schema_metadata"):
            own = {METADATA: json.dumps(self.describe()).encode()}
            frame = frame.replace_schema_metadata(
                {**(frame.schema.metadata or {}), **own}
            )
        return frame


def _applied(own: ColumnReading, column: Any, name: str) -> Any:
    """Read a column of new rows; None if it stays as it is."""
    new = _converted(own, column, name)
    if not own.numbers_missing:
        return new
    values = values_of(column if new is None else new)
    masked = without_numbers(values, own.numbers_missing)
    return new if masked is values else masked.data


def _converted(own: ColumnReading, column: Any, name: str) -> Any:
    """Read a column of new rows without a look at what numbers mean missing."""
    new = None
    plain = plain_texts(column) if own.from_texts and own.is_plain else None
    if plain is not None:
        new = plain.column
        column = nw.from_native(new, series_only=True)
    values = values_of(column)
    if own.kind in {"text", "boolean", "empty", "other"}:
        masked = without_texts(values, own)
        return None if masked is values else masked.data
    zoned = is_zoned(column)
    if values.kind == "text" and own.from_texts and not values.declared:
        refuse_grouping(own, values.data.tolist(), name)
        new, zoned = read_texts(own, values, name), own.zoned
        values = values_of(new)
    refuse_contradictions(own, values, zoned, name)
    return new


def _missing_notices(columns: Mapping[str, ColumnReading]) -> list[str]:
    """Say which texts were read as missing: each column, or those that are alike."""
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for name, column in columns.items():
        if column.kind in {"number", "duration", "date"} and column.texts_missing:
            texts = tuple(sorted(text for text, _ in column.texts_missing))
            alike.setdefault((column.kind, texts), []).append(name)
    said = []
    for (kind, texts), names in alike.items():
        if len(names) > 1:
            which = f"{listed(texts)} among the {kind}s of {listed(names)}"
            said.append(f"{which} is read as missing.")
            continue
        column = columns[names[0]]
        shown = ", ".join(f"{text!r} ({n})" for text, n in column.texts_missing[:5])
        said.append(
            f"{column.rows - column.missing} of {column.rows} values of {names[0]!r} "
            f"are {kind}s; {shown} is read as missing."
        )
    return said


def _series(name: str, new: Any, backend: Any, zoned: bool) -> Any:
    """Make a column for a table of any library."""
    if isinstance(new, np.ndarray):
        if new.dtype == object:
            return nw.new_series(name, new.tolist(), nw.String(), backend=backend)
        series = nw.Series.from_numpy(name, new, backend=backend)
        if series.dtype.is_float():
            return series.fill_nan(None)
        return series.dt.replace_time_zone("UTC") if zoned else series
    return nw.from_native(new, series_only=True).alias(name)


def _from_metadata(frame: Any) -> Reading:
    """Return the reading that an Arrow table came from, or an empty one."""
    schema: Any = getattr(frame, "schema", None)
    metadata = getattr(schema, "metadata", None) or {}
    if METADATA not in metadata:
        return Reading()
    types = dict(zip(schema.names, map(str, schema.types), strict=True))
    known = Reading.read(json.loads(metadata[METADATA]))
    # A column that holds texts again has been written since.
    columns = {
        name: column
        for name, column in known.columns.items()
        if name in types and not (column.from_texts and "string" in types[name])
    }
    return Reading(columns, known.source)
