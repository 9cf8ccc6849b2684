import json
import os
import stat
from pathlib import Path

import pytest

from ranvier.files import FileFormatError
from ranvier.run import folder
from ranvier.run.folder import Recording, check_name, create, read_manifest


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


@pytest.mark.parametrize("share", [0, -1, 1.5, float("nan")])
def test_share(share: float) -> None:
    with pytest.raises(ValueError, match=r"share must lie in \(0, 1\], but got"):
        Recording("runs", share=share)


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
    with pytest.raises(FileFormatError, match="it has 11 bytes"):
        read_manifest(tmp_path)
