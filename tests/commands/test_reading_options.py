"""reading_options.py: options of the shell as those of the reader."""

from typing import Any

import click
import pytest
from click.testing import CliRunner

from ranvier.commands.reading_options import reading_options, taken_from
from ranvier.reading.options import ReadOptions


def given(*arguments: str) -> ReadOptions:
    found: list[ReadOptions] = []

    @click.command()
    @reading_options
    def command(**options: Any) -> None:
        found.append(taken_from(options))
        assert not options

    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    if result.exit_code:
        raise ValueError(result.stderr)
    return found[0]


def test_none_is_given() -> None:
    assert given() == ReadOptions()


def test_all_are_given() -> None:
    assert given(
        "--delimiter", "tab", "--decimal", ",", "--thousands", " ", "--date-format",
        "%d/%m/%y", "--encoding", "CP949", "--na", "x", "--na", "y", "--skip", "3,1",
        "--header", "0", "--sheet", "S",
    ) == ReadOptions(
        "\t", ",", " ", "%d/%m/%y", "CP949", ("x", "y"), (3, 1), 0, "S"
    )  # fmt: skip


def test_for_some_columns() -> None:
    options = given("--decimal", "a=,", "--decimal", "b=.", "--date-format", "d=DMY")
    assert options.decimal == {"a": ",", "b": "."}
    assert options.date_format == {"d": "DMY"}
    assert given("--skip", "2").skip == (2, 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--skip", "x"], "--skip x gives no numbers of lines"),
        (["--decimal", ",", "--decimal", "."], "--decimal was given 2 times"),
        (["--header", "3"], "0<=x<=2"),
    ],
)
def test_mistakes(arguments: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        given(*arguments)
