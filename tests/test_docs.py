"""What is written is run: the examples in README.md and those in the docstrings.

Fenced blocks of a document run in order, in one folder and one namespace: `python`
blocks as they stand; of `console` and `bash` blocks the commands that begin with
`ranvier`. A block after the line `<!-- not run: the reason -->` is left out.
"""

import doctest
import importlib
import os
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import ranvier

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    path for path in (ROOT / "README.md", ROOT / "README.ko.md") if path.exists()
] + sorted((ROOT / "docs").glob("*.md"))
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(ranvier.__path__, "ranvier.")
    if not module.name.startswith("ranvier._")
)
# Modules that import a package which need not be there.
NEEDS = {
    "ranvier.exports.onnx_activations": "onnx",
    "ranvier.exports.onnx_columns": "onnx",
    "ranvier.exports.onnx_graph": "onnx",
    "ranvier.exports.onnx_network": "onnx",
    "ranvier.exports.onnx_scalers": "onnx",
    "ranvier.exports.onnx_table": "onnx",
    "ranvier.exports.onnx_verification": "onnx",
    "ranvier.exports.sql_verification": "duckdb",
    "ranvier.exports.torch_modules": "torch",
    "ranvier.exports.torch_reading": "torch",
}
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, the line its text begins on."""

    language: str
    text: str
    line: int


def blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a document that are to be run."""
    found = []
    fence = re.compile(
        r"^(<!-- not run: [^\n]+ -->\n+)?```(\w+)[^\n]*\n(.*?)^```",
        re.MULTILINE | re.DOTALL,
    )
    for match in fence.finditer(text):
        if not match[1]:
            line = text.count("\n", 0, match.start(3)) + 1
            found.append(Block(match[2], match[3], line))
    return found


def commands(block: Block) -> list[list[str]]:
    """Return the `ranvier` commands of a block; `console` has them behind a prompt."""
    prompt = r"\$ +" if block.language == "console" else r"(?:\$ +)?"
    lines = block.text.replace("\\\n", " ").splitlines()
    matches = [re.match(prompt + r"(ranvier .*)", line) for line in lines]
    return [shlex.split(match[1], comments=True) for match in matches if match]


def run_command(command: list[str]) -> None:
    """Run a `ranvier` command of this environment in the current folder."""
    program = str(Path(sys.executable).with_name("ranvier"))
    run = subprocess.run(
        [program, *command[1:]],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert run.returncode == 0, f"{shlex.join(command)}\n{run.stdout}{run.stderr}"


def run_document(path: Path) -> int:
    """Run a document's blocks in the current folder; return how many things ran."""
    names: dict[str, object] = {"__name__": "__main__"}
    count = 0
    for block in blocks(path.read_text("utf-8")):
        if block.language == "python":
            # Blank lines in front, so that a traceback shows the line of the document.
            code = compile("\n" * (block.line - 1) + block.text, str(path), "exec")
            exec(code, names)
            count += 1
        elif block.language in {"bash", "console"}:
            for command in commands(block):
                run_command(command)
                count += 1
    return count


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_examples_of_document(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    assert run_document(path) > 0


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    result = doctest.testmod(importlib.import_module(name), optionflags=OPTIONS)
    assert result.failed == 0


def test_public_names_have_docstrings() -> None:
    names = [name for name in dir(ranvier) if not name.startswith("_")]
    things = {name: getattr(ranvier, name) for name in names}
    ours = {
        name: thing
        for name, thing in things.items()
        if getattr(thing, "__module__", "").startswith("ranvier")
    }
    assert {"Network", "train"} <= ours.keys()
    assert [name for name, thing in ours.items() if not thing.__doc__] == []


def test_blocks_and_commands() -> None:
    text = (
        "```python\nx = 1\n```\n"
        "<!-- not run: takes an hour -->\n```python\n1 / 0\n```\n"
        "```console\n$ ranvier train 'a b.csv' \\\n  --target y\nranvier says so\n```\n"
        "```bash\npip install ranvier\nranvier info m  # look\n```\n"
    )
    python, console, bash = blocks(text)
    assert python == Block("python", "x = 1\n", 2)
    assert commands(console) == [["ranvier", "train", "a b.csv", "--target", "y"]]
    assert commands(bash) == [["ranvier", "info", "m"]]


@pytest.mark.parametrize(
    "block", ["```python\n1 / 0\n```", "```bash\nranvier nonsense\n```"]
)
def test_failing_example_is_found(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "README.md"
    path.write_text(block, "utf-8")
    with pytest.raises((ZeroDivisionError, AssertionError)):
        run_document(path)
