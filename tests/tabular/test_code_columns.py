"""Whole numbers that are codes too: decided by the data, said, and overruled."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ranvier as rv
from ranvier.exports.c_table import TableCode
from ranvier.table.encoder import TableEncoder
from ranvier.tabular.column_summary import column_summary
from ranvier.tabular.drift import DriftWarning
from ranvier.tabular.fit_options import FitOptions
from ranvier.tabular.presets import preset_hyperparameters
from ranvier.tabular.training_table import TrainingTable, prepare_table

RANVIER = str(Path(sys.executable).with_name("ranvier"))


def cities(rows: int = 4000, seed: int = 0) -> pd.DataFrame:
    """Return a table whose 80 cities have effects of their own."""
    rng = np.random.default_rng(seed)
    city = rng.integers(0, 80, rows)
    effect = np.random.default_rng(0).normal(size=80)[city]
    size = rng.normal(size=rows)
    return pd.DataFrame(
        {
            "city": city + 1000,
            "age": rng.integers(18, 90, rows),
            "size": size,
            "price": effect + size + 0.3 * rng.normal(size=rows),
        }
    )


def prepared(table: Any, **options: Any) -> TrainingTable:
    return prepare_table(table, "price", FitOptions(effort="fast", **options))


def test_the_data_decide_and_the_user_overrules() -> None:
    table = cities()
    plain = prepared(table)
    encoder = plain.dataset.encoder
    assert list(encoder.codes) == ["city"]
    assert "city as code" in encoder.names
    (notice,) = [n for n in plain.notices if "'city'" in n]
    assert "as a number and as 80 codes" in notice
    assert "name it in numbers=" in notice
    said = column_summary(encoder)
    assert said["city"].endswith("; also 80 codes, 8 learnt numbers for each")
    assert said["age"] == "integer from 18 to 89"
    for overruled in ({"numbers": ("city",)}, {"categories": ("city",)}):
        other = prepared(table, **overruled)
        assert not other.dataset.encoder.codes
        assert not [n for n in other.notices if "'city'" in n]


def test_published_networks_take_numbers_as_numbers() -> None:
    for preset in ("realmlp-td", "tabm"):
        chosen = preset_hyperparameters(preset, 4000, classification=False)
        assert not chosen.integer_codes


def test_texts_of_digits_are_codes_as_numbers_are() -> None:
    table = cities()
    texts = table.assign(city=table["city"].astype(str))
    X, Y = prepared(table).dataset.X, prepared(texts).dataset.X
    np.testing.assert_array_equal(X, Y)


def test_nothing_changes_without_codes() -> None:
    table = cities()
    table["city"] = np.random.default_rng(1).permutation(table["city"])
    np.testing.assert_array_equal(
        prepared(table).dataset.X, prepared(table, numbers=("city",)).dataset.X
    )


def test_codes_predict_better_at_every_door(tmp_path: Path) -> None:
    train, test = cities(), cities(1000, seed=1)
    model = rv.fit_table(train, "price", effort="fast")
    reg = rv.TabularRegressor(effort="fast")
    reg.fit(train.drop(columns="price"), train["price"])
    np.testing.assert_array_equal(model.predict(test), reg.predict(test))
    numbers = rv.fit_table(train, "price", effort="fast", numbers=["city"])

    def error(fitted: rv.TableModel) -> float:
        return float(np.mean((fitted.predict(test) - test["price"]) ** 2))

    assert error(model) < 0.5 * error(numbers)
    path = tmp_path / "m.safetensors"
    model.save(path)
    np.testing.assert_array_equal(
        rv.TableModel.load(path).predict(test), model.predict(test)
    )


def test_values_that_training_did_not_see_or_that_are_missing() -> None:
    table = cities()
    model = rv.fit_table(table, "price", effort="fast")
    rows = pd.DataFrame({"city": [5, np.nan, 1000], "age": 30, "size": 0.0})
    with pytest.warns(DriftWarning, match="'city' is outside of its training range"):
        assert np.isfinite(model.predict(rows)).all()
    encoder = model.encoder
    at = encoder.names.index("city as code")
    assert encoder.transform(rows)[:, at].tolist() == [0, 0, 1]
    decoded = encoder.inverse_transform(encoder.transform(table.head(5)))
    np.testing.assert_allclose(decoded["city"], table["city"].head(5), rtol=1e-5)


def test_missing_values_of_training_have_a_code() -> None:
    table = cities()
    table.loc[::10, "city"] = np.nan
    encoder = prepared(table).dataset.encoder
    at = encoder.names.index("city as code")
    assert encoder.transform(table)[0, at] == len(encoder.codes["city"].names) == 81


def test_the_encoder_is_rebuilt_with_its_codes() -> None:
    encoder = prepared(cities()).dataset.encoder
    assert TableEncoder.read(encoder.describe()) == encoder
    damaged = encoder.describe()
    damaged["codes"][0]["name"] = "size of it"
    with pytest.raises(ValueError, match="a code is no number"):
        TableEncoder.read(damaged)
    del damaged["codes"]  # as in files from before there were codes
    assert not TableEncoder.read(damaged).codes


def test_c_files_take_codes() -> None:
    model = rv.fit_table(cities(1000), "price", effort="fast", epochs=1)
    assert "column_city_code(" in TableCode(model, "model").file()


def test_numbers_that_are_texts() -> None:
    table = cities(400)
    table["city"] = [f"0{city}" for city in table["city"]]
    assert prepared(table).dataset.encoder.schema.columns["city"].kind == "category"
    numbers = prepared(table, numbers=("city",)).dataset.encoder
    assert numbers.schema.columns["city"].kind == "number"
    assert np.isfinite(numbers.transform(table)).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"numbers": ("cty",)}, "no column 'cty': did you mean 'city'"),
        ({"numbers": ("city",), "categories": ("city",)}, "both as numbers and as cat"),
    ],
)
def test_wrong_names(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        prepared(cities(100), **options)


def test_words_are_no_numbers() -> None:
    table = cities(100).assign(kind=["a", "b"] * 50)
    with pytest.raises(ValueError, match="column 'kind' should hold numbers"):
        prepared(table, numbers=("kind",))


def test_the_command(tmp_path: Path) -> None:
    cities(4000).to_csv(tmp_path / "t.csv", index=False)
    train = [
        RANVIER,
        "train",
        "t.csv",
        "-t",
        "price",
        "--effort",
        "fast",
        "--epochs",
        "1",
    ]
    for extra, said in (
        (["-o", "a.safetensors"], True),
        (["--numbers", "city"], False),
    ):
        done = subprocess.run(
            [*train, "--no-run", *extra],
            cwd=tmp_path, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert ("is read as a number and as 80 codes" in done.stderr + done.stdout) is (
            said
        )
