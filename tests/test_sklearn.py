"""``python -m ranvier.sklearn``: real processes."""

import subprocess
import sys
from pathlib import Path

import pytest

from ranvier import sklearn

SCRIPT = """\
import sys
from sklearn.neural_network import MLPClassifier
import helper
print(MLPClassifier.__module__, sys.argv[1:], __name__, helper.here)
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ranvier.sklearn", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", [["job.py"], ["-m", "job"]])
def test_script_and_module(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "job.py").write_text(SCRIPT)
    (tmp_path / "helper.py").write_text("here = 'beside'\n")
    done = run(tmp_path, *command, "a", "--b")
    expected = "ranvier.estimators.classifier ['a', '--b'] __main__ beside\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")


def test_errors_of_the_script_are_its_own(tmp_path: Path) -> None:
    (tmp_path / "job.py").write_text("raise SystemExit(3)\n")
    assert run(tmp_path, "job.py").returncode == 3
    (tmp_path / "job.py").write_text("1 / 0\n")
    assert "ZeroDivisionError" in run(tmp_path, "job.py").stderr


def test_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert sklearn.main([]) == 2
    assert "usage" in capsys.readouterr().err
    assert sklearn.main(["--help"]) == 0
    assert "usage" in capsys.readouterr().out
    assert sklearn.main(["-m"]) == 2
    assert sklearn.main(["gone.py"]) == 2
    assert "there is no script 'gone.py'" in capsys.readouterr().err
