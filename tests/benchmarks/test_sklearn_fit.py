"""The table of fits and the table of memory, on the smallest case."""

import re

import pytest

from benchmarks import sklearn_fit

CASE = "digits, early stopping"


def test_tables(capsys: pytest.CaptureFixture[str]) -> None:
    assert sklearn_fit.main(["--only", f"^{CASE}$", "--repeats", "1"]) == 0
    text = capsys.readouterr().out
    assert f"scikit-learn {sklearn_fit.sklearn.__version__}" in text
    rows = re.findall(rf"^\| {CASE} \|.*$", text, re.MULTILINE)
    assert len(rows) == 2  # of speed and of memory
    assert re.fullmatch(r"\| .* \| [\d.]+ m?s \| [\d.]+ m?s \| [\d.]+x \|", rows[0])
    assert re.fullmatch(r"\| .* \| [\d.]+ MiB \| [\d.]+ MiB \|", rows[1])
    assert "| geometric mean |" in text


def test_cases_have_different_names() -> None:
    names = [case.name for case in sklearn_fit.cases()]
    assert len(names) == len(set(names)) >= 20
    for word in ("adam", "sgd", "lbfgs", "sparse", "grid search", "mnist", "float32"):
        assert any(word in name for name in names)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_other_losses_are_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(case for case in sklearn_fit.cases() if case.name == CASE)
    told = iter([0.1, 0.2])
    monkeypatch.setattr(sklearn_fit, "loss_of", lambda fitted: next(told))
    with pytest.raises(SystemExit, match=r"the losses differ, 0\.1 and 0\.2"):
        sklearn_fit.time_of_fit(case, 1)


def test_seconds() -> None:
    assert sklearn_fit.seconds(1.234) == "1.23 s"
    assert sklearn_fit.seconds(0.0005) == "500 us"
