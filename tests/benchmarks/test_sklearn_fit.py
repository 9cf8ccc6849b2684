"""The tables of the comparison with scikit-learn, on the smallest case."""

import re
from pathlib import Path

import pytest
from benchmarks.sklearn_cases import cases

from benchmarks import sklearn_fit

CASE = "digits, early stopping"


def test_tables(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    places = ["conditions", "fit", "memory"]
    empty = "<!-- measured: {} -->\nx\n<!-- end -->\n"
    page.write_text("".join(map(empty.format, places)))
    asked = ["--only", f"^{CASE}$", "--repeats", "1", "--write", str(page)]
    assert sklearn_fit.main(asked) == 0
    text = capsys.readouterr().out
    assert f"scikit-learn {sklearn_fit.sklearn.__version__}" in text
    rows = re.findall(rf"^\| {CASE} \|.*$", text, re.MULTILINE)
    assert len(rows) == 2  # of speed and of memory
    time, ratio = r" [\d.]+ m?s \|", r" [\d.]+x \|"
    assert re.fullmatch(rf"\| .* \|{2 * time}{2 * ratio}", rows[0])
    assert re.fullmatch(r"\| .* \| -?[\d.]+ MiB \| -?[\d.]+ MiB \|", rows[1])
    assert "| geometric mean |" in text
    written = page.read_text()
    assert all(row in written for row in rows)
    assert "\nx\n" not in written


def test_a_page_without_a_place_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- measured: fit -->\nold\n<!-- end -->\n")
    found = {"fit": "new", "memory": "new"}
    with pytest.raises(SystemExit, match="has no line <!-- measured: memory -->: add"):
        sklearn_fit.write(found, page)
    assert "old" in page.read_text()
    sklearn_fit.write({"fit": r"| new \1 |"}, page)
    assert page.read_text() == "<!-- measured: fit -->\n| new \\1 |\n<!-- end -->\n"


def test_the_page_has_a_place_for_each_table() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "sklearn.md"
    places = re.findall(r"^<!-- measured: (\w+) -->$", page.read_text(), re.MULTILINE)
    assert sorted(places) == ["conditions", "fit", "memory", "predict", "scripts"]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_other_losses_are_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(case for case in cases() if case.name == CASE)
    told = iter([0.1, 0.2])
    monkeypatch.setattr(sklearn_fit, "loss_of", lambda fitted: next(told))
    with pytest.raises(SystemExit, match=r"the losses differ, 0\.1 and 0\.2"):
        sklearn_fit.check(case, *case.table())


def test_seconds() -> None:
    assert sklearn_fit.seconds(1.234) == "1.23 s"
    assert sklearn_fit.seconds(0.0005) == "500 us"
