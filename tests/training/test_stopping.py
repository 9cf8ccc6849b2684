"""Early stopping: which epoch is the best, and when patience is over."""

import math
from collections.abc import Iterable

import numpy as np
import pytest

from ranvier.training.history import EpochRecord
from ranvier.training.stopping import BestEpoch, EarlyStopping, Mode

NAN = math.nan


def follow(
    best: BestEpoch, scores: Iterable[float], key: str = "validation_loss"
) -> list[int]:
    """Show scores until patience is over; return the epochs that were the best."""
    found = []
    for epoch, score in enumerate(scores, 1):
        given = {"metrics": {"f": score}} if key == "metric" else {key: score}
        values = {"loss": 0.0, "validation_loss": 0.0} | given
        if best.see(EpochRecord(epoch, **values)):  # type: ignore[arg-type]
            found.append(epoch)
        if best.is_over:
            break
    return found


def test_stops_after_patience_without_a_better_score() -> None:
    best = BestEpoch(np.zeros(2), EarlyStopping(patience=3), None, "min")
    assert follow(best, [5, 4, 3, 3, 4, 3, 1]) == [1, 2, 3]
    assert best.is_over
    assert (best.score, best.epoch) == (3, 3)


def test_of_equal_scores_the_last() -> None:
    best = BestEpoch(np.zeros(2), EarlyStopping(patience=3, latest=True), None, "min")
    assert follow(best, [5, 3, 3, 4, 3, 1]) == [1, 2, 3, 5]
    assert best.is_over  # which waits for better ones all the same
    assert (best.score, best.epoch) == (3, 5)


def test_patience_begins_anew() -> None:
    best = BestEpoch(np.zeros(2), EarlyStopping(patience=2), None, "min")
    assert follow(best, [5, 6, 4, 5, 3, 4, 4, 0]) == [1, 3, 5]
    assert best.epoch == 5


@pytest.mark.parametrize(("mode", "expected"), [("max", [1, 3]), ("min", [1, 2])])
def test_direction(mode: Mode, expected: list[int]) -> None:
    best = BestEpoch(
        np.zeros(2), EarlyStopping(patience=9, monitor="metric"), "f", mode
    )
    assert follow(best, [2, 1, 3, 1], "metric") == expected


def test_monitor_of_the_training_loss() -> None:
    best = BestEpoch(
        np.zeros(2), EarlyStopping(patience=1, monitor="loss"), None, "min"
    )
    assert follow(best, [2, 1, 1, 0], "loss") == [1, 2]


def test_small_gains_are_the_best_but_are_not_waited_for() -> None:
    best = BestEpoch(np.zeros(2), EarlyStopping(patience=3, min_delta=0.5), None, "min")
    assert follow(best, [4.0, 3.8, 3.7, 3.6, 1.0]) == [1, 2, 3, 4]
    assert best.is_over
    # Three small gains that add up to more than min_delta count from the last wait.
    best = BestEpoch(np.zeros(2), EarlyStopping(patience=3, min_delta=0.5), None, "min")
    follow(best, [4.0, 3.8, 3.4, 3.3])
    assert not best.is_over


def test_nan_is_never_better() -> None:
    best = BestEpoch(np.zeros(2), EarlyStopping(patience=2), None, "min")
    assert follow(best, [NAN, 3, NAN, NAN, 1]) == [1, 2]
    assert best.score == 3
    best = BestEpoch(np.zeros(2), EarlyStopping(patience=2), None, "max")
    follow(best, [NAN, NAN, NAN])
    assert best.is_over


def test_infinity_is_a_score() -> None:
    best = BestEpoch(np.zeros(2), EarlyStopping(patience=2), None, "min")
    assert follow(best, [math.inf, math.inf, 7, 8]) == [1, 3]


def test_shown_again_it_is_the_same() -> None:
    scores = [3.0, 2.0, 2.5, 2.4, 1.0, 4.0]
    first, again = (
        BestEpoch(np.zeros(2), EarlyStopping(patience=3), None, "min") for _ in range(2)
    )
    follow(first, scores)
    follow(again, scores[:3])
    for epoch, score in enumerate(scores[3:], 4):
        again.see(EpochRecord(epoch, 0.0, score))
    assert (first.epoch, first.score) == (again.epoch, again.score) == (5, 1.0)
    assert first.is_over == again.is_over


def test_the_best_weights_are_restored() -> None:
    theta = np.zeros(2)
    best = BestEpoch(theta, EarlyStopping())
    for epoch, score in enumerate([3.0, 1.0, 2.0], 1):
        theta[...] = epoch
        best.see(EpochRecord(epoch, 0.0, score))
    best.restore()
    assert theta.tolist() == [2, 2]


def test_without_a_rule_the_last_epoch_is_the_best() -> None:
    theta = np.zeros(1)
    best = BestEpoch(theta, None)
    best.restore()
    assert theta.tolist() == [0]
    for epoch in (1, 2):
        theta[...] = epoch
        assert best.see(EpochRecord(epoch, NAN))
    theta[...] = 9
    best.restore()
    assert (theta.tolist(), best.epoch, best.is_over) == ([2], 2, False)


def test_an_earlier_training_is_replayed() -> None:
    records = [EpochRecord(i, 0.0, score) for i, score in enumerate([3.0, 1.0, 2.0], 1)]
    theta = np.zeros(1)
    best = BestEpoch(theta, EarlyStopping(patience=2))
    best.replay(records, (records[1], np.full(1, 7.0)))
    assert (best.epoch, best.score, best.is_over) == (2, 1.0, False)
    assert not best.see(EpochRecord(4, 0.0, 1.5))
    best.restore()
    assert theta.tolist() == [7]
    assert best.is_over


def test_nothing_to_follow() -> None:
    best = BestEpoch(np.zeros(2), EarlyStopping(), None, "min")
    assert not best.is_over
    with pytest.raises(ValueError, match="epoch 1 has no validation loss"):
        best.see(EpochRecord(1, 0.0))


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("patience", 0, "patience must be a whole number of at least 1, but got 0"),
        ("min_delta", -1.0, "min_delta must be at least 0"),
        ("min_delta", NAN, "min_delta must be a finite number"),
        ("monitor", "validation", "unknown monitor 'validation'.*validation_loss"),
        ("mode", "maximum", "unknown mode 'maximum'"),
    ],
)
def test_senseless_rules(argument: str, value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EarlyStopping(**{argument: value})  # type: ignore[arg-type]
