from itertools import product

import numpy as np
import pytest

import ranvier as rv
from ranvier.trace.addresses import Weight
from ranvier.trace.explain import _row_trace
from ranvier.trace.paths import count_paths, prediction_paths, strongest_paths


@pytest.fixture
def trace(rng: np.random.Generator) -> rv.Trace:
    net = rv.Network.mlp(3, [4, 5, 3], 2, "tanh", "softmax", seed=3)
    return net.trace(rng.normal(size=(3, 3)), [0, 1, 1])


def all_paths(trace: rv.Trace, row: int, weight: Weight) -> dict[tuple, float]:
    """Multiply along every path, one by one."""
    layers = trace.layers
    number, i, j = weight
    x = 1.0 if i is None else layers[number - 1].X[row, i]
    sizes = [range(own.Z.shape[1]) for own in layers[number:]]
    found = {}
    for rest in product(*sizes):
        units = (j, *rest)
        value = x * layers[-1].dZ[row, units[-1]]
        for at in range(number, len(layers)):
            here, above = units[at - number], units[at - number + 1]
            value *= layers[at - 1].slope[row, here] * layers[at].W[here, above]
        found[units] = value
    return found


@pytest.mark.parametrize(
    "weight", [Weight(1, 2, 3), Weight(1, None, 0), Weight(3, 4, 1)]
)
@pytest.mark.parametrize("most", [1, 5, 1000])
def test_the_strongest_of_all(trace: rv.Trace, weight: Weight, most: int) -> None:
    at = _row_trace(trace, 1)
    expected = all_paths(trace, 1, weight)
    assert count_paths(at, weight) == len(expected)
    paths = strongest_paths(at, weight, most)
    assert len(paths) == min(most, len(expected))
    sizes = sorted((abs(value) for value in expected.values()), reverse=True)
    np.testing.assert_allclose([abs(path.value) for path in paths], sizes[:most])
    for path in paths:
        assert path.value == pytest.approx(expected[path.units])
        assert np.prod([part.value for part in path.factors]) == (
            pytest.approx(path.value)
        )


def test_all_paths_add_up_to_the_gradient(trace: rv.Trace) -> None:
    for row in range(3):
        paths = strongest_paths(_row_trace(trace, row), Weight(1, 0, 2), 10_000)
        total = sum(path.value for path in paths)
        layer = trace.layers[0]
        assert total == pytest.approx(layer.X[row, 0] * layer.dZ[row, 2])


def test_a_path_in_words(trace: rv.Trace) -> None:
    path = trace.explain("W2[1,0]", row=0).paths[0]
    _, second, output = path.units
    assert path.text == (
        f"unit 1 of layer 1 -> unit 0 of layer 2 -> unit {second} of layer 3 -> "
        f"output y{output}"
    )
    assert [part.name for part in path.factors] == [
        "dZ2[0]/dW2[1,0]",
        "dA2[0]/dZ2[0]",
        f"W3[0,{second}]",
        f"dA3[{second}]/dZ3[{second}]",
        f"W4[{second},{output}]",
        f"dL/dZ4[{output}]",
    ]


def test_a_unit_at_rest_has_no_path() -> None:
    hidden = rv.Dense(1, "relu", W=[[1.0]])
    net = rv.Network(1, [hidden, rv.Dense(1, W=[[1.0]])])
    explained = net.trace([[-1.0]], [5.0]).explain("W1[0,0]")
    assert explained.paths == ()
    assert explained.gradient == 0


def test_many_paths_are_counted_not_listed() -> None:
    net = rv.Network.mlp(2, [64, 64, 64, 64], 1, seed=0)
    explained = net.trace([[1.0, 2.0]], [0.0]).explain("W1[0,0]")
    assert explained.n_paths == 64**3
    assert len(explained.paths) <= 5


def test_the_paths_of_a_prediction_add_up_to_the_gradient_times_the_row(trace) -> None:
    names = ("a", "b", "c"), ("no", "yes")
    every = 3 * 4 * 5 * 3
    paths = prediction_paths(trace.layers, 1, 1, *names, most=every + 1)
    assert len(paths) == every
    x, step = trace.X[[1]], 1e-6
    up, down = (
        trace.network.forward(x * (1 + step)),
        trace.network.forward(x * (1 - step)),
    )
    expected = (up[-1].Z - down[-1].Z)[0, 1] / (2 * step)
    assert sum(path.value for path in paths) == pytest.approx(expected, rel=1e-6)
    sizes = [abs(path.value) for path in paths]
    assert sizes == sorted(sizes, reverse=True)
    best = prediction_paths(trace.layers, 1, 1, *names, most=1)[0]
    assert best.value == pytest.approx(paths[0].value)
    assert best.text.endswith("-> output yes")
    assert [part.name[:2] for part in best.factors[:2]] == ["X1", "W1"]
