from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ranvier import terminal


def run(error: BaseException):
    @click.command()
    def command() -> None:
        with terminal.one_message():
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
    assert result.exit_code == terminal.INTERRUPTED
    assert "Nothing was written" in result.stderr


def test_a_bug_is_not_hidden() -> None:
    assert isinstance(run(KeyError("x")).exception, KeyError)


def test_folders(tmp_path: Path) -> None:
    terminal.check_folder(tmp_path / "new.html")
    with pytest.raises(ValueError, match=r"that is a folder; give --html a file"):
        terminal.check_folder(tmp_path, "--html")
    with pytest.raises(ValueError, match="there is no folder"):
        terminal.check_folder(tmp_path / "gone" / "new.html")


def test_no_model_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="give one that `ranvier train` wrote"):
        terminal.load(tmp_path / "gone")


def test_notices_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.tell(["one\ntwo"])
    terminal.print_json({"a": float("nan"), "b": 1})
    out, err = capsys.readouterr()
    assert (out, err) == ('{"a": null, "b": 1}\n', "Note: one two\n")
