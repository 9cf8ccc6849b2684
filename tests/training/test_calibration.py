import numpy as np

from ranvier.training.calibration import at_temperature, calibrated_loss, temperature


def test_finds_the_temperature_that_was_there() -> None:
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(20_000, 3)) * 2
    P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    labels = (P.cumsum(axis=1) < rng.random((20_000, 1))).sum(axis=1)
    too_sure = at_temperature(P, 1 / 1.7)
    assert abs(temperature(too_sure, labels, None) - 1.7) < 0.1


def test_by_hand() -> None:
    # T = 2 takes square roots: 0.9 and 0.1 to 3 : 1
    assert np.allclose(at_temperature(np.array([0.9, 0.1]), 2.0), [0.75, 0.25])


def test_weights_are_repetitions() -> None:
    rng = np.random.default_rng(0)
    P = rng.dirichlet([1, 1], 30)
    labels, weights = rng.integers(0, 2, 30), rng.integers(1, 4, 30)
    again = temperature(P.repeat(weights, axis=0), labels.repeat(weights), None)
    assert np.isclose(temperature(P, labels, weights), again)


def test_the_loss_at_the_best_temperature() -> None:
    rng = np.random.default_rng(0)
    P = rng.dirichlet([1, 1, 1], 50)
    labels, weights = rng.integers(0, 3, 50), rng.random(50)
    A = at_temperature(P, temperature(P, labels, weights))
    least = -np.average(np.log(A[np.arange(50), labels]), weights=weights)
    assert np.isclose(calibrated_loss(labels, P, weights), least, rtol=1e-3)
    assert np.isclose(calibrated_loss(labels, A, weights), least, rtol=1e-3)
