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
        for name in ("delimiter", "encoding", "sheet"):
            _check_text(name, getattr(self, name))
        for name in ("decimal", "thousands", "date_format"):
            _check_given(name, getattr(self, name))
        self._check_lines()
        if self.delimiter is not None and not re.sub(r"[\r\n\"]", "", self.delimiter):
            raise ReadError(
                f"the delimiter is {self.delimiter!r}: give one or more characters, "
                "such as ; or :: (a tab as $'\\t' in the shell), or the word spaces"
            )
        for name, marks in MARKS.items():
            given = getattr(self, name)
            for mark in given.values() if isinstance(given, Mapping) else [given]:
                if mark is not None and mark not in marks:
                    raise ReadError(
                        f"{name} is {mark!r}: give one of {', '.join(map(repr, marks))}"
                    )

    def _check_lines(self) -> None:
        """Raise ReadError for numbers of lines that are none."""
        header, skip = self.header, self.skip
        is_number = isinstance(header, int) and not isinstance(header, bool)
        if header is not None and not (is_number and 0 <= header <= 2):
            raise ReadError(
                f"header is {header!r}: give 0 for a file without column names, 1, or "
                "2 for names in two lines"
            )
        if skip is None:
            return
        if not _are_counts(skip):
            raise ReadError(
                f"skip is {skip!r}: give how many lines above the header to leave out, "
                "as 3, or with those at the end, as (3, 1)"
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


def _check_text(name: str, text: object) -> None:
    if text is not None and not isinstance(text, str):
        raise ReadError(f"{name} must be a text, but got {text!r}")


def _check_given(name: str, given: object) -> None:
    if given is not None and not isinstance(given, str | Mapping):
        raise ReadError(
            f"{name} must be a text, or a dict from columns to texts, but got {given!r}"
        )


def _are_counts(skip: object) -> bool:
    """Say whether it is a pair of numbers of lines."""
    if not isinstance(skip, list | tuple) or len(skip) != 2:
        return False
    return all(type(number) is int and number >= 0 for number in skip)


def _of_column(given: Given, name: str) -> str | None:
    return given if given is None or isinstance(given, str) else given.get(name)
