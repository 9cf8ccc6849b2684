"""Team or caller alone, found by trying: engine/machine/adaptive_threading.h.

The machine is played by numbers: what a step takes with the team, and alone.
"""

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ranvier._engine.test_kernels import AdaptiveThreading

BLOCKS, CHUNKS, SCORES = 1, 2, 3  # bodies of loops

Machine = tuple[float, float]  # ms of a step: of the team, of the caller alone
QUICK_TEAM: Machine = (0.3, 0.45)
SLOW_TEAM: Machine = (0.7, 0.45)
# Steps before the first comparison, between later ones, and of one, at least.
FIRST, GROWING, USUAL, TRIAL = 32, (128, 512), 1000, 10


class Training:
    """A training seen from its loops, two a step."""

    def __init__(self, body: int = BLOCKS) -> None:
        self.pace, self.body, self.now = AdaptiveThreading(), body, 0

    def steps(self, n: int, machine: Machine) -> list[bool]:
        """Do so many steps; tell of each whether the caller began it alone."""
        return list(self._steps(n, machine))

    def _steps(self, n: int, machine: Machine) -> Iterator[bool]:
        for _ in range(n):
            alone = self.pace.alone(self.body, 6, self.now)
            self.now += int(machine[alone] * 5e5)
            self.now += int(machine[self.pace.alone(CHUNKS, 20, self.now)] * 5e5)
            yield alone

    def other_loops(self, n: int) -> None:
        """Do so many loops of another kind."""
        for _ in range(n):
            self.pace.alone(SCORES, 8, self.now)
            self.now += 7000


def trials_between(stretches: tuple[int, ...], alone: bool) -> list[bool]:
    """Return steps of one way, with a trial of the other before each stretch."""
    return [way for n in stretches for way in [not alone] * TRIAL + [alone] * n]


def test_a_quicker_team_goes_on_but_for_trials() -> None:
    expected = [False] * FIRST + trials_between((*GROWING, USUAL, USUAL), alone=False)
    assert Training().steps(len(expected), QUICK_TEAM) == expected


def test_a_quicker_caller_goes_on_alone_but_for_trials() -> None:
    first, *others = *GROWING, USUAL, USUAL
    expected = [False] * FIRST + [True] * (TRIAL + first)
    expected += trials_between(tuple(others), alone=True)
    assert Training().steps(len(expected), SLOW_TEAM) == expected


def test_trials_of_short_steps_last_two_milliseconds_five_times_a_second() -> None:
    training = Training()
    training.steps(10_000, (0.030, 0.045))  # sooner at first
    began = training.now
    alone = training.steps(100_000, (0.030, 0.045))
    assert 0.005 < sum(alone) / len(alone) < 0.01
    trials = sum(one and not before for before, one in pairwise(alone))
    assert 4.5 < trials / ((training.now - began) / 1e9) < 5.5


@given(st.floats(0.01, 100), st.floats(0.01, 100), st.booleans())
def test_the_quicker_way_is_found_from_either(
    team: float, caller: float, begin_alone: bool
) -> None:
    training = Training()
    training.steps(FIRST + TRIAL + 2, SLOW_TEAM if begin_alone else QUICK_TEAM)
    assert training.steps(1, (1, 1)) == [begin_alone]
    steps = max(2 * (USUAL + TRIAL), int(500 / min(team, caller)))
    training.steps(steps, (team, caller))
    most = sum(training.steps(USUAL, (team, caller))) > USUAL / 2
    if caller < 0.94 * team:
        assert most
    elif team < 0.94 * caller:
        assert not most
    elif 0.96 * team < caller < team / 0.96:
        assert most is begin_alone


def test_a_disturbance_is_followed_and_its_end_too() -> None:
    training = Training()
    training.steps(3 * USUAL, QUICK_TEAM)
    assert sum(training.steps(3 * USUAL, SLOW_TEAM)) > 1.9 * USUAL
    assert sum(training.steps(3 * USUAL, QUICK_TEAM)) < 1.1 * USUAL


def test_single_slow_steps_decide_nothing() -> None:
    training = Training()
    alone: list[bool] = []
    for _ in range(1000):
        alone += training.steps(4, QUICK_TEAM) + training.steps(1, (30, 0.45))
    assert sum(alone) < 0.02 * len(alone)


def test_loops_of_other_kinds_between_are_of_no_account() -> None:
    training, usual = Training(), Training()
    for _ in range(500):
        assert training.steps(10, SLOW_TEAM) == usual.steps(10, SLOW_TEAM)
        training.other_loops(9)


def test_another_training_is_measured_anew() -> None:
    training = Training()
    training.steps(FIRST - 1, QUICK_TEAM)
    training.body = SCORES
    training.steps(40, QUICK_TEAM)  # of which the first are as strange as others
    found = training.steps(FIRST, QUICK_TEAM)
    assert any(found)
    assert not any(found[: FIRST - 10])


def test_an_interrupted_trial_decides_nothing() -> None:
    training = Training()
    training.steps(FIRST + 5, SLOW_TEAM)
    training.pace.interrupt()
    assert not any(training.steps(FIRST - 1, SLOW_TEAM))
    assert all(training.steps(TRIAL, SLOW_TEAM))
