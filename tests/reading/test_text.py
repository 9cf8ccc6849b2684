"""text.py: the encoding of real files, and their copies in UTF-8."""

import gzip
from pathlib import Path

import pytest

from ranvier.reading import text
from ranvier.reading.opening import ReadError
from ranvier.reading.text import (
    BadLines,
    as_utf8,
    bad_lines,
    encoding_of,
    examine,
    open_text,
)

KOREAN = "이름,값\n서울,1\n부산 똠방각하,2\n"

CASES = {
    "plain": (b"a,b\n1,2\n", "UTF-8"),
    "korean": (KOREAN.encode(), "UTF-8"),
    "utf-8 with mark": (KOREAN.encode("utf-8-sig"), "UTF-8"),
    "utf-16 little": (b"\xff\xfe" + KOREAN.encode("utf-16-le"), "UTF-16"),
    "utf-16 big": (b"\xfe\xff" + KOREAN.encode("utf-16-be"), "UTF-16"),
    "utf-16 little, no mark": (KOREAN.encode("utf-16-le"), "UTF-16-LE"),
    "utf-16 big, no mark": (KOREAN.encode("utf-16-be"), "UTF-16-BE"),
    "cp949": (KOREAN.encode("cp949"), "CP949"),
    "latin-1": ("name\ncafé,\nMüller\n".encode("latin-1"), "Latin-1"),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("piece", [5, 1 << 20])
def test_encodings(
    case: str,
    compress: bool,
    piece: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(text, "PIECE", piece)
    content, encoding = CASES[case]
    path = tmp_path / ("data.csv.gz" if compress else "data.csv")
    path.write_bytes(gzip.compress(content) if compress else content)
    assert encoding_of(path) == encoding
    copy = as_utf8(path, examine(path), tmp_path)
    assert (copy == path) == (encoding == "UTF-8")
    with open_text(copy) as file:
        expected = content.decode("utf-8-sig" if encoding == "UTF-8" else encoding)
        assert file.read() == expected


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n \r\n\t"])
def test_empty(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=r"data\.csv is empty: give a file with"):
        encoding_of(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04\x00\x00", "is no text file, it holds zero bytes"),
        ("a,b\n\0".encode("utf-16-le"), "is no text file"),
        ("a,b".encode("utf-16-le"), "is no text file"),
        ("a,b\n".encode("utf-16-le") + b"\x00\xd8\x00\x00", "is no text file"),
    ],
)
def test_no_text(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=message):
        encoding_of(path)


def test_damaged_utf_16(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(KOREAN.encode("utf-16")[:-1])
    with pytest.raises(ReadError, match="begins as UTF-16 text, but is damaged"):
        as_utf8(path, examine(path), tmp_path)


@pytest.mark.parametrize("content", [b"hello", gzip.compress(b"a,b\n1,2\n")[:-9]])
def test_damaged_gzip(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "data.csv.gz"
    path.write_bytes(content)
    with pytest.raises(ReadError, match="is no whole gzip file"):
        encoding_of(path)


JAPANESE = "名前,値\n東京,1\nカタカナ,2\nひらがな、テスト,3\n半角ｶﾅ,4\n"
FRENCH = "nom;prénom\nÉlodie;François\n\u201cq\u201d €;Noël\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (JAPANESE.encode("cp932"), "Shift-JIS"),
        (FRENCH.encode("cp1252"), "Windows-1252"),
        ("site,temp (°C),dose (µg)\n".encode("latin-1"), "Latin-1"),
        ("Straße,Größe,Fuß\n".encode("latin-1"), "Latin-1"),
        ("월,구분\n서,1\n".encode("cp949"), "CP949"),
    ],
)
def test_the_encoding_that_most_bytes_fit(
    content: bytes, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    assert encoding_of(path) == encoding
    assert bad_lines(path, encoding) is None


@pytest.mark.parametrize("encoding", ["UTF-8", "CP949"])
def test_one_broken_byte_does_not_change_the_rest(
    encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes((KOREAN * 20).encode(encoding) + b"x\xff,3\n")
    assert examine(path) == (encoding, BadLines(1, 61))
    with open_text(as_utf8(path, examine(path), tmp_path)) as file:
        assert file.read() == KOREAN * 20 + "x\ufffd,3\n"


def test_a_named_encoding(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes("a\né\n".encode("latin-1"))
    assert examine(path, "UTF-8") == ("UTF-8", BadLines(1, 2))
    assert examine(path, "latin-1") == ("latin-1", None)
    with pytest.raises(ReadError, match="there is no encoding 'utf-5': give one such"):
        examine(path, "utf-5")


TEXTS = {
    "CP949": "이름,지역\n김철수(金),서울특별시 江南區\n박영희,부산광역시\n",
    "Shift-JIS": "名前,備考\n山田太郎,データがありません\n",
    "EUC-JP": "名前,備考\n山田太郎,データがありません\n",
    "GB18030": "城市,备注\n北京市海淀区,有限公司的产品\n上海市,暂无数据\n",
    "Big5": "城市,備註\n臺北市,有限公司產品\n高雄市,暫無資料\n",
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_encodings_of_east_asia_are_distinguished(
    encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "data.csv"
    content = TEXTS[encoding].encode(encoding) * 30
    path.write_bytes(content)
    assert examine(path) == (encoding, None)
    path.write_bytes(content + b"\xff\xff\n")
    assert encoding_of(path) == encoding


def test_a_file_in_no_known_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(b"a\n" + b"\x80\xff\xa0\x81 \x8d\n" * 9)
    with pytest.raises(ReadError, match=r"is unclear.*give --encoding"):
        encoding_of(path)
