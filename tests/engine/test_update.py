"""How parameters move: engine/equations/update.h."""

from math import sqrt

import numpy as np
import pytest

import doors
from cases import Array
from ranvier import _engine
from reference import Update, move

UPDATES = {
    "sgd": Update(),
    "momentum": Update(momentum=0.9),
    "nesterov": Update(momentum=0.8, nesterov=True),
    "adam": Update("adam"),
    "adam of other constants": Update("adam", beta1=0.5, beta2=0.9, epsilon=1e-3),
    "adam without averages": Update("adam", beta1=0.0, beta2=0.0),
    "adam of plain epsilon": Update("adam", epsilon=1e-2, corrected_epsilon=False),
    "adamw": Update("adam", weight_decay=0.05),
    "l2": Update("adam", l2=0.03),
    "sgd with l2": Update(l2=0.5),
    "sgd with decay": Update(momentum=0.5, weight_decay=0.1),
    "all": Update("adam", l2=0.01, weight_decay=0.1),
}


def step(update: Update, theta, g, state, rate=0.1, steps_before=0) -> None:
    _engine.optimizer_step(doors.update_of(update), steps_before, rate, theta, g, state)


# Of one weight at 1 whose gradient is 2, at rate 0.1: the update, its state before, and
# then theta and the state after.
BY_HAND = {
    "sgd": (Update(), [], 1 - 0.1 * 2, []),
    # v = 0.9 0.5 - 0.1 2 = 0.25
    "momentum": (Update(momentum=0.9), [0.5], 1.25, [0.25]),
    # theta += 0.9 v - 0.1 2 = 0.225 - 0.2
    "nesterov": (Update(momentum=0.9, nesterov=True), [0.5], 1.025, [0.25]),
    # m = 0.1 2, v = 0.001 4; corrected they are 2 and 4: a step of 0.1 2 / sqrt(4)
    "adam": (Update("adam", epsilon=1e-300), [0, 0], 0.9, [0.2, 0.004]),
    # the same, divided by 2 + 2
    "epsilon": (Update("adam", epsilon=2), [0, 0], 0.95, [0.2, 0.004]),
    # beside sqrt(v) itself: 2 / (2 + 2 / sqrt(0.001)), a step of 0.1 0.03065343
    "plain epsilon": (
        Update("adam", epsilon=2, corrected_epsilon=False),
        [0, 0], 1 - 0.2 / (2 + 2 / sqrt(0.001)), [0.2, 0.004],
    ),
    # first 1 - 0.1 0.5 = 0.95
    "adamw": (
        Update("adam", epsilon=1e-300, weight_decay=0.5), [0, 0], 0.85, [0.2, 0.004],
    ),
    "decay": (Update(weight_decay=0.5), [], 0.95 - 0.2, []),
    # g = 2 + 3 1
    "l2": (Update(l2=3), [], 1 - 0.1 * 5, []),
    # v = 0.5 0.5 - 0.1 5 = -0.25
    "l2 and momentum": (Update(l2=3, momentum=0.5), [0.5], 0.75, [-0.25]),
}  # fmt: skip


@pytest.mark.parametrize("name", BY_HAND)
@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_by_hand(name: str, dtype: type) -> None:
    update, before, theta_after, after = BY_HAND[name]
    theta, g = np.array([1], dtype), np.array([2], dtype)
    state = np.array(before, dtype).reshape(-1, 1)
    if dtype == np.float32 and update.epsilon < 1e-30:
        update = update._replace(epsilon=1e-30)
    step(update, theta, g, state)
    tolerance = 8 * np.finfo(dtype).eps
    np.testing.assert_allclose(theta, [theta_after], rtol=tolerance)
    np.testing.assert_allclose(state.ravel(), after, rtol=tolerance)


def test_second_step_of_adam_by_hand() -> None:
    # After the first step with g = 2: m = 0.2, v = 0.004. Now g = -1:
    # m = 0.9 0.2 - 0.1 1 = 0.08           m_hat = 0.08 / (1 - 0.81)
    # v = 0.999 0.004 + 0.001 1 = 0.004996  v_hat = 0.004996 / (1 - 0.998001)
    theta, g, state = np.array([0.9]), np.array([-1.0]), np.array([[0.2], [0.004]])
    step(Update("adam", epsilon=1e-300), theta, g, state, steps_before=1)
    np.testing.assert_allclose(state, [[0.08], [0.004996]], rtol=1e-14)
    moved = 0.1 * (0.08 / 0.19) / sqrt(0.004996 / 0.001999)
    np.testing.assert_allclose(theta, [0.9 - moved], rtol=1e-13)


@pytest.mark.parametrize("name", UPDATES)
@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 15, 16, 17, 33])
def test_witness(name: str, size: int, rng: np.random.Generator) -> None:
    update = UPDATES[name]
    theta, gradients = rng.normal(size=size), rng.normal(size=(25, size))
    state = np.zeros((update.slots, size))
    mine, seen = theta.copy(), state.copy()
    single, single_state = theta.astype(np.float32), state.astype(np.float32)
    for t, g in enumerate(gradients):
        rate = 0.05 / (1 + t)
        move(update, theta, state, g, rate, np.ones(size), t + 1)
        step(update, mine, g, seen, rate, t)
        step(update, single, g.astype(np.float32), single_state, rate, t)
        np.testing.assert_allclose(mine, theta, rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(seen, state, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(single, theta, rtol=1e-4, atol=1e-5)


def test_slots() -> None:
    for update in UPDATES.values():
        assert doors.update_of(update).slots == update.slots


def test_bias_correction_after_many_steps(rng: np.random.Generator) -> None:
    update = UPDATES["adam"]
    for steps_before in (999, 10**6, 10**12):
        theta, g = rng.normal(size=4), rng.normal(size=4)
        state = abs(rng.normal(size=(2, 4)))
        mine, seen = theta.copy(), state.copy()
        move(update, theta, state, g, 0.1, np.ones(4), steps_before + 1)
        step(update, mine, g, seen, 0.1, steps_before)
        np.testing.assert_allclose(mine, theta, rtol=1e-10)


@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_zero_gradient_rests(dtype: type) -> None:
    for update in (Update(), Update(momentum=0.9), Update("adam")):
        theta, state = np.ones(3, dtype), np.zeros((update.slots, 3), dtype)
        step(update, theta, np.zeros(3, dtype), state)
        np.testing.assert_array_equal(theta, 1)


@pytest.mark.parametrize(
    ("word", "settings"),
    [
        ("momentum", {"momentum": -0.1}),
        ("momentum", {"momentum": 1.5}),
        ("momentum", {"momentum": np.nan}),
        ("beta1", {"beta1": 1.0}),
        ("beta2", {"beta2": -1.0}),
        ("epsilon", {"epsilon": 0.0}),
        ("epsilon", {"epsilon": np.inf}),
        ("l2", {"l2": -1.0}),
        ("weight_decay", {"weight_decay": np.nan}),
        ("clip_norm", {"clip_norm": 0.0}),
        ("clip_norm", {"clip_norm": np.nan}),
        ("rate_factors", {"rate_factors": np.ones((2, 4))}),
        ("decay_factors", {"decay_factors": np.ones((2, 1))}),
        ("averaging", {"averaging": 1.0}),
    ],
)
def test_settings_out_of_range(word: str, settings: dict[str, float | Array]) -> None:
    with pytest.raises(ValueError, match=f"{word} must be"):
        _engine.Update("adam", **settings)


def test_unknown_update() -> None:
    with pytest.raises(ValueError, match="'sgd' or 'adam', but it is 'adamw'"):
        _engine.Update("adamw")
