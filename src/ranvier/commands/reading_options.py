"""Options of the commands that say how a table is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from ranvier.reading.options import MARKS, ReadOptions

NAMES = (
    "delimiter", "decimal", "thousands", "date_format", "encoding", "na", "skip",
    "header", "sheet",
)  # fmt: skip
_EACH = "for one column as NAME={}; may be given again."

OPTIONS = (
    click.option(
        "--delimiter", help="What separates fields: ; or | or ::, or the word spaces."
    ),
    click.option(
        "--decimal",
        multiple=True,
        help=f"Mark before the decimals, . or ,; {_EACH.format(',')}",
    ),
    click.option(
        "--thousands",
        multiple=True,
        help=f"Mark between thousands, . , ' or a space; {_EACH.format('.')}",
    ),
    click.option(
        "--date-format",
        multiple=True,
        help=f"YMD, MDY, DMY, or as in %d.%m.%Y; {_EACH.format('DMY')}",
    ),
    click.option("--encoding", help="Of a text file: UTF-8, CP949, Windows-1252 ..."),
    click.option(
        "--na",
        multiple=True,
        help="A text or number that means missing; may be given again. '': "
        "among texts only empty fields do.",
    ),
    click.option(
        "--skip", help="Lines above the header to leave out, and at the end: 3 or 3,1."
    ),
    click.option(
        "--header",
        type=click.IntRange(0, 2),
        help="Lines of column names: 0, 1, or 2 to join.",
    ),
    click.option("--sheet", help="Sheet of a workbook.  [default: the first]"),
)


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Return a command the options of reading, in the order of the help."""
    for add in reversed(OPTIONS):
        command = add(command)
    return command


def taken_from(options: dict[str, Any]) -> ReadOptions:
    """Take the options of reading out of those of a command."""
    given = {name: options.pop(name) for name in NAMES}
    for name in ("decimal", "thousands", "date_format"):
        given[name] = _by_column(given[name], name)
    if given["delimiter"] in ("tab", "\\t"):
        given["delimiter"] = "\t"
    if given["skip"] is not None:
        given["skip"] = _skip(given["skip"])
    return ReadOptions(**given | {"na": tuple(given["na"])})


def _by_column(values: tuple[str, ...], name: str) -> str | Mapping[str, str] | None:
    """Read values for all columns, or of the form NAME=VALUE for some."""
    if not values:
        return None
    option = f"--{name.replace('_', '-')}"
    if len(values) == 1 and (values[0] in MARKS.get(name, ()) or "=" not in values[0]):
        return values[0]
    pairs = [value.rpartition("=") for value in values]
    if not all(column and equals for column, equals, _ in pairs):
        raise click.BadParameter(
            f"{option} was given {len(values)} times: give it once, or each time for "
            "a column, as NAME=VALUE"
        )
    return {column: value for column, _, value in pairs}


def _skip(value: str) -> tuple[int, int]:
    """Read a number of lines at the start, and of lines at the end after a comma."""
    parts = [part.strip() for part in value.split(",")]
    if len(parts) > 2 or not all(part.isdecimal() for part in parts):
        raise click.BadParameter(
            f"--skip {value} gives no numbers of lines: give 3, or 3,1 to leave out "
            "one line at the end too"
        )
    return int(parts[0]), int(parts[1]) if len(parts) == 2 else 0
