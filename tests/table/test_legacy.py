"""legacy.py: what earlier versions wrote is read as today's encoder."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ranvier.table.encoder import TableEncoder
from ranvier.table.legacy import upgraded_encoder, upgraded_transform, with_histogram
from ranvier.table.target_transform import TargetTransform

FRAME = pd.DataFrame({"x": [1.0, 2, 4, 8, 16] * 5, "k": list("aabbc") * 5})


def old(encoder: TableEncoder) -> dict[str, Any]:
    """Describe an encoder in the fields of before."""
    today = encoder.describe()
    spreads = {
        name: {"knots": scaler["quantiles"]}
        if encoder.numeric == "quantile"
        else scaler | {"edges": today["bins"][name]}
        for name, scaler in today["scalers"].items()
    }
    return {
        "table": today["table"],
        "places": encoder.numeric == "bins",
        "marks": encoder.scale_one_hot,
        "one_hot": encoder.one_hot_limit,
        "spreads": spreads,
    }


@pytest.mark.parametrize("numeric", ["bins", "robust", "quantile"])
@pytest.mark.parametrize("limit", [None, 2])
def test_an_encoder_of_before_is_read(numeric: Any, limit: int | None) -> None:
    encoder = TableEncoder.fit(
        FRAME, numeric=numeric, n_bins=4, scale_one_hot=True, one_hot_limit=limit
    )
    assert TableEncoder.read(old(encoder)) == encoder


def test_todays_description_comes_back_as_it_is() -> None:
    described = TableEncoder.fit(FRAME).describe()
    assert upgraded_encoder(described) is described
    assert upgraded_encoder(3) == 3


@pytest.mark.parametrize(
    "damage",
    [
        {"spreads": 3},
        {"spreads": {"x": 3}},
        {"spreads": {"x": {"median": 1.0, "width": 0.0, "edges": []}}},
        {"spreads": {"x": {"median": 1.0, "width": 1.0, "edges": [2.0, 1.0]}}},
        {"spreads": {"x": {"median": 1.0}}},
        {"spreads": {}},
        {"one_hot": -1},
    ],
)
def test_a_damaged_one_is_refused(damage: dict[str, Any]) -> None:
    encoder = TableEncoder.fit(FRAME, numeric="bins", n_bins=4)
    with pytest.raises(ValueError, match="damaged"):
        TableEncoder.read(old(encoder) | damage)


def test_a_target_of_before_is_read() -> None:
    y = np.exp(np.random.default_rng(0).normal(size=(50, 1)))
    today = TargetTransform.logarithmic(y, None)
    assert today is not None
    described = today.describe()
    old = {
        "origin": described["center"],
        "unit": described["scale"],
        "low": described["minimum"],
        "high": described["maximum"],
        "side": described["sign"],
        "end": described["edge"],
        "middle": described["distance"],
        "gain": described["smearing"],
    }
    assert TargetTransform.read(old).describe() == described
    assert upgraded_transform(described) is described


def test_a_column_without_a_histogram_gets_an_empty_one() -> None:
    empty = {"edges": [], "counts": []}
    assert with_histogram({"name": "x"}) == {"name": "x", "histogram": empty}
    own = {"name": "x", "histogram": {"edges": [1.0], "counts": [2]}}
    assert with_histogram(own) == own
    assert with_histogram(3) == 3
