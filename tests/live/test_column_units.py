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


def test_places_follow_from_their_number(inspection: Inspection) -> None:
    """A row that is set by its numbers is the row that the encoding makes."""
    units = inspection.units
    assert isinstance(units, ColumnUnits)
    shown = [inspection.columns[i] for i in inspection.shown]
    assert shown == ["height", "width", "colour=blue", "colour=green", "colour=red"]
    X = inspection.X[:20].copy()
    changed = np.roll(X, 1, axis=0)
    changed[:, inspection.shown] = X[:, inspection.shown]
    places = np.setdiff1d(np.arange(X.shape[1]), inspection.shown)
    assert len(places) > 20
    assert not np.allclose(changed, X)
    units.complete(changed)
    np.testing.assert_allclose(changed, X, atol=1e-5)
    assert (
        units.of(inspection.columns.index("colour=red"), np.array([0.0, 1.0])) is None
    )


def test_numbers_in_their_units(inspection: Inspection) -> None:
    assert inspection.units is not None
    shown = inspection.units.table(inspection.X)
    # A run holds its rows in an order of its own.
    order, frame = np.argsort(shown["height"]), pages.table(160).sort_values("height")
    column = inspection.columns.index("width")
    width = inspection.units.of(column, inspection.X[:, column])
    for found in (width, shown["width"]):
        assert found is not None
        np.testing.assert_allclose(found[order], frame.width, rtol=1e-3, atol=1e-4)


def test_columns_of_the_playground() -> None:
    frame = pages.table()[["height", "width", "colour"]]
    encoder = TableEncoder.fit(frame, numeric="robust")
    X = encoder.transform(frame)
    units = ColumnUnits(encoder)
    told = units.table(X[[3, 5]])["height"]
    np.testing.assert_allclose(told, frame.height[[3, 5]], rtol=1e-4)
    np.testing.assert_allclose(units.of(1, X[:, 1]), frame.width, rtol=1e-4, atol=1e-5)
    assert units.of(2, X[:, 2]) is None
    assert units.derived_from.tolist() == [0, 1, 2, 3, 4]
    before = X.copy()
    units.complete(X)
    assert (before == X).all()
