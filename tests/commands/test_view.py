import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ranvier.commands.view import view

RANVIER = str(Path(sys.executable).with_name("ranvier"))


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["nowhere"], "there is no folder 'nowhere': give one that"),
        (["--table", "x.csv"], "--table and --target go together"),
        (["--target", "y"], "--table and --target go together"),
        (["--table", "gone.csv", "--target", "y"], "gone.csv"),
    ],
)
def test_what_cannot_be_shown(
    arguments: list[str],
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(view, arguments)
    assert result.exit_code == 1
    assert text in result.stderr


def test_a_port_that_is_none() -> None:
    result = CliRunner().invoke(view, ["--port", "70000"])
    assert result.exit_code == 2


def test_with_a_table_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n" + "1,a\n2,b\n3,a\n4,b\n" * 10)
    command = [RANVIER, "view", "--no-browser", "--table", "a.csv", "--target", "y"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(2)
    assert line.startswith("The page is at http://127.0.0.1:")
    assert line.strip().endswith("#view=playground")
