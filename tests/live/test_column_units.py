import numpy as np
import pages
import pytest

import ranvier as rv
from ranvier.live.column_units import ColumnUnits
from ranvier.live.inspection import Inspection, of_run
from ranvier.table.encoder import TableEncoder

# The class is the sign of a height.
pytestmark = pytest.mark.filterwarnings("ignore:Column")


@pytest.fixture(scope="module")
def inspection(tmp_path_factory: pytest.TempPathFactory) -> Inspection:
    """Return the last network of a run on a table."""
    run = pages.record_table(tmp_path_factory.mktemp("runs"), rows=160)
    return of_run(rv.Run(run), None)


def test_numbers_in_their_units(inspection: Inspection) -> None:
    assert inspection.units is not None
    shown = inspection.units.table(inspection.X)
    # A run holds its rows in an order of its own.
    order, frame = np.argsort(shown["height"]), pages.table(160).sort_values("height")
    found = shown["width"][order]
    np.testing.assert_allclose(found, frame.width, rtol=1e-3, atol=1e-4)


def test_columns_of_the_playground() -> None:
    frame = pages.table()[["height", "width", "colour"]]
    encoder = TableEncoder.fit(frame, numeric="robust")
    X = encoder.transform(frame)
    units = ColumnUnits(encoder)
    told = units.table(X[[3, 5]])["height"]
    np.testing.assert_allclose(told, frame.height[[3, 5]], rtol=1e-4)
    assert units.derived_from.tolist() == [0, 1, 2, 3, 4]
