"""The command, `fit_table` and the estimators: one model, to the bit."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pages
import pandas as pd
import pytest
from raw_tables import mixed

import ranvier as rv
from ranvier.tabular.first_member import FirstMember
from ranvier.tabular.fit_context import FitContext
from ranvier.tabular.fit_options import FitOptions
from ranvier.tabular.fit_table import fit_prepared, fit_table, recorded_table
from ranvier.tabular.model import TableModel
from ranvier.tabular.time_budget import TimeBudget
from ranvier.tabular.training_table import TrainingTable, prepare_table
from ranvier.training.history import EpochRecord

pytestmark = pytest.mark.filterwarnings("ignore:Column")  # a threshold is the target

RANVIER = str(Path(sys.executable).with_name("ranvier"))
TABLE = pages.table(120)
OPTIONS = FitOptions(hidden=(8,), epochs=6)


def a_table(rows: int = 150) -> pd.DataFrame:
    """A table with a target of each kind, as a CSV file gives it."""
    table, y = mixed(rows)
    table["day"] = table["day"].dt.strftime("%Y-%m-%d")
    table["code"] = table["code"].astype(str)
    table["class"] = np.where(y > 1, "large", "small")
    table["number"] = y
    table["skewed"] = np.exp(1.5 * y)
    return table


TARGETS = ["class", "number", "skewed"]


def rows_for(target: str) -> pd.DataFrame:
    return a_table().drop(columns=[name for name in TARGETS if name != target])


def estimator_for(target: str, **settings: Any) -> Any:
    kind = rv.TabularClassifier if target == "class" else rv.TabularRegressor
    return kind(effort="fast", **settings)


def predictions(model: Any, table: pd.DataFrame) -> np.ndarray:
    if hasattr(model, "classes_") or getattr(model, "classes", None):
        return np.asarray(model.predict_proba(table))
    return np.asarray(model.predict(table))


@pytest.mark.parametrize("target", TARGETS)
def test_three_doors_to_one_model(target: str, tmp_path: Path) -> None:
    rows_for(target).to_csv(tmp_path / "t.csv", index=False)
    table = pd.read_csv(tmp_path / "t.csv")
    command = [RANVIER, "train", "t.csv", "-t", target, "--effort", "fast"]
    command += ["--seed", "3", "--test-fraction", "0", "--json"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    by_command = rv.load(tmp_path / "t-model.safetensors")
    model = fit_table(table, target, effort="fast", seed=3)
    X = table.drop(columns=target)
    estimator = estimator_for(target, random_state=3).fit(X, table[target])
    expected = predictions(estimator, X)
    np.testing.assert_array_equal(predictions(model, table), expected)
    np.testing.assert_array_equal(predictions(by_command, table), expected)
    np.testing.assert_array_equal(model.predict(X), estimator.predict(X))
    if target == "skewed":
        assert (
            estimator.target_transform_.formula
        )  # the logarithm was learned, at each door
        for got, want in zip(
            by_command.predict(X, interval=0.8),
            estimator.predict(X, interval=0.8),
            strict=True,
        ):
            np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("target", TARGETS)
def test_one_kind_of_file(target: str, tmp_path: Path) -> None:
    """What one door wrote each of the others opens."""
    table = rows_for(target)
    X = table.drop(columns=target)
    estimator = estimator_for(target).fit(X, table[target])
    estimator.save(tmp_path / "estimator.safetensors")
    fit_table(table, target, effort="fast").save(tmp_path / "model.safetensors")
    expected = predictions(estimator, X)
    X.to_csv(tmp_path / "new.csv", index=False)
    printed = []
    for name in ("estimator", "model"):
        path = tmp_path / f"{name}.safetensors"
        for loaded in (
            rv.load(path), rv.TableModel.load(path), type(estimator).load(path)
        ):  # fmt: skip
            np.testing.assert_array_equal(predictions(loaded, X), expected)
        for arguments in (["predict", path, "new.csv"], ["info", path]):
            done = subprocess.run(
                [RANVIER, *arguments], cwd=tmp_path, capture_output=True, text=True,
                check=True,
            )  # fmt: skip
            printed.append(done.stdout)
    assert isinstance(rv.load(tmp_path / "estimator.safetensors"), type(estimator))
    assert isinstance(rv.load(tmp_path / "model.safetensors"), TableModel)
    assert printed[0] == printed[2]


@pytest.mark.parametrize(
    ("target", "settings"),
    [
        ("class", {"class_weight": "balanced"}),
        ("class", {"class_weight": {"large": 3.0}, "hidden": (9,), "epochs": 5}),
        ("number", {"loss": "absolute_error", "validation": 0.3}),
        ("number", {"loss": "quantile", "quantile": 0.8}),
        ("number", {"time_ordered": True}),
        ("number", {"categories": ["whole"]}),
    ],
)
def test_the_same_options_at_each_door(target: str, settings: dict[str, Any]) -> None:
    table = rows_for(target).assign(whole=np.arange(150) % 7)
    X = table.drop(columns=target)
    estimator = estimator_for(target, **settings).fit(X, table[target])
    model = fit_table(table, target, effort="fast", **settings)
    np.testing.assert_array_equal(predictions(model, X), predictions(estimator, X))


def test_weights_and_groups_are_columns_or_arrays() -> None:
    table = rows_for("number")
    weights, groups = np.arange(150) % 3, np.arange(150) // 10
    X = table.drop(columns="number")
    reg = rv.TabularRegressor(effort="fast")
    expected = reg.fit(X, table["number"], weights, groups=groups).predict(X)
    more = table.assign(w=weights, g=groups)
    by_name = fit_table(more, "number", effort="fast", sample_weight="w", groups="g")
    given = fit_table(
        table, "number", effort="fast", sample_weight=weights, groups=groups
    )
    np.testing.assert_array_equal(by_name.predict(X), expected)
    np.testing.assert_array_equal(given.predict(X), expected)
    assert by_name.predict(more).shape == (150,)  # with no word of unknown columns


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sample_weight": -np.ones(150)}, r"row 0 .* has -1"),
        ({"sample_weight": np.zeros(150)}, "all weights are 0"),
        ({"sample_weight": np.ones(3)}, "one value for each of the 150 rows"),
        ({"sample_weight": "weigth"}, "no column 'weigth'"),
        ({"groups": "kind"}, "has no value in row 3"),
        ({"class_weight": {"huge": 2}}, "names 'huge', but the classes"),
    ],
)
def test_weights_and_groups_that_cannot_be_used(
    given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        fit_table(rows_for("class"), "class", **given)


# ---------------------------------------------------------------- training


def trained(**options: Any) -> TableModel:
    options = {"epochs": 6, "hidden": (8,), "progress": False} | options
    return fit_table(TABLE, "kind", **options)


def fitted(prepared: TrainingTable, first: FirstMember | None = None) -> TableModel:
    return fit_prepared(prepared, FitContext(None, TimeBudget(None)), first)


def test_the_same_seed_gives_the_same_model_for_any_threads(tmp_path: Path) -> None:
    one = trained(n_threads=1)
    # Whether it is recorded and watched changes nothing either.
    other = trained(n_threads=2, run=tmp_path, callbacks=[lambda record: None])
    assert one.members == other.members
    assert trained(seed=1).members != one.members


def test_options_reach_the_training() -> None:
    seen: list[int] = []
    model = trained(hidden=(7, 5), callbacks=[lambda r: seen.append(r.epoch)])
    units = [layer.units for layer in model.network.dense_layers]
    assert units == [7, 5, 2]
    assert seen == list(range(1, 7))
    assert model.history is not None
    assert len(model.history) == model.metadata.epochs == 6
    assert model.metadata.best_epoch == model.history.best_epoch
    assert trained(task="classification", effort="fast").metadata.epochs == 6
    assert len(trained(effort="fast").members) == 2


def test_callbacks_of_an_estimator() -> None:
    seen: list[int] = []
    X, y = TABLE.drop(columns="kind"), TABLE["kind"]
    settings = {"effort": "fast", "hidden": [8], "epochs": 6}
    clf = rv.TabularClassifier(callbacks=[lambda r: seen.append(r.epoch)], **settings)
    plain = rv.TabularClassifier(**settings).fit(X, y)
    assert clf.fit(X, y).networks_ == plain.networks_
    assert seen == list(range(1, 7))
    assert not hasattr(clf, "run_")


def test_probabilities_are_calibrated_on_held_out_rows() -> None:
    """A coin with 80 % heads is not predicted with more certainty than that."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(300, 6)), columns=list("abcdef"))
    frame["y"] = np.where(rng.random(300) < 0.8, frame.a > 0, frame.a <= 0)
    model = fit_table(frame, "y", epochs=30, progress=False)
    new = pd.DataFrame(rng.normal(size=(1000, 6)), columns=list("abcdef"))
    sure = model.predict_proba(new).max(axis=1).mean()
    assert 0.6 < sure < 0.85


@pytest.mark.parametrize("rows", [4, 30])
def test_a_tiny_table_can_be_trained_on(rows: int) -> None:
    x = np.linspace(0, 3, rows)
    table = pd.DataFrame({"x": x, "y": np.where(x > 1.5, "b", "a")})
    model = fit_table(table, "y", epochs=50, progress=False)
    assert model.predict(table).tolist() == table.y.tolist()


def test_a_column_that_predicts_the_target_alone_is_warned_of() -> None:
    table = TABLE.assign(copy=TABLE["kind"].map({name: f"x{name}" for name in "abc"}))
    table["copy"] = "x" + TABLE["kind"].astype(str)
    with pytest.warns(UserWarning, match="'copy' alone predict"):
        model = fit_table(table, "kind", epochs=2, hidden=(4,), effort="fast")
    assert any("'copy' alone predict" in notice for notice in model.notices)


@pytest.mark.filterwarnings("ignore:Each network learns from")
def test_a_time_limit_is_kept() -> None:
    model = fit_table(TABLE, "kind", effort="best", time_limit=1e-3)
    assert len(model.members) < 16


# ---------------------------------------------------------------- ended early, resumed


def test_a_callback_that_stops_the_training_stops_all() -> None:
    model = trained(callbacks=[lambda record: record.epoch == 3])
    assert model.history is not None
    assert len(model.history) == 3
    assert len(model.members) == 1
    assert model.history.stopped.startswith("callback")


def interrupt_at(epoch: int) -> Any:
    """Return a callback that does as Ctrl-C does."""

    def interrupt(record: EpochRecord) -> None:
        if record.epoch == epoch:
            raise KeyboardInterrupt

    return interrupt


def test_ctrl_c_in_the_first_network(tmp_path: Path) -> None:
    with pytest.warns(RuntimeWarning, match="1 of 12 networks are kept"):
        model = trained(callbacks=[interrupt_at(3)], run=tmp_path)
    assert model.history is not None
    assert model.history.stopped == "interrupted"
    assert len(model.members) == 1
    # What was recorded is resumed, and the others follow.
    assert model.history.run is not None
    run = rv.Run(model.history.run)
    again = fitted(prepare_table(TABLE, "kind", OPTIONS), FirstMember(run))
    whole = trained()
    assert again.members == whole.members
    assert again.temperature == whole.temperature
    # So they are where the run had ended.
    assert run.state == "ended"
    more = fitted(prepare_table(TABLE, "kind", OPTIONS), FirstMember(run))
    assert more.members == again.members


def test_ctrl_c_is_counted_alike_by_the_estimator(tmp_path: Path) -> None:
    X, y = TABLE.drop(columns="kind"), TABLE["kind"]
    clf = rv.TabularClassifier(
        hidden=(8,), epochs=6, callbacks=[interrupt_at(3)], run=tmp_path
    )
    with pytest.warns(RuntimeWarning, match="1 of 12 networks are kept"):
        clf.fit(X, y)
    assert len(clf.networks_) == 1


def test_a_skewed_target_is_resumed_as_its_logarithm(tmp_path: Path) -> None:
    table = rows_for("skewed")
    with pytest.warns(RuntimeWarning, match="networks are kept"):
        model = fit_table(
            table, "skewed", effort="fast", run=tmp_path, callbacks=[interrupt_at(9)]
        )
    assert model.history is not None
    assert model.history.run is not None
    run = rv.Run(model.history.run)
    whole = fit_table(table, "skewed", effort="fast")
    options = FitOptions(effort="fast")
    again = fitted(prepare_table(table, "skewed", options), FirstMember(run))
    blind = fitted(recorded_table(run), FirstMember(run))
    for model in (again, blind):
        assert model.outputs == whole.outputs or str(model.outputs) == str(
            whole.outputs
        )
        np.testing.assert_array_equal(model.predict(table), whole.predict(table))
        for got, want in zip(
            model.predict(table, 0.9), whole.predict(table, 0.9), strict=True
        ):
            np.testing.assert_array_equal(got, want)


def test_what_the_run_holds(tmp_path: Path) -> None:
    first = prepare_table(TABLE, "kind", OPTIONS)
    model = fitted(first, FirstMember(tmp_path))
    assert model.history is not None
    assert model.history.run is not None
    again = recorded_table(rv.Run(model.history.run))
    assert again.task == first.task
    assert again.options == first.options
    assert again.not_inputs == first.not_inputs == ("kind",)
    assert again.dataset.encoder == first.dataset.encoder
    assert again.dataset.outputs == first.dataset.outputs
    assert again.dataset.hyperparameters == first.dataset.hyperparameters
    assert np.array_equal(again.dataset.X, first.dataset.X)
    assert np.array_equal(again.dataset.Y[0], first.dataset.Y[0])


def test_rows_left_out_and_classes_of_one_row_are_warned_of_once() -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"x": rng.normal(size=80), "z": rng.normal(size=80)})
    table["y"] = rng.choice(["a", "b"], 80)
    table.loc[:2, "y"] = None
    table.loc[5, "y"] = "single"
    with pytest.warns(UserWarning, match="left out|one row each") as caught:
        model = rv.fit_table(table, "y", effort="fast")
    texts = [str(warning.message) for warning in caught]
    assert len(texts) == 2
    assert texts[0].startswith("3 of 80 rows have no value in the target 'y'")
    assert texts[1].startswith("Class(es) 'single' of 'y' have one row each")
    assert set(texts) <= set(model.notices)
    clf = rv.TabularClassifier(effort="fast")
    with pytest.warns(UserWarning, match="'single' of 'y' have one row each"):
        clf.fit(table[["x", "z"]][3:], table.y[3:])
    assert texts[1] in clf.notices_
