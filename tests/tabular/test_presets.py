from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from raw_tables import mixed

import ranvier as rv
import stacks
from ranvier.network.columns import Category, Periodic, Plain
from ranvier.network.layers import Dense, Dropout
from ranvier.table.encoder import TableEncoder
from ranvier.tabular.drift import DriftWarning
from ranvier.tabular.input_embedding import input_embedding
from ranvier.tabular.presets import preset_hyperparameters


def test_realmlp_td_value_by_value() -> None:
    # Holzmüller et al. 2024, table A.1; decays as their code has them.
    hyperparameters = preset_hyperparameters("realmlp-td", 1000, classification=True)
    table = pd.DataFrame(
        {
            "x": range(40),
            "k": ["a", "b"] * 20,
            "many": [f"c{i % 10}" for i in range(40)],
        }
    )
    encoding = TableEncoder.fit(table, **hyperparameters.encoding())
    embedding = input_embedding(encoding, hyperparameters)
    kinds = [Periodic(16, 3), Plain(), Category(11, 8)]
    assert (list(embedding.columns), embedding.scaled) == (kinds, True)
    net = hyperparameters.network(embedding, Dense(2, "softmax"), seed=0)
    hidden = [layer for layer in net.layers if not isinstance(layer, Dropout)][1:-1]
    dropped = [layer.rate for layer in net.layers if isinstance(layer, Dropout)]
    assert [(h.units, h.activation.name, h.parametric) for h in hidden] == [
        (256, "selu", True)
    ] * 3
    assert dropped == [0.15] * 3
    adam = hyperparameters.optimizer(net)
    assert (adam.lr, adam.weight_decay) == (0.04, 0.02)
    assert (adam.beta1, adam.beta2, adam.epsilon) == (0.9, 0.95, 1e-8)
    rates: Any = adam.layer_rates
    decays: Any = adam.layer_decays
    # (values, scale, categories) of the embedding, (W, b, alpha) of a hidden layer
    assert rates[0] == (0.1, 6.0, 1.0)
    assert decays[0] == (0.1, 6.0, 1.0)
    np.testing.assert_allclose(rates[2], (1 / 16, 0.1, 0.1))
    np.testing.assert_allclose(decays[2], (16, 0, 0.1))
    schedules = (
        hyperparameters.schedule,
        hyperparameters.decay_schedule,
        hyperparameters.dropout_schedule,
    )
    assert schedules == ("coslog4", "flat_cos", "flat_cos")
    assert (
        hyperparameters.label_smoothing,
        hyperparameters.epochs,
        hyperparameters.batch_size,
    ) == (0.1, 256, 256)


def test_realmlp_td_of_numbers() -> None:
    hyperparameters = preset_hyperparameters("realmlp-td", 1000, classification=False)
    told = (
        hyperparameters.activation,
        hyperparameters.learning_rate,
        hyperparameters.label_smoothing,
    )
    assert told == ("mish", 0.2, 0.0)
    assert not preset_hyperparameters("realmlp-td", 39, classification=False).holds_out


def test_one_network_that_tells_numbers_within_their_range(
    rng: np.random.Generator,
) -> None:
    X = rng.normal(size=(300, 3))
    y = X[:, 0] * X[:, 1] + np.sin(3 * X[:, 2])
    model = rv.TabularRegressor(preset="realmlp-td").fit(X[:200], y[:200])
    assert len(model.networks_) == 1
    assert len(model.histories_[0]) == 256
    assert model.score(X[200:], y[200:]) > 0.6
    with pytest.warns(DriftWarning):
        far = model.predict(X * 100)
    assert y[:200].min() <= far.min()
    assert far.max() <= y[:200].max()


def test_classes_of_a_raw_table_there_and_back(tmp_path: Any) -> None:
    table, y = mixed()
    labels = np.where(np.asarray(y) > np.median(y), "high", "low")
    model = rv.TabularClassifier(preset="realmlp-td", n_threads=2).fit(table, labels)
    assert model.score(table, labels) > 0.8
    assert model.temperature_ == 1
    alone = rv.TabularClassifier(preset="realmlp-td", n_threads=1).fit(table, labels)
    P = model.predict_proba(table)
    np.testing.assert_array_equal(P, alone.predict_proba(table))
    model.save(tmp_path / "m.safetensors")
    again = rv.TabularClassifier.load(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(again.predict_proba(table), P)
    assert again.preset == "realmlp-td"


def test_what_does_not_go_with_a_preset() -> None:
    X, y = np.arange(50.0)[:, None], np.arange(50) % 2
    with pytest.raises(ValueError, match="did you mean 'realmlp-td'"):
        rv.TabularClassifier(preset="realmlp").fit(X, y)
    with pytest.raises(ValueError, match=r"effort='fast' was given with preset"):
        rv.TabularClassifier(preset="realmlp-td", effort="fast").fit(X, y)


def test_tabm_value_by_value() -> None:
    # The defaults of TabM-D in pytabkit 1.7, which are those of the authors' example.
    hyperparameters = preset_hyperparameters("tabm", 1000, classification=True)
    table = pd.DataFrame(
        {
            "x": np.arange(40.0) ** 3,
            "k": ["a", "b"] * 20,
            "many": [f"c{i % 10}" for i in range(40)],
        }
    )
    encoding = TableEncoder.fit(table, **hyperparameters.encoding())
    embedding = input_embedding(encoding, hyperparameters)
    assert (list(embedding.columns), embedding.scaled) == ([Plain()] * 13, False)
    assert encoding.sources == ("x", *["k"] * 2, *["many"] * 10)
    X = encoding.transform(table)
    assert set(np.unique(X[:, 1:]).tolist()) == {0, 1}
    assert abs(np.median(X[:, 0])) < 0.1
    assert np.std(X[:, 0]) > 0.9  # though x itself is skewed
    net = hyperparameters.network(embedding, Dense(2, "softmax"), seed=0)
    hidden = net.dense_layers[:-1]
    assert [(h.units, h.activation.name, h.parametric) for h in hidden] == [
        (512, "relu", False)
    ] * 3
    dropped = [layer.rate for layer in net.layers if isinstance(layer, Dropout)]
    assert dropped == [0.1] * 3
    adam = hyperparameters.optimizer(net)
    assert (adam.lr, adam.weight_decay, adam.clip_norm) == (2e-3, 0, None)
    assert (adam.beta1, adam.beta2, adam.epsilon) == (0.9, 0.999, 1e-8)
    assert (
        hyperparameters.batch_ensemble_size,
        hyperparameters.patience,
        hyperparameters.batch_size,
    ) == (32, 16, 256)
    assert (hyperparameters.schedule, hyperparameters.best_by) == (
        "constant",
        "accuracy",
    )
    assert hyperparameters.label_smoothing == 0
    assert not preset_hyperparameters("tabm", 39, classification=False).holds_out


@pytest.fixture
def small_tabm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make TabM narrow: its own width takes minutes."""
    full = preset_hyperparameters

    def narrow(name: str, rows: int, *, classification: bool) -> Any:
        hyperparameters = full(name, rows, classification=classification)
        return replace(
            hyperparameters,
            hidden=(32, 32),
            batch_ensemble_size=6,
            batch_size=64,
            patience=5,
        )

    monkeypatch.setattr("ranvier.tabular.fit_options.preset_hyperparameters", narrow)


@pytest.mark.usefixtures("small_tabm")
def test_tabm_of_numbers(rng: np.random.Generator) -> None:
    X = rng.normal(size=(500, 3))
    y = 100 + 5 * (X[:, 0] * X[:, 1] + np.sin(3 * X[:, 2]))
    model = rv.TabularRegressor(preset="tabm").fit(X[:400], y[:400])
    assert len(model.networks_) == len(model.histories_) == 6
    assert model.score(X[400:], y[400:]) > 0.7
    told, low, high = model.predict(X[400:], interval=0.9)
    assert np.mean((low <= y[400:]) & (y[400:] <= high)) > 0.8
    answers = np.stack([net(model.encode_rows(X).X) for net in model.networks_])
    np.testing.assert_allclose(
        model.target_transform_.predictions(answers.mean(axis=0))[:, 0][400:],
        told,
        rtol=1e-5,
    )


@pytest.mark.usefixtures("small_tabm")
def test_tabm_keeps_what_it_learned_until_ctrl_c(rng: np.random.Generator) -> None:
    X = rng.normal(size=(20_000, 3))
    kept = pytest.warns(RuntimeWarning, match="6 of 6 networks are kept")
    with stacks.ctrl_c_within("_member"), kept:
        model = rv.TabularRegressor(preset="tabm").fit(X, X[:, 0] * X[:, 1])
    assert len(model.networks_) == 6
    assert model.n_iter_ >= 1


@pytest.mark.usefixtures("small_tabm")
def test_tabm_of_a_raw_table_there_and_back(tmp_path: Any) -> None:
    table, y = mixed()
    labels = np.where(np.asarray(y) > np.median(y), "high", "low")
    model = rv.TabularClassifier(preset="tabm", n_threads=2).fit(table, labels)
    assert model.score(table, labels) > 0.8
    P = model.predict_proba(table)
    alone = rv.TabularClassifier(preset="tabm", n_threads=1).fit(table, labels)
    np.testing.assert_array_equal(P, alone.predict_proba(table))
    model.save(tmp_path / "tabm.safetensors")
    read = rv.TabularClassifier.load(tmp_path / "tabm.safetensors")
    np.testing.assert_array_equal(read.predict_proba(table), P)
    back = model.encoder_.inverse_transform(model.encoder_.transform(table))
    assert set(back) == set(model.columns_)


@pytest.mark.usefixtures("small_tabm")
@pytest.mark.parametrize(
    "given",
    [{"loss": "poisson"}, {"loss": "quantile", "quantile": 0.8}],
    ids=["poisson", "quantile"],
)
def test_tabm_of_other_losses(given: Any, rng: np.random.Generator) -> None:
    X = rng.normal(size=(300, 2))
    y = rng.poisson(np.exp(X[:, 0] + 1)).astype(float)
    model = rv.TabularRegressor(preset="tabm", **given).fit(X, y)
    assert np.corrcoef(model.predict(X), np.exp(X[:, 0]))[0, 1] > 0.8


@pytest.mark.usefixtures("small_tabm")
def test_tabm_of_several_labels(rng: np.random.Generator) -> None:
    X = rng.normal(size=(200, 2))
    Y = (X > 0).astype(int)
    model = rv.TabularClassifier(preset="tabm").fit(X, Y)
    assert (model.predict(X) == Y).mean() > 0.9


def test_tabm_is_not_recorded(tmp_path: Any) -> None:
    X = np.arange(100.0)[:, None]
    with pytest.raises(ValueError, match="trained as one: leave run=,"):
        rv.TabularRegressor(preset="tabm", run=tmp_path).fit(X, X[:, 0])
    assert not list(tmp_path.iterdir())
