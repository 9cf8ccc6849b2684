import re
from pathlib import Path

import numpy as np
import pytest
from benchmarks.recording import Training, Turn, Turns, recording, switched, told

import ranvier as rv
from ranvier.training.run_writer import RunWriter


def test_what_is_told_of_turns_by_hand() -> None:
    plain = Turn(recorded=False, epochs=10, seconds=1.0)  # 100 ms each
    # 110 ms each beside 20 ms in the recorder, which are 2 / 110 of the rest.
    recorded = Turn(recorded=True, epochs=10, seconds=1.12, inside=0.02)
    assert told([(plain, recorded)]) == (
        "+12.0 % by the clock: 1.82 % in the recorder; the epochs, of 100.00 ms, "
        "+10.0 % (half of the pairs from +10.0 to +10.0 %)"
    )


def test_turns_alternate_and_neither_kind_comes_first_more_often() -> None:
    turns = Turns(0)
    turns.done = [Turn(recorded=on) for on in (True, False, True, True, False)]
    assert [(a.recorded, b.recorded) for a, b in turns.pairs] == [(False, True)] * 2
    assert turns.pairs[0][0] is turns.done[1]
    assert turns.pairs[1][0] is turns.done[4]


def test_the_recorder_sees_every_second_turn_and_is_put_back(tmp_path: Path) -> None:
    see, turns = RunWriter.see, Turns(0)  # a turn is one epoch
    with switched(turns):
        Training("W3").run(9, rv.Recording(tmp_path, name="r"))
    assert RunWriter.see is see
    assert [turn.recorded for turn in turns.done] == [
        *(True, False, True, True, False, False, True, True, False)
    ]
    assert all(turn.epochs == 1 and turn.seconds > turn.inside for turn in turns.done)
    assert [turn.inside > 0 for turn in turns.done] == [
        turn.recorded for turn in turns.done
    ]
    seen = rv.Run(tmp_path / "r").records
    assert [record["epoch"] for record in seen] == [1, 3, 4, 7, 8]


def test_recording_changes_no_weight(tmp_path: Path) -> None:
    training = Training("W3")
    with switched(Turns(0)):
        training.run(4, rv.Recording(tmp_path, name="switched"))
    training.run(4, rv.Recording(tmp_path, name="usual"))
    one, other = (rv.Run(tmp_path / name).network() for name in ("switched", "usual"))
    assert np.array_equal(one.theta, other.theta)


def test_a_figure_of_a_short_measurement() -> None:
    what, figure, how = recording("W3", 2, 0.01)
    assert what == "recording W3"
    assert how == "2 pairs of turns of 0.01 s"
    found = re.match(r"([+-]\S+) % by the clock: (\S+) % in the recorder", figure)
    assert found is not None
    assert float(found[2]) > 0
    assert figure.endswith(" ms")


@pytest.mark.parametrize("name", ["W2", "W6"])
def test_the_workloads_train(name: str) -> None:
    assert Training(name).run(1, None) > 0
