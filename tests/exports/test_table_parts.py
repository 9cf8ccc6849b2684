"""What files of a table model are made of."""

from dataclasses import replace

import numpy as np
import pytest
from table_models import fitted, mixed

from ranvier.exports.table_parts import (
    category_keys,
    category_rows,
    check_scalers,
    number_codes,
    one_hot_rows,
    robust_scaler,
    supported_interval,
    truth_codes,
)
from ranvier.table.bins import Bins
from ranvier.table.column_encoding import CodeEncoding, NumericPart, OneHotEncoding
from ranvier.table.column_types import Category
from ranvier.table.scalers import QuantileScaler, RobustScaler
from ranvier.table.values import values_of

COLUMN = Category("c", ("1", "a", "true"), (5, 3, 2), 2, 4, 6)
TEXTS = values_of(np.array(["never seen", None, "1", "a", "true"], object))


@pytest.mark.parametrize("column", [COLUMN, replace(COLUMN, other=0, missing=0)])
@pytest.mark.parametrize("scaled", [True, False])
def test_rows_are_the_encoding_of_each_category(column: Category, scaled: bool) -> None:
    for encoding in (CodeEncoding(column), OneHotEncoding(column, scaled)):
        out = np.empty((5, len(encoding.names)), np.float32)
        encoding.encode(TEXTS, out)
        np.testing.assert_array_equal(category_rows(encoding), out)


def test_the_last_one_hot_row_is_the_average() -> None:
    rows = one_hot_rows(OneHotEncoding(COLUMN))
    np.testing.assert_allclose(rows[-1], COLUMN.average(), rtol=1e-6)
    np.testing.assert_array_equal(rows[:-1], np.eye(5))


def test_what_categories_say() -> None:
    column = Category("c", ("1", "1.0", "2.50", "TRUE", "x"), (1,) * 5, 0, 0, 0)
    assert category_keys(column) == {"+25e-1": 2, "true": 3}  # of "1", neither
    assert number_codes(column) == {2.5: 2}
    assert truth_codes(column) == {"true": 3}


def test_quantile_scalers_are_refused() -> None:
    part = NumericPart("x", QuantileScaler((0.0, 1.0)), Bins())
    with pytest.raises(TypeError, match="'x' is scaled by quantiles"):
        robust_scaler(part)
    scaler = RobustScaler(0.0, 1.0)
    assert robust_scaler(part._replace(scaler=scaler)) is scaler


def test_intervals_that_held_out_rows_support() -> None:
    model = fitted(mixed(100), "skewed", hidden=(4,), epochs=2)
    assert model.residuals is not None
    rows = len(model.residuals)
    assert supported_interval(model, None) == 0.9
    assert supported_interval(model, 0.5) == 0.5
    for wrong in (rows / (rows + 1) + 1e-6, 0.0, 1.0):
        with pytest.raises(ValueError, match=f"{rows} residuals of held-out rows sup"):
            supported_interval(model, wrong)
    model.residuals = model.residuals[:5]
    assert supported_interval(model, None) is None
    with pytest.raises(ValueError, match="there are no intervals"):
        supported_interval(fitted(mixed(60), "flag", epochs=2), 0.5)


def test_models_whose_scalers_cannot_be_written_are_refused() -> None:
    model = fitted(mixed(120), "skewed", preset="tabm", effort="default", time_limit=1)
    with pytest.raises(TypeError, match="preset='tabm'"):
        check_scalers(model)
