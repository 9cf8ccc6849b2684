"""rescue.py: a model whose place is full, on a real disk that is."""

import errno
import tempfile
from pathlib import Path

import pandas as pd
import pytest

from ranvier.job import rescue
from ranvier.job.fitting import fit_table
from ranvier.job.model import Model


@pytest.fixture(scope="module")
def model() -> Model:
    table = pd.DataFrame({"x": range(60), "large": [i >= 30 for i in range(60)]})
    return fit_table(table, "large", epochs=1, progress=False)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that is the system's for files of passing use."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_where_there_is_room(model: Model, tmp_path: Path, temporary: Path) -> None:
    rescue.save(model, tmp_path / "m.safetensors")
    assert Model.load(tmp_path / "m.safetensors").network == model.network
    assert list(temporary.iterdir()) == []


def test_a_full_disk(model: Model, small_disk: Path, temporary: Path) -> None:
    with pytest.raises(OSError, match="No space left on device") as error:
        rescue.save(model, small_disk / "m.safetensors")
    (instead,) = temporary.glob("ranvier-*/m.safetensors")
    assert f"The trained model is in {instead}: move it" in str(error.value)
    assert Model.load(instead).network == model.network
    assert list(small_disk.iterdir()) == []


def test_no_room_anywhere(
    model: Model, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    with pytest.raises(OSError, match="No space left on device") as error:
        rescue.save(model, small_disk / "m.safetensors")
    assert error.value.errno == errno.ENOSPC
    assert list(small_disk.iterdir()) == []
