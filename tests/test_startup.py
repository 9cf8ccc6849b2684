"""The command in folders of strangers, and Ctrl-C from its first moment on."""

import os
import re
import signal
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from time import monotonic, sleep

import pages
import pytest

from ranvier import startup
from ranvier.tabular.model import TableModel
from stacks import hearing_ctrl_c

SCRIPT = [str(Path(sys.executable).with_name("ranvier"))]
MODULE = [sys.executable, "-m", "ranvier"]
# What is imported where it is installed.
OPTIONAL = {"catboost", "httptools", "lightgbm", "uvloop", "websockets", "xgboost"}
HOSTILE = "open(r'{0}', 'a').write(__name__ + ' ')\nraise SystemExit('owned')\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a table and a module of the name of every dependency."""
    pages.table(60).to_csv(tmp_path / "t.csv", index=False)
    names = {name for name in packages_distributions() if name.isidentifier()}
    for name in (names | OPTIONAL) - {"ranvier"}:
        text = HOSTILE.format(tmp_path / "owned")
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


def in_folder(folder: Path, command: list[str]) -> str:
    """Run a command in a folder, and see that nothing of it was imported."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    assert not (folder / "owned").exists(), (folder / "owned").read_text()
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("command", [SCRIPT, MODULE], ids=["script", "module"])
def test_no_command_imports_from_the_current_folder(
    folder: Path, command: list[str]
) -> None:
    train = ["train", "t.csv", "-t", "kind", "--epochs", "2", "--effort", "fast"]
    in_folder(folder, [*command, *train])
    run = next((folder / "runs").iterdir())
    model = "t-model.safetensors"
    for words in (
        ["--version"],
        ["predict", model, "t.csv", "-o", "p.parquet"],
        ["info", model],
        ["explain", model, "t.csv", "--html", "row.html"],
        ["activations"],
        [
            "compare",
            "t.csv",
            "-t",
            "kind",
            "--models",
            "ranvier,linear",
            "--folds",
            "2",
        ],
        ["resume", str(run)],
    ):
        in_folder(folder, [*command, *words])


@pytest.mark.parametrize("command", [SCRIPT, MODULE], ids=["script", "module"])
def test_the_page_imports_nothing_from_the_current_folder(
    folder: Path, command: list[str]
) -> None:
    pages.record(folder / "runs")
    view = [*command, "view", "--no-browser", "--table", "t.csv", "-t", "kind"]
    with subprocess.Popen(
        view, cwd=folder, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert "http://" in process.stdout.readline()
        process.terminate()
    train = ["train", "t.csv", "-t", "kind", "--epochs", "2", "--effort", "fast"]
    out = in_folder(folder, [*command, *train, "--live"])
    assert "Held-out" in out
    assert not (folder / "owned").exists()


def test_a_script_that_opens_the_page(folder: Path, tmp_path: Path) -> None:
    """The page's process is started by `live=True` in any process, as a notebook's."""
    (tmp_path / "elsewhere").mkdir()
    code = (
        "import sys; sys.path.remove(''); import os, ranvier as rv, numpy as np\n"
        "os.chdir(sys.argv[1]); X = np.ones((20, 2), 'f4')\n"
        "net = rv.Network.mlp(2, [3], 1, seed=0)\n"
        "rv.train(net, X, X[:, 0], epochs=2, run='runs', live=True)\n"
    )
    command = [sys.executable, "-c", code, str(folder)]
    done = subprocess.run(command, cwd=tmp_path / "elsewhere", check=False)
    assert done.returncode == 0
    assert not (folder / "owned").exists()


def test_sklearn_scripts_find_their_own_modules(tmp_path: Path) -> None:
    """`python -m ranvier.sklearn` keeps the import path that its script would have."""
    (tmp_path / "mine.py").write_text("import beside; print(beside.x)")
    (tmp_path / "beside.py").write_text("x = 'found'")
    base = [sys.executable, "-m", "ranvier.sklearn"]
    assert "found" in in_folder(tmp_path, [*base, "mine.py"])
    assert "found" in in_folder(tmp_path, [*base, "-m", "mine"])


def test_another_module_keeps_its_path(tmp_path: Path) -> None:
    """A program of the user's that imports ranvier is none of our commands."""
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / "__init__.py").write_text("import ranvier, beside")
    (tmp_path / "program" / "__main__.py").write_text("print('ran')")
    (tmp_path / "beside.py").touch()
    command = [sys.executable, "-m", "program"]
    assert in_folder(tmp_path, command) == "ran\n"


@pytest.mark.parametrize(
    ("argv", "orig_argv", "module"),
    [
        (["-m", "info"], ["python", "-m", "ranvier", "info"], "ranvier"),
        (["-m"], ["python", "-X", "dev", "-mranvier"], "ranvier"),
        (["-m", "-m"], ["python", "-I", "-m", "ranvier.cli", "-m"], "ranvier.cli"),
        (["/x/ranvier"], ["python", "/x/ranvier"], None),
        ([""], ["python"], None),
    ],
)  # fmt: skip
def test_which_module_is_run(
    argv: list[str],
    orig_argv: list[str],
    module: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", argv)
    monkeypatch.setattr(sys, "orig_argv", orig_argv)
    assert startup.module_run() == module


# ---------------------------------------------------------------- Ctrl-C


def interrupted(command: list[str], folder: Path, seconds: float) -> tuple[int, str]:
    """Start a command and send it Ctrl-C after some time; give its code and errors."""
    with (
        hearing_ctrl_c(),
        subprocess.Popen(
            command,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        end = monotonic() + seconds
        while monotonic() < end and process.poll() is None:
            sleep(0.005)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    return process.returncode, err


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process")
@pytest.mark.parametrize("number", range(20))
def test_ctrl_c_while_the_command_starts_and_reads(tmp_path: Path, number: int) -> None:
    rows = "\n".join(f"{i},{i % 7},{i % 2}" for i in range(60_000))
    (tmp_path / "t.csv").write_text(f"a,b,y\n{rows}\n")
    command = [*SCRIPT, "train", "t.csv", "-t", "y", "--no-run", "--epochs", "100000"]
    # Before 0.1 s it may still be Python that starts.
    code, err = interrupted(command, tmp_path, 0.1 + 0.15 * number)
    assert code == 130, err
    assert re.match(r"Interrupted[.:]", err), err


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process")
@pytest.mark.parametrize("recorded", ["--run", "--no-run"])
def test_ctrl_c_in_training_keeps_the_model(tmp_path: Path, recorded: str) -> None:
    rows = "\n".join(f"{i},{i % 7},{i % 3 % 2}" for i in range(20_000))
    (tmp_path / "t.csv").write_text(f"a,b,y\n{rows}\n")
    command = [*SCRIPT, "train", "t.csv", "-t", "y", recorded, "--epochs", "100000"]
    with (
        hearing_ctrl_c(),
        subprocess.Popen(
            command,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        process.stdout.readline()  # the table is read
        sleep(2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert process.returncode == 130, err
    assert re.search(r"^Interrupted: .* was saved\.$", err, re.MULTILINE), err
    assert TableModel.load(tmp_path / "t-model.safetensors").target == "y"


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process")
@pytest.mark.parametrize("code", ["raise RuntimeError('query interrupted')", "pass"])
def test_ctrl_c_that_a_library_makes_something_else_of(
    tmp_path: Path, code: str
) -> None:
    """DuckDB raises an error of its own, and PyArrow forgets the exception."""
    program = f"""
import signal
from ranvier.commands.shared import one_message, stop_if_interrupted
with one_message():
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        {code}
    stop_if_interrupted()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (
        130,
        "Interrupted. Nothing was written.\n",
    )
