"""spreadsheets.py: workbooks, their sheets and dates."""

import datetime as dt
import zipfile
from pathlib import Path

import pytest

from ranvier.reading.opening import ReadError
from ranvier.reading.reading import read, read_table
from workbooks import MAIN, workbook

pytest.importorskip("python_calamine")

ROWS: list[list[object]] = [
    ["code", "day", "x", "n"],
    ["007", dt.date(2024, 3, 18), 1.5, 3],
    ["010", dt.date(2024, 4, 2), None, 4],
]


def test_a_workbook(tmp_path: Path) -> None:
    table = read(workbook(tmp_path / "x.xlsx", {"Tabelle1": ROWS}))
    assert table.frame.to_pydict() == {
        "code": ["007", "010"],
        "day": [dt.date(2024, 3, 18), dt.date(2024, 4, 2)],
        "x": [1.5, None],
        "n": [3, 4],
    }
    assert (table.format, table.encoding, table.notices) == ("Excel", None, ())


def test_sheets(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"one": ROWS, "two": [["a"], [5]]})
    with pytest.warns(UserWarning, match="The sheet 'one' of x.xlsx is read, of 'one'"):
        assert read_table(path).num_rows == 2
    assert read_table(path, sheet="two").to_pydict() == {"a": [5]}
    with pytest.raises(ReadError, match="has no sheet 'tow': its sheets are 'one' and"):
        read_table(path, sheet="tow")


def test_a_damaged_workbook(tmp_path: Path) -> None:
    path = tmp_path / "x.ods"
    path.write_bytes(b"hello")
    with pytest.raises(ReadError, match="is a damaged workbook, or none"):
        read(path)


def test_an_open_document(tmp_path: Path) -> None:
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    path = tmp_path / "x.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{office}manifest:1.0"/>',
        )
        rows = "".join(
            "<table:table-row>"
            + "".join(f"<table:table-cell {cells}</table:table-cell>" for cells in row)
            + "</table:table-row>"
            for row in (
                ['office:value-type="string"><text:p>x</text:p>'] * 1,
                ['office:value-type="float" office:value="1.5"><text:p>1.5</text:p>'],
            )
        )
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{office}office:1.0" '
            f'xmlns:table="{office}table:1.0" xmlns:text="{office}text:1.0">'
            '<office:body><office:spreadsheet><table:table table:name="s">'
            f"{rows}</table:table></office:spreadsheet></office:body>"
            "</office:document-content>",
        )
    assert read(path).frame.to_pydict() == {"x": [1.5]}


def test_a_sheet_that_is_no_xml(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"a": [["x"], [1.0]]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    (name,) = (name for name in parts if "worksheets/" in name)
    parts[name] = parts[name].replace(b"<sheetData>", b"<sheetData>&none;")
    parts[name] = parts[name].replace(b"<t>x</t>", b"<t>&none;</t>")
    with zipfile.ZipFile(path, "w") as archive:
        for each, content in parts.items():
            archive.writestr(each, content)
    with pytest.raises(ReadError, match=r"the sheet 'a' of .* is damaged"):
        read(path)


def test_a_cell_far_away(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"one": ROWS})
    with (
        zipfile.ZipFile(path, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr(  # in place of the sheet: the last entry of a name counts
            "xl/worksheets/sheet0.xml",
            f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c>'
            '</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
            "</worksheet>",
        )
    with pytest.raises(ReadError, match="bytes of memory to read: a cell far from"):
        read(path)


def test_modules_beside_the_data_are_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbook(tmp_path / "x.xlsx", {"one": ROWS})
    for name in ("csv", "json", "datetime", "python_calamine"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    assert read("x.xlsx").frame.num_rows == 2
