"""Early stopping: which epoch is the best, and when patience is over."""

import math
from collections.abc import Iterable

import pytest

from ranvier.training.history import EpochRecord
from ranvier.training.stopping import EarlyStopping, Mode, Watch

NAN = math.nan


def follow(
    watch: Watch, scores: Iterable[float], key: str = "validation_loss"
) -> list[int]:
    """Show scores to a watch until it is over; return the epochs that were the best."""
    best = []
    for epoch, score in enumerate(scores, 1):
        given = {"metrics": {"f": score}} if key == "metric" else {key: score}
        values = {"loss": 0.0, "validation_loss": 0.0} | given
        if watch.see(EpochRecord(epoch, **values)):  # type: ignore[arg-type]
            best.append(epoch)
        if watch.is_over:
            break
    return best


def test_stops_after_patience_without_a_better_score() -> None:
    watch = Watch(EarlyStopping(patience=3), None, "min")
    assert follow(watch, [5, 4, 3, 3, 4, 3, 1]) == [1, 2, 3]
    assert watch.is_over
    assert (watch.best, watch.best_epoch) == (3, 3)


def test_of_equal_scores_the_last() -> None:
    watch = Watch(EarlyStopping(patience=3, latest=True), None, "min")
    assert follow(watch, [5, 3, 3, 4, 3, 1]) == [1, 2, 3, 5]
    assert watch.is_over  # which waits for better ones all the same
    assert (watch.best, watch.best_epoch) == (3, 5)


def test_patience_begins_anew() -> None:
    watch = Watch(EarlyStopping(patience=2), None, "min")
    assert follow(watch, [5, 6, 4, 5, 3, 4, 4, 0]) == [1, 3, 5]
    assert watch.best_epoch == 5


@pytest.mark.parametrize(("mode", "best"), [("max", [1, 3]), ("min", [1, 2])])
def test_direction(mode: Mode, best: list[int]) -> None:
    watch = Watch(EarlyStopping(patience=9, monitor="metric"), "f", mode)
    assert follow(watch, [2, 1, 3, 1], "metric") == best


def test_monitor_of_the_training_loss() -> None:
    watch = Watch(EarlyStopping(patience=1, monitor="loss"), None, "min")
    assert follow(watch, [2, 1, 1, 0], "loss") == [1, 2]


def test_small_gains_are_the_best_but_are_not_waited_for() -> None:
    watch = Watch(EarlyStopping(patience=3, min_delta=0.5), None, "min")
    assert follow(watch, [4.0, 3.8, 3.7, 3.6, 1.0]) == [1, 2, 3, 4]
    assert watch.is_over
    # Three small gains that add up to more than min_delta count from the last wait.
    watch = Watch(EarlyStopping(patience=3, min_delta=0.5), None, "min")
    follow(watch, [4.0, 3.8, 3.4, 3.3])
    assert not watch.is_over


def test_nan_is_never_better() -> None:
    watch = Watch(EarlyStopping(patience=2), None, "min")
    assert follow(watch, [NAN, 3, NAN, NAN, 1]) == [1, 2]
    assert watch.best == 3
    watch = Watch(EarlyStopping(patience=2), None, "max")
    follow(watch, [NAN, NAN, NAN])
    assert watch.is_over


def test_infinity_is_a_score() -> None:
    watch = Watch(EarlyStopping(patience=2), None, "min")
    assert follow(watch, [math.inf, math.inf, 7, 8]) == [1, 3]


def test_shown_again_it_is_the_same() -> None:
    scores = [3.0, 2.0, 2.5, 2.4, 1.0, 4.0]
    first, again = (Watch(EarlyStopping(patience=3), None, "min") for _ in range(2))
    follow(first, scores)
    follow(again, scores[:3])
    for epoch, score in enumerate(scores[3:], 4):
        again.see(EpochRecord(epoch, 0.0, score))
    assert vars(first) == vars(again)


def test_nothing_to_follow() -> None:
    watch = Watch(EarlyStopping(), None, "min")
    assert not watch.is_over
    with pytest.raises(ValueError, match="epoch 1 has no validation_loss"):
        watch.see(EpochRecord(1, 0.0))


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("patience", 0, "patience must be at least 1 epoch, but got 0"),
        ("min_delta", -1.0, "min_delta must be at least 0"),
        ("min_delta", NAN, "min_delta must be at least 0"),
        ("monitor", "validation", "unknown monitor 'validation'.*validation_loss"),
        ("mode", "maximum", "unknown mode 'maximum'"),
    ],
)
def test_senseless_rules(argument: str, value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EarlyStopping(**{argument: value})  # type: ignore[arg-type]
