"""Metadata of a training: through JSON and back, and nothing malformed gets in."""

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import pytest

from ranvier.tabular import metadata
from ranvier.tabular.metadata import TrainingMetadata

METADATA = TrainingMetadata(
    reason="'y' holds 2 different texts",
    rows=100,
    epochs=20,
    best_epoch=7,
    seconds=1.5,
    seed=0,
    created="2026-01-31T12:00:00+00:00",
    version="0.1.0",
    test_rows=25,
    scores={"accuracy": 0.75},
)


def test_metadata_survive_json() -> None:
    assert TrainingMetadata.read(json.loads(json.dumps(asdict(METADATA)))) == METADATA
    without = replace(METADATA, test_rows=0, scores={}, seed=None)
    assert TrainingMetadata.read(asdict(without)) == without


@pytest.mark.parametrize(
    "change",
    [
        {"rows": -1},
        {"rows": True},
        {"seconds": "1.5"},
        {"created": None},
        {"scores": []},
        {"scores": {"accuracy": "high"}},
        {"surprise": 1},
    ],
)
def test_malformed_metadata_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"the description of the .* is damaged"):
        TrainingMetadata.read(asdict(METADATA) | change)


def test_missing_fields_are_refused() -> None:
    with pytest.raises(ValueError, match="expected the fields reason, rows"):
        TrainingMetadata.read({"rows": 1})


def test_the_time_has_a_zone() -> None:
    assert datetime.fromisoformat(metadata.now()).utcoffset() is not None
