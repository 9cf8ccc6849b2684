import os
from pathlib import Path

import pytest

from ranvier.commands.claims import claim, note_written, own_model, wrote


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a run in the current folder, and a key of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def test_a_training_of_ones_own(run: Path) -> None:
    model = Path("m.safetensors")
    about = claim(model)
    assert own_model(run, about) == model.resolve()  # it has not been written yet
    model.write_bytes(b"model")
    with pytest.raises(ValueError, match="now holds something else than the model of"):
        own_model(run, about)
    note_written(run, about, model)
    assert own_model(run, about) == model.resolve()
    model.write_bytes(b"another")
    assert not wrote(run, about, model)


def test_nothing_is_named(run: Path) -> None:
    assert own_model(run, {}) is None
    note_written(None, {}, Path("m"))


@pytest.mark.parametrize(
    "part",
    [
        {"model": "/etc/passwd"}, {"model_id": "0"}, {"model_claim": ""},
        {"model_claim": "é"}, {"model_claim": None}, {"model": 3}, {"model_id": [1]},
    ],
)  # fmt: skip
def test_a_claim_that_was_changed(run: Path, part: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no training of yours on this machine has"):
        own_model(run, claim(Path("m")) | part)


def test_the_key_of_another_user(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    about = claim(Path("m"))
    monkeypatch.setenv("XDG_STATE_HOME", str(run / "another"))
    with pytest.raises(ValueError, match="no training of yours"):
        own_model(run, about)


def test_a_note_from_another_run(run: Path, tmp_path: Path) -> None:
    """A stranger's run with a note of one's own does not have its number."""
    Path("m").write_bytes(b"model")
    first, second = claim(Path("m")), claim(Path("m"))
    note_written(run, first, Path("m"))
    assert wrote(run, first, Path("m"))
    assert not wrote(run, second, Path("m"))


def test_the_key_is_for_its_owner_alone(run: Path, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        claim(Path("m"))
    finally:
        os.umask(before)
    key = tmp_path / "state" / "ranvier" / "key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(key.read_bytes()) == 32
    assert list(key.parent.iterdir()) == [key]


def test_where_no_key_can_be_kept(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(Path("file").resolve()))
    about = claim(Path("m"))
    assert "model_claim" not in about
    with pytest.raises(ValueError, match="give --out a file"):
        own_model(run, about)
