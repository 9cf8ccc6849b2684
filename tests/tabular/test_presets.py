from typing import Any

import numpy as np
import pandas as pd
import pytest
from raw_tables import mixed

import ranvier as rv
from ranvier.network.columns import Category, Periodic, Plain
from ranvier.network.layers import Dense, Dropout
from ranvier.tabular.encoding import Encoding
from ranvier.tabular.presets import preset_recipe


def test_realmlp_td_value_by_value() -> None:
    # Holzmüller et al. 2024, table A.1; decays as their code has them.
    recipe = preset_recipe("realmlp-td", 1000, classification=True)
    table = pd.DataFrame(
        {
            "x": range(40),
            "k": ["a", "b"] * 20,
            "many": [f"c{i % 10}" for i in range(40)],
        }
    )
    encoding = Encoding.fit(table, None, recipe.bins, places=False, marks=recipe.marks)
    embedding = encoding.embedding(recipe)
    kinds = [Periodic(16, 3), Plain(), Category(11, 8)]
    assert (list(embedding.columns), embedding.scaled) == (kinds, True)
    net = recipe.network(embedding, Dense(2, "softmax"), seed=0)
    hidden = [layer for layer in net.layers if not isinstance(layer, Dropout)][1:-1]
    dropped = [layer.rate for layer in net.layers if isinstance(layer, Dropout)]
    assert [(h.units, h.activation.name, h.parametric) for h in hidden] == [
        (256, "selu", True)
    ] * 3
    assert dropped == [0.15] * 3
    adam = recipe.optimizer(net)
    assert (adam.lr, adam.weight_decay) == (0.04, 0.02)
    assert (adam.beta1, adam.beta2, adam.epsilon) == (0.9, 0.95, 1e-8)
    rates: Any = adam.layer_rates
    decays: Any = adam.layer_decays
    # (values, scale, categories) of the embedding, (W, b, alpha) of a hidden layer
    assert rates[0] == (0.1, 6.0, 1.0)
    assert decays[0] == (0.1, 6.0, 1.0)
    np.testing.assert_allclose(rates[2], (1 / 16, 0.1, 0.1))
    np.testing.assert_allclose(decays[2], (16, 0, 0.1))
    schedules = recipe.schedule, recipe.decay_schedule, recipe.dropout_schedule
    assert schedules == ("coslog4", "flat_cos", "flat_cos")
    assert (recipe.smoothing, recipe.epochs, recipe.batch_size) == (0.1, 256, 256)


def test_realmlp_td_of_numbers() -> None:
    recipe = preset_recipe("realmlp-td", 1000, classification=False)
    told = recipe.activation, recipe.learning_rate, recipe.smoothing
    assert told == ("mish", 0.2, 0.0)
    assert not preset_recipe("realmlp-td", 39, classification=False).held_out


def test_one_network_that_tells_numbers_within_their_range(
    rng: np.random.Generator,
) -> None:
    X = rng.normal(size=(300, 3))
    y = X[:, 0] * X[:, 1] + np.sin(3 * X[:, 2])
    model = rv.TabularRegressor(preset="realmlp-td").fit(X[:200], y[:200])
    assert len(model.networks_) == 1
    assert len(model.histories_[0]) == 256
    assert model.score(X[200:], y[200:]) > 0.6
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
