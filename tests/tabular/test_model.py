"""The model: what it predicts, and that its file is whole, exact and never executed."""

import errno
import os
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from ranvier import files
from ranvier.files import FileFormatError
from ranvier.network.network import Network
from ranvier.tabular.drift import DriftWarning
from ranvier.tabular.fit_table import fit_table
from ranvier.tabular.model import TableModel

pytestmark = pytest.mark.filterwarnings("ignore:Column")  # a threshold is the target

rng = np.random.default_rng(0)
ROWS = 120
TABLE = pd.DataFrame(
    {
        "x": rng.normal(size=ROWS),
        "colour": rng.choice(["red", "green", "blue"], size=ROWS),
        "day": pd.date_range("2024-01-01", periods=ROWS),
    }
)
TABLE["text"] = np.where(TABLE.x > 0, "yes", "no")
TABLE["grade"] = np.where(TABLE.x > 0, 3, 1)
TABLE["truth"] = TABLE.x > 0
TABLE["amount"] = 1000 + 250 * TABLE.x
INPUTS = ["x", "colour", "day"]
TARGETS = ["text", "grade", "truth", "amount"]
TABLES = {target: TABLE[[*INPUTS, target]] for target in TARGETS}


def trained(target: str, **options: Any) -> TableModel:
    options = {"epochs": 20, "hidden": (16,), "progress": False} | options
    return fit_table(TABLES[target], target, **options)


@pytest.fixture(scope="module")
def models() -> dict[str, TableModel]:
    return {target: trained(target) for target in TARGETS}


@pytest.mark.parametrize(
    ("target", "dtype"),
    [("text", object), ("grade", np.int64), ("truth", np.bool_), ("amount", float)],
)
def test_answers_are_of_the_target_s_own_kind(
    models: dict[str, TableModel], target: str, dtype: Any
) -> None:
    answers = models[target].predict(TABLES[target])
    assert answers.shape == (ROWS,)
    assert answers.dtype == dtype
    if target == "amount":
        assert np.abs(answers - TABLE.amount).mean() < 50
    else:
        assert (answers == TABLE[target]).mean() > 0.95
        assert set(answers) <= set(models[target].classes)


def test_probabilities_are_of_the_classes_in_order(
    models: dict[str, TableModel],
) -> None:
    table = TABLES["text"]
    P = models["text"].predict_proba(table)
    assert models["text"].classes == ("no", "yes")
    np.testing.assert_allclose(P.sum(axis=1), 1, atol=1e-6)
    assert np.array_equal(P[:, 1] > 0.5, models["text"].predict(table) == "yes")
    with pytest.raises(ValueError, match="predicts numbers of 'amount'"):
        models["amount"].predict_proba(TABLES["amount"])


@pytest.mark.parametrize("make", [pl.from_pandas, pa.Table.from_pandas])
def test_every_library_gets_the_same_answers(
    models: dict[str, TableModel], make: Any
) -> None:
    for target, model in models.items():
        table = TABLES[target]
        assert np.array_equal(model.predict(make(table)), model.predict(table))


def test_raw_tables_in_any_order_and_no_rows(models: dict[str, TableModel]) -> None:
    model = models["text"]
    mixed = TABLE[["day", "text", "colour", "x"]]
    expected = model.predict(TABLE[INPUTS])
    assert np.array_equal(model.predict(mixed), expected)
    assert model.predict(mixed.head(0)).shape == (0,)
    assert model.predict_proba(mixed.head(0)).shape == (0, 2)
    with pytest.warns(UserWarning, match="'amount' were not in the training table"):
        assert np.array_equal(model.predict(mixed.assign(amount=1)), expected)
    assert model.unknown_columns(mixed.assign(amount=1)) == ["amount"]


def test_a_column_that_lacks_is_named(models: dict[str, TableModel]) -> None:
    with pytest.raises(ValueError, match=r"lacks the column.* 'x'"):
        models["text"].predict(TABLES["text"].drop(columns="x"))


def test_the_score_counts_an_unseen_class_as_wrong(
    models: dict[str, TableModel],
) -> None:
    model = models["text"]
    table = TABLES["text"].assign(text=["maybe", None, *TABLE.text[2:]])
    # 119 rows have a target, and one of them a class that no answer can be.
    right = (model.predict(table) == table.text).sum()
    assert model.evaluate(table)["accuracy"] == pytest.approx(right / (ROWS - 1))
    assert list(model.evaluate(table)) == ["accuracy", "log_loss", "auc"]
    assert list(models["amount"].evaluate(TABLES["amount"])) == ["rmse", "mae", "r2"]


def test_the_prediction_is_the_mean_of_the_networks(
    models: dict[str, TableModel],
) -> None:
    for target, model in models.items():
        assert len(model.networks) == len(model.members) >= 8
        assert model.network is model.networks[0]
        X = model.encoder.transform(TABLES[target])
        if target == "amount":
            parts = [
                model.outputs.transform.predictions(net(X))[:, 0]
                for net in model.networks
            ]
            found = model.predict(TABLES[target])
        else:  # the temperature is in their last layers
            parts = [net(X) for net in model.networks]
            found = model.predict_proba(TABLES[target])
        np.testing.assert_allclose(found, np.mean(parts, axis=0), rtol=1e-5, atol=1e-6)


def test_numbers_stay_within_what_training_saw(models: dict[str, TableModel]) -> None:
    far = TABLES["amount"].assign(x=np.linspace(-1e6, 1e6, ROWS))
    with pytest.warns(DriftWarning, match="'x' is outside"):
        predicted = models["amount"].predict(far)
    assert predicted.min() >= TABLE.amount.min()
    assert predicted.max() <= TABLE.amount.max()


def test_the_repr_tells_the_task(models: dict[str, TableModel]) -> None:
    assert repr(models["text"]).startswith("TableModel(classification of 'text', ")


# ---------------------------------------------------------------- the file


@pytest.mark.parametrize("target", TARGETS)
def test_a_loaded_model_answers_to_the_bit(
    models: dict[str, TableModel], target: str, tmp_path: Path
) -> None:
    model = models[target]
    model.metadata = replace(model.metadata, test_rows=7, scores={"accuracy": 0.5})
    model.save(tmp_path / "m.safetensors")
    loaded = TableModel.load(tmp_path / "m.safetensors")
    table = TABLES[target]
    assert np.array_equal(loaded.predict(table), model.predict(table))
    if target != "amount":
        P = model.predict_proba(table)
        assert np.array_equal(loaded.predict_proba(table), P)
    else:
        bounds = zip(loaded.predict(table, 0.9), model.predict(table, 0.9), strict=True)
        assert all(np.array_equal(got, want) for got, want in bounds)
    assert loaded.classes == model.classes
    assert loaded.metadata == model.metadata
    assert loaded.history is None
    assert loaded.members == model.members
    assert loaded.notices == model.notices
    assert loaded.columns == model.columns


def test_a_full_disk_leaves_the_old_file_whole(
    models: dict[str, TableModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "m.safetensors"
    models["text"].save(path)
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device.*the old file is as"):
        models["amount"].save(path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_network_file_is_no_model(tmp_path: Path) -> None:
    Network.mlp(2, [3], 1).save(tmp_path / "n.safetensors")
    with pytest.raises(FileFormatError, match="holds a network, but a model was"):
        TableModel.load(tmp_path / "n.safetensors")


def test_a_pickle_is_no_model_and_is_not_executed(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "sprung"),)

    (tmp_path / "m.safetensors").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(FileFormatError):
        TableModel.load(tmp_path / "m.safetensors")
    assert not (tmp_path / "sprung").exists()


def test_flipped_and_lost_bytes_are_found(
    models: dict[str, TableModel], tmp_path: Path
) -> None:
    path = tmp_path / "m.safetensors"
    models["text"].save(path)
    whole = path.read_bytes()
    places = rng.integers(len(whole), size=60)
    damaged = [whole[:at] for at in places[:20]]
    for at in places:
        flipped = bytearray(whole)
        flipped[at] ^= 1 << int(rng.integers(8))
        damaged.append(bytes(flipped))
    for data in damaged:
        path.write_bytes(data)
        try:
            loaded = TableModel.load(path)
        except FileFormatError:
            continue
        # A digit beyond what a float carries: the file says what it said.
        loaded.save(path)
        assert path.read_bytes() == whole
        assert len(data) == len(whole)


CHANGES: list[tuple[str, Any]] = [
    ("network", None),
    ("network", {"inputs": 3}),
    ("encoder", {}),
    ("outputs", {"kind": "classes"}),
    ("metadata", {"rows": 1}),
    ("temperature", 0),
    ("estimator", 3),
    ("surprise", 1),
]


@pytest.mark.parametrize(("part", "value"), CHANGES)
def test_a_description_that_was_tampered_with_is_refused(
    models: dict[str, TableModel], tmp_path: Path, part: str, value: Any
) -> None:
    path = tmp_path / "m.safetensors"
    models["text"].save(path)
    description, arrays = files.load(path, "model")
    files.save(path, description | {part: value}, arrays, "model")
    with pytest.raises(FileFormatError, match="holds no usable model"):
        TableModel.load(path)


def test_parts_that_do_not_fit_each_other_are_refused(
    models: dict[str, TableModel], tmp_path: Path
) -> None:
    path = tmp_path / "m.safetensors"
    models["text"].save(path)
    description, arrays = files.load(path, "model")
    models["amount"].save(path)
    other, numbers = files.load(path, "model")
    mixed = description | {"outputs": other["outputs"]}
    files.save(path, mixed, arrays, "model")
    with pytest.raises(FileFormatError, match=r"outputs\) = .* but the table needs"):
        TableModel.load(path)
    files.save(path, description, arrays | {"more": np.zeros(1)}, "model")
    with pytest.raises(FileFormatError, match="should hold theta only"):
        TableModel.load(path)
    for wrong in (arrays["theta"][0], arrays["theta"][:0]):
        files.save(path, description, {"theta": wrong}, "model")
        with pytest.raises(FileFormatError, match="theta holds no networks"):
            TableModel.load(path)
    for residuals in (np.ones(3), -np.ones((3, 1)), np.full((3, 1), np.nan)):
        files.save(path, other, numbers | {"residuals": residuals}, "model")
        with pytest.raises(FileFormatError, match="residuals are no sizes"):
            TableModel.load(path)


def test_a_newer_file_says_to_update(
    models: dict[str, TableModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "m.safetensors"
    monkeypatch.setattr(files, "VERSION", files.VERSION + 1)
    models["text"].save(path)
    monkeypatch.undo()
    with pytest.raises(FileFormatError, match="update it with `pip install"):
        TableModel.load(path)


def test_new_rows_are_read_as_the_training_rows(tmp_path: Path) -> None:
    days = [
        f"{day:02}/{month:02}/2024" for month in range(1, 13) for day in range(1, 29)
    ]
    cost = [f"{x % 7},5 \u20ac" for x in range(len(days))]
    table = pd.DataFrame({"day": days, "cost": cost, "y": [i % 11 for i in range(336)]})
    model = fit_table(table, "y", task="regression", effort="fast")
    model.save(tmp_path / "m.safetensors")
    loaded = TableModel.load(tmp_path / "m.safetensors")
    assert loaded.reading == model.reading
    assert (
        loaded.reading.lines()[0] == "'day': date (day first), 2024-01-01 to 2024-12-28"
    )
    new = pd.DataFrame({"day": ["01/05/2024"], "cost": ["3,5 \u20ac"]})
    read = pd.DataFrame({"day": [pd.Timestamp(2024, 5, 1)], "cost": [3.5]})
    np.testing.assert_array_equal(loaded.predict(new), model.predict(read))
    with pytest.raises(ValueError, match="'day' holds '12/31/2024' in row 0"):
        loaded.predict(new.assign(day="12/31/2024"))
