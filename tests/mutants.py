"""Damaged files, read in a process of their own with a limit on its memory."""

import copy
import faulthandler
import gzip
import multiprocessing
import random
import resource
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

import ranvier as rv
from ranvier import files
from ranvier.files import FileFormatError
from ranvier.live.run_index import RunIndex
from ranvier.reading.opening import open_bytes
from ranvier.reading.reading import read
from ranvier.run.folder import manifest_text, read_manifest
from ranvier.tabular.fit_options import FitOptions
from ranvier.tabular.training_table import prepare_table
from workbooks import workbook

MEMORY = 3 << 30  # bytes of addresses beyond those of an idle process
HANGS = 120  # seconds for one file
TEXTS = ["csv", "tsv", "jsonl", "json"]
PACKED = ["csv.gz", "jsonl.zst", "zip"]
TABLES = [*TEXTS, *PACKED, "parquet", "feather", "arrow", "xlsx", "sqlite", "duckdb"]
SNIPPETS = [
    b'"', b"\n", b"\r\n", b",", b"\t", b"\0", b"\xff\xfe", b"NaN", b"1e999", b"[[[",
    b"{", b"null", b"9" * 400, b"2024-13-45", b"\xed\xa0\x80", b"kind", b"\n" * 50,
]  # fmt: skip
ODD: list[Any] = [
    None, True, -1, 0, 1, 2**63, 10**400, 1e308, 0.5, "", "x", "<U99999999", "f8" * 9,
    "é\x00\ud800", [], [None], {}, {"a": 1}, [[[]]], "float16", "/etc/passwd",
]  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    """List each container in a value of JSON with each of its keys."""
    keys: list[Any] = []
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = list(range(len(value)))
    return [(value, key) for key in keys] + [
        place for key in keys for place in places(value[key])
    ]


def value_at(container: Any, key: Any) -> Any:
    """Return a part of a container; None where an earlier change has removed it."""
    return container.get(key) if isinstance(container, dict) else container[key]


def is_moderate(value: Any) -> bool:
    """Say whether a value is a number that may be multiplied by another."""
    return isinstance(value, int | float) and abs(value) < 1e300


def mutated(value: Any, chance: random.Random) -> Any:
    """Change one to three parts of a value of JSON."""
    value = copy.deepcopy(value)
    for _ in range(chance.randrange(1, 4)):
        container, key = chance.choice(places(value) or [({}, "a")])
        what = chance.randrange(4)
        if what == 0 and isinstance(container, dict):
            container.pop(key, None)
        elif what == 1 and isinstance(container, list):
            container.append(copy.deepcopy(chance.choice([*container, *ODD])))
        elif what == 2 and is_moderate(value_at(container, key)):
            container[key] = chance.choice([-1, 2, 1000]) * container[key]
        else:
            container[key] = copy.deepcopy(chance.choice(ODD))
    return value


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Change, cut or repeat some bytes."""
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 5)):
        place = chance.randrange(len(changed) or 1)
        what = chance.randrange(4)
        if what == 0:
            del changed[place:]
        elif what == 1:
            changed[place:place] = changed[: chance.randrange(100)]
        else:
            changed[place : place + 1] = bytes([chance.randrange(256)])
    return bytes(changed)


def confined(work: Callable[..., None], *given: Any) -> None:
    """Call a function in a new process that may not take much memory, and see it end.

    Whatever ends it otherwise, a crash among it, fails the test.
    """
    process = multiprocessing.get_context("spawn").Process(
        target=_limited, args=(work, *given)
    )
    process.start()
    process.join()
    assert process.exitcode == 0


def _limited(work: Callable[..., None], *given: Any) -> None:
    if Path("/proc/self/statm").exists():
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    work(*given)


def watched() -> None:
    """Begin another file: the process ends with a traceback if that hangs."""
    faulthandler.dump_traceback_later(HANGS, exit=True)


def entry(path: Path) -> tuple[str, dict[str, Any], files.Arrays]:
    """Take a file apart, whatever its kind."""
    data = path.read_bytes()
    kind = files._own_entry(files._header(data, ""), "")["kind"]
    return kind, *files.unpack(data, kind)


def model_files(
    models: list[tuple[Path, Callable[[Path], Any]]], target: Path, count: int
) -> None:
    """Load mutants: half damaged, half changed with a checksum that is right."""
    chance, loaded = random.Random(0), 0
    for number in range(count):
        watched()
        path, load = models[number // 2 % len(models)]
        if number % 2:
            target.write_bytes(damaged(path.read_bytes(), chance))
        else:
            kind, description, arrays = entry(path)
            target.write_bytes(files.pack(mutated(description, chance), arrays, kind))
        try:
            load(target)
            loaded += 1
        except FileFormatError as error:
            assert len(str(error)) < 2000  # noqa: PT017
    assert loaded < count / 2


def run_folders(whole: Path, runs: Path, count: int) -> None:
    """List and read a run of which one file is damaged."""
    chance = random.Random(1)
    manifest = read_manifest(whole)
    kinds = ["run.json", "epochs.jsonl", "network.safetensors",
             "networks/00000000.safetensors", "data.safetensors"]  # fmt: skip
    for number in range(count):
        watched()
        shutil.copytree(whole, runs / "one")
        if number % 2:
            text = manifest_text(mutated(manifest, chance))
            (runs / "one" / "run.json").write_text(text)
        else:
            file = runs / "one" / chance.choice(kinds)
            file.write_bytes(damaged(file.read_bytes(), chance))
        (told,) = RunIndex(runs).describe_all()
        assert told["id"] == "one"
        if told["state"] == "damaged":
            assert told["reason"]
        try:
            run = rv.Run(runs / "one")
            assert run.state in ("ended", "stopped")
            assert len(run.records) >= 0
            assert run.data is None or "X" in run.data
            run.network()
        except (FileFormatError, ValueError, OSError) as error:
            assert str(error)  # noqa: PT017
        shutil.rmtree(runs)


def write_tables(frame: pd.DataFrame, folder: Path) -> list[Path]:
    """Write a table in every kind of file."""
    paths = [folder / f"table.{kind}" for kind in TABLES]
    csv, tsv, jsonl, json, *packed, parquet, feather, arrow, xlsx, sqlite, duck = paths
    frame.to_csv(csv, index=False)
    frame.to_csv(tsv, index=False, sep="\t")
    frame.to_json(jsonl, orient="records", lines=True)
    frame.to_json(json, orient="records")
    frame.to_parquet(parquet)
    frame.to_feather(feather)
    for path, text in zip(packed, (csv, jsonl, tsv), strict=True):
        pack(path, text.read_bytes())
    table = pa.Table.from_pandas(frame)
    with pa.ipc.new_stream(str(arrow), table.schema) as stream:
        stream.write_table(table)
    workbook(xlsx, {"data": [list(frame.columns), *frame.values.tolist()]})
    with closing(sqlite3.connect(sqlite)) as database:
        frame.to_sql("data", database, index=False)
    with duckdb.connect(str(duck)) as database:
        database.execute("create table data as from frame")
    return paths


def pack(path: Path, text: bytes) -> None:
    """Write a compressed file, by its ending."""
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text))
    elif path.suffix == ".zst":
        with pa.output_stream(path, compression="zstd") as out:
            out.write(text)
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("table.tsv", text)


def write_mutant(path: Path, target: Path, chance: random.Random) -> None:
    """Damage a table: the bytes of the file, or the text in it."""
    data, inner = path.read_bytes(), chance.random() < 0.5
    change = chance.choice([with_snippets, damaged])
    if inner and path.suffix[1:] in TEXTS:
        target.write_bytes(with_snippets(data, chance))
    elif inner and path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
            chosen = chance.choice(old.namelist())
            for name in old.namelist():
                text = old.read(name)
                new.writestr(name, change(text, chance) if name == chosen else text)
    elif inner and path.name.endswith(tuple(PACKED)):
        with open_bytes(path) as file:
            pack(target, change(file.read(), chance))
    else:
        target.write_bytes(damaged(data, chance))


def with_snippets(data: bytes, chance: random.Random) -> bytes:
    """Put pieces of text into a file that break a format or a number."""
    for _ in range(chance.randrange(1, 4)):
        place = chance.randrange(len(data) + 1)
        data = data[:place] + chance.choice(SNIPPETS) + data[place:]
    return data


def data_files(folder: Path, count: int) -> None:
    """Read damaged tables as `ranvier train` does: a table, or an error of ours."""
    rng, chance, tables = np.random.default_rng(2), random.Random(2), 0
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=30).round(3),
            "day": pd.date_range("2024-01-20", periods=30).astype(str),
            "colour": rng.choice(["red", "green", "blue, or so"], 30),
            "kind": rng.choice(["a", "b"], 30),
        }
    )
    paths = write_tables(frame, folder)
    for number in range(count):
        watched()
        path = paths[number % len(paths)]
        target = path.with_name("mutant" + "".join(path.suffixes))
        write_mutant(path, target, chance)
        try:
            table = read(target, target="kind")
            prepare_table(table.frame, "kind", FitOptions())
            tables += 1
        except (ValueError, OSError) as error:
            assert 0 < len(str(error)) < 2000, error  # noqa: PT017
    assert 0 < tables < count
