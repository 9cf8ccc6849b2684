import json
import os
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import joblib
import numpy as np
import pytest

from ranvier.files import FileFormatError
from ranvier.run import folder
from ranvier.run.folder import (
    Recording,
    check_name,
    create,
    manifest_text,
    read_manifest,
)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".hidden",
        "a/b",
        "a\\b",
        "/etc",
        "a b",
        "é",
        "a" * 65,
        "CON\0",
        "-x",
    ],
)
def test_names_that_are_more_than_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="the name of a run may have 1 to 64 of A-Z"):
        Recording("runs", name=name)


@pytest.mark.parametrize("name", ["a", "first-try", "2026.01_02", "9" * 64])
def test_names(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize("fraction", [0, -1, 1.5, float("nan")])
def test_time_fraction(fraction: float) -> None:
    with pytest.raises(ValueError, match="time_fraction must "):
        Recording("runs", time_fraction=fraction)


def test_created_and_read(tmp_path: Path) -> None:
    path = create(Recording(tmp_path / "a" / "b", name="x"), {"network": {"한글": 1}})
    assert path == tmp_path / "a" / "b" / "x"
    manifest = read_manifest(path)
    assert manifest["network"] == {"한글": 1}
    assert (manifest["version"], manifest["name"]) == (1, "x")
    assert sorted(inner.name for inner in path.iterdir()) == ["networks", "run.json"]


def test_a_new_name_each_time(tmp_path: Path) -> None:
    names = {create(Recording(tmp_path), {}).name for _ in range(5)}
    assert len(names) == 5
    for name in names:
        check_name(name)


def test_only_its_owner_may_look(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = create(Recording(tmp_path), {})
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE((path / "networks").stat().st_mode) == 0o700


def test_a_name_that_is_taken(tmp_path: Path) -> None:
    create(Recording(tmp_path, name="x"), {"a": 1})
    with pytest.raises(FileExistsError, match=r"there is a run 'x' in .*another name"):
        create(Recording(tmp_path, name="x"), {"a": 2})
    assert read_manifest(tmp_path / "x")["a"] == 1


def test_a_failed_beginning_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        create(Recording(tmp_path, name="x"), {}, full)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(folder, "write_atomic", full)
    with pytest.raises(OSError, match="No space left"):
        create(Recording(tmp_path, name="x"), {})
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_beginning_has_left_is_swept(tmp_path: Path) -> None:
    for name in (".x.0123abcd.tmp", ".y.0123abcd.tmp", ".mine"):
        (tmp_path / name / "networks").mkdir(parents=True)
    os.utime(tmp_path / ".x.0123abcd.tmp", (0, 0))
    os.utime(tmp_path / ".mine", (0, 0))
    create(Recording(tmp_path, name="z"), {})
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".mine", ".y.0123abcd.tmp", "z"]  # that of y may be at work


def test_no_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(FileNotFoundError, match=r"is no run: there is no run.json"):
            read_manifest(path)


def test_a_newer_run(tmp_path: Path) -> None:
    header = {"format": "ranvier run", "version": 2}
    (tmp_path / "run.json").write_text(json.dumps(header))
    with pytest.raises(
        FileFormatError, match="version 2, but this Ranvier reads up to"
    ):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1]", '{"format": "other", "version": 1}', "[" * 99_999, "\0\xff"],
)
def test_a_damaged_first_page(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(
        FileFormatError, match=r"is not the first page of a run, or is d"
    ):
        read_manifest(tmp_path)


def test_a_first_page_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "LARGEST_MANIFEST", 10)
    (tmp_path / "run.json").write_text(" " * 11)
    with pytest.raises(FileFormatError, match="has 11 bytes, but at most 10"):
        read_manifest(tmp_path)


# ---------------------------------------------------------------- damage and links


def test_every_changed_character_is_noticed(tmp_path: Path) -> None:
    about = {"columns": ["a", "한글"], 3: [1.5, (2, True, None)]}
    path = create(Recording(tmp_path, name="x", about={}), {"about": about})
    source = path / "run.json"
    whole = source.read_bytes()
    told = read_manifest(path)
    assert told["about"] == {"columns": ["a", "한글"], "3": [1.5, [2, True, None]]}
    for place, byte in enumerate(whole):
        for other in (byte ^ 1, ord("7")):
            damaged = bytearray(whole)
            damaged[place] = other
            source.write_bytes(damaged)
            try:
                assert read_manifest(path) == told  # white space
            except FileFormatError as error:
                assert str(tmp_path) in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    "part",
    [
        {"network": []}, {"training": "x"}, {"data": None}, {"about": [1]},
        {"created": 5}, {"name": {}}, {"network": {"layers": 3}},
        {"network": {"layers": [[1]]}},
    ],
)  # fmt: skip
def test_parts_of_another_kind(tmp_path: Path, part: dict[str, object]) -> None:
    """A stranger can compute the checksum as well."""
    header = {"format": "ranvier run", "version": 1}
    (tmp_path / "run.json").write_text(manifest_text(header | part))
    with pytest.raises(FileFormatError, match=r"is no object|is no text|no list of"):
        read_manifest(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="there are no such files")
@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_a_first_page_that_is_no_file(tmp_path: Path, kind: str) -> None:
    path = create(Recording(tmp_path, name="x"), {})
    source = path / "run.json"
    source.rename(tmp_path / "elsewhere")
    if kind == "link":
        source.symlink_to(tmp_path / "elsewhere")
    elif kind == "pipe":
        os.mkfifo(source)
    else:
        source.mkdir()
    with pytest.raises(FileFormatError, match=r"regular file|it is a folder"):
        read_manifest(path)


# ---------------------------------------------------------------- many processes

TRAININGS = """
import sys
from pathlib import Path
from ranvier.run.folder import Recording, create
for _ in range(int(sys.argv[2])):
    create(Recording(sys.argv[1]), {}, lambda draft: (draft / "x").touch())
"""


@pytest.mark.parametrize(
    ("processes", "each"), [(8, 100), pytest.param(32, 200, marks=pytest.mark.slow)]
)
def test_many_processes_begin_runs_in_one_folder(
    tmp_path: Path, processes: int, each: int
) -> None:
    command = [sys.executable, "-c", TRAININGS, str(tmp_path / "runs"), str(each)]
    starting = [
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    assert [process.communicate()[1] for process in starting] == [""] * processes
    found = list((tmp_path / "runs").iterdir())
    assert len(found) == processes * each
    assert {read_manifest(path)["name"] for path in found} == {p.name for p in found}


def trained(folder: str) -> str:
    """Train something small into a folder of runs; give the name of the run."""
    import ranvier as rv

    X = np.linspace(-1, 1, 20, dtype=np.float32)[:, None]
    net = rv.Network.mlp(1, [2], 1, seed=0)
    history = rv.train(net, X, X[:, 0], epochs=2, run=folder, progress=False)
    assert history.run is not None
    return history.run.name


def test_workers_of_joblib_train_into_one_folder(tmp_path: Path) -> None:
    # By value: a worker cannot import this file.
    work = joblib.wrap_non_picklable_objects(trained)
    found = joblib.Parallel(n_jobs=4)(
        joblib.delayed(work)(str(tmp_path / "runs")) for _ in range(40)
    )
    names = {path.name for path in (tmp_path / "runs").iterdir()}
    assert set(found) == names
    assert len(names) == 40


def test_a_name_that_another_run_has_is_drawn_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = iter(["a", "a", "a", "b"])
    monkeypatch.setattr(folder, "_new_name", lambda: next(names))
    created = [create(Recording(tmp_path), {}).name for _ in range(2)]
    assert created == ["a", "b"]
    assert read_manifest(tmp_path / "b")["name"] == "b"


def test_a_draft_that_was_just_renamed_is_none_to_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look into the folder and the look at the draft, it is gone."""
    (tmp_path / ".y.0123abcd.tmp").mkdir()
    scan = os.scandir

    def racing(path: Path) -> list[os.DirEntry[str]]:
        entries = list(scan(path))
        with suppress(FileNotFoundError):
            (tmp_path / ".y.0123abcd.tmp").rename(tmp_path / "y")
        return entries

    monkeypatch.setattr(os, "scandir", racing)
    assert create(Recording(tmp_path, name="z"), {}).name == "z"
