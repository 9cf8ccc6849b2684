"""A file that leads a browser to the page, for its owner's eyes alone.

The arguments of a browser can be read by every user of the machine, so it is given the
path of this file and not an address with a token.
"""

import os
import shutil
import tempfile
from html import escape
from pathlib import Path
from typing import Self

from ranvier.disk import write_atomic


class RedirectFile:
    """The file, from when it is made until `remove`.

    Attributes
    ----------
    path : Path
        Where it is: a new folder that only its owner may look into.
    """

    def __init__(self) -> None:
        runtime = os.environ.get("XDG_RUNTIME_DIR")
        is_usable = runtime and os.access(runtime, os.W_OK | os.X_OK)
        folder = tempfile.mkdtemp(prefix="ranvier-", dir=runtime if is_usable else None)
        self.path = Path(folder) / "page.html"
        self.path.touch(mode=0o600)

    @property
    def address(self) -> str:
        """What to open in a browser."""
        return self.path.as_uri()

    def lead_to(self, address: str) -> None:
        """Let the file lead to another address, from now on."""
        to = escape(address)
        text = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="referrer" content="no-referrer">'
            f'<meta http-equiv="refresh" content="0; url={to}"><title>Ranvier</title>'
            f'</head><body><a href="{to}">Ranvier</a></body></html>\n'
        )
        write_atomic(self.path, text.encode(), follow=False)

    def remove(self) -> None:
        """Remove the file and its folder."""
        shutil.rmtree(self.path.parent, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
