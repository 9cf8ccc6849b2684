import sys

import numpy as np
import pytest

import ranvier as rv


@pytest.fixture
def trace(rng: np.random.Generator) -> rv.Trace:
    net = rv.Network.mlp(3, [4], 2, output_activation="softmax", seed=0)
    return net.trace(rng.normal(size=(9, 3)), [0, 1] * 4 + [0], rows=[8, 2])


def test_a_line_for_each_unit(trace: rv.Trace) -> None:
    frame = trace.to_frame()
    assert list(frame) == [
        "row",
        "layer",
        "unit",
        "name",
        "Z",
        "A",
        "slope",
        "dA",
        "dZ",
    ]
    assert len(frame) == 2 * (4 + 2)
    own = frame.query("row == 2 and layer == 1 and unit == 3").iloc[0]
    assert own["name"] == "unit 3"
    for letter in ("Z", "A", "slope", "dA", "dZ"):
        assert own[letter] == getattr(trace.layers[0], letter)[1, 3]
    last = frame.query("row == 8 and layer == 2 and unit == 1").iloc[0]
    assert last["name"] == "y1"
    assert last["slope"] == trace.layers[1].slope[0, 1, 1]


def test_a_line_for_each_weight(trace: rv.Trace) -> None:
    frame = trace.to_frame("weights").set_index("weight")
    assert len(frame) == trace.network.theta.size
    assert frame.loc["W1[2,1]", ["from", "to"]].tolist() == ["x2", "unit 1"]
    assert frame.loc["b2[1]", ["from", "to"]].tolist() == ["bias", "y1"]
    for name in ("W1[2,1]", "W2[3,0]", "b1[2]"):
        assert frame.loc[name, "value"] == trace[name]
        assert frame.loc[name, "gradient"] == trace[f"d{name}"]


def test_without_targets(trace: rv.Trace) -> None:
    forward = trace.network.trace(trace.X)
    assert "dZ" not in forward.to_frame()
    assert "gradient" not in forward.to_frame("weights")


def test_another_kind(trace: rv.Trace) -> None:
    with pytest.raises(ValueError, match="did you mean 'weights'"):
        trace.to_frame("weight")  # type: ignore[arg-type]


def test_without_pandas(trace: rv.Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        trace.to_frame()
