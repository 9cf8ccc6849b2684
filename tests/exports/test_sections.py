"""sections.c: its constants are those of the engine."""

import re
from pathlib import Path

import pytest

import ranvier

ENGINE = Path(__file__).resolve().parents[2] / "engine" / "equations" / "elementary.h"
SECTIONS = Path(ranvier.__file__).parent / "exports" / "sections.c"
TABLES = ("kExpm1", "kLog", "kSine", "kTail", "kTanh")


def tables(path: Path, name: str) -> list[list[float]]:
    """Return the numbers of a table, in float and in double."""
    found = re.findall(rf"{name}\[\] = \{{(.*?)\}};", path.read_text(), re.DOTALL)
    return [
        [float(text.strip().rstrip("f")) for text in numbers.split(",") if text.strip()]
        for numbers in found
    ]


@pytest.mark.skipif(not ENGINE.is_file(), reason="needs the sources of the engine")
@pytest.mark.parametrize("name", TABLES)
def test_constants_are_those_of_the_engine(name: str) -> None:
    ours, theirs = tables(SECTIONS, name), tables(ENGINE, name)
    assert len(ours) == 2
    assert ours == theirs
