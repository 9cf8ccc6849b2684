"""Files written before a model had one kind of file: they predict what they did."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ranvier as rv

FOLDER = Path(__file__).parents[1] / "data" / "files"
PREDICTIONS: dict[str, dict[str, list[Any]]] = json.loads(
    (FOLDER / "predictions.json").read_text()
)


def loaded(name: str) -> Any:
    kinds = {"c": rv.TabularClassifier, "r": rv.TabularRegressor, "m": rv.TableModel}
    return kinds[name[0]].load(FOLDER / f"{name}.safetensors")


def predictions(fitted: Any, expected: dict[str, Any], rows: Any) -> Iterator[Any]:
    """Predict what was written down, in its order."""
    if "probability" in expected:
        yield fitted.predict_proba(rows)
    elif "low" in expected:
        yield from fitted.predict(rows, interval=0.8)
    else:
        yield fitted.predict(rows)


@pytest.mark.parametrize("name", PREDICTIONS)
def test_predictions_of_old_files(name: str) -> None:
    table = pd.read_csv(FOLDER / "table.csv")
    rows = table.drop(columns=["number", "skewed", "class"]).tail(20)
    expected = PREDICTIONS[name]
    found = list(predictions(loaded(name), expected, rows))
    for array, values in zip(found, expected.values(), strict=True):
        if rv.show_config("dicts")["engine"]["level"] == "baseline":
            np.testing.assert_allclose(array, values, rtol=1e-4, atol=1e-5)
        else:  # levels with fused multiply-adds agree to the bit
            np.testing.assert_array_equal(array, np.asarray(values))
