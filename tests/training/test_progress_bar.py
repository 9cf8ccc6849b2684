"""The progress bar: silent by default in files, one line or rich's bar elsewhere."""

import io
import sys

import pytest

from ranvier.training.history import EpochRecord
from ranvier.training.progress_bar import (
    NoBar,
    PlainBar,
    RichBar,
    bar,
    clock,
    line,
    with_prefix,
)

RECORD = EpochRecord(2, 0.12345, 0.5, {"r2": 0.25}, 0.1, 1.0, 0.1, 1234567.0)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_silent_when_the_output_is_no_terminal() -> None:
    stream = io.StringIO()
    with bar(None, 10, stream) as shown:
        assert isinstance(shown, NoBar)
        shown.show(RECORD)
    assert stream.getvalue() == ""


def test_which_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(bar(None, 10, Terminal()), RichBar)
    assert isinstance(bar(True, 10, io.StringIO()), RichBar)
    assert isinstance(bar(False, 10, Terminal()), NoBar)
    for module in [name for name in sys.modules if name.split(".")[0] == "rich"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "rich", None)
    assert isinstance(bar(None, 10, Terminal()), PlainBar)


def test_no_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)  # as under pythonw
    assert isinstance(bar(None, 10), NoBar)


def test_standard_error_is_looked_up_when_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with bar(None, 10) as shown:
        shown.show(RECORD)
    assert "loss" in stream.getvalue()


@pytest.mark.parametrize("kind", [PlainBar, RichBar])
def test_shows_scores_rate_and_time_left(
    kind: type[PlainBar | RichBar], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    stream = Terminal()
    with kind(10, stream) as shown:
        shown.show(RECORD)
    text = stream.getvalue()
    for part in ("2/10", "loss 0.1235", "validation 0.5", "r2 0.25", "1.23M rows/s"):
        assert part in text
    assert "left" in text


def test_plain_line_is_written_over_and_ended() -> None:
    stream = Terminal()
    shown = PlainBar(3, stream)
    with shown:
        for epoch in (1, 2, 3):
            shown.drawn = float("-inf")
            shown.show(EpochRecord(epoch, 1.0 / epoch, rows_per_second=10.0))
    lines = stream.getvalue().split("\r")
    assert [line.split("  ")[0] for line in lines[1:4]] == [
        "epoch 1/3",
        "epoch 2/3",
        "epoch 3/3",
    ]
    assert stream.getvalue().endswith("\n")
    assert "\n" not in stream.getvalue()[:-1]


def test_plain_line_is_not_drawn_too_often() -> None:
    stream = Terminal()
    with PlainBar(1000, stream) as shown:
        for epoch in range(1, 1001):
            shown.show(EpochRecord(epoch, 1.0, rows_per_second=10.0))
    text = stream.getvalue()
    assert text.count("\r") < 100
    assert "epoch 1000/1000" in text  # the last one is always drawn


def test_shorter_line_leaves_nothing_of_a_longer_one() -> None:
    stream = Terminal()
    shown = PlainBar(10, stream)
    shown.show(RECORD)
    shown.drawn = float("-inf")
    shown.show(EpochRecord(3, 1.0, rows_per_second=1.0))
    _, long, short = stream.getvalue().split("\r")
    assert len(short) >= len(long.rstrip())


def test_nothing_is_written_before_the_first_epoch() -> None:
    stream = Terminal()
    with PlainBar(10, stream):
        pass
    assert stream.getvalue() == ""


def test_line() -> None:
    record = EpochRecord(1, 1.5, rows_per_second=950.0)
    assert line(record, 4, 20.0) == "epoch 1/4  1:00 left  loss 1.5  950 rows/s"
    assert line(RECORD, 2, 20.0) == (
        "epoch 2/2  0:00 left  loss 0.1235  validation 0.5  r2 0.25  1.23M rows/s"
    )


@pytest.mark.parametrize("columns", ["40", "100"])
def test_narrow_terminal_cuts_the_end(
    columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    stream = Terminal()
    with RichBar(10, stream) as shown:
        shown.show(RECORD)
    last = stream.getvalue().split("epoch")[-1]
    assert last.startswith(" 2/10  0:00 left")
    assert ("rows/s" in last) is (columns == "100")


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.5, "0.5"), (999.0, "999"), (1500.0, "1.5k"), (2.5e6, "2.5M"), (3e9, "3G")],
)
def test_with_prefix(number: float, text: str) -> None:
    assert with_prefix(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0:00"), (65, "1:05"), (3723, "1:02:03")]
)
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text
