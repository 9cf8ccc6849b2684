import numpy as np
import pytest

import ranvier as rv
from ranvier.estimators.solver_state import SolverState

THETA = np.zeros(5)


def optimizer(**parameters: object) -> SolverState:
    return SolverState(rv.MLPClassifier(**parameters), THETA)


def test_slots() -> None:
    assert optimizer().slots.shape == (2, 5)
    assert optimizer(solver="adamw").slots.shape == (2, 5)
    assert optimizer(solver="sgd").slots.shape == (1, 5)
    assert optimizer(solver="sgd", momentum=0).slots.shape == (0, 5)


def test_invscaling_by_hand() -> None:
    # 0.1 / (8 + 1)^0.5 after 8 samples
    falling = optimizer(
        solver="sgd", learning_rate="invscaling", learning_rate_init=0.1
    )
    falling.iteration_ends(8)
    np.testing.assert_allclose(falling.rates(2, 10, 1.0), 0.1 / 3)
    steady = optimizer(learning_rate="invscaling")  # adam does not look at it
    steady.iteration_ends(8)
    assert steady.learning_rate == 0.001


def test_adaptive(capsys: pytest.CaptureFixture[str]) -> None:
    falling = optimizer(solver="sgd", learning_rate="adaptive", learning_rate_init=4e-6)
    assert not falling.trigger_stopping("No progress.", True)
    assert falling.learning_rate == 4e-6 / 5
    assert falling.trigger_stopping("No progress.", True)
    out = capsys.readouterr().out
    assert out.splitlines() == [
        "No progress. Setting learning rate to 0.000001",
        "No progress. Learning rate too small. Stopping.",
    ]
    assert optimizer().trigger_stopping("No progress.", False)


def test_schedule_over_the_run() -> None:
    cosine = optimizer(learning_rate="cosine", learning_rate_init=0.01)
    first = cosine.rates(2, 2, 1.0)
    np.testing.assert_allclose(first[0], 0.01)
    cosine.epochs = 1
    np.testing.assert_allclose(cosine.rates(2, 2, 1.0)[0], 0.005)
    own = optimizer(learning_rate=lambda t: 1 - t, learning_rate_init=1.0)
    np.testing.assert_allclose(own.rates(4, 1, 1.0), [1, 0.75, 0.5, 0.25])


def test_gradients_that_are_smaller() -> None:
    # sgd goes so many times further, adam divides what it compares with gradients
    np.testing.assert_allclose(optimizer(solver="sgd").rates(1, 1, 3.0), 0.003)
    np.testing.assert_allclose(optimizer().rates(1, 1, 3.0), 0.001)
    scaled = optimizer(clip_norm=6.0, epsilon=0.3).scaled(3.0)
    assert scaled["clip_norm"] == 2.0
    np.testing.assert_allclose(scaled["epsilon"], 0.1)


def test_fits() -> None:
    adam = optimizer()
    assert adam.fits(rv.MLPClassifier(), THETA)
    assert not adam.fits(rv.MLPClassifier(solver="sgd"), THETA)
    assert not adam.fits(rv.MLPClassifier(), np.zeros(6))
    assert not adam.fits(rv.MLPClassifier(), THETA.astype(np.float32))
