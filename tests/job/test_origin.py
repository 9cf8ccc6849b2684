import json
from pathlib import Path
from typing import Any

import pages
import pytest

from ranvier.job.origin import Origin, describe_origin, read_again
from ranvier.job.preparation import prepare
from ranvier.reading.reading import read

OPTIONS: dict[str, Any] = {"hidden": (5,), "test_fraction": 0.3, "seed": 2}


@pytest.fixture
def about(tmp_path: Path) -> dict[str, Any]:
    """Give what a run on a table is told, as its file holds it."""
    pages.table().to_csv(tmp_path / "mine.csv", index=False)
    reading = read(tmp_path / "mine.csv")
    origin = Origin(reading, prepare(reading.frame, "kind", **OPTIONS))
    told = describe_origin(origin, None, OPTIONS)
    found: dict[str, Any] = json.loads(json.dumps({"target": "kind", "origin": told}))
    return found


def test_the_same_table_again(about: dict[str, Any], tmp_path: Path) -> None:
    first = prepare(read(tmp_path / "mine.csv").frame, "kind", **OPTIONS)
    again = read_again(about).preparation
    assert (again.data.X == first.data.X).all()
    assert (again.data.Y == first.data.Y).all()
    assert again.recipe.hidden == (5,)
    assert again.test.equals(first.test)


@pytest.mark.parametrize("factor", [0.999, 1.001])
def test_another_table(about: dict[str, Any], tmp_path: Path, factor: float) -> None:
    """One other number, in a row that is trained on or held out, is noticed."""
    for row in range(0, 80, 8):
        frame = pages.table()
        frame.loc[row, "height"] *= factor
        frame.to_csv(tmp_path / "mine.csv", index=False)
        with pytest.raises(ValueError, match=r"mine.csv holds other rows than those"):
            read_again(about)


def test_no_table(about: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "mine.csv").unlink()
    with pytest.raises(FileNotFoundError, match=r"mine\.csv"):
        read_again(about)


@pytest.mark.parametrize("origin", [None, {}, {"path": "x", "options": 1}, []])
def test_a_run_that_does_not_tell(origin: Any) -> None:
    with pytest.raises(ValueError, match="does not tell where its table came from"):
        read_again({"target": "kind", "origin": origin})
    with pytest.raises(ValueError, match="does not tell where its table came from"):
        read_again({})
