import json
from pathlib import Path

import pages

from ranvier.job.preparation import prepare
from ranvier.job.recorded import recording
from ranvier.table.encoder import TableEncoder


def test_what_a_run_is_told(tmp_path: Path) -> None:
    prepared = prepare(pages.table(), "kind")
    assert recording(prepared, None) is None
    told = recording(prepared, tmp_path, {"model": "model.safetensors"})
    assert told is not None
    about = json.loads(json.dumps(told.about))
    assert about["columns"] == list(prepared.encoder.names)
    assert about["target"] == "kind"
    assert about["model"] == "model.safetensors"
    assert TableEncoder.read(about["encoding"]) == prepared.encoder
    assert about["recipe"]["epochs"] == prepared.recipe.epochs
    plain = recording(prepared, tmp_path)
    assert plain is not None
    assert "model" not in (plain.about or {})
