import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

import ranvier as rv
from built import network_of
from cases import grid, grid_case
from checked_networks import Example, example
from ranvier.trace.gradient_check import GradientCheck, check_gradients


@pytest.mark.parametrize("kind", grid()[::23], ids=" ".join)
def test_every_layer_agrees(kind) -> None:
    case = grid_case(*kind)
    net = network_of(case.network, case.theta, "float32")
    before = net.theta.copy()
    loss = rv.Loss(*case.loss)
    told = check_gradients(net, case.X, case.Y, loss, sample_weight=case.w)
    assert told.ok
    assert len(told.layers) == len(net.dense_layers)
    assert told.checked == net.theta.size
    np.testing.assert_array_equal(net.theta, before)


def test_a_wrong_gradient_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    net = rv.Network.mlp(3, [4], 1, "tanh", seed=0)
    right = rv.Network.loss_and_gradient

    def wrong(self, *rows, **settings):
        L, gradient = right(self, *rows, **settings)
        gradient.layers[1].W[2] += 0.5
        return L, gradient

    monkeypatch.setattr(rv.Network, "loss_and_gradient", wrong)
    told = check_gradients(net, np.ones((2, 3)), [0.5, 1.5])
    assert not told.ok
    assert told.layers[0].gap_W < 1e-6 < told.layers[1].gap_W
    assert told.layers[1].worst == "W2[2,0]"
    assert told.layers[1].worst_gap == pytest.approx(0.5, abs=1e-6)
    assert "DO NOT AGREE" in str(told)


def planted(example: Example, k: int, factor: float) -> GradientCheck:
    """Check a network whose gradient is wrong by a factor in one parameter."""
    right = rv.Network.loss_and_gradient

    def wrong(self, *rows, **settings):
        L, gradient = right(self, *rows, **settings)
        gradient.theta[k] *= factor
        return L, gradient

    net, X, y, loss, weights = example
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rv.Network, "loss_and_gradient", wrong)
        return check_gradients(net, X, y, loss, sample_weight=weights)


def check_example(seed: int) -> bool:
    """Nothing is found where all is right, and an error of 1 % is; True if planted.

    Errors are planted in derivatives that L shows at all, above 1e-8 of it or of 1, and
    where no row stands at a kink.
    """
    case = example(seed)
    net, X, y, loss, weights = case
    found = check_gradients(net, X, y, loss, sample_weight=weights)
    assert found.ok, f"seed {seed}: {found}"
    L, gradient = net.loss_and_gradient(X, y, loss=loss, sample_weight=weights)
    sizes = np.abs(gradient.theta)
    large = np.flatnonzero(
        (sizes > 1e-3 * sizes.max()) & (sizes > 1e-8 * max(1, abs(L)))
    )
    if found.at_kinks or found.skipped or not len(large):
        return False
    k = int(np.random.default_rng(seed).choice(large))
    wrong = planted(case, k, 1.01)
    assert not wrong.ok, f"seed {seed}, parameter {k}: {wrong}"
    assert "DO NOT AGREE" in str(wrong)
    return True


@pytest.mark.parametrize("first", range(0, 100, 10))
def test_no_false_alarm_and_no_missed_error(first: int) -> None:
    assert sum(check_example(seed) for seed in range(first, first + 10)) >= 4


@pytest.mark.slow
def test_no_false_alarm_and_no_missed_error_in_a_thousand() -> None:
    count, seed = 0, 100
    while count < 1000:
        count += check_example(seed)
        seed += 1
    assert seed > 1000


def test_corners_of_xor_under_relu() -> None:
    corners, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), np.array([0, 1, 1, 0.0])
    for seed in range(20):
        net = rv.Network.mlp(2, 4, 1, "relu", dtype="float64", seed=seed)
        found = check_gradients(net, corners, y)
        assert found.ok, seed
        assert (found.checked, found.at_kinks) == (17, 4)  # the four biases, at z = 0
        case = Example(net, corners, y, rv.Loss("squared_error"), None)
        _, gradient = net.loss_and_gradient(corners, y)
        k = int(np.abs(gradient.theta).argmax())
        assert not planted(case, k, 1.01).ok, seed


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e6, 1e9])
def test_targets_of_any_size(size: float) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    for seed in range(5):
        net = rv.Network.mlp(3, 5, 1, "tanh", dtype="float64", seed=seed)
        y = size * (3 + X[:, 0])
        assert check_gradients(net, X, y).ok
        case = Example(net, X, y, rv.Loss("squared_error"), None)
        _, gradient = net.loss_and_gradient(X, y)
        k = int(np.abs(gradient.theta).argmax())
        assert not planted(case, k, 1.01).ok


def test_rows_at_a_kink_are_left_out_and_counted() -> None:
    hidden = rv.Dense(1, "relu", W=[[1.0]])
    net = rv.Network(1, [hidden, rv.Dense(1, W=[[1.0]])])
    only = check_gradients(net, [[0.0]], [1.0])
    assert (only.ok, only.checked, only.skipped) == (True, 3, 1)
    assert "1 more have no other rows" in str(only)
    both = check_gradients(net, [[0.0], [0.5]], [1.0, 1.0])
    assert (both.ok, both.checked, both.at_kinks, both.skipped) == (True, 4, 1, 0)
    away = check_gradients(net, [[0.5]], [1.0])
    assert (away.ok, away.at_kinks, away.skipped) == (True, 0, 0)
    assert "kink" not in str(away)


def test_a_fitted_estimator_is_encoded_first() -> None:
    X = np.random.default_rng(0).normal(size=(40, 3))
    labels = np.where(X[:, 0] > 0, "yes", "no")
    model = rv.MLPClassifier(4, max_iter=3, random_state=0)
    with pytest.warns(ConvergenceWarning):
        model.fit(X, labels)
    assert check_gradients(model, X, labels).ok
    with pytest.raises(TypeError, match="a list has no network"):
        check_gradients([], X, labels)


def test_of_a_large_layer_some_are_drawn() -> None:
    net = rv.Network.mlp(30, [40], 1, "tanh", seed=0)
    X = np.ones((3, 30))
    told = check_gradients(net, X, [1.0, 2.0, 3.0], most=20)
    assert told.checked == 20 + 20 + 20 + 1
    assert told.ok
    again = check_gradients(net, X, [1.0, 2.0, 3.0], most=20)
    assert again == told


def test_the_text() -> None:
    net = rv.Network.mlp(3, [4], 1, "tanh", seed=0)
    text = str(check_gradients(net, np.ones((2, 3)), [0.5, 1.5]))
    assert "They agree up to rounding; 21 parameters were moved." in text
    assert len(text.splitlines()) == 4


def test_what_does_not_fit() -> None:
    net = rv.Network.mlp(3, [4], 1, seed=0)
    with pytest.raises(ValueError, match="log_loss"):
        check_gradients(net, np.ones((2, 3)), [2.0, 1.5], "log_loss")
    with pytest.raises(ValueError, match="most must be a whole number of at least 1"):
        check_gradients(net, np.ones((2, 3)), [2.0, 1.5], most=0)
    with pytest.raises(ValueError, match="seed must be a whole number of at least 0"):
        check_gradients(net, np.ones((2, 3)), [2.0, 1.5], seed=-1)
