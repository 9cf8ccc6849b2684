import json
import shutil
from pathlib import Path

import pages
import pytest

from ranvier.live.library import Library, last_lines, parameters
from ranvier.run.lock import Lock


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with one run."""
    folder = tmp_path_factory.mktemp("runs")
    pages.record(folder)
    return folder


def test_runs_come_and_go(folder: Path, tmp_path: Path) -> None:
    library = Library(tmp_path)
    assert library.describe_all() == []
    shutil.copytree(folder / "one", tmp_path / "two")
    assert [told["id"] for told in library.describe_all()] == ["two"]
    assert library.run("two").name == "two"
    shutil.rmtree(tmp_path / "two")
    assert library.describe_all() == []
    with pytest.raises(KeyError):
        library.run("two")


def test_damaged_and_newer_runs_are_left_out(folder: Path, tmp_path: Path) -> None:
    for name in ("good", "damaged", "newer"):
        shutil.copytree(folder / "one", tmp_path / name)
    (tmp_path / "damaged" / "run.json").write_text("{")
    (tmp_path / "newer" / "run.json").write_text(
        json.dumps({"format": "ranvier run", "version": 99})
    )
    assert [told["id"] for told in Library(tmp_path).describe_all()] == ["good"]


def test_states(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "one", tmp_path / "one")
    library = Library(tmp_path)
    assert library.describe_all()[0]["state"] == "ended"
    file = tmp_path / "one" / "epochs.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:9]))
    assert library.describe_all()[0]["state"] == "stopped"
    with Lock(tmp_path / "one"):
        told = library.describe_all()[0]
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
    library = Library(folder / "one")
    assert [told["id"] for told in library.describe_all()] == ["one"]


def test_parameters(folder: Path) -> None:
    told = parameters(Library(folder).run("one").manifest)
    assert told["hidden"] == "4, 3"
    assert told["optimizer"] == "adam"
    assert told["optimizer lr"] == 0.001
    assert told["epochs planned"] == 20
    assert parameters({}) == {"dropout": 0}
