from pathlib import Path

import numpy as np
import pytest
from raw_tables import fitted, mixed, prepared

import ranvier as rv
from ranvier import files
from ranvier.tabular import model_file
from ranvier.tabular.model import TableModel


@pytest.mark.parametrize("target", ["y", "kind"])
def test_a_saved_model_is_saved_the_same_again(target: str, tmp_path: Path) -> None:
    frame, y = mixed(80)
    frame["kind"] = frame["kind"].fillna("a")
    table = prepared(frame.assign(y=y), target, hidden=(4,), epochs=2, effort="fast")
    fitted(table).save(tmp_path / "one.safetensors")
    TableModel.load(tmp_path / "one.safetensors").save(tmp_path / "two.safetensors")
    one, two = (tmp_path / f"{name}.safetensors" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    assert files.kind_of(one) == model_file.KIND


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    rv.Network.mlp(2, 3, 1).save(path)
    with pytest.raises(rv.FileFormatError, match="holds a network, but a model was"):
        TableModel.load(path)
    files.save(path, {}, {"theta": np.zeros(1)}, "TabularClassifier")
    with pytest.raises(rv.FileFormatError, match="holds no usable model"):
        TableModel.load(path)
