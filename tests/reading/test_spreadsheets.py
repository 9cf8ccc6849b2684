"""spreadsheets.py: workbooks, made here as the zip files that they are."""

import datetime as dt
import zipfile
from pathlib import Path

import pytest

from ranvier.reading.opening import ReadError
from ranvier.reading.reading import read, read_table

pytest.importorskip("python_calamine")

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def cell(value: object) -> str:
    if isinstance(value, dt.date):
        return f'<c s="1"><v>{(value - dt.date(1899, 12, 30)).days}</v></c>'
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
    return "<c/>" if value is None else f"<c><v>{value}</v></c>"


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    """Write the least that is a workbook: its sheets, and a style for dates."""
    names = list(sheets)
    with zipfile.ZipFile(path, "w") as archive:
        parts = "".join(
            f'<Override PartName="/xl/worksheets/sheet{i}.xml" '
            f'ContentType="{XLSX}.worksheet+xml"/>'
            for i in range(len(names))
        )
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/xl/workbook.xml" '
            f'ContentType="{XLSX}.sheet.main+xml"/>{parts}</Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" '
            f'Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>",
        )
        listed = "".join(
            f'<sheet name="{name}" sheetId="{i + 1}" r:id="s{i}"/>'
            for i, name in enumerate(names)
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}">'
            f"<sheets>{listed}</sheets></workbook>",
        )
        links = "".join(
            f'<Relationship Id="s{i}" Type="{DOCUMENT}/worksheet" '
            f'Target="worksheets/sheet{i}.xml"/>'
            for i in range(len(names))
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}">{links}<Relationship Id="t" '
            f'Type="{DOCUMENT}/styles" Target="styles.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/styles.xml",
            f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
            '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
        )
        for i, name in enumerate(names):
            rows = "".join(f"<row>{''.join(map(cell, r))}</row>" for r in sheets[name])
            archive.writestr(
                f"xl/worksheets/sheet{i}.xml",
                f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
            )
    return path


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
