"""Which model file `ranvier resume` may write without `--out`: only its own.

The path of the model is in ``run.json``, which a stranger may have written. So
`ranvier train` signs it with a key that only this user has, and signs the contents of
the file that it writes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from ranvier.disk import FileFormatError, read_regular, write_atomic

NOTE: Final = "model.json"  # in the folder of the run
KEY_BYTES: Final = 32


def claim(path: Path) -> dict[str, str]:
    """Describe the model file of a new run, for the ``about`` of its ``run.json``."""
    described = {"model": str(path.resolve()), "model_id": secrets.token_hex(16)}
    signature = _sign(described["model_id"], "path", described["model"])
    return described if signature is None else described | {"model_claim": signature}


def note_written(run: Path | None, about: Mapping[str, Any], path: Path) -> None:
    """Note in a run which model file it has written; a full disk loses only the note.

    Parameters
    ----------
    run
        Folder of the run; None where there is none.
    about
        What `claim` gave, among others.
    path
        The model file.
    """
    if run is None:
        return
    with suppress(OSError, ValueError):
        signature = _sign(str(about.get("model_id")), "file", _sha256(path))
        text = json.dumps({"signature": signature})
        write_atomic(run / NOTE, text.encode(), follow=False)


def wrote(run: Path, about: Mapping[str, Any], path: Path) -> bool:
    """Say whether a file holds the model that a run of this user's has written."""
    try:
        note = json.loads(read_regular(run / NOTE, follow=False, largest=1000))
        signature = str(note["signature"])
        signed = _sign(str(about.get("model_id")), "file", _sha256(path))
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return signed is not None and hmac.compare_digest(signed, signature)


def own_model(run: Path, about: Mapping[str, Any]) -> Path | None:
    """Return the model file that a run may write; None if it names none.

    Parameters
    ----------
    run
        Folder of the run.
    about
        The ``about`` of its ``run.json``.

    Raises
    ------
    ValueError
        The file is not one that a training of this user's in this folder has named, or
        holds something else by now.
    """
    if "model" not in about:
        return None
    path = Path(str(about["model"]))
    why = None
    if not _is_claimed(about):
        why = "no training of yours on this machine has named it"
    elif not path.parent.resolve().is_relative_to(Path.cwd().resolve()):
        why = "it lies outside the current folder"
    elif os.path.lexists(path) and not wrote(run, about, path):
        why = "that file now holds something else than the model of this run"
    if why is not None:
        raise ValueError(
            f"the run names the model file {str(path)!r}, but {why}: give --out a file"
        )
    return path


def _is_claimed(about: Mapping[str, Any]) -> bool:
    signed = _sign(str(about.get("model_id")), "path", str(about["model"]))
    claimed = str(about.get("model_claim"))
    return signed is not None and hmac.compare_digest(
        signed.encode(), claimed.encode("utf-8", "replace")
    )


def _sha256(path: Path) -> str:
    return hashlib.sha256(read_regular(path, follow=False)).hexdigest()


def _sign(*parts: str) -> str | None:
    """Sign texts with the key of this user; None where no key can be kept."""
    key = _key()
    if key is None:
        return None
    message = json.dumps(parts).encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _key() -> bytes | None:
    """Read the key of this user, which is made when it is first needed."""
    try:
        state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        path = Path(state) / "ranvier" / "key"
        if not path.exists():
            _make(path)
        key = read_regular(path, largest=KEY_BYTES)
    except (OSError, RuntimeError, FileFormatError):
        return None
    return key if len(key) == KEY_BYTES else None


def _make(path: Path) -> None:
    """Put a new key there; if another process is quicker, its key stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".key.{os.urandom(4).hex()}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
