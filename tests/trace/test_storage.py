from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ranvier as rv
from ranvier import files
from ranvier.inspectable import EncodedRows, named
from ranvier.trace.storage import KIND


@pytest.fixture
def trace(rng: np.random.Generator) -> rv.Trace:
    net = rv.Network.mlp(3, [4], 2, output_activation="softmax", dropout=0.1, seed=0)
    X, w = rng.normal(size=(9, 3)), rng.uniform(1, 2, 9)
    return net.trace(X, [0, 1] * 4 + [0], sample_weight=w, rows=[8, 2])


def test_it_comes_back_to_the_bit(trace: rv.Trace, tmp_path: Path) -> None:
    trace.save(tmp_path / "trace.safetensors")
    back = rv.Trace.load(tmp_path / "trace.safetensors")
    assert back.network == trace.network
    assert (back.L, back.loss, back.rows) == (trace.L, trace.loss, (8, 2))
    assert (back.columns, back.outputs, back.notes) == (
        (trace.columns, trace.outputs, trace.notes)
    )
    for own, other in zip(trace.layers, back.layers, strict=True):
        for name, array in own.arrays().items():
            np.testing.assert_array_equal(other.arrays()[name], array)
    assert str(back.explain("W1[0,1]")) == str(trace.explain("W1[0,1]"))


def test_what_the_table_held_comes_back(tmp_path: Path) -> None:
    path, table = tmp_path / "trace.safetensors", pd.DataFrame({"size": [1.5, np.nan]})
    net = rv.Network.mlp(2, [3], 1, seed=0)
    names, sources = ("size", "size is missing"), ("size", "size")
    rows = EncodedRows(np.zeros((2, 2)), names, sources, [1.0, 2.0], table=table)
    trace = rv.Trace(net, named(rows, net), rows=[1, 0])
    trace.save(path)
    back = rv.Trace.load(path)
    assert back.given == trace.given == {"size": ("(missing)", "1.5")}
    assert str(back.explain("W1[0,1]")) == str(trace.explain("W1[0,1]"))

    description, arrays = files.load(path, KIND)
    for wrong in ({"size": ["1.5"]}, {"length": ["1", "2"]}, ["size"]):
        files.save(path, description | {"given": wrong}, arrays, KIND)
        with pytest.raises(files.FileFormatError, match="no trace can be made of it"):
            rv.Trace.load(path)
    del description["given"]  # as in older files
    files.save(path, description, arrays, KIND)
    assert rv.Trace.load(path).given == {}


def test_the_numbers_are_those_that_were_stored(
    trace: rv.Trace, tmp_path: Path
) -> None:
    path = tmp_path / "trace.safetensors"
    trace.save(path)
    description, arrays = files.load(path, KIND)
    arrays["layers.1.Z"] = arrays["layers.1.Z"] + 1e-16
    files.save(path, description, arrays, KIND)
    np.testing.assert_array_equal(rv.Trace.load(path)["Z1"], arrays["layers.1.Z"])


def test_a_trace_without_targets(trace: rv.Trace, tmp_path: Path) -> None:
    path = tmp_path / "trace.safetensors"
    trace.network.trace(trace.X).save(path)
    back = rv.Trace.load(path)
    assert back.loss is None
    assert back.Y is None
    assert np.isnan(back.L)


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("arrays", lambda d, a: a.pop("layers.2.dW")),
        ("arrays", lambda d, a: a.update(extra=np.zeros(2))),
        ("arrays", lambda d, a: a.update({"layers.1.Z": np.zeros((2, 5))})),
        ("rows", lambda d, a: d.update(rows=[1, 2, 3])),
        ("loss", lambda d, a: d.update(loss=["nonsense", 0.0])),
        ("network", lambda d, a: d.update(network={})),
        ("X", lambda d, a: a.pop("X")),
    ],
)
def test_what_does_not_fit_is_refused(what, change, trace, tmp_path: Path) -> None:
    path = tmp_path / "trace.safetensors"
    trace.save(path)
    description, arrays = files.load(path, KIND)
    change(description, arrays)
    files.save(path, description, arrays, KIND)
    with pytest.raises(files.FileFormatError, match="no trace can be made of it"):
        rv.Trace.load(path)


def test_another_kind_of_file(trace: rv.Trace, tmp_path: Path) -> None:
    trace.network.save(tmp_path / "net.safetensors")
    with pytest.raises(files.FileFormatError, match="holds a network"):
        rv.Trace.load(tmp_path / "net.safetensors")
    trace.save(tmp_path / "trace.safetensors")
    with pytest.raises(files.FileFormatError, match=r"load it with Trace\.load"):
        rv.Network.load(tmp_path / "trace.safetensors")


def test_a_failed_save_leaves_the_old_file(trace: rv.Trace, tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    with pytest.raises(OSError, match="No such file"):
        trace.save(folder / "trace.safetensors")
