from pathlib import Path

import pages
import pytest

import ranvier as rv
from ranvier.files import FileFormatError
from ranvier.job.resuming import resume_model


def test_the_model_of_a_run(tmp_path: Path) -> None:
    frame = pages.table()
    model = rv.fit_table(frame, "kind", epochs=8, run=tmp_path)
    assert model.history is not None
    assert model.history.run is not None
    run = rv.Run(model.history.run)
    again = resume_model(run, *rv.resume(run))
    assert again.network == model.network
    assert again.classes == model.classes
    assert again.facts.rows == model.facts.rows
    assert again.facts.best_epoch == model.facts.best_epoch
    assert (again.predict(frame) == model.predict(frame)).all()


def test_a_run_without_a_table(tmp_path: Path) -> None:
    run = rv.Run(pages.record(tmp_path))
    with pytest.raises(FileFormatError, match="does not tell of its table: 'reason'"):
        resume_model(run, *rv.resume(run))
