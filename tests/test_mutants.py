"""Files that were damaged or changed at random: an error of ours, or none.

Seeds are fixed. ./test takes a tenth of what ./test --slow takes.
"""

import copy
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pages
import pytest

import ranvier as rv
from ranvier import files
from ranvier.files import FileFormatError
from ranvier.live.library import Library
from ranvier.run.folder import manifest_text, read_manifest

SMALL_OR_SLOW = [False, pytest.param(True, marks=pytest.mark.slow)]
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


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, Any]]:
    """Return a file of each kind, with what loads it."""
    folder = tmp_path_factory.mktemp("models")
    table = pages.table(60)
    y = table.pop("kind")
    tabular = rv.TabularClassifier(effort="fast", epochs=3).fit(table, y)
    tabular.save(folder / "tabular")
    numbers = rv.TabularRegressor(effort="fast", epochs=3).fit(table, table["height"])
    numbers.save(folder / "numbers")
    rv.Network.mlp(2, [3], 1, dropout=0.1, seed=0).save(folder / "network")
    return [
        (folder / "tabular", rv.TabularClassifier.load),
        (folder / "numbers", rv.TabularRegressor.load),
        (folder / "network", rv.Network.load),
    ]


def entry(path: Path) -> tuple[str, dict[str, Any], files.Arrays]:
    """Take a file apart, whatever its kind."""
    data = path.read_bytes()
    kind = files._own_entry(files._header(data, ""), "")["kind"]
    return kind, *files.unpack(data, kind)


@pytest.mark.parametrize("slow", SMALL_OR_SLOW)
def test_model_files(
    models: list[tuple[Path, Callable[[Path], Any]]], tmp_path: Path, slow: bool
) -> None:
    """20,000 in all: half damaged, half changed with a checksum that is right."""
    chance, loaded = random.Random(0), 0
    target = tmp_path / "m"
    for number in range(20_000 if slow else 1000):
        path, load = models[number % len(models)]
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
    assert loaded < number / 2


@pytest.mark.parametrize("slow", SMALL_OR_SLOW)
def test_run_folders(tmp_path: Path, slow: bool) -> None:
    """2,000: the page lists each, and reading one gives an error of ours or none."""
    chance = random.Random(1)
    whole = pages.record(tmp_path / "whole", epochs=5)
    manifest = read_manifest(whole)
    kinds = ["run.json", "epochs.jsonl", "network.safetensors",
             "networks/00000000.safetensors", "data.safetensors"]  # fmt: skip
    for number in range(2000 if slow else 200):
        runs = tmp_path / "runs"
        shutil.copytree(whole, runs / "one")
        if number % 2:
            text = manifest_text(mutated(manifest, chance))
            (runs / "one" / "run.json").write_text(text)
        else:
            file = runs / "one" / chance.choice(kinds)
            file.write_bytes(damaged(file.read_bytes(), chance))
        library = Library(runs)
        (told,) = library.describe_all()
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
