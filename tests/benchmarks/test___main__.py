"""The command line, and every section of the report for tiny networks."""

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from benchmarks.options import Options
from benchmarks.report import Section

from benchmarks import __main__ as command
from benchmarks import neighbour, options, problems, quality


def slow(name: str) -> Any:
    return pytest.param(name, marks=pytest.mark.slow)


TINY = ["3-8-1", "--batch=16", "--rows=64", "--quick", "--rounds=1", "--seconds=1e-4"]


def test_usage_names_every_subcommand(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--help"]) == 0
    text = capsys.readouterr().out
    for name in [*command.SECTIONS, *command.OTHERS]:
        assert f"  {name}" in text
    assert command.main(["nonsense"]) == 2


def test_the_report_has_every_section_there_is() -> None:
    folder = Path(command.__file__).parent
    modules = {
        path.stem
        for path in folder.glob("*.py")
        if re.search(r"^def section\(", path.read_text("utf-8"), re.MULTILINE)
    }
    assert set(command.SECTIONS) == modules


def test_every_other_subcommand_can_be_asked_for_help(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in command.OTHERS:
        with pytest.raises(SystemExit) as end:
            command.main([name, "--help"])
        assert end.value.code == 0
        assert f"python -m benchmarks {name}" in capsys.readouterr().out


def test_others_get_their_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = ModuleType("benchmarks.sklearn_fit")
    given: list[list[str]] = []
    module.main = given.append
    monkeypatch.setitem(sys.modules, "benchmarks.sklearn_fit", module)
    assert command.main(["sklearn", "--rows", "9"]) == 0
    assert given == [["--rows", "9"]]


def test_without_a_subcommand_all_sections(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in command.SECTIONS:
        module: Any = ModuleType(name)
        module.section = lambda chosen, name=name: Section(
            f"## {name}\n", {"iris": 2.0}
        )
        monkeypatch.setitem(sys.modules, f"benchmarks.{name}", module)
    out = tmp_path / "all.md"
    assert command.main(["--quick", "--out", str(out)]) == 0
    written = out.read_text("utf-8")
    assert written + "\n" == capsys.readouterr().out
    found = [line[3:] for line in written.splitlines() if line.startswith("## ")]
    assert found == [*command.SECTIONS, "What must be reached on two cores"]
    assert "2.00x |     yes |" in written


@pytest.mark.parametrize(
    "name", ["training", *map(slow, ("threads", "neighbour", "prediction"))]
)
def test_a_section_of_a_tiny_network(name: str) -> None:
    module = importlib.import_module(f"benchmarks.{name}")
    chosen = options.options(name, [*TINY, "--threads=2", "--peers=none"])
    section = module.section(chosen)
    assert "3-8-1" in section.text
    assert section.reached
    assert all(figure > 0 for figure in section.reached.values())


@pytest.mark.parametrize("name", ["threads", "neighbour"])
def test_one_processor_has_nothing_to_compare(name: str) -> None:
    module = importlib.import_module(f"benchmarks.{name}")
    assert "one processor" in module.section(Options(threads=1)).text


def test_the_busy_process_ends() -> None:
    with neighbour.busy_process() as process:
        assert process.poll() is None
    assert process.poll() is not None


@pytest.mark.slow
@pytest.mark.skipif(not problems.has_tables(), reason="the real tables are not here")
def test_quality_of_ranvier_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "GOALS", quality.GOALS[1:])
    text = quality.section(Options(peers=(), quick=True)).text
    assert "letter 16-128-128-26 to 96 %" in text
    assert "not always reached" not in text


def test_quality_without_the_tables(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(problems, "TABLES", tmp_path)
    assert "Not measured" in quality.section(Options(peers=(), quick=True)).text


@pytest.mark.slow
def test_startup() -> None:
    startup = importlib.import_module("benchmarks.startup")
    section = startup.section(Options(peers=(), quick=True, rounds=1))
    assert "Importing" in section.text
    assert "load iris" in section.text
    assert section.reached["import"] > 0
    assert section.reached["iris"] > 0
