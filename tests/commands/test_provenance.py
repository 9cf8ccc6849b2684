import json
from pathlib import Path
from typing import Any

import pages
import pytest

from ranvier.commands.provenance import describe_origin, prepare, read_again
from ranvier.reading.reading import read

OPTIONS: dict[str, Any] = {"hidden": (5,), "test_fraction": 0.3, "seed": 2}


@pytest.fixture
def about(tmp_path: Path) -> dict[str, Any]:
    """Return what a run on a table stores, as its file holds it."""
    pages.table().to_csv(tmp_path / "mine.csv", index=False)
    reading = read(tmp_path / "mine.csv")
    prepared = prepare(reading, "kind", OPTIONS)
    origin = describe_origin(reading, prepared, "kind", None, OPTIONS)
    found: dict[str, Any] = json.loads(json.dumps({"origin": origin}))
    return found


def test_the_same_table_again(about: dict[str, Any], tmp_path: Path) -> None:
    first = prepare(read(tmp_path / "mine.csv"), "kind", OPTIONS)
    again = read_again(about).prepared
    assert (again.dataset.X == first.dataset.X).all()
    assert (again.dataset.Y[0] == first.dataset.Y[0]).all()
    assert again.options == first.options
    assert again.dataset.hyperparameters.hidden == (5,)
    assert again.test.equals(first.test)


@pytest.mark.parametrize("factor", [0.999, 1.001])
def test_another_table(about: dict[str, Any], tmp_path: Path, factor: float) -> None:
    """One other number, in a training row or a test row, is noticed."""
    for row in range(0, 80, 8):
        frame = pages.table()
        frame.loc[row, "height"] *= factor
        frame.to_csv(tmp_path / "mine.csv", index=False)
        with pytest.raises(ValueError, match=r"mine.csv holds other rows than the run"):
            read_again(about)


def test_no_table(about: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "mine.csv").unlink()
    with pytest.raises(FileNotFoundError, match=r"mine\.csv"):
        read_again(about)


@pytest.mark.parametrize("origin", [None, {}, {"path": "x", "options": 1}, []])
def test_a_run_that_does_not_say(origin: Any) -> None:
    with pytest.raises(ValueError, match="does not say where its table came from"):
        read_again({"origin": origin})
    with pytest.raises(ValueError, match="does not say where its table came from"):
        read_again({})
