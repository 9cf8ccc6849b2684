from pathlib import Path

import pytest
from benchmarks.accuracy.command import main

from benchmarks.accuracy import command, tables


@pytest.fixture(autouse=True)
def _tiny_tables(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "FOLDER", folder)
    monkeypatch.setattr(command.signal, "signal", lambda *_: None)


def test_runs_then_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, page = tmp_path / "r.jsonl", tmp_path / "docs" / "accuracy.md"
    page.parent.mkdir()
    given = ["--tables=slope", "--contenders=linear,svm", f"--results={path}"]
    main([*given, "--threads=1", "--write", str(page)])
    assert "6/6  svm on slope, split 2" in capsys.readouterr().out
    text = page.read_text("utf-8")
    assert "(pictures/accuracy.png)" in text
    assert (page.parent / "pictures" / "accuracy.png").exists()
    main(["--report", f"--results={path}"])
    assert "| RBF-SVM" in capsys.readouterr().out


def test_presets_are_reported_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--presets", "--tables=slope", "--contenders=ranvier-realmlp-td"]
    main([*given, "--threads=1", f"--results={tmp_path / 'r.jsonl'}"])
    told = capsys.readouterr().out
    assert "3/3  ranvier-realmlp-td on slope, split 2" in told
    assert "RealMLP-TD by Ranvier: no table has results of both." in told


def test_nobody_to_rank(tmp_path: Path) -> None:
    page = tmp_path / "accuracy.md"
    given = ["--report", f"--results={tmp_path / 'none.jsonl'}"]
    for more in ([], ["--write", str(page)]):
        with pytest.raises(SystemExit, match="Error: there is nothing to rank"):
            main([*given, *more])
    assert not page.exists()
    assert not (tmp_path / "pictures").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tables=iris"], "there is no table 'iris': choose from slope, sides"),
        (["--contenders=svn"], "there is no contender 'svn'"),
        (["--again=x"], "there is no contender 'x'"),
    ],
)
def test_unknown_names(tmp_path: Path, arguments: list[str], message: str) -> None:
    with pytest.raises(SystemExit, match=message):
        main([*arguments, f"--results={tmp_path / 'r.jsonl'}"])


def test_without_the_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "FOLDER", tmp_path / "absent")
    with pytest.raises(SystemExit, match="Error: there are no tables in"):
        main([f"--results={tmp_path / 'r.jsonl'}"])
