"""The runs that a server shows, by name; no name leads anywhere but to one of them."""

import os
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, Final

from ranvier.files import UNUSABLE, FileFormatError
from ranvier.live.curves import LARGE, Curves
from ranvier.run import journal, lock
from ranvier.run.run import Run, runs_in

# Parameters whose names are also those of results.
NAMES: Final = {"loss": "loss function", "epochs": "epochs planned"}


class RunIndex:
    """The runs of one folder.

    Parameters
    ----------
    root
        Folder of runs, or one run.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._runs: dict[str, Run] = {}
        self._curves: dict[str, Curves] = {}
        self._known: dict[str, tuple[tuple[int, int], dict[str, Any]]] = {}
        self._damaged: dict[str, str] = {}
        self._lock = Lock()

    def run(self, name: str) -> Run:
        """Return a run; KeyError for a name that is not in the list."""
        with self._lock:
            if name not in self._runs:
                self._look()
            return self._runs[name]

    def curves(self, name: str) -> Curves:
        """Return the records of a run as columns, up to date."""
        run = self.run(name)
        with self._lock:
            curves = self._curves.setdefault(name, Curves(run.path))
        curves.update()
        return curves

    def read_so_far(self, name: str) -> Curves | None:
        """Return the records of a run read so far; None if none were."""
        return self._curves.get(name)

    def is_read(self, name: str) -> bool:
        """Say whether the records of a run are at hand, or soon read."""
        run = self.run(name)
        known = self._curves.get(name)
        if known is not None and len(known):
            return True
        try:
            return (run.path / journal.NAME).stat().st_size < LARGE
        except OSError:
            return True

    def describe_all(self) -> list[dict[str, Any]]:
        """Describe every run in short, the newest first."""
        with self._lock:
            names = self._look()
            found = [(name, self._runs.get(name)) for name in names]
        return [
            damaged(name, self._damaged[name]) if run is None else self._described(run)
            for name, run in found
        ]

    def _described(self, run: Run) -> dict[str, Any]:
        """Describe a run; one that cannot be described takes no other with it."""
        try:
            return self._up_to_date(run)
        except UNUSABLE as error:
            return damaged(run.name, f"its files cannot be used: {error!r}")

    def _up_to_date(self, run: Run) -> dict[str, Any]:
        """Describe a run again if its file has grown, or somebody is writing it."""
        try:
            told = (run.path / journal.NAME).stat(follow_symlinks=False)
        except OSError:
            return describe(run, {})
        mark = (told.st_size, told.st_mtime_ns)
        known = self._known.get(run.name)
        if (
            known is None
            or known[0] != mark
            or known[1]["state"] in ("running", "stopped")
        ):
            known = self._known[run.name] = mark, describe(run, last_lines(run.path))
        return known[1]

    def _look(self) -> list[str]:
        """See which runs there are, and which of them are damaged, and how."""
        names = []
        self._damaged.clear()
        for path in runs_in(self.root):
            name = path.resolve().name
            if name not in self._runs:
                try:
                    self._runs[name] = Run(path)
                except FileNotFoundError:
                    continue  # it was removed just now
                except (OSError, *UNUSABLE) as error:
                    self._damaged[name] = str(error)
            names.append(name)
        for gone in self._runs.keys() - set(names):
            del self._runs[gone]
            self._curves.pop(gone, None)
            self._known.pop(gone, None)
        return names


def last_lines(path: Path, size: int = 16_384) -> dict[str, Any]:
    """Read the last record of a run, and its end, from the end of the file."""
    told: dict[str, Any] = {}
    try:
        with journal.opened(path) as file:
            length = file.seek(0, os.SEEK_END)
            file.seek(max(0, length - size))
            data = file.read()
    except (OSError, FileFormatError):
        return told
    # From the back, until the last record is found: the lines before it say nothing.
    for line in reversed(data[: data.rfind(b"\n")].split(b"\n")):
        for record in journal.lines(BytesIO(line + b"\n")):
            if "ended" in record:
                told["end"] = record
            elif "epoch" in record:
                told["record"] = record
                return told
            elif "resumed" in record:
                return told
    return told


def describe(run: Run, last: dict[str, Any]) -> dict[str, Any]:
    """Return a line of the table of runs."""
    manifest = run.manifest
    record = last.get("record", {})
    state = "ended" if "end" in last else "stopped"
    if state == "stopped" and lock.is_held(run.path):
        state = "running"
    end = last.get("end") or {}
    stops = manifest.get("training", {}).get("stop") is not None
    if end.get("ended") == "not finite":
        state = "diverged"
    layers = manifest.get("network", {}).get("layers", [])
    shape = [layer["units"] for layer in layers if layer.get("kind") == "dense"]
    return {
        "id": run.name,
        "state": state,
        "created": manifest.get("created"),
        "epochs": record.get("epoch", 0),
        "planned": manifest.get("training", {}).get("epochs"),
        "loss": record.get("loss"),
        "validation_loss": record.get("validation_loss"),
        "metrics": record.get("metrics", {}),
        "end": last.get("end"),
        # Without a stopping rule, training leaves the network of the last epoch.
        "kept_epoch": end.get("best_epoch") if stops else None,
        "best": (end.get("best") or {}) if stops else {},
        "folder": str(run.path),
        "parameters": parameters(manifest),
        "shape": [manifest.get("network", {}).get("inputs"), *shape],
        "target": manifest.get("about", {}).get("target"),
        "members": manifest.get("about", {}).get("members"),
        "rows": manifest.get("data", {}).get("rows"),
    }


def damaged(name: str, reason: str) -> dict[str, Any]:
    """Return a line of the table of runs for one that cannot be read."""
    nothing = dict.fromkeys(
        (
            "created",
            "planned",
            "loss",
            "validation_loss",
            "end",
            "target",
            "rows",
            "kept_epoch",
            "members",
            "folder",
        )
    )
    return {
        "id": name,
        "state": "damaged",
        "reason": reason[:500],
        "epochs": 0,
        "metrics": {},
        "parameters": {},
        "best": {},
        "shape": [],
        **nothing,
    }


def parameters(manifest: dict[str, Any]) -> dict[str, Any]:
    """Flatten what a training was asked for into names and plain values."""
    flat: dict[str, Any] = {}
    layers = manifest.get("network", {}).get("layers", [])
    dense = [layer for layer in layers if layer.get("kind") == "dense"]
    drops = [layer["rate"] for layer in layers if layer.get("kind") == "dropout"]
    flat["hidden"] = ", ".join(str(layer["units"]) for layer in dense[:-1])
    flat["activation"] = ", ".join(
        dict.fromkeys(layer["activation"] for layer in dense[:-1])
    )
    flat["dropout"] = max(drops, default=0)
    for name, value in manifest.get("training", {}).items():
        if isinstance(value, dict):
            for inner, plain in value.items():
                flat[
                    NAMES.get(name, name) if inner == "name" else f"{name} {inner}"
                ] = plain
        elif isinstance(value, list):
            flat[name] = ", ".join(map(str, value))
        else:
            flat[NAMES.get(name, name)] = value
    return {
        name: value
        for name, value in flat.items()
        if isinstance(value, str | int | float | bool) and value != ""
    }
