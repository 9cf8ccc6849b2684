"""What the user says about a file and its columns, which else is found by looking."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from ranvier.reading.opening import ReadError
from ranvier.reading.texts import Hints

Given = str | Mapping[str, str] | None

MARKS = {"decimal": (".", ","), "thousands": ("", ".", ",", "'", " ")}


@dataclass(frozen=True)
class ReadOptions:
    """What the user says about a file. None: found by looking.

    Parameters
    ----------
    delimiter
        What separates the fields of a text file; "spaces" for one or more of them.
    decimal, thousands
        The mark before the decimals (. or ,), and between groups of digits (. , ' or a
        space): for all columns, or for some by their names.
    date_format
        The order of day, month and year, "YMD", "MDY" or "DMY", or a format as of
        `datetime.strptime`: for all columns, or for some by their names.
    encoding
        Of a text file: "UTF-8", "CP949", "Shift-JIS", "Windows-1252", "UTF-16", or
        another that Python knows.
    na
        Texts that mean missing, beside those that are known to. ``("",)``: in columns
        of texts, only empty fields do.
    skip
        Lines above the header that are no part of the table, and lines at the end.
    header
        How many lines hold the column names: 0, 1, or 2, which are joined.
    sheet
        The name of the sheet of a workbook.
    """

    delimiter: str | None = None
    decimal: Given = None
    thousands: Given = None
    date_format: Given = None
    encoding: str | None = None
    na: tuple[str, ...] = ()
    skip: tuple[int, int] | None = None
    header: int | None = None
    sheet: str | None = None

    def __post_init__(self) -> None:
        if self.delimiter is not None and not re.sub(r"[\r\n\"]", "", self.delimiter):
            raise ReadError(
                f"the delimiter is {self.delimiter!r}: give one or more characters, "
                "such as ; or :: (a tab as $'\\t' in the shell), or the word spaces"
            )
        if self.header not in (None, 0, 1, 2):
            raise ReadError(
                f"header is {self.header!r}: give 0 for a file without column names, "
                "1, or 2 for names in two lines"
            )
        if self.skip is not None and min(self.skip) < 0:
            raise ReadError(f"skip is {self.skip}: give numbers of lines from 0")
        for name, marks in MARKS.items():
            given = getattr(self, name)
            for mark in given.values() if isinstance(given, Mapping) else [given]:
                if mark is not None and mark not in marks:
                    raise ReadError(
                        f"{name} is {mark!r}: give one of {', '.join(map(repr, marks))}"
                    )

    @property
    def texts_stay(self) -> bool:
        """Whether "NA" and its like are texts in columns of texts."""
        return self.na == ("",)

    def hints(self, name: str, prefer: Hints) -> Hints:
        """Return what is known of one column."""
        return replace(
            prefer,
            decimal=_of_column(self.decimal, name),
            thousands=_of_column(self.thousands, name),
            date_format=_of_column(self.date_format, name),
            na=() if self.texts_stay else self.na,
        )

    def describe(self) -> dict[str, Any]:
        """Return what was given as plain JSON."""
        given = {name: value for name, value in asdict(self).items() if value}
        return given | ({"header": 0} if self.header == 0 else {})

    @classmethod
    def read(cls, described: Mapping[str, Any]) -> ReadOptions:
        """Rebuild options from what `describe` returned."""
        known = {field.name for field in fields(cls)}
        given = {name: described[name] for name in known & set(described)}
        for name in ("na", "skip"):
            if name in given:
                given[name] = tuple(given[name])
        return cls(**given)


def _of_column(given: Given, name: str) -> str | None:
    return given if given is None or isinstance(given, str) else given.get(name)
