import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors import numpy as safetensors

from ranvier import files
from ranvier.files import FileFormatError, load, pack, save, unpack

DESCRIPTION = {"name": "x", "slope": 0.01, "layers": [1, None, True]}
ARRAYS = {"W": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array([1.0, 2.0])}
DATA = pack(DESCRIPTION, ARRAYS)


def same(first: Any, second: Any) -> bool:
    """Say whether two results of unpack are equal, arrays by their bits."""
    return first[0] == second[0] and {
        name: (a.dtype, a.shape, a.tobytes()) for name, a in first[1].items()
    } == {name: (a.dtype, a.shape, a.tobytes()) for name, a in second[1].items()}


# ---------------------------------------------------------------- there and back

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=8,
).filter(lambda value: "Infinity" not in json.dumps(value))
ARRAY = hnp.arrays(
    st.sampled_from(["?", "u1", "i4", "i8", "f4", "f8"]),
    hnp.array_shapes(min_dims=0, min_side=0, max_side=4),
)
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=5).filter(
    lambda name: name != "__metadata__"
)


@given(st.dictionaries(st.text(), JSON), st.dictionaries(NAMES, ARRAY, max_size=3))
def test_there_and_back(description: dict[str, Any], arrays: files.Arrays) -> None:
    data = pack(description, arrays)
    assert same(unpack(data), (description, arrays))
    assert pack(description, arrays) == data


def test_nan_and_strided_arrays_are_kept() -> None:
    arrays = {"a": np.array([[np.nan, -0.0], [np.inf, 5e-324]]).T}
    assert same(unpack(pack({}, arrays)), ({}, arrays))


def test_the_same_bytes_in_every_process() -> None:
    code = (
        "import sys; from ranvier.files import pack; from numpy import ones\n"
        "data = pack({'x': 1, 'a': [2]}, {c: ones(2) for c in 'zaqw'})\n"
        "sys.stdout.buffer.write(data)"
    )
    command = [sys.executable, "-c", code]
    seen = {
        subprocess.run(command, capture_output=True, check=True).stdout
        for _ in range(3)
    }
    assert seen == {pack({"x": 1, "a": [2]}, {c: np.ones(2) for c in "zaqw"})}


def test_big_endian_arrays() -> None:
    data = pack({}, {"a": np.array([1.5, 2], ">f8")})
    np.testing.assert_array_equal(unpack(data)[1]["a"], np.array([1.5, 2]), strict=True)


def test_it_is_a_safetensors_container() -> None:
    arrays = safetensors.load(DATA)
    np.testing.assert_array_equal(arrays["W"], ARRAYS["W"])


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        pack({"a": float("nan")}, {})


def test_too_long_a_description(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_HEADER", 100)
    text = (
        "description of the model has 1[0-9]{2} characters, but at most 50 fit .*: mak"
    )
    with pytest.raises(ValueError, match=text):
        pack({"a": "b" * 60}, {}, "model")


# ---------------------------------------------------------------- damage


def test_every_flipped_bit_is_noticed() -> None:
    whole = unpack(DATA)
    for place in range(len(DATA)):
        for bit in range(8):
            damaged = bytearray(DATA)
            damaged[place] ^= 1 << bit
            try:
                assert same(unpack(bytes(damaged)), whole)
            except FileFormatError as error:
                assert len(str(error)) < 400  # noqa: PT017


@given(st.integers(0, len(DATA) - 1), st.integers(0, 255))
def test_every_changed_byte_is_noticed(place: int, value: int) -> None:
    damaged = bytearray(DATA)
    damaged[place] = value
    with suppress(FileFormatError):
        assert same(unpack(bytes(damaged)), unpack(DATA))


def test_every_lost_end_is_noticed() -> None:
    for length in range(len(DATA)):
        with pytest.raises(
            FileFormatError, match=r"empty|a part of it is lost|damaged"
        ):
            unpack(DATA[:length])
    with pytest.raises(FileFormatError, match="damaged: its arrays cannot be read"):
        unpack(DATA + b"\0")


@given(st.binary(max_size=200))
def test_random_bytes(data: bytes) -> None:
    with pytest.raises(FileFormatError):
        unpack(data)
    header = len(data).to_bytes(8, "little") + data
    with pytest.raises(FileFormatError):
        unpack(header)


def test_an_empty_file() -> None:
    text = (
        "^net.bin is empty, but a file written by Ranvier was expected: save it again"
    )
    with pytest.raises(FileFormatError, match=text):
        unpack(b"", source="net.bin")


def container(header: Any, payload: bytes = b"") -> bytes:
    """Build a container whose header says whatever a test wants."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + payload


def own(**changes: Any) -> dict[str, Any]:
    """Return a header with Ranvier's entry."""
    usual = {"version": 1, "kind": "network", "sha256": "", "description": {}}
    return {"__metadata__": {"ranvier": json.dumps(usual | changes)}}


def test_foreign_files() -> None:
    text = (
        "is a safetensors file, but not one written by Ranvier: give a file that Ranv"
    )
    for given_metadata in (None, {"format": "pt"}):
        data = safetensors.save({"W": np.ones(3)}, given_metadata)
        with pytest.raises(FileFormatError, match=text):
            unpack(data)
    text = (
        r"\(2,000 bytes\) is no file of Ranvier's, or a part of it is lost: save it ag"
    )
    for data in (b"PK\3\4" * 500, b"\x80\4" * 1000, b"age,city\n" * 222 + b"1\n"):
        with pytest.raises(FileFormatError, match=text):
            unpack(data)


def test_newer_files() -> None:
    text = (
        "has format version 2, but this Ranvier reads up to 1: update it with `pip "
        "install --upgrade ranvier`"
    )
    with pytest.raises(FileFormatError, match=text):
        unpack(container({**own(version=2, kind=[]), "new": {"odd": 1}}))


def test_other_kinds() -> None:
    data = pack({}, {}, "model")
    assert unpack(data, "model") == ({}, {})
    text = "holds a model, but a network was expected: load it with Model.load, or give"
    with pytest.raises(FileFormatError, match=text):
        unpack(data)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "its contents do not add up to its checksum"),
        ({"version": "1"}, "lacks a part"),
        ({"version": 1.0}, "lacks a part"),
        ({"kind": None}, "lacks a part"),
        ({"sha256": 5}, "lacks a part"),
        ({"description": [1]}, "lacks a part"),
    ],
)
def test_odd_entries(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(FileFormatError, match=f"but damaged: .*{text}.*Copy it again"):
        unpack(container(own(**changes)))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "Expecting"),
        ("", "Expecting"),
        ('{"a": NaN}', "NaN is not allowed"),
        ('{"a": -Infinity}', "Infinity is not allowed"),
        ('{"a": 1, "a": 2}', "a name occurs twice"),
        ("[" * 100_000, "recursion"),
        ("9" * 5000, "Exceeds the limit"),
    ],
)
def test_entries_that_are_no_json(text: str, why: str) -> None:
    header = {"__metadata__": {"ranvier": text}}
    with pytest.raises(FileFormatError, match=f"description cannot be read .*{why}"):
        unpack(container(header))


F32 = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [10**18], "data_offsets": [0, 4 * 10**18]},
        {"dtype": "F32", "shape": [10**9, 10**9], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [2**62, 4], "data_offsets": [0, 0]},
        {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]},
        {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]},
        {"dtype": "pickle", "shape": [1], "data_offsets": [0, 4]},
        {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]},
        {"dtype": "F32"},
        [],
        None,
    ],
)
def test_odd_arrays(entry: Any) -> None:
    data = container({**own(), "W": entry}, b"\0\0\0\0")
    with pytest.raises(FileFormatError, match=r"but damaged: .*Copy it again from its"):
        unpack(data)


def test_arrays_that_overlap_or_come_twice() -> None:
    overlapping = {**own(), "W": F32, "b": F32}
    with pytest.raises(FileFormatError, match="but damaged"):
        unpack(container(overlapping, b"\0\0\0\0"))
    text = json.dumps({**own(), "W": F32})[:-1]
    twice = f'{text}, "W": {json.dumps(F32)}}}'.encode()
    with pytest.raises(FileFormatError, match="no file of Ranvier's"):
        unpack(container(twice, b"\0\0\0\0"))


@pytest.mark.parametrize(
    "header",
    [b"[" * 100_000, b'{"a": NaN}', b"5", b"\xff\xfe", b"{}}", b'"x"', b"1e999"],
)
def test_odd_headers(header: bytes) -> None:
    with pytest.raises(FileFormatError, match="no file of Ranvier's"):
        unpack(container(header))


@pytest.mark.parametrize("length", [2**63, 2**64 - 1, 10**12, 5])
def test_odd_header_lengths(length: int) -> None:
    with pytest.raises(FileFormatError, match="no file of Ranvier's"):
        unpack(length.to_bytes(8, "little") + b"{}")


# ---------------------------------------------------------------- on disk


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which no draft may be left."""
    yield tmp_path
    assert not list(tmp_path.rglob(".*"))


def test_save_and_load(folder: Path) -> None:
    save(folder / "a.bin", DESCRIPTION, ARRAYS)
    assert same(load(folder / "a.bin"), (DESCRIPTION, ARRAYS))
    save(str(folder / "a.bin"), {}, {}, "model")
    assert load(str(folder / "a.bin"), "model") == ({}, {})
    with pytest.raises(FileFormatError, match=r"a\.bin' holds a model"):
        load(folder / "a.bin")


def test_load_leaves_the_system_s_errors(folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match="missing"):
        load(folder / "missing")
    with pytest.raises(IsADirectoryError, match=str(folder)):
        load(folder)
