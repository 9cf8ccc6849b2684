"""Files that were damaged or changed at random: an error of ours, or none.

Seeds are fixed. ./test takes a tenth of what ./test --slow takes.
"""

from pathlib import Path
from typing import Any

import pages
import pytest

import mutants
import ranvier as rv

SMALL_OR_SLOW = [False, pytest.param(True, marks=pytest.mark.slow)]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, Any]]:
    """Return a file of each kind, with what loads it."""
    folder = tmp_path_factory.mktemp("models")
    table = pages.table(60)
    y = table.pop("kind")
    tabular = rv.TabularClassifier(effort="fast", epochs=3).fit(table, y)
    tabular.save(folder / "tabular")
    numbers = rv.TabularRegressor(effort="fast", epochs=3).fit(table, table["height"])
    numbers.save(folder / "numbers")
    rv.fit_table(pages.table(60), "kind", effort="fast", epochs=3).save(
        folder / "table"
    )
    rv.Network.mlp(2, [3], 1, dropout=0.1, seed=0).save(folder / "network")
    return [
        (folder / "tabular", rv.TabularClassifier.load),
        (folder / "numbers", rv.TabularRegressor.load),
        (folder / "table", rv.load),
        (folder / "network", rv.Network.load),
    ]


@pytest.mark.parametrize("slow", SMALL_OR_SLOW)
def test_model_files(
    models: list[tuple[Path, Any]], tmp_path: Path, slow: bool
) -> None:
    """20,000 in all."""
    mutants.confined(
        mutants.model_files, models, tmp_path / "m", 20_000 if slow else 1000
    )


@pytest.mark.parametrize("slow", SMALL_OR_SLOW)
def test_run_folders(tmp_path: Path, slow: bool) -> None:
    """2,000: the page lists each, and reading one gives an error of ours or none."""
    whole = pages.record(tmp_path / "whole", epochs=5)
    mutants.confined(
        mutants.run_folders, whole, tmp_path / "runs", 2000 if slow else 200
    )


@pytest.mark.parametrize("slow", SMALL_OR_SLOW)
def test_data_files(tmp_path: Path, slow: bool) -> None:
    """2,000: a table, or an error of ours, in limited memory."""
    mutants.confined(mutants.data_files, tmp_path, 2000 if slow else 200)
