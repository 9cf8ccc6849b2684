import copy
import pickle
from typing import Any

import numpy as np
import pytest

import ranvier as rv
from ranvier.network.embedding import from_dict, to_dict

COLUMNS = [
    rv.columns.Plain(),
    rv.columns.Periodic(6, 3),
    rv.columns.Piecewise([-1, 0, 1, 2.5], 4),
    rv.columns.Category(12, 3),
]


def network(dtype: str = "float64", **settings: Any) -> rv.Network:
    layers = [
        rv.Embedding(COLUMNS, **settings),
        rv.Dense(7, "mish", parametric=True),
        rv.Dropout(0.1),
        rv.Dense(1),
    ]
    net = rv.Network(4, layers, dtype=dtype, seed=0)
    rng = np.random.default_rng(0)
    net.theta[...] += rng.normal(0, 0.2, net.theta.size)
    return net


def table(rows: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(rows, 4))
    X[:, 3] = rng.integers(0, 12, rows)
    return X, np.sin(3 * X[:, 1]) + X[:, 3] % 3


def test_views_are_of_theta() -> None:
    net = network()
    layer = net.embedding
    assert layer is not None
    assert layer.scale is not None
    net.theta[...] = np.arange(net.theta.size)
    assert layer.values[1]["w"][0] == 0
    assert layer.values[3]["table"][0, 0] == 6 + 6 + 18 + 3 + 4 + 4 + 12
    assert layer.scale[0] == layer.count() - 12
    assert net.dense_layers[0].W[0, 0] == layer.count()
    alpha = net.dense_layers[0].alpha
    assert alpha is not None
    assert alpha[0] == layer.count() + 12 * 7 + 7
    with pytest.raises(AttributeError, match="write into"):
        layer.scale = np.ones(12)
    assert (
        rv.Network(4, [rv.Embedding(COLUMNS, scale=False), rv.Dense(1)]).layers[0].scale
        is None
    )  # type: ignore[union-attr]


def test_is_kept_whole(tmp_path: Any) -> None:
    for net in (network(), network("float32", scale=False)):
        net.save(tmp_path / "net.ranvier")
        again = rv.Network.load(tmp_path / "net.ranvier")
        assert again == net == pickle.loads(pickle.dumps(net)) == copy.deepcopy(net)
        X, _ = table()
        np.testing.assert_array_equal(again(X), net(X))
        layer = pickle.loads(pickle.dumps(net.layers[0]))
        assert repr(layer) == "EmbeddingLayer(4 -> 12)"
        other = rv.Network(4, [rv.Embedding([rv.columns.Plain()] * 4), rv.Dense(1)])
        assert other != net


def test_description() -> None:
    described = to_dict(rv.Embedding(COLUMNS))
    assert described["columns"][2] == ["piecewise", [-1.0, 0.0, 1.0, 2.5], 4, True]
    assert from_dict(described) == rv.Embedding(COLUMNS)
    with pytest.raises(ValueError, match="does not describe a column"):
        from_dict(described | {"columns": [["wave"]]})


def test_names() -> None:
    names = rv.Embedding(COLUMNS).names(["a", "age", "inc", "city"])
    assert names[:6] == ["a", "age: e1", "age: e2", "age: e3", "age", "inc: e1"]


def test_shown() -> None:
    net = network()
    assert "4 -> 12 embedded -> 7 mish" in repr(net)
    assert "Embedding" in net.summary()
    assert "Dense mish parametric" in net.summary()
    assert "embedded" in net._repr_html_()
    assert repr(rv.Embedding([rv.columns.Plain()], scale=False)) == (
        "Embedding([Plain()], scale=False)"
    )


def test_embedded_values_and_forward() -> None:
    net, (X, _) = network(), table()
    values = net.embed(X)
    Z = values @ net.dense_layers[0].W + net.dense_layers[0].b
    np.testing.assert_allclose(net.forward(X)[0].Z, Z, rtol=1e-10)
    plain = rv.Network(4, [rv.Dense(1)], dtype="float64")
    assert plain.embed(X) is X
    assert plain.embedding is None


def test_gradients_traces_and_attributions_agree() -> None:
    net, (X, y) = network(), table()
    assert rv.check_gradients(net, X, y).ok
    trace = net.trace(X[:5], y[:5])
    L, gradient = net.loss_and_gradient(X[:5], y[:5])
    assert net.embedding is not None
    rest = gradient.theta[net.embedding.count() :]
    assert pytest.approx(L) == trace.L
    np.testing.assert_allclose(trace.gradient.theta, rest, rtol=1e-9, atol=1e-12)
    assert trace.columns[1] == "x1: e1"
    assert trace.explain("W1[x1: e2,3]").check.gap < 1e-6
    assert "alpha" in str(trace.explain_unit(1, 2))
    for baseline in (None, "mean", [0, 0, 0, 3]):
        attribution = rv.attribute(net, X, baseline=baseline)
        assert attribution.columns == ("x0", "x1", "x2", "x3")
        assert np.abs(attribution.gaps).max() < 5e-3


@pytest.mark.parametrize(
    ("layers", "error", "words"),
    [
        (
            [rv.Embedding([rv.columns.Plain()]), rv.Dense(1)],
            ValueError,
            "1 columns, but .* 4",
        ),
        ([rv.Dense(4), rv.Embedding(COLUMNS), rv.Dense(1)], ValueError, "be the first"),
        ([rv.Embedding(COLUMNS)], ValueError, "must end with a Dense"),
        (
            [rv.Dense(1, "mish", parametric=True)],
            ValueError,
            "last layer is parametric",
        ),
    ],
)
def test_what_makes_no_network(layers: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        rv.Network(4, layers)


def test_what_is_no_embedding() -> None:
    with pytest.raises(TypeError, match="column 1 of an Embedding is 3"):
        rv.Embedding([rv.columns.Plain(), 3])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="each column"):
        rv.Embedding([])


def test_estimators_have_none() -> None:
    with pytest.raises(ValueError, match="embedding or a parametric activation"):
        rv.MLPRegressor.from_network(network())
