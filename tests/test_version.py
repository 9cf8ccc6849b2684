"""The version: version.py."""

import tomllib
from pathlib import Path

import ranvier as rv
from ranvier.version import __version__

ROOT = Path(__file__).resolve().parents[1]


def test_all_say_the_same() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert rv.__version__ == __version__ == project["version"]
    assert rv.show_config(mode="dicts")["versions"]["ranvier"] == __version__
