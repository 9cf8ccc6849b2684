from pathlib import Path

import pytest
import tiny


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny.make(tmp_path / "data")
