import json
import os
import shutil
from pathlib import Path
from typing import Any

import pages
import pytest

from ranvier.live.run_index import RunIndex, last_lines, parameters
from ranvier.run.folder import manifest_text, read_manifest
from ranvier.run.lock import Lock


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one run."""
    folder = tmp_path_factory.mktemp("runs")
    pages.record(folder)
    return folder


def test_runs_come_and_go(folder: Path, tmp_path: Path) -> None:
    run_index = RunIndex(tmp_path)
    assert run_index.describe_all() == []
    shutil.copytree(folder / "one", tmp_path / "two")
    assert [told["id"] for told in run_index.describe_all()] == ["two"]
    assert run_index.run("two").name == "two"
    shutil.rmtree(tmp_path / "two")
    assert run_index.describe_all() == []
    with pytest.raises(KeyError):
        run_index.run("two")


def odd(folder: Path, name: str, part: dict[str, Any]) -> None:
    """Write a first page of a run whose checksum is right, with a part that is not."""
    told = read_manifest(folder / name) | part
    (folder / name / "run.json").write_text(manifest_text(told))


def test_each_damaged_run_is_listed_with_its_reason(
    folder: Path, tmp_path: Path
) -> None:
    """And none of them hides another."""
    reasons = {
        "text": "is not the first page of a run, or is damaged",
        "newer": "version 99, but this Ranvier reads up to 1",
        "changed": "its contents do not match its checksum",
        "layers": "the layers are no list of objects",
        "deep": "recursion",
        "units": "its files cannot be used: KeyError('units')",
        "pipe": "a regular file was expected",
        "folder": "it is a folder",
        "link": "a regular file was expected",
    }
    for name in ("good", *reasons):
        shutil.copytree(folder / "one", tmp_path / name)
    page = {name: tmp_path / name / "run.json" for name in reasons}
    page["text"].write_text("{")
    page["newer"].write_text(json.dumps({"format": "ranvier run", "version": 99}))
    page["changed"].write_text(page["changed"].read_text().replace("tanh", "relu"))
    page["deep"].write_text("[" * 100_000)
    odd(tmp_path, "layers", {"network": {"layers": {"a": 1}}})
    odd(tmp_path, "units", {"network": {"layers": [{"kind": "dense"}]}})
    for name in ("pipe", "folder", "link"):
        page[name].rename(tmp_path / name / "moved")
    os.mkfifo(page["pipe"])
    page["folder"].mkdir()
    page["link"].symlink_to("moved")
    told = {run["id"]: run for run in RunIndex(tmp_path).describe_all()}
    assert set(told) == {"good", *reasons}
    assert told.pop("good")["state"] == "ended"
    for name, run in told.items():
        assert run["state"] == "damaged"
        assert reasons[name] in run["reason"], name


def test_states(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "one", tmp_path / "one")
    run_index = RunIndex(tmp_path)
    assert run_index.describe_all()[0]["state"] == "ended"
    file = tmp_path / "one" / "epochs.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:9]))
    assert run_index.describe_all()[0]["state"] == "stopped"
    with Lock(tmp_path / "one"):
        told = run_index.describe_all()[0]
    assert (told["state"], told["epochs"]) == ("running", 9)


def test_the_end_of_a_long_file(tmp_path: Path) -> None:
    lines = [json.dumps({"epoch": k, "loss": 1.0}) for k in range(1, 5000)]
    (tmp_path / "epochs.jsonl").write_text(
        "\n".join(lines) + '\n{"ended":"finished"}\n'
    )
    told = last_lines(tmp_path)
    assert told["record"]["epoch"] == 4999
    assert told["end"] == {"ended": "finished"}
    assert last_lines(tmp_path / "nowhere") == {}


def test_one_run_is_a_library_too(folder: Path) -> None:
    run_index = RunIndex(folder / "one")
    assert [told["id"] for told in run_index.describe_all()] == ["one"]


def test_parameters(folder: Path) -> None:
    told = parameters(RunIndex(folder).run("one").manifest)
    assert told["hidden"] == "4, 3"
    assert told["optimizer"] == "adam"
    assert told["optimizer lr"] == 0.001
    assert told["epochs planned"] == 20
    assert parameters({}) == {"dropout": 0}
