"""The files of the page: a fixed list, read into memory when the server starts."""

from importlib.resources import files
from typing import Final, NamedTuple

TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
}


class Asset(NamedTuple):
    """A file: its bytes and its type."""

    data: bytes
    kind: str


def load() -> dict[str, Asset]:
    """Read every file of the page, by its name."""
    found = {}
    for file in (files("ranvier.live") / "page").iterdir():
        ending = file.name.rpartition(".")[2]
        if ending in TYPES:
            found[file.name] = Asset(file.read_bytes(), TYPES[ending])
    return found
