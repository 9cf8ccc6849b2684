import errno
import tempfile
from pathlib import Path

import click
import pandas as pd
import pytest
from click.testing import CliRunner

from ranvier.commands import shared
from ranvier.tabular.fit_table import fit_table
from ranvier.tabular.model import TableModel


def run(error: BaseException):
    @click.command()
    def command() -> None:
        with shared.one_message():
            raise error

    return CliRunner().invoke(command)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("no\x1b[31m way"), "Error: no\ufffd[31m way"),
        (FileNotFoundError(2, "No such file", "a.csv"), "Error: a.csv: No such file"),
        (MemoryError(), "Error: MemoryError"),
    ],
)
def test_what_goes_wrong_is_one_line(error: Exception, line: str) -> None:
    result = run(error)
    assert (result.exit_code, result.stderr) == (1, line + "\n")


def test_ctrl_c() -> None:
    result = run(KeyboardInterrupt())
    assert result.exit_code == shared.INTERRUPTED
    assert "Nothing was written" in result.stderr


def test_a_bug_is_not_hidden() -> None:
    assert isinstance(run(KeyError("x")).exception, KeyError)


def test_folders(tmp_path: Path) -> None:
    shared.check_folder(tmp_path / "new.html")
    with pytest.raises(ValueError, match=r"that is a folder; give --html a file"):
        shared.check_folder(tmp_path, "--html")
    with pytest.raises(ValueError, match="there is no folder"):
        shared.check_folder(tmp_path / "gone" / "new.html")


def test_notices_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    shared.tell(["one\ntwo"])
    shared.print_json({"a": float("nan"), "b": 1})
    out, err = capsys.readouterr()
    assert (out, err) == ('{"a": null, "b": 1}\n', "Note: one two\n")


# ---------------------------------------------------------------- saving


@pytest.fixture(scope="module")
def model() -> TableModel:
    table = pd.DataFrame({"x": range(60), "large": [i >= 30 for i in range(60)]})
    return fit_table(table, "large", epochs=1, progress=False)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that is the system's for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_where_there_is_room(
    model: TableModel, tmp_path: Path, temporary: Path
) -> None:
    shared.save_with_fallback(model, tmp_path / "m.safetensors")
    assert TableModel.load(tmp_path / "m.safetensors").network == model.network
    assert list(temporary.iterdir()) == []


def test_a_full_disk(model: TableModel, small_disk: Path, temporary: Path) -> None:
    with pytest.raises(OSError, match="No space left on device") as error:
        shared.save_with_fallback(model, small_disk / "m.safetensors")
    (instead,) = temporary.glob("ranvier-*/m.safetensors")
    assert f"The trained model is in {instead}: move it" in str(error.value)
    assert TableModel.load(instead).network == model.network
    assert list(small_disk.iterdir()) == []


def test_no_room_anywhere(
    model: TableModel, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    with pytest.raises(OSError, match="No space left on device") as error:
        shared.save_with_fallback(model, small_disk / "m.safetensors")
    assert error.value.errno == errno.ENOSPC
    assert list(small_disk.iterdir()) == []
