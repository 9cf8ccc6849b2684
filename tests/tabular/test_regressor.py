from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from raw_tables import mixed

import ranvier as rv
from ranvier.tabular.drift import DriftWarning
from ranvier.tabular.hyperparameters import choose_hyperparameters


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error"])
def test_learns_a_raw_table(loss: str) -> None:
    table, y = mixed()
    known = table["size"].notna() & table["kind"].notna()
    reg = rv.TabularRegressor(loss=loss).fit(table, y)
    assert reg.score(table[known], y[known]) > 0.8


def test_intervals_hold_their_share() -> None:
    table, y = mixed(1200)
    table = table.drop(columns="day")  # which would go on into days never seen
    reg = rv.TabularRegressor(effort="fast").fit(table[:600], y[:600])
    for share in (0.5, 0.9):
        told, low, high = reg.predict(table[600:], interval=share)
        assert (low <= told).all()
        held = ((low <= y[600:]) & (y[600:] <= high)).mean()
        assert abs(held - share) < 0.08  # 600 rows: a standard deviation is 0.02
    with pytest.raises(ValueError, match="in \\(0, 1\\)"):
        reg.predict(table, interval=1.5)


def test_quantiles_lie_apart() -> None:
    table, y = mixed()
    low, high = (
        rv.TabularRegressor(loss="quantile", quantile=q, effort="fast").fit(table, y)
        for q in (0.1, 0.9)
    )
    assert (high.predict(table) - low.predict(table)).mean() > 0


def test_counts() -> None:
    table, y = mixed()
    counts = np.random.default_rng(0).poisson(np.exp(y / 2))
    reg = rv.TabularRegressor(loss="poisson", effort="fast").fit(table, counts)
    assert (reg.predict(table) >= 0).all()
    with pytest.raises(ValueError, match="counts"):
        rv.TabularRegressor(loss="poisson").fit(table, y - 10)


@pytest.mark.parametrize("recorded", [False, True])
def test_networks_that_leave_the_finite_numbers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, recorded: bool
) -> None:
    table, y = mixed(60)
    counts = np.round(np.exp(y))
    reg = rv.TabularRegressor(loss="poisson", effort="fast")
    reg.set_params(run=tmp_path if recorded else None)
    wild = replace(choose_hyperparameters(60, "fast"), learning_rate=1e6)
    monkeypatch.setattr(
        "ranvier.tabular.fit_options.choose_hyperparameters", lambda *_, **__: wild
    )
    with pytest.raises(rv.NonFiniteError, match=r"all 2 networks .*logarithms"):
        reg.fit(table, counts)
    assert not hasattr(reg, "run_")


def test_several_targets(tmp_path: Path) -> None:
    table, y = mixed()
    Y = np.stack([y, -3 * y], axis=1)
    reg = rv.TabularRegressor(effort="fast").fit(table, Y)
    assert reg.predict(table).shape == (200, 2)
    reg.save(tmp_path / "m.safetensors")
    again = rv.TabularRegressor.load(tmp_path / "m.safetensors")
    assert (again.predict(table, 0.9).high == reg.predict(table, 0.9).high).all()


def test_of_several_targets_the_skewed_one_is_a_logarithm(
    rng: np.random.Generator,
) -> None:
    X = rng.normal(size=(400, 3))
    Y = np.stack([X[:, 0] + X[:, 2], np.exp(3 * X[:, 1] + X[:, 2])], axis=1)
    reg = rv.TabularRegressor().fit(X[:300], Y[:300])
    assert reg.target_transform_.sign.tolist() == [0, 1]
    assert any("learned as log(1 + " in notice for notice in reg.notices_)
    errors = np.abs(reg.predict(X[300:]) - Y[300:]) / (0.1 + np.abs(Y[300:]))
    assert (np.median(errors, axis=0) < 0.2).all()
    y, low, high = reg.predict(X[300:], interval=0.9)
    assert ((low <= y) & (y <= high)).all()
    assert reg.encode_rows(X[:2]).outputs[0] == "y0"
    assert reg.encode_rows(X[:2]).outputs[1].startswith("log(1 + ")


def test_a_constant_target_is_predicted() -> None:
    table, _ = mixed()
    reg = rv.TabularRegressor(effort="fast").fit(table, np.full(200, 7.0))
    assert (reg.predict(table) == 7).all()


@pytest.mark.filterwarnings("ignore:Column")
def test_predictions_stay_within_what_was_seen() -> None:
    X = np.arange(100.0)[:, None]
    reg = rv.TabularRegressor(effort="fast").fit(X, X[:, 0])
    with pytest.warns(DriftWarning):
        assert reg.predict([[1e9]])[0] <= 99


def test_a_time_limit_is_kept() -> None:
    table, y = mixed(2000)
    reg = rv.TabularRegressor(effort="best", time_limit=3).fit(table, y)
    whole = choose_hyperparameters(2000, "best")
    assert len(reg.networks_) * reg.n_iter_ < whole.members * whole.epochs


def test_rows_in_order_of_time_and_groups() -> None:
    table, y = mixed()
    for settings, groups in (
        ({"time_ordered": True}, None),
        ({}, np.arange(200) // 20),
    ):
        reg = rv.TabularRegressor(effort="fast", **settings).fit(
            table, y, groups=groups
        )
        assert reg.predict(table).shape == (200,)


def test_unknown_names() -> None:
    table, y = mixed()
    with pytest.raises(ValueError, match="unknown loss"):
        rv.TabularRegressor(loss="squared").fit(table, y)
    with pytest.raises(ValueError, match="unknown effort"):
        rv.TabularRegressor(effort="much").fit(table, y)
    with pytest.raises(ValueError, match="time_limit must be above 0"):
        rv.TabularRegressor(time_limit=0).fit(table, y)
