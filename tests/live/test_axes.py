"""axes.py: the user's columns, in their units, and rows that are possible."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ranvier as rv
import real_tables
from ranvier.live import axes
from ranvier.live.inspection import Inspection, of_run
from ranvier.live.network_view import grid, looked_over
from ranvier.live.row_views import data_map
from ranvier.table.encoder import TableEncoder

RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "price": RNG.lognormal(3, 1, 400),
        "colour": RNG.choice(["red", "green", "blue"], 400, p=[0.2, 0.5, 0.3]),
        "day": pd.Timestamp("2024-01-01")
        + pd.to_timedelta(RNG.integers(0, 500, 400), unit="D"),
        "many": RNG.choice([f"v{i}" for i in range(20)], 400),
    }
)


@pytest.mark.parametrize("limit", [None, 8])
def test_positions_are_encoded_as_the_table_was(limit: int | None) -> None:
    """The place of a row on every axis gives back that row's inputs."""
    encoder = TableEncoder.fit(TABLE, numeric="bins", one_hot_limit=limit)
    X = encoder.transform(TABLE)
    found = axes.of_table(encoder, X)
    assert [axis.name for axis in found] == list(TABLE.columns)
    assert [axis.kind for axis in found] == ["number", "category", "date", "category"]
    for axis in found:
        made = axis.encode(axis.places[:50])
        np.testing.assert_allclose(made, X[:50, axis.inputs], atol=2e-3)
    together = np.sort(np.concatenate([axis.inputs for axis in found]))
    assert together.tolist() == list(range(X.shape[1]))


def test_axes_are_in_the_units_of_the_table() -> None:
    encoder = TableEncoder.fit(TABLE, numeric="bins")
    price, colour, day, _ = axes.of_table(encoder, encoder.transform(TABLE))
    low, high = price.range
    assert TABLE.price.min() * 0.99 <= low < high <= TABLE.price.max() * 1.01
    typical = TABLE.price < TABLE.price.quantile(0.9)
    np.testing.assert_allclose(price.places[typical], TABLE.price[typical], rtol=1e-3)
    assert colour.labels == ("blue", "green", "red")
    assert colour.usual == 1
    assert colour.shown(colour.usual) == "green"
    assert day.shown(day.places[0]) == str(TABLE.day[0])[:10]
    assert price.shown(float("nan")) is None


def test_relevance() -> None:
    encoder = TableEncoder.fit(TABLE, numeric="bins")
    price, colour, day, _ = axes.of_table(encoder, encoder.transform(TABLE))
    Y = (TABLE.colour == "red").to_numpy(float)[:, None]
    assert colour.relevance(Y) == pytest.approx(1)
    assert abs(day.relevance(Y)) < 0.05
    assert abs(price.relevance(Y)) < 0.05


def recorded(table: pd.DataFrame, target: str, folder: Path) -> Inspection:
    model = rv.fit_table(table, target, effort="fast", epochs=4, run=folder)
    assert model.history is not None
    assert model.history.run is not None
    return of_run(rv.Run(model.history.run), None)


@real_tables.needed
@pytest.mark.parametrize(
    "name", ["adult", "car", "california_housing", "letter", "bike_sharing"]
)
@pytest.mark.filterwarnings("ignore")
def test_real_tables(name: str, tmp_path: Path) -> None:
    """Points lie at their values, axes within the data, and every row is possible."""
    table = pd.read_parquet(real_tables.path_of(name))
    table = table.sample(min(len(table), 900), random_state=0)
    inspection = recorded(table, "target", tmp_path)
    assert inspection.units is not None
    usual = inspection.units.table(inspection.usual[None])
    for column, (value,) in usual.items():
        known = table[column].dropna()
        if pd.api.types.is_numeric_dtype(known):
            gap = np.abs(known - value).min() / max(known.std(), 1e-9)
            assert gap < 1e-2, (column, value)
        elif not pd.api.types.is_datetime64_any_dtype(known):
            assert value in set(known.astype(str)), (column, value)
    for axis in inspection.axes[:6]:
        told = data_map(inspection, axis.name, inspection.axes[-1].name, None)
        if axis.kind != "number":
            continue
        known = table[axis.name].dropna()
        span = known.max() - known.min()
        assert told["x"]["low"] >= known.min() - 0.02 * span
        assert told["x"]["high"] <= known.max() + 0.02 * span
        assert_points(told, inspection, axis.name)


def assert_points(told: dict[str, Any], inspection: Inspection, name: str) -> None:
    names, values = inspection.raw(np.arange(len(inspection)))
    at = names.index(name)
    for point in told["points"]:
        assert point["x"] == pytest.approx(values[point["row"]][at], rel=1e-4, abs=1e-4)


def test_penguins_have_an_island_and_a_sex(tmp_path: Path) -> None:
    table = pd.read_csv("examples/penguins.csv")
    inspection = recorded(table, "species", tmp_path)
    told = data_map(inspection, "bill_length_mm", "body_mass_g", None)
    fixed = dict(told["fixed"])
    assert fixed["island"] == table.island.mode()[0]
    assert fixed["sex"] in ("male", "female")
    assert set(fixed) == {*table.columns} - {
        "species", "bill_length_mm", "body_mass_g"
    }  # fmt: skip
    first, second = looked_over(inspection, "bill_length_mm", "body_mass_g")
    rows = grid(inspection, first, second, None, told["size"])
    islands = [i for i, c in enumerate(inspection.columns) if c.startswith("island=")]
    assert (rows[:, islands].sum(axis=1) == 1).all()
    P = inspection.probabilities(rows)
    assert told["label"] == P.argmax(axis=1).tolist()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_one_output_is_the_second_class(tmp_path: Path) -> None:
    X = RNG.normal(size=(200, 2))
    y = np.where(X[:, 0] + X[:, 1] > 0, "yes", "no")
    classifier = rv.MLPClassifier((4,), max_iter=40, run=tmp_path, random_state=0)
    classifier.fit(X, y)
    (folder,) = [path.parent for path in tmp_path.glob("*/run.json")]
    inspection = of_run(rv.Run(folder), None)
    assert inspection.output_names == ("P(yes)",)
    net = rv.Network.mlp(2, 4, 1, output_activation="sigmoid", seed=0)
    history = rv.train(net, X, y == "yes", loss="log_loss", epochs=2, run=tmp_path)
    assert history.run is not None
    assert of_run(rv.Run(history.run), None).output_names == ("P(1)",)
