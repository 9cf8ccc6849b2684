"""The folder of a new run: what is told, and which rows are kept."""

from pathlib import Path

import numpy as np
import pytest

import ranvier as rv
from ranvier.run.folder import Recording
from ranvier.training.run_creation import (
    as_recording,
    column_names,
    create,
    fingerprint,
)

X = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
Y = X[:, 0] ** 2


@pytest.mark.parametrize(("largest", "kept"), [(1 << 20, True), (10, False)])
def test_rows_are_kept_where_they_are_few(
    largest: int, kept: bool, tmp_path: Path
) -> None:
    net = rv.Network.mlp(1, 3, 1, seed=0)
    recording = Recording(tmp_path, largest_data=largest, about={"a": 1})
    path = create(recording, net, {"epochs": 3}, {"rows": 64}, {"X": X, "Y": Y})
    run = rv.Run(path)
    assert run.manifest["training"] == {"epochs": 3}
    assert run.manifest["about"] == {"a": 1}
    data = run.manifest["data"]
    assert (data["rows"], data["kept"]) == (64, kept)
    assert (data["sha256"] is None) == kept
    assert (run.data is not None) == kept
    assert run.network(0) == net


def test_rows_that_cannot_be_kept(tmp_path: Path) -> None:
    net = rv.Network.mlp(1, 3, 1, seed=0)
    data = rv.Run(create(Recording(tmp_path), net, {}, {"rows": 64}, None)).manifest
    assert not data["data"]["kept"]
    assert data["data"]["sha256"] is None


def test_columns_are_told_unless_the_user_does() -> None:
    assert as_recording("runs", None) == Recording("runs")
    assert as_recording("runs", ["a", "b"]).about == {"columns": ["a", "b"]}
    own = Recording("runs", about={"columns": ["c"]})
    assert as_recording(own, ["a"]).about == {"columns": ["c"]}


def test_column_names() -> None:
    import pandas as pd
    import pyarrow as pa

    frame = pd.DataFrame({"a": [1.0], "b": [2.0]})
    assert column_names(frame) == ["a", "b"]
    assert column_names(pa.table({"a": [1.0], "b": [2.0]})) == ["a", "b"]
    assert column_names(X) is None
    assert column_names([[1.0]]) is None


def test_fingerprint() -> None:
    arrays = {"X": X, "Y": Y}
    first = fingerprint(arrays)
    assert first == fingerprint({"Y": Y.copy(), "X": X.copy()})
    assert first != fingerprint({"X": X, "Y": Y + 1})
    assert first != fingerprint({"X": Y, "Y": X})
    assert fingerprint({"X": X.T}) == fingerprint({"X": X.T.copy()})
