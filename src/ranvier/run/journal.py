"""``epochs.jsonl``: one line of JSON for each epoch, and for what became of the run.

A line with "epoch" is a record. {"resumed": k}: training continued from epoch k, and
later records before this line are void. {"ended": why, ...}: training is over. The last
line may be torn, where a process was killed while it wrote; it is left out by readers,
and cut off by the next who writes.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from math import inf, isfinite, isnan
from pathlib import Path
from time import perf_counter
from typing import Any, BinaryIO, Final

from ranvier.disk import open_regular

NAME: Final = "epochs.jsonl"
# Lines wait so many seconds to be written together: a call to the system for each epoch
# would cost more than all else that recording does.
WAIT: Final = 0.1

Record = dict[str, Any]

# Made once: `json.dumps` would make one for each epoch.
_PLAIN: Final = json.JSONEncoder(
    allow_nan=False, check_circular=False, separators=(",", ":")
).encode


class Journal:
    """The file, open for appending.

    Parameters
    ----------
    path
        Folder of the run.
    text
        Gives the line of what is appended; `encode`, unless there is more to append
        than what JSON holds.

    Raises
    ------
    OSError
        It cannot be opened.
    FileFormatError
        It is a link, a pipe or the like.
    """

    def __init__(self, path: Path, text: Callable[[Any], str] | None = None) -> None:
        self.text = text or encode
        self.path = path / NAME
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
        self._descriptor = open_regular(self.path, flags, follow=False)
        self._waiting: list[Any] = []
        self._due = 0.0
        try:
            self._size = _whole_lines(self._descriptor)
            os.ftruncate(self._descriptor, self._size)
        except BaseException:
            os.close(self._descriptor)
            raise

    def append(self, record: Any, now: float | None = None) -> None:
        """Add a line; it is on its way to the file within a moment.

        `now`, what `perf_counter` says, spares asking the clock again. Until it is
        written the record waits as it is: many at once are made lines faster than
        one by one between two epochs, which leave nothing of Python in the caches.

        Raises
        ------
        OSError
            The lines cannot be written; the file is as it was before them.
        """
        self._waiting.append(record)
        if (perf_counter() if now is None else now) >= self._due:
            self.flush()

    def flush(self, *, sync: bool = False) -> None:
        """Write the lines that wait; with `sync`, wait until the disk has them.

        Raises
        ------
        OSError
            See `append`.
        """
        data = "".join(map(self.text, self._waiting)).encode()
        try:
            self._write(data)
            if sync:
                os.fsync(self._descriptor)
        except OSError as error:
            os.ftruncate(self._descriptor, self._size)
            raise OSError(
                error.errno,
                f"{os.strerror(error.errno or 0)}, while writing the record of the "
                "epochs (earlier records are intact): make sure that there is "
                "room and that it can be written, then continue with rv.resume",
                str(self.path),
            ) from error
        self._size += len(data)
        self._waiting.clear()
        self._due = perf_counter() + WAIT

    def close(self) -> None:
        """Close the file; lines that wait are gone."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]


def encode(record: Mapping[str, Any]) -> str:
    """Return a record as a line. NaN is null; infinity is too large a number."""
    try:
        return _PLAIN(record) + "\n"
    except ValueError:
        text = json.dumps(_without_nan(record), separators=(",", ":"))
        return text.replace("Infinity", "1e999") + "\n"


def read(path: Path) -> list[Record]:
    """Return the records that count, in order, and the lines on the run's end.

    Raises
    ------
    OSError
        The file cannot be read; one that is not there has no records.
    FileFormatError
        It is a link, a pipe or the like.
    """
    try:
        with opened(path) as file:
            return list(settled(lines(file)))
    except FileNotFoundError:
        return []


def opened(path: Path) -> BinaryIO:
    """Open the records of a run to read them; errors as for `read`."""
    return os.fdopen(open_regular(path / NAME, follow=False), "rb")


def lines(file: BinaryIO | BytesIO) -> Iterator[Record]:
    """Parse the whole lines from where a file stands; what is no record is left out."""
    for line in file:
        if not line.endswith(b"\n"):
            return
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue  # damaged on the disk; the epochs around it are still good
        if isinstance(record, dict) and _is_record(record):
            yield record


def _is_record(record: Mapping[str, Any]) -> bool:
    """Say whether the numbers of epochs and the metrics in a line can be such."""
    epochs = [record[name] for name in ("epoch", "resumed") if name in record]
    if not all(type(number) is int and 0 <= number < 2**53 for number in epochs):
        return False
    metrics, layers = record.get("metrics", {}), record.get("layers", [])
    return isinstance(metrics, dict) and isinstance(layers, list)


def settled(records: Iterator[Record]) -> list[Record]:
    """Leave out what was recorded after an epoch that training went back to."""
    kept: list[Record] = []
    for record in records:
        if isinstance(record.get("resumed"), int):
            back = record["resumed"]
            kept = [old for old in kept if 0 < old.get("epoch", 0) <= back]
        else:
            kept.append(record)
    return kept


def _whole_lines(descriptor: int) -> int:
    """Find where the last whole line ends."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    while end > 0:
        start = max(0, end - 4096)
        os.lseek(descriptor, start, os.SEEK_SET)
        found = os.read(descriptor, end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_nan(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(inner) for inner in value]
    if isinstance(value, float) and not isfinite(value):
        return None if isnan(value) else inf if value > 0 else -inf
    return value
