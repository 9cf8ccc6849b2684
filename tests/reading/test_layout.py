"""layout.py: what stands above a table, and in its header."""

from pathlib import Path
from typing import Any

import pytest

from ranvier.reading.layout import Layout, layout_of
from ranvier.reading.opening import ReadError

ROWS = "1,2.5,x\n2,3.5,y\n3,4.5,x\n4,5.5,y\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.csv"


def found(path: Path, content: str, **given: Any) -> Layout:
    path.write_text(content, encoding="utf-8", newline="")
    return layout_of(path, "data.csv", **given)


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("a,b\n1,2\n", ("a", "b")),
        ("\ufeffa,b\n", ("a", "b")),
        ('\n"x, y","q ""z"""\n', ("x, y", 'q "z"')),
        ("a,A,,\n", ("a", "A", "column2", "column3")),
        ('"line\nbreak",소득\n', ("line\nbreak", "소득")),
    ],
)
def test_names(path: Path, content: str, names: tuple[str, ...]) -> None:
    assert found(path, content).names == names


def test_duplicate_names(path: Path) -> None:
    with pytest.raises(
        ReadError, match=r"data\.csv has more than one column named 'a' "
    ):
        found(path, "a,b,a,c,c\n")


def test_a_preamble_is_named_with_the_option(path: Path) -> None:
    content = "# exported 2024\n\n# licence: open\na,b,c\n" + ROWS
    with pytest.raises(
        ReadError, match=r"begin with 3 line\(s\) .*'# exported 2024'.*"
    ):
        found(path, content)
    with pytest.raises(ReadError, match=r"leave them out with --skip 3 \(skip=3\)"):
        found(path, content)
    layout = found(path, content, skip=(3, 0))
    assert (layout.names, layout.start) == (("a", "b", "c"), 4)


def test_the_line_sep_names_the_delimiter(path: Path) -> None:
    layout = found(path, "sep=;\r\na;b\r\n1;2\r\n")
    assert (layout.delimiter, layout.names, layout.skip) == (";", ("a", "b"), 1)
    assert layout.notices == ("The first line of data.csv names the delimiter ';'.",)


def test_two_lines_of_names(path: Path) -> None:
    content = "시점,2024,,group\n,매매,전세,\n" + "1,2,3,x\n4,5,6,y\n" * 4
    with pytest.raises(ReadError, match=r"line 2 .* second header .* with --header 2"):
        found(path, content)
    layout = found(path, content, header=2)
    assert layout.names == ("시점", "2024 매매", "2024 전세", "group")
    assert layout.start == 2


def test_units_below_the_header(path: Path) -> None:
    content = "time,temp,rh,level\n,degC,%,-\n" + "2024-05-01,7.2,63,low\n" * 5
    with pytest.raises(ReadError, match="second header or units"):
        found(path, content)
    names = found(path, content, header=2).names
    assert names == ("time", "temp degC", "rh %", "level")


def test_a_row_of_texts_is_no_header(path: Path) -> None:
    assert found(path, "a,b,c\nu,v,w\n" + "x,y,z\n" * 5).header == 1
    assert found(path, "a,b,c\n,,w\n" + ROWS).header == 1


def test_a_file_without_names(path: Path) -> None:
    layout = found(path, ROWS)
    assert layout.header == 1
    assert "if it is one, give --header 0 (header=0)" in layout.notices[0]
    layout = found(path, ROWS, header=0)
    assert layout.names == ("column0", "column1", "column2")
    assert layout.start == 0
    assert found(path, "a,b,c\n" + ROWS).notices == ()
    assert found(path, "2019,2020,kind\n" + ROWS).notices == ()


def test_an_unusual_delimiter_is_named(path: Path) -> None:
    with pytest.raises(ReadError, match=r"separated by '\^': give --delimiter '\^'"):
        found(path, "a^b\n1^2\n")
    assert found(path, "a^b\n1^2\n", delimiter="^").names == ("a", "b")


def test_a_header_with_a_name_too_few_is_what_is_wrong(path: Path) -> None:
    with pytest.raises(
        ReadError, match=r"has 2 names, and the lines below it 3 fields"
    ):
        found(path, "a,b\n" + "r1,1,2\n" * 5)


def test_nothing_is_left(path: Path) -> None:
    with pytest.raises(ReadError, match="no line below those skipped"):
        found(path, "a,b\n1,2\n", skip=(2, 0))


def test_a_title_as_wide_as_the_table_is_a_preamble(path: Path) -> None:
    with pytest.raises(ReadError, match=r"begin with 2 line\(s\)"):
        found(path, "Tabelle 12411;;\nStand: 2023;;\na;b;c\n1;2;3\n4;5;6\n")
    assert found(path, ",x\n1,2\n").names == ("column0", "x")


def test_words_between_spaces(path: Path) -> None:
    with pytest.raises(ReadError, match="separated by ' ': give --delimiter ' '"):
        found(path, "a b c\n1 2 3\n")
