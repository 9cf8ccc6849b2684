import select
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


def first_line(process: subprocess.Popen[str], seconds: float) -> str:
    """Read a line that a process prints, or end the process and fail."""
    assert process.stdout is not None
    if not select.select([process.stdout], [], [], seconds)[0]:
        process.kill()
        pytest.fail(f"nothing was printed in {seconds:g} s")
    return process.stdout.readline()


def test_a_silent_process_is_ended() -> None:
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
        pytest.raises(pytest.fail.Exception, match=r"nothing was printed in 0\.1 s"),
    ):
        first_line(process, 0.1)
    assert process.returncode == -9


def test_with_a_table_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n" + "1,a\n2,b\n3,a\n4,b\n" * 10)
    command = [RANVIER, "view", "--no-browser", "--table", "a.csv", "--target", "y"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as process:
        line = first_line(process, 120)
        process.send_signal(2)
        process.wait(60)
    assert line.startswith("The page is at http://127.0.0.1:")
    assert line.strip().endswith("#view=playground")
