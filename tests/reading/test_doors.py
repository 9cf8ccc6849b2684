"""One table, one meaning: written in ten formats, read through every door, encoded.

The doors are the reader of the commands, and pandas, polars and Arrow with what their
own readers leave as texts; the witness is the table itself, typed, never written.
"""

import datetime as dt
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import feather

from ranvier.reading.decisions import Reading
from ranvier.reading.reading import read
from ranvier.table.encoder import TableEncoder

Row = tuple[float | None, int, str | None, dt.date | None, int]

# Every table has these rows, which prove the marks and the order of day and month.
PROOF: list[Row] = [
    (1234567.5, 7654321, "붉은", dt.date(2024, 12, 28), 3 * 3600),
    (-0.25, 12, "red, or 'so'", dt.date(1999, 1, 31), 61),
]
ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-(10**8), 10**8).map(lambda n: n / 100),
        st.integers(0, 10**6),
        st.none() | st.sampled_from(["붉은", "푸른", "red, or 'so'", "a;b"]),
        st.none() | st.dates(dt.date(1990, 1, 1), dt.date(2030, 12, 31)),
        st.integers(0, 10**6),
    ),
    max_size=30,
)
NAMES = ("amount", "count", "kind", "day", "trip")


def marks(x: float | int, thousands: str, decimal: str) -> str:
    """Write a number with these marks."""
    text = f"{x:,.2f}" if isinstance(x, float) else f"{x:,}"
    return text.translate(str.maketrans({",": thousands, ".": decimal}))


def clock(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@dataclass(frozen=True)
class Locale:
    """How a place writes its tables."""

    delimiter: str
    thousands: str
    decimal: str
    date: str
    encoding: str = "utf-8"
    unit: str = ""
    missing: str = ""
    ending: str = ".csv"

    def cells(self, row: Row) -> list[str]:
        amount, count, kind, day, trip = row
        none = self.missing
        return [
            none
            if amount is None
            else marks(amount, self.thousands, self.decimal) + self.unit,
            marks(count, self.thousands, self.decimal),
            kind or "",
            none if day is None else day.strftime(self.date),
            clock(trip),
        ]

    def text(self, rows: list[Row]) -> str:
        frame = pd.DataFrame([self.cells(row) for row in rows], columns=list(NAMES))
        return str(frame.to_csv(index=False, sep=self.delimiter))

    def write(self, folder: Path, rows: list[Row]) -> Path:
        content = self.text(rows).encode(self.encoding)
        path = folder / f"table{self.ending}"
        if self.ending.endswith(".gz"):
            content = gzip.compress(content)
        elif self.ending.endswith(".zst"):
            content = pa.compress(content, "zstd", asbytes=True)
        elif self.ending.endswith(".zip"):
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("table.csv", content)
            return path
        path.write_bytes(content)
        return path


LOCALES = {
    "plain": Locale(",", "", ".", "%Y-%m-%d"),
    "german": Locale(";", ".", ",", "%d.%m.%Y", "utf-16", ending=".csv.zip"),
    "american": Locale(",", ",", ".", "%m/%d/%Y", unit=" USD", missing="NA"),
    "french": Locale(";", "\u202f", ",", "%d/%m/%Y", unit=" €", missing="-"),
    "swiss": Locale("|", "'", ".", "%d.%m.%y", ending=".csv.gz"),
    "korean": Locale(",", ",", ".", "%Y년 %m월 %d일", "cp949", "원", ".."),
    "japanese": Locale("\t", ",", ".", "%Y/%m/%d", "utf-8-sig", ending=".tsv"),
    "named": Locale(",", "", ".", "%d-%b-%Y", missing=":", ending=".csv.zst"),
}


def typed(rows: list[Row]) -> pd.DataFrame:
    """Make the table with its types, as if it had never been written."""
    columns = dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True))
    return pd.DataFrame(
        {
            "amount": pd.array(columns["amount"], dtype="Float64"),
            "count": columns["count"],
            "kind": pd.Series(columns["kind"], dtype=object),
            "day": pd.to_datetime(pd.Series(columns["day"], dtype=object)),
            "trip": pd.to_timedelta(pd.Series(columns["trip"]), unit="s"),
        }
    )


def encoded(frame: Any) -> tuple[tuple[str, ...], bytes]:
    """Read a table as a fit does, and encode it."""
    _, frame = Reading.fit(frame)
    encoder = TableEncoder.fit(frame, numeric="bins", n_bins=4)
    X = encoder.transform(frame)
    assert np.isfinite(X).all()
    return encoder.names, X.tobytes()


def doors(path: Path, locale: Locale, text: str) -> dict[str, Callable[[], Any]]:
    """Return the options for reading a text file."""
    source = {"sep": locale.delimiter}
    return {
        "file": lambda: read(path).frame,
        "pandas": lambda: pd.read_csv(io.StringIO(text), **source),
        "pandas, texts": lambda: pd.read_csv(io.StringIO(text), dtype=str, **source),
        "polars": lambda: pl.read_csv(
            text.encode(), separator=locale.delimiter, infer_schema=False
        ),
        "arrow": lambda: pa.Table.from_pandas(
            pd.read_csv(io.StringIO(text), dtype=str, **source), preserve_index=False
        ),
    }


@pytest.mark.parametrize("name", LOCALES)
@given(rows=ROWS)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_texts_of_every_place(name: str, tmp_path: Path, rows: list[Row]) -> None:
    rows, locale = [*PROOF, *rows], LOCALES[name]
    path, expected = locale.write(tmp_path, rows), encoded(typed(rows))
    for door, load in doors(path, locale, locale.text(rows)).items():
        assert encoded(load()) == expected, door


@given(rows=ROWS)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_files_with_types(tmp_path: Path, rows: list[Row]) -> None:
    rows = [*PROOF, *rows]
    table = typed(rows)
    expected = encoded(table)
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    pq.write_table(arrow, tmp_path / "t.parquet")
    feather.write_feather(arrow, str(tmp_path / "t.feather"))
    lines = [
        {
            "amount": amount,
            "count": count,
            "kind": kind,
            "day": None if day is None else day.isoformat(),
            "trip": clock(trip),
        }
        for amount, count, kind, day, trip in rows
    ]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    (tmp_path / "t.jsonl").write_text(text, encoding="utf-8")
    for path in sorted(tmp_path.iterdir()):
        assert encoded(read(path).frame) == expected, path.name
    for frame in (table, pl.from_arrow(arrow), arrow):
        assert encoded(frame) == expected, type(frame)


def test_a_wrong_row_is_refused_at_every_door(tmp_path: Path) -> None:
    locale = LOCALES["american"]
    reading = read(locale.write(tmp_path, PROOF)).reading
    wrong: list[Row] = [(1.5, 3, None, dt.date(2024, 3, 18), 5)]
    european = Locale(",", ",", ".", "%d/%m/%Y", unit=" USD")
    path = european.write(tmp_path, wrong)
    loads = doors(path, european, european.text(wrong))
    loads["file"] = lambda: pa.table({"day": ["18/03/2024"]})
    for load in loads.values():
        frame = load()
        with pytest.raises(ValueError, match="'day' holds '18/03/2024' in row 0"):
            reading.apply(frame)
    with pytest.raises(ValueError, match="'day' holds '18/03/2024' in row 0"):
        read(path, reading=reading)
