from pathlib import Path
from time import sleep

import pytest
from benchmarks.watched import Seen, Training, compared, told


def test_epochs_are_compared_in_pairs() -> None:
    pairs = [(0.010, 0.011), (0.020, 0.020), (0.010, 0.010)]
    assert compared(pairs) == (
        "10.00 ms an epoch alone, +0.0 % watched "
        "(half of the pairs from +0.0 to +5.0 %)"
    )


def test_the_pace_of_a_training(tmp_path: Path) -> None:
    training = Training(tmp_path, 1)
    training.times = [(float(t * t), t / 2) for t in range(6)]
    clock, work = training.pace(1.0, 17.0)  # epochs that end at 1, 4, 9 and 16
    assert clock == pytest.approx(5.0)  # the median of 3, 5 and 7
    assert work == pytest.approx(0.5)


def test_a_training_that_rests_goes_on_where_it_was(tmp_path: Path) -> None:
    training = Training(tmp_path, 1)
    training.start()
    try:
        training.should_continue.clear()
        before = len(training.times)
        sleep(0.5)
        assert len(training.times) <= before + 1  # the epoch that was under way
    finally:
        training.over = True
        training.should_continue.set()
        training.join()
    assert len(training.times) > before


@pytest.mark.parametrize("same", [True, False])
def test_the_weights_are_those_of_a_training_alone(tmp_path: Path, same: bool) -> None:
    training = Training(tmp_path, 1)
    training.over = True  # after its first epoch
    training.start()
    training.join()
    if not same:
        training.net.dense_layers[0].W[0, 0] += 1
    seen = Seen([(0.01, 0.01)], [(0.01, 0.01)], [0.02], [0.5])
    text = told(seen, training)
    assert "the server takes 2.0 % of a processor, the watchers 50 %" in text
    how = "equal to the bit" if same else "DIFFERENT"
    assert text.endswith(f"weights after 1 epochs {how}")
