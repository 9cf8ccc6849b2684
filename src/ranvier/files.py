"""Files: arrays and a description in one safetensors container, written whole or not.

The header of the container holds, beside what safetensors itself needs, one entry
"ranvier": JSON with version, kind, description and sha256, a sum over the description
and every array. Reading checks all of it and executes nothing.
"""

import json
import os
from collections.abc import Mapping
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors import numpy as safetensors

from ranvier.disk import FileFormatError as FileFormatError
from ranvier.disk import read_regular, write_atomic

Arrays = dict[str, NDArray[Any]]

FORMAT: Final = "ranvier"
VERSION: Final = 1
LARGEST_HEADER: Final = 8_000_000  # bytes; safetensors itself allows 100 MB
MOST_ARRAYS: Final = 1000
DTYPES: Final = frozenset(
    ("BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64", "F16", "F32", "F64")
)
# What a description that is not what it should be makes of the code that reads it.
UNUSABLE: Final = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)


def pack(
    description: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    kind: str = "network",
) -> bytes:
    """Put a description and arrays into the bytes of one file.

    Parameters
    ----------
    description
        What JSON can hold, without NaN or infinity.
    arrays
        Arrays by name, of booleans, integers or floats.
    kind
        What the file is: ``"network"`` or ``"model"``.

    Returns
    -------
    bytes
        A safetensors container; the same input gives the same bytes.

    Raises
    ------
    ValueError
        JSON cannot hold the description, or it is too long.

    Examples
    --------
    >>> unpack(pack({"a": 1}, {}))
    ({'a': 1}, {})
    """
    # Little-endian and in rows, as the container has them: the checksum is of those.
    ready = {
        name: np.asarray(array, array.dtype.newbyteorder("<"), order="C")
        for name, array in arrays.items()
    }
    entry = {
        "version": VERSION,
        "kind": kind,
        "sha256": _sum(description, ready),
        "description": description,
    }
    text = json.dumps(entry, allow_nan=False)
    if len(text) > LARGEST_HEADER // 2:  # each quote in it costs a second character
        raise ValueError(
            f"the description of the {kind} has {len(text):,} characters, but at most "
            f"{LARGEST_HEADER // 2:,} fit into a file: make it smaller"
        )
    # One entry: safetensors would write several in an order that changes.
    return safetensors.save(ready, {FORMAT: text})


def unpack(
    data: bytes, kind: str = "network", source: str = "the file"
) -> tuple[dict[str, Any], Arrays]:
    """Take the description and the arrays out of the bytes of a file.

    Parameters
    ----------
    data
        The bytes.
    kind
        What the file must be.
    source
        What to call it in errors.

    Returns
    -------
    description : dict
        As it was given to `pack`.
    arrays : dict of ndarray
        As they were given to `pack`; read-only.

    Raises
    ------
    FileFormatError
        It is damaged or foreign, newer than this Ranvier, or of another kind.
    """
    header = _header(data, source)
    entry = _own_entry(header, source)
    if entry["kind"] != kind:
        raise FileFormatError(
            f"{source} holds a {entry['kind']}, but a {kind} was expected: load it "
            f"with {entry['kind'][:1].upper()}{entry['kind'][1:]}.load, or give "
            "another file"
        )
    _check_arrays(header, source)
    try:
        arrays = safetensors.load(data)
    except (SafetensorError, *UNUSABLE) as error:
        text = f"its arrays cannot be read ({str(error)[:120]})"
        raise _damaged(source, text) from None
    if _sum(entry["description"], arrays) != entry["sha256"]:
        raise _damaged(source, "its contents do not add up to its checksum")
    return entry["description"], arrays


def save(
    path: str | os.PathLike[str],
    description: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    kind: str = "network",
    *,
    follow: bool = True,
) -> None:
    """Write what `pack` gives to a file, whole or not at all.

    Parameters
    ----------
    path
        Where; an old file there is replaced once the new one is complete.
    description, arrays, kind
        See `pack`.
    follow
        See `write_atomic`.

    Raises
    ------
    OSError
        It cannot be written; an old file is as it was.
    """
    write_atomic(path, pack(description, arrays, kind), follow=follow)


def load(
    path: str | os.PathLike[str], kind: str = "network", *, follow: bool = True
) -> tuple[dict[str, Any], Arrays]:
    """Read a file that `save` wrote.

    Parameters
    ----------
    path
        Where.
    kind
        What the file must be.
    follow
        Whether the path may be a symbolic link.

    Returns
    -------
    description, arrays
        See `unpack`.

    Raises
    ------
    OSError
        It cannot be read.
    FileFormatError
        See `unpack`.
    """
    data = read_regular(path, follow=follow)
    return unpack(data, kind, source=repr(os.fspath(path)))


def kind_of(path: str | os.PathLike[str]) -> str:
    """Say what kind of file a file of Ranvier's is, such as ``"model"``.

    Raises
    ------
    OSError
        It cannot be read.
    FileFormatError
        It is no file of Ranvier's, or newer than this Ranvier.
    """
    source = repr(os.fspath(path))
    kind: str = _own_entry(_header(read_regular(path), source), source)["kind"]
    return kind


def _header(data: bytes, source: str) -> dict[str, Any]:
    """Parse the header: its length in 8 bytes, then that much JSON."""
    if not data:
        raise FileFormatError(
            f"{source} is empty, but a file written by Ranvier was expected: save it "
            "again, or give another file"
        )
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(len(data) - 8, LARGEST_HEADER):
        raise _foreign(source, len(data))
    try:
        header = _parsed(data[8 : 8 + length].decode())
    except (ValueError, RecursionError):
        raise _foreign(source, len(data)) from None
    if not isinstance(header, dict):
        raise _foreign(source, len(data))
    return header


def _check_arrays(header: Mapping[str, Any], source: str) -> None:
    """Refuse types and numbers of arrays that no file of ours has, before reading."""
    entries = [entry for name, entry in header.items() if name != "__metadata__"]
    if len(entries) > MOST_ARRAYS:
        raise _damaged(source, f"it lists {len(entries):,} arrays")
    for entry in entries:
        dtype = entry.get("dtype") if isinstance(entry, dict) else None
        if not isinstance(dtype, str) or dtype not in DTYPES:
            raise _damaged(source, "an array has a type that no array of ours has")


def _own_entry(header: dict[str, Any], source: str) -> dict[str, Any]:
    """Return Ranvier's entry of the header, once it is known to be complete."""
    metadata = header.get("__metadata__")
    if not isinstance(metadata, dict) or not isinstance(metadata.get(FORMAT), str):
        raise FileFormatError(
            f"{source} is a safetensors file, but not one written by Ranvier: give a "
            "file that Ranvier saved, or build the Network and copy W and b into it"
        )
    try:
        entry = _parsed(metadata[FORMAT])
    except (ValueError, RecursionError) as error:
        text = f"its description cannot be read ({str(error)[:120]})"
        raise _damaged(source, text) from None
    match entry:
        case {"version": int() as version} if version > VERSION:
            raise FileFormatError(
                f"{source} has format version {str(version)[:20]}, but this Ranvier "
                f"reads up to {VERSION}: update it with `pip install --upgrade ranvier`"
            )
        case {"version": int(), "kind": str(), "sha256": str(), "description": dict()}:
            return dict(entry)
        case _:
            raise _damaged(source, "its description lacks a part")


def _parsed(text: str) -> Any:
    """Parse JSON without what JSON does not have: NaN, infinity and repeated names."""
    return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        raise ValueError("a name occurs twice")
    return entries


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not allowed")


def _sum(description: object, arrays: Mapping[str, NDArray[Any]]) -> str:
    """Compute the SHA-256 of a description and of arrays: names, types and bytes."""
    import hashlib  # some hundredths of what importing ranvier would take

    total = hashlib.sha256(json.dumps(description).encode())
    for name in sorted(arrays):
        array = arrays[name]
        total.update(f"\n{name!r} {array.dtype.str} {array.shape}\n".encode())
        total.update(array.data if array.size else b"")
    return total.hexdigest()


def _foreign(source: str, size: int) -> FileFormatError:
    return FileFormatError(
        f"{source} ({size:,} bytes) is no file of Ranvier's, or a part of it is lost: "
        "save it again, or give another file"
    )


def _damaged(source: str, how: str) -> FileFormatError:
    return FileFormatError(
        f"{source} is a file of Ranvier's, but damaged: {how}. Copy it again from its "
        "origin, or save it again"
    )
