from dataclasses import replace
from pathlib import Path

import numpy as np
import pages
import pytest

import ranvier as rv
from ranvier.files import FileFormatError
from ranvier.job.fitting import fit
from ranvier.job.preparation import Preparation, prepare
from ranvier.job.resuming import as_recorded


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Preparation, rv.Run]:
    """Give what a run was begun with, and the run."""
    prepared = prepare(pages.table(), "kind", epochs=4, hidden=(6,))
    model = fit(prepared, run=tmp_path_factory.mktemp("runs"))
    assert model.history is not None
    assert model.history.run is not None
    return prepared, rv.Run(model.history.run)


def test_what_the_run_holds(recorded: tuple[Preparation, rv.Run]) -> None:
    first, run = recorded
    again = as_recorded(run, None)
    assert (again.target, again.recipe) == (first.target, first.recipe)
    assert again.encoder == first.encoder
    assert again.task == first.task
    assert np.array_equal(again.data.X, first.data.X)
    assert np.array_equal(again.data.Y, first.data.Y)
    for ours, theirs in zip(again.divided(0), first.divided(0), strict=True):
        assert np.array_equal(ours.held_out, theirs.held_out)


def test_a_table_that_was_read_again_has_the_run_s_recipe(
    recorded: tuple[Preparation, rv.Run],
) -> None:
    first, run = recorded
    other = replace(first, recipe=replace(first.recipe, epochs=99))
    assert as_recorded(run, other).recipe == first.recipe
    assert as_recorded(run, other).train is first.train


def test_a_run_without_a_table(tmp_path: Path) -> None:
    run = rv.Run(pages.record(tmp_path))
    with pytest.raises(FileFormatError, match="does not tell of its table: 'recipe'"):
        as_recorded(run, None)
