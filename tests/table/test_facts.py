"""Facts of a training: through JSON and back, and nothing malformed gets in."""

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import pytest

from ranvier.table import facts
from ranvier.table.facts import Facts

FACTS = Facts(
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


def test_facts_survive_json() -> None:
    assert Facts.read(json.loads(json.dumps(asdict(FACTS)))) == FACTS
    without = replace(FACTS, test_rows=0, scores={})
    assert Facts.read(asdict(without)) == without


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
def test_malformed_facts_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"the description of the .* is damaged"):
        Facts.read(asdict(FACTS) | change)


def test_missing_facts_are_refused() -> None:
    with pytest.raises(ValueError, match="expected the fields reason, rows"):
        Facts.read({"rows": 1})


def test_the_time_has_a_zone() -> None:
    assert datetime.fromisoformat(facts.now()).utcoffset() is not None
