"""The member that is recorded: the same bits, and a run that shows the user's table."""

import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pages
import pandas as pd
import pytest
from raw_tables import fitted, mixed, prepared
from sklearn.base import clone

import ranvier as rv
import stacks
from ranvier.live import inspection
from ranvier.network.columns import Plain
from ranvier.network.embedding import Embedding
from ranvier.network.losses import Loss, cross_entropy
from ranvier.run import folder
from ranvier.splits import Split
from ranvier.table.encoder import TableEncoder
from ranvier.tabular.first_member import (
    FirstMember,
    as_member,
    name_of,
    recorded_dataset,
    train_first,
)
from ranvier.tabular.fit_context import FitContext
from ranvier.tabular.fit_options import FitOptions, member_seed
from ranvier.tabular.hyperparameters import Hyperparameters
from ranvier.tabular.members import MemberSpec, OutputSpec, train_members
from ranvier.tabular.old_files import RENAMED
from ranvier.tabular.presets import preset_hyperparameters
from ranvier.tabular.training_table import prepare_table
from ranvier.training.task import Data

X = np.random.default_rng(0).normal(size=(90, 2)).astype(np.float32)
NUMBERS = Data(X, X[:, :1] * X[:, 1:], np.linspace(1, 2, 90).astype(np.float32))
SIGNS = Data(X, (X[:, 0] > 0).astype(np.int32))
SQUARED = OutputSpec(Loss("squared_error"), 1, "identity")
CLASSES = OutputSpec(cross_entropy(0.1), 2, "softmax")
SMALL = Hyperparameters(members=1, hidden=(8,), epochs=12, batch_size=16)
EVERY_THIRD = Split(np.flatnonzero(np.arange(90) % 3), np.arange(0, 90, 3))


@pytest.mark.parametrize(
    ("data", "output", "hyperparameters", "fold"),
    [
        (NUMBERS, SQUARED, SMALL, EVERY_THIRD),
        (NUMBERS, SQUARED, SMALL, Split(np.arange(90), np.arange(0))),
        # Of the epochs with the highest accuracy, of which there are many, the last.
        (SIGNS, CLASSES, replace(SMALL, best_by="accuracy"), EVERY_THIRD),
        (
            SIGNS,
            CLASSES,
            replace(
                preset_hyperparameters("realmlp-td", 90, classification=True), epochs=9
            ),
            EVERY_THIRD,
        ),
        # As many rows as a time limit leaves; what drops out goes by their numbers.
        (
            NUMBERS,
            SQUARED,
            replace(SMALL, dropout=0.0),
            Split(np.arange(5, 45), np.arange(50, 70, 3)),
        ),
    ],
)
def test_to_the_bit_as_among_the_others(
    data: Data,
    output: OutputSpec,
    hyperparameters: Hyperparameters,
    fold: Split,
    tmp_path: Path,
) -> None:
    spec = MemberSpec(data, output, hyperparameters, Embedding([Plain(), Plain()]))
    (other,) = train_members([spec], [fold], [4], FitContext(1))
    member = as_member(
        *train_first(spec, fold, 4, run=tmp_path, progress=False), spec, fold
    )
    assert member.network == other.network
    assert member.best_epoch == other.best_epoch
    assert member.score == other.score
    np.testing.assert_array_equal(member.outputs, other.outputs)


def answers(estimator: Any, table: Any) -> np.ndarray:
    if hasattr(estimator, "predict_proba"):
        return np.asarray(estimator.predict_proba(table))
    return np.asarray(estimator.predict(table))


def assert_same_answers(net: rv.Network, estimator: Any, table: Any) -> None:
    """All but what was never seen, which is averaged at the end."""
    rows = estimator.encoder_.transform(table)
    np.testing.assert_array_equal(net(rows), estimator.network_(rows))


def labels(y: np.ndarray) -> pd.Series:
    return pd.Series(np.where(y > 1, "large", "small"), name="class of it")


@pytest.mark.parametrize(
    "effort", ["fast", pytest.param("default", marks=pytest.mark.slow)]
)
def test_recorded_or_not_the_classes_are_the_same(effort: str, tmp_path: Path) -> None:
    table, y = mixed(120)
    plain = rv.TabularClassifier(effort=effort).fit(table, labels(y))
    seen = rv.TabularClassifier(effort=effort, run=tmp_path, n_threads=1)
    seen.fit(table, labels(y))
    assert seen.networks_ == plain.networks_
    np.testing.assert_array_equal(answers(seen, table), answers(plain, table))
    assert seen.run_.parent == tmp_path
    assert not hasattr(plain, "run_")
    run = rv.Run(seen.run_)
    assert run.state == "ended"
    if effort == "fast":  # with no other view that could have taken its place
        assert_same_answers(run.network(), seen, table)
        assert len(run.records) == len(seen.histories_[0])


def test_the_page_shows_columns_classes_and_values(tmp_path: Path) -> None:
    table, y = mixed(60)
    clf = rv.TabularClassifier(effort="fast", run=tmp_path).fit(table, labels(y))
    shown = inspection.of_run(rv.Run(clf.run_), None)
    assert (shown.target, shown.classes) == ("class of it", ("large", "small"))
    assert shown.columns == clf.encoder_.names
    names, rows = shown.raw(np.arange(60))
    assert names == list(table.columns)
    told = sorted(row[0] for row in rows if row[0] is not None)
    known = np.sort(table["size"].dropna())
    np.testing.assert_allclose(told, known, rtol=1e-3, atol=1e-5)
    assert {row[1] for row in rows} <= {"a", "b", "c", None}


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_the_page_shows_numbers_in_their_units(loss: str, tmp_path: Path) -> None:
    table, y = mixed(60)
    counts = pd.Series(np.round(y - y.min()) * 100, name="grams")
    reg = rv.TabularRegressor(effort="fast", loss=loss, run=tmp_path)
    reg.fit(table, counts)
    shown = inspection.of_run(rv.Run(reg.run_), None)
    assert shown.target == "grams"
    values = shown.in_user_units(shown.Y[:, 0])
    np.testing.assert_allclose(np.sort(values), np.sort(counts), atol=0.01)
    errors = shown.errors()
    assert 1 < errors.mean() < 300


def test_of_a_skewed_target_what_is_learnt_is_recorded(tmp_path: Path) -> None:
    table, y = mixed(150)
    skewed = pd.Series(np.exp(1.5 * y), name="price")
    plain = rv.TabularRegressor(effort="fast").fit(table, skewed)
    reg = rv.TabularRegressor(effort="fast", run=tmp_path).fit(table, skewed)
    assert reg.target_transform_.sign == 1
    assert reg.networks_ == plain.networks_
    assert len(list(tmp_path.iterdir())) == 1
    run = rv.Run(reg.run_)
    assert_same_answers(run.network(), reg, table)
    shown = inspection.of_run(run, None)
    assert shown.target == reg.target_transform_.name_of("price") != "price"
    values = shown.in_user_units(shown.Y[:, 0])
    assert values.min() >= 0
    assert values.max() == pytest.approx(
        np.log1p(skewed.max() / reg.target_transform_.distance)
    )


def test_several_targets_and_labels_are_recorded_too(tmp_path: Path) -> None:
    table, y = mixed(60)
    reg = rv.TabularRegressor(effort="fast", run=tmp_path)
    reg.fit(table, np.stack([y, -y], axis=1))
    assert_same_answers(inspection.of_run(rv.Run(reg.run_), None).network, reg, table)
    clf = rv.TabularClassifier(effort="fast", run=tmp_path)
    clf.fit(table, np.stack([y > 0, y > 1], axis=1).astype(int))
    assert inspection.of_run(rv.Run(clf.run_), None).classes == ()


@pytest.mark.filterwarnings("ignore:Each network learns from")
def test_within_a_time_limit(tmp_path: Path) -> None:
    table, y = mixed(200)
    reg = rv.TabularRegressor(time_limit=1e-3, run=tmp_path).fit(table, y)
    assert len(rv.Run(reg.run_).records) == len(reg.histories_[0]) >= 1


def test_ctrl_c_while_it_is_recorded(tmp_path: Path) -> None:
    table, y = mixed(400)
    with (
        pytest.warns(RuntimeWarning, match="1 of 12 networks are kept"),
        stacks.ctrl_c_within("train_first", "epochs"),
    ):
        reg = rv.TabularRegressor(run=tmp_path, n_threads=1).fit(table, y)
    assert np.isfinite(reg.predict(table)).all()
    assert rv.Run(reg.run_).end is None
    net, history = rv.resume(reg.run_)  # that network can go on
    assert len(history) == 50
    assert net.inputs == reg.network_.inputs


def test_a_recording_says_more(tmp_path: Path) -> None:
    table, y = mixed(60)
    run = rv.Recording(tmp_path, name="mine", about={"why": "to see"})
    reg = rv.TabularRegressor(effort="fast", run=run).fit(table, y)
    assert reg.run_.name == "mine"
    about = rv.Run(reg.run_).manifest["about"]
    assert about["why"] == "to see"
    assert about["estimator"] == "TabularRegressor"
    assert about["target"] == "y"


def test_an_estimator_with_a_run_is_cloned_pickled_and_saved(tmp_path: Path) -> None:
    table, y = mixed(60)
    reg = rv.TabularRegressor(effort="fast", run=str(tmp_path / "runs")).fit(table, y)
    assert clone(reg).run == reg.run
    again = pickle.loads(pickle.dumps(reg))
    assert again.run_ == reg.run_
    reg.save(tmp_path / "reg.safetensors")
    loaded = rv.TabularRegressor.load(tmp_path / "reg.safetensors")
    assert loaded.run is None
    np.testing.assert_array_equal(loaded.predict(table), reg.predict(table))
    reg.set_params(run=None).fit(table, y)
    assert not hasattr(reg, "run_")


@pytest.mark.parametrize("estimator", [rv.TabularClassifier, rv.TabularRegressor])
def test_what_is_no_folder(estimator: Any) -> None:
    with pytest.raises(TypeError, match=r"run must be a folder of runs.*got 5"):
        estimator(run=5).fit([[1.0], [2.0]], [0, 1])


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    table, y = mixed(60)
    with pytest.raises(OSError, match="file"):
        rv.TabularRegressor(effort="fast", run=tmp_path / "file").fit(table, y)


def test_names_of_targets() -> None:
    frame = pd.DataFrame({"a": [1], "b": [2]})
    assert name_of(frame["a"]) == "a"
    assert name_of(frame[["b"]]) == "b"
    assert name_of(frame) == name_of([1]) == name_of(pd.Series([1], name=3)) == "y"


def test_a_run_without_a_table(tmp_path: Path) -> None:
    run = rv.Run(pages.record(tmp_path))
    with pytest.raises(rv.FileFormatError, match="does not describe its table: 'hyp"):
        recorded_dataset(run, None)


def test_a_table_that_was_read_again_has_the_run_s_hyperparameters(
    tmp_path: Path,
) -> None:
    first = prepared(pages.table(), "kind", epochs=4, hidden=(6,))
    model = fitted(first, FirstMember(tmp_path))
    assert model.history is not None
    assert model.history.run is not None
    run = rv.Run(model.history.run)
    changed = replace(first.dataset.hyperparameters, epochs=99)
    again = recorded_dataset(run, replace(first.dataset, hyperparameters=changed))
    assert again.hyperparameters == first.dataset.hyperparameters
    assert again.X is first.dataset.X


def test_hyperparameters_of_an_older_run_are_read(tmp_path: Path) -> None:
    first = prepared(pages.table(160), "kind", epochs=2, hidden=(4,))
    history = fitted(first, FirstMember(tmp_path)).history
    assert history is not None
    assert history.run is not None
    manifest = json.loads((history.run / "run.json").read_text())
    new = manifest["about"].pop("hyperparameters")
    earlier = {name: old for old, name in RENAMED.items()}
    assert earlier.keys() <= new.keys()
    old = {earlier.get(name, name): value for name, value in new.items()}
    assert old["numbers"] == "bins"
    manifest["about"]["recipe"] = old | {"numbers": "places"}
    manifest["share"] = manifest.pop("time_fraction")
    del manifest["sha256"]
    manifest["sha256"] = folder._sum(manifest)
    (history.run / "run.json").write_text(json.dumps(manifest))
    run = rv.Run(history.run)
    assert recorded_dataset(run, None).hyperparameters == (
        first.dataset.hyperparameters
    )
    rv.resume(run)


def test_what_a_run_stores(tmp_path: Path) -> None:
    table = prepared(pages.table(), "kind", epochs=2, hidden=(4,), effort="fast")
    first = FirstMember(tmp_path, about={"model": "model.safetensors"})
    history = fitted(table, first, seed=5).history
    assert history is not None
    assert history.run is not None
    about = rv.Run(history.run).manifest["about"]
    assert about["columns"] == list(table.dataset.encoder.names)
    assert (about["target"], about["seed"]) == ("kind", 5)
    assert about["model"] == "model.safetensors"
    assert TableEncoder.read(about["encoding"]) == table.dataset.encoder
    assert about["hyperparameters"]["epochs"] == 2


@pytest.mark.filterwarnings("ignore:Each network learns from")
def test_within_a_time_limit_a_run_is_resumed_with_its_rows(tmp_path: Path) -> None:
    """The rows and epochs that the limit left are those that the run stores."""
    table, y = mixed(300)
    table["y"] = y
    model = rv.fit_table(table, "y", time_limit=1e-3, run=tmp_path)
    assert model.history is not None
    assert model.history.run is not None
    run = rv.Run(model.history.run)
    limit = run.manifest["about"]["rows_per_member"]
    assert limit is not None
    options = FitOptions(time_limit=1e-3)
    dataset = prepare_table(table, "y", options).dataset
    again = recorded_dataset(run, dataset)
    (fold, *_) = again.folds(options, member_seed(0))
    assert len(fold.train) == limit == len(run.data["rows"])  # type: ignore[index]
    with pytest.raises(rv.FileFormatError, match="each network had some of the rows"):
        recorded_dataset(run, None)
