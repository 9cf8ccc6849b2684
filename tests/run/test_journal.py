import errno
import json
import os
from math import inf, isnan, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranvier.run import journal
from ranvier.run.journal import Journal, encode, read, settled

LINES: list[dict[str, Any]] = [{"epoch": k, "loss": 1 / k} for k in range(1, 6)]


def written(path: Path, lines: list[dict[str, Any]]) -> bytes:
    """Write lines and return the bytes of the file."""
    opened = Journal(path)
    for line in lines:
        opened.append(line)
    opened.flush(sync=True)
    opened.close()
    return (path / journal.NAME).read_bytes()


def test_there_and_back(tmp_path: Path) -> None:
    assert written(tmp_path, LINES).count(b"\n") == 5
    assert read(tmp_path) == LINES
    written(tmp_path, [{"ended": "finished"}])
    assert read(tmp_path) == [*LINES, {"ended": "finished"}]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert read(tmp_path) == []


def test_every_torn_end(tmp_path: Path) -> None:
    data = written(tmp_path, LINES)
    ends = [i + 1 for i, byte in enumerate(data) if byte == 10]
    for length in range(len(data)):
        (tmp_path / journal.NAME).write_bytes(data[:length])
        whole = sum(end <= length for end in ends)
        assert read(tmp_path) == LINES[:whole]
        written(tmp_path, [{"epoch": 99}])
        assert read(tmp_path) == [*LINES[:whole], {"epoch": 99}]


def test_a_torn_end_longer_than_a_block(tmp_path: Path) -> None:
    (tmp_path / journal.NAME).write_bytes(b'{"epoch":1}\n' + b"x" * 10_000)
    assert written(tmp_path, []) == b'{"epoch":1}\n'
    (tmp_path / journal.NAME).write_bytes(b"x" * 10_000)
    assert written(tmp_path, []) == b""


def test_damaged_lines_are_left_out(tmp_path: Path) -> None:
    text = b'{"epoch":1}\n{"ep\0ch"\n[1]\n\xff\xfe\n' + b"[" * 9999 + b'\n{"epoch":2}\n'
    (tmp_path / journal.NAME).write_bytes(text)
    assert read(tmp_path) == [{"epoch": 1}, {"epoch": 2}]


FLOATS = st.floats(allow_nan=True, allow_infinity=True)


@given(FLOATS, st.dictionaries(st.text(), FLOATS, max_size=3))
def test_every_number_survives(loss: float, metrics: dict[str, float]) -> None:
    line = encode({"epoch": 1, "loss": loss, "metrics": metrics})
    assert line.endswith("\n")
    assert line.count("\n") == 1
    back = json.loads(line, parse_constant=lambda name: pytest.fail(name))
    for value, given_value in [
        (back["loss"], loss),
        *((back["metrics"][name], metrics[name]) for name in metrics),
    ]:
        assert value is None if isnan(given_value) else value == given_value


def test_infinity() -> None:
    assert json.loads(encode({"a": [inf, -inf, nan]})) == {"a": [inf, -inf, None]}


def test_what_training_went_back_from(tmp_path: Path) -> None:
    again = [{"epoch": 4, "loss": 9.0}, {"ended": "finished"}]
    written(tmp_path, [*LINES, {"resumed": 3}, *again])
    assert read(tmp_path) == [*LINES[:3], *again]
    written(tmp_path, [{"resumed": 0}])
    assert read(tmp_path) == []


def test_settled_keeps_order() -> None:
    told = [{"epoch": 1}, {"resumed": 1}, {"epoch": 2}, {"resumed": 1}, {"epoch": 2}]
    assert settled(iter(told)) == [{"epoch": 1}, {"epoch": 2}]


def test_lines_wait_for_each_other(tmp_path: Path) -> None:
    opened = Journal(tmp_path)
    for line in LINES:
        opened.append(line)
    assert read(tmp_path) == LINES[:1]  # the first at once, the others in a moment
    opened.flush()
    assert read(tmp_path) == LINES
    opened.close()
    opened.close()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_a_failed_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    opened = Journal(tmp_path)
    opened.append({"epoch": 1})
    real = os.write

    def torn(descriptor: int, data: bytes) -> int:
        if len(data) < 5:
            raise OSError(number, os.strerror(number))
        return real(descriptor, bytes(data)[: len(data) - 4])

    monkeypatch.setattr(os, "write", torn)
    opened.append({"epoch": 2})
    with pytest.raises(
        OSError, match=r"while writing the record of the epochs"
    ) as info:
        opened.flush()
    assert info.value.errno == number
    monkeypatch.setattr(os, "write", real)
    assert read(tmp_path) == [{"epoch": 1}]
    opened.flush()
    assert read(tmp_path) == [{"epoch": 1}, {"epoch": 2}]
    opened.close()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Journal(tmp_path / "nowhere")
