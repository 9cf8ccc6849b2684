"""model_files.py: the files that commands take."""

from pathlib import Path

import pytest

from ranvier.commands.model_files import load, load_predictor


@pytest.mark.parametrize("read", [load, load_predictor])
def test_a_file_that_is_not_there(read: object, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no model file .*: give one that"):
        read(tmp_path / "gone.onnx")  # type: ignore[operator]
