from math import isnan, nan

import pytest
from benchmarks.report import (
    bullets,
    figure,
    mean_ratio,
    percent,
    table,
    times,
    written,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.12345, "0.123"),
        (1.2345, "1.23"),
        (12.345, "12.3"),
        (123.45, "123"),
        (12_345.6, "12,346"),
        (None, "-"),
        (nan, "-"),
        (float("inf"), "-"),
    ],
)
def test_figure(value: float | None, text: str) -> None:
    assert figure(value) == text


def test_percent_and_times() -> None:
    assert (percent(0.847), percent(nan)) == ("85 %", "-")
    assert (times(6.347), times(nan)) == ("6.35x", "-")


def test_mean_ratio_by_hand() -> None:
    assert mean_ratio([2.0, 8.0]) == pytest.approx(4.0)
    assert isnan(mean_ratio([]))


def test_table_lines_up() -> None:
    assert table(["name", "us"], [["W1", "1.00"], ["a longer one", "12,000"]]) == (
        "| name         |     us |\n"
        "| ------------ | -----: |\n"
        "| W1           |   1.00 |\n"
        "| a longer one | 12,000 |"
    )


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="1 cells, but the head 2"):
        table(["a", "b"], [["1"]])


def test_section_and_bullets() -> None:
    notes = bullets(["W1: fine", "  - PyTorch: fused"])
    assert notes == "- W1: fine\n  - PyTorch: fused"
    assert written("Title", "text", "", notes) == f"## Title\n\ntext\n\n{notes}\n"
