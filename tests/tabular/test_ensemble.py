"""The ensemble: its members, its temperature, its residuals, and how it ends early."""

from dataclasses import replace

import numpy as np
import pytest
from raw_tables import fitted, mixed, prepared

from ranvier.tabular.ensemble import fit_ensemble
from ranvier.tabular.first_member import FirstMember
from ranvier.tabular.fit_context import FitContext
from ranvier.tabular.fit_options import FitOptions
from ranvier.tabular.selection import select_encoding
from ranvier.training.calibration import temperature


@pytest.fixture(scope="module")
def table():
    frame, y = mixed(150)
    return prepared(frame.assign(y=y > 1), "y", hidden=(8,), epochs=6)


def test_the_members_are_those_of_the_selection(table) -> None:
    dataset, options = table.dataset, table.options
    ensemble = fit_ensemble(dataset, options, FitContext(1), 4, FirstMember())
    folds = dataset.folds(options, 4)
    alone = select_encoding(
        dataset.spec(), dataset.encoder.is_bin, folds, 4, FitContext(2)
    )
    assert [m.network for m in ensemble.members] == [m.network for m in alone]
    held = ensemble.out_of_fold
    assert sorted(np.unique(held.rows)) == list(range(len(dataset)))


def test_the_temperature_is_found_on_held_out_rows(table) -> None:
    dataset = table.dataset
    plain = replace(
        dataset, hyperparameters=replace(dataset.hyperparameters, calibrates=False)
    )
    model = fitted(table)
    assert fitted(replace(table, dataset=plain)).temperature == 1
    seed = model.members[0].seed
    assert seed is not None
    ensemble = fit_ensemble(
        dataset, table.options, FitContext(), seed, FirstMember(), False
    )
    held = ensemble.out_of_fold
    assert model.temperature == temperature(held.Z, held.Y, held.weights)


def test_tabm_has_no_first_member(table) -> None:
    first = FirstMember(callbacks=[lambda record: None])
    options = FitOptions(preset="tabm")
    with pytest.raises(ValueError, match="leave run=, callbacks= or the preset"):
        fit_ensemble(table.dataset, options, FitContext(), 0, first)


def test_ctrl_c_before_any_epoch(table) -> None:
    context = FitContext()
    context.interrupt()
    with pytest.raises(KeyboardInterrupt):
        fit_ensemble(table.dataset, table.options, context, 0, FirstMember())
