"""How a model was trained: what its file says of its training."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ranvier.table.json_fields import JsonFields


@dataclass(frozen=True)
class TrainingMetadata:
    """How a model was trained.

    Parameters
    ----------
    reason
        Why its task is a classification or a regression, a sentence.
    rows
        Rows it was trained on, with those that chose the best epochs.
    epochs, best_epoch
        Epochs of the first network, and the one whose weights it has.
    seconds
        Time the training took.
    seed
        The seed that the user gave; None: there was none.
    created
        When it was trained, ISO 8601 in UTC.
    version
        Of the Ranvier that trained it.
    test_rows, scores
        Rows held out from training, and the scores on them; 0 and none if none were.
    """

    reason: str
    rows: int
    epochs: int
    best_epoch: int
    seconds: float
    seed: int | None
    created: str
    version: str
    test_rows: int = 0
    scores: dict[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, value: Any) -> TrainingMetadata:
        """Rebuild the metadata from plain JSON; anything malformed gives ValueError."""
        fields = JsonFields(value, "the training", list(cls.__dataclass_fields__))
        given = fields.item("scores")
        fields.require(isinstance(given, dict), "the scores are no object")
        scores = JsonFields(given, "the scores", list(given))
        return cls(
            reason=fields.text("reason"),
            rows=fields.count("rows"),
            epochs=fields.count("epochs"),
            best_epoch=fields.count("best_epoch"),
            seconds=fields.number("seconds", least=0),
            seed=None if fields.item("seed") is None else fields.count("seed"),
            created=fields.text("created"),
            version=fields.text("version"),
            test_rows=fields.count("test_rows"),
            scores={name: scores.number(name) for name in given},
        )


def now() -> str:
    """Return the time as the metadata holds it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
