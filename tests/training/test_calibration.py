import numpy as np

from ranvier.training.calibration import (
    at_temperature,
    calibrated_loss,
    shrinkage,
    temperature,
)


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


def test_rows_without_an_error_do_not_make_it_surer() -> None:
    P = np.full((40, 2), 0.01)
    P[:, 0] = 0.99
    assert np.isclose(temperature(P, np.zeros(40, int), None), 1, atol=1e-3)
    # 10,000 such rows do: the class that none of them has gets half of a row.
    labels, many = np.zeros(10_000, int), P[:1].repeat(10_000, axis=0)
    T = temperature(many, labels, None)
    wrong = at_temperature(P[0], T)[1]
    assert np.isclose(wrong, 0.5 / 10_001, rtol=0.01)
    # By hand, at q = wrong: -log(1 - q) - (log q + log(1 - q)) / 2n is at its least.
    errors = -np.log(1 - wrong) - (np.log(wrong) + np.log(1 - wrong)) / 2e4
    for other in (0.9 * wrong, 1.1 * wrong):
        assert -np.log(1 - other) - np.log(other * (1 - other)) / 2e4 > errors


def test_above_1_it_is_that_of_the_rows_alone() -> None:
    """70 % are told with 90 %: T takes 9 : 1 to 7 : 3."""
    P, labels = np.tile([0.9, 0.1], (10, 1)), np.arange(10) >= 7
    told = temperature(P, labels.astype(int), None)
    assert np.isclose(told, np.log(9) / np.log(7 / 3), rtol=1e-3)
    assert np.isclose(
        calibrated_loss(labels.astype(int), P, None),
        -0.7 * np.log(0.7) - 0.3 * np.log(0.3),
        rtol=1e-4,
    )


def test_rows_of_little_weight_count_as_rows() -> None:
    P = np.tile([0.6, 0.4], (400, 1))
    labels = np.zeros(400, int)
    assert temperature(P, labels, np.full(400, 1e-6)) < 0.5


def test_probabilities_of_noise_shrink_to_the_class_frequencies() -> None:
    rng = np.random.default_rng(0)
    P = rng.dirichlet([0.1, 0.1], 40)
    labels = np.repeat([0, 1], [30, 10])
    T, q = shrinkage(P, labels, None)
    assert np.allclose(q, [30.5 / 41, 10.5 / 41])
    assert T > 10


def test_right_probabilities_are_left_as_they_are() -> None:
    labels = np.repeat([0, 1], 200)
    P = np.where(labels[:, None] == [0, 1], 0.8, 0.2)
    P[::5] = P[::5, ::-1]
    T, q = shrinkage(P, labels, None)
    assert np.allclose(q, 0.5)
    assert T < 1.05


def test_weights_are_repetitions_for_shrinkage() -> None:
    rng = np.random.default_rng(1)
    P = rng.dirichlet([1, 1, 1], 30)
    labels, weights = rng.integers(0, 3, 30), rng.integers(1, 4, 30)
    T, q = shrinkage(P, labels, weights)
    again = shrinkage(P.repeat(weights, axis=0), labels.repeat(weights), None)
    assert np.isclose(T, again[0], rtol=1e-3)
    np.testing.assert_allclose(q, again[1])
