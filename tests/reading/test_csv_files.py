"""csv_files.py: fields cut by Arrow, lines that cannot be, and totals at the end."""

from pathlib import Path

import pyarrow as pa
import pytest

from ranvier.reading.csv_files import last_rows_notice, read_csv
from ranvier.reading.layout import layout_of
from ranvier.reading.opening import ReadError


def cut(path: Path, content: str, skip: tuple[int, int] | None = None) -> pa.Table:
    path.write_text(content, newline="")
    return read_csv(path, path, layout_of(path, path.name, skip=skip))


def test_all_fields_are_texts(tmp_path: Path) -> None:
    table = cut(tmp_path / "x.csv", 'a,A,b\n01,"x\ny",\n2,"",NA\n')
    assert table.to_pydict() == {
        "a": ["01", "2"],
        "A": ["x\ny", None],
        "b": [None, "NA"],
    }


def test_a_long_field(tmp_path: Path) -> None:
    long = "x" * (5 << 20)
    table = cut(tmp_path / "x.csv", f'a,b\n1,"{long}"\n2,y\n')
    assert table["b"].to_pylist() == [long, "y"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n3\n", r"line 3 has 1 field\(s\), the header 2"),
        ('a,b\n1,2\n3,"4\n5,6\n', "line 3 cannot be cut into fields"),
    ],
)
def test_malformed_lines(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        cut(tmp_path / "x.csv", content)


def test_a_header_alone(tmp_path: Path) -> None:
    assert cut(tmp_path / "x.csv", "a,b").num_rows == 0


def test_last_rows(tmp_path: Path) -> None:
    content = "name,n,m\n" + "x,1,2\n" * 9 + "합계,9,18\n※ 자료: 통계청,,\n"
    table = cut(tmp_path / "x.csv", content)
    notice = last_rows_notice(table, "x.csv")
    assert notice is not None
    assert notice.startswith("The last 2 row(s) of x.csv seem to be totals or notes")
    assert notice.endswith("leave them out with --skip 0,2 (skip=(0, 2)).")
    table = cut(tmp_path / "x.csv", content, (0, 2))
    assert table.num_rows == 9
    assert last_rows_notice(table, "x.csv") is None
