import numpy as np
import pandas as pd
import pytest

import ranvier as rv


def test_it_is_f_of_w_x_plus_b() -> None:
    neuron = rv.Neuron([2.0, -1.0], bias=0.5, activation="tanh")
    assert neuron([1.0, 2.0]) == pytest.approx(np.tanh(0.5), rel=1e-12)
    assert isinstance(neuron([1.0, 2.0]), float)
    rows = neuron([[1.0, 2.0], [0.0, 0.0]])
    np.testing.assert_allclose(rows, np.tanh([0.5, 0.5]))
    assert neuron.weights.tolist() == [2.0, -1.0]
    assert (neuron.bias, str(neuron.activation)) == (0.5, "tanh")


def test_its_weights_can_be_changed() -> None:
    neuron = rv.Neuron([2.0], activation="identity")
    neuron.weights[:] = 5
    assert neuron([2.0]) == 10.0


def test_its_trace() -> None:
    neuron = rv.Neuron([2.0, -1.0], 0.5, "identity", names=["income", "age"])
    trace = neuron.trace([1.0, 2.0], 1.5)
    assert trace["Z1[0,0]"] == 0.5
    # dL/dw = 2 (a - y) x
    explained = trace.explain("W1[income,0]")
    assert explained.gradient == -2.0
    assert explained.about == "the weight from income to output a"
    unnamed = rv.Neuron([2.0, -1.0]).trace(pd.DataFrame({"u": [1.0], "v": [2.0]}))
    assert unnamed.columns == ("u", "v")


def test_its_picture() -> None:
    neuron = rv.Neuron([2.0, -1.0], 0.5, "relu", names=["income", "age"])
    ax = neuron.plot([1.0, 2.0])
    texts = [text.get_text() for text in ax.texts]
    assert {"income = 1", "age = 2", "z = 0.5", "a = 0.5", "relu"} <= set(texts)
    assert neuron.plot(ax=ax) is ax


@pytest.mark.parametrize(
    ("neuron", "text"),
    [
        (rv.Neuron([2.0, -1.0], 0.5, "relu"), "Neuron: relu(2 x0 - x1 + 0.5)"),
        (rv.Neuron([-1.0], 0.0, "step", names=["a"]), "Neuron: step(-a)"),
        (rv.Neuron([1.0], -1.0), "Neuron: sigmoid(x0 - 1)"),
        (rv.Neuron([1.0], names=["\x1b[1m"]), "Neuron: sigmoid(\ufffd[1m)"),
    ],
)
def test_its_text(neuron: rv.Neuron, text: str) -> None:
    assert repr(neuron) == text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), "weights must be finite numbers, one for each input"),
        (([[1.0]],), "weights must be finite numbers, one for each input"),
        (([np.nan],), "weights must be finite numbers, one for each input"),
        (([1.0], np.inf), "bias must be a finite number"),
        (([1.0], 0.0, "softmax"), "use 'sigmoid', which is softmax of two"),
        (([1.0], 0.0, "sigmod"), "did you mean 'sigmoid'"),
    ],
)
def test_what_is_no_neuron(arguments: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rv.Neuron(*arguments)
    with pytest.raises(ValueError, match="names must be a list of 2 names"):
        rv.Neuron([1.0, 2.0], names=["a"])
