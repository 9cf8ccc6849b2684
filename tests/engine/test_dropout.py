"""Which units fall, and what becomes of the others: engine/equations/dropout.h."""

import numpy as np
import pytest

import cases
import doors
import reference
from cases import Array, gap
from ranvier import _engine
from ranvier._engine import test_kernels

ROWS = np.arange(1200)
RATES = [0.05, 0.25, 0.5, 0.9]
SIGMAS = 5  # the numbers are the same in every run: nothing fails by chance


def kept(rate=0.5, seed=0, epoch=0, layer=0, rows=ROWS, units=100) -> Array:
    return test_kernels.dropout_mask(rate, seed, epoch, layer, rows, units) > 0


def agreement(one: Array, other: Array) -> float:
    """Return the correlation of two masks, in standard deviations."""
    one, other = (mask.ravel() - mask.mean() for mask in (one, other))
    return one @ other / np.sqrt((one @ one) * (other @ other)) * np.sqrt(one.size)


@pytest.mark.parametrize("rate", RATES)
def test_share_kept(rate: float) -> None:
    mask = kept(rate)
    p, (n, m) = 1 - rate, mask.shape
    deviation = np.sqrt(p * rate)
    assert abs(mask.mean() - p) < SIGMAS * deviation / np.sqrt(n * m)
    # Neither a row nor a unit is favoured: the sums are spread like binomial ones.
    for axis, sums in ((0, n), (1, m)):
        z = (mask.sum(axis=axis) - p * sums) / (deviation * np.sqrt(sums))
        assert abs(z).max() < SIGMAS
        chi_square = (z**2).sum()
        assert abs(chi_square - z.size) < SIGMAS * np.sqrt(2 * z.size)


@pytest.mark.parametrize("rate", [0.0, 1e-12])
def test_nothing_falls(rate: float) -> None:
    assert np.all(kept(rate))


@pytest.mark.parametrize("rate", RATES)
def test_units_are_independent(rate: float) -> None:
    mask = kept(rate).astype(float)
    z = np.corrcoef(mask, rowvar=False) * np.sqrt(len(mask))
    pairs = z[np.triu_indices_from(z, 1)]
    assert abs(pairs).max() < SIGMAS + 0.5  # the largest of 4950
    assert abs((pairs**2).mean() - 1) < 0.15


@pytest.mark.parametrize("rate", RATES)
def test_rows_are_independent(rate: float) -> None:
    mask = kept(rate, rows=np.arange(100), units=1200).astype(float)
    z = np.corrcoef(mask) * np.sqrt(mask.shape[1])
    pairs = z[np.triu_indices_from(z, 1)]
    assert abs(pairs).max() < SIGMAS + 0.5
    assert abs((pairs**2).mean() - 1) < 0.15


@pytest.mark.parametrize("what", ["seed", "epoch", "layer"])
def test_draws_are_independent(what: str) -> None:
    numbers = [0, 1, 2, 3, 64, 65, 2**31, 2**32, 2**63, 2**64 - 1]
    masks = [kept(**{what: number}) for number in numbers]
    for i, one in enumerate(masks):
        for other in masks[:i]:
            assert abs(agreement(one, other)) < SIGMAS


def test_seed_epoch_and_layer_are_not_interchangeable() -> None:
    masks = [
        kept(seed=s, epoch=e, layer=layer)
        for s, e, layer in [(1, 2, 3), (1, 3, 2), (2, 1, 3), (2, 3, 1), (3, 1, 2)]
    ]
    for i, one in enumerate(masks):
        for other in masks[:i]:
            assert abs(agreement(one, other)) < SIGMAS


@pytest.mark.parametrize("shift", [1, 2, 16, 2**32])
def test_far_rows_and_shifted_units(shift: int) -> None:
    assert abs(agreement(kept(), kept(rows=ROWS + shift * 10_000))) < SIGMAS
    mask = kept(units=200)
    for units in (1, 8, 16, 64):
        assert abs(agreement(mask[:, units:], mask[:, :-units])) < SIGMAS
        assert abs(agreement(mask[1:, units:], mask[:-1, :-units])) < SIGMAS


def test_a_unit_falls_by_its_row_and_place_alone(rng: np.random.Generator) -> None:
    whole = kept(0.3, seed=7, epoch=3, layer=2)
    rows = rng.permutation(ROWS)[:333]
    np.testing.assert_array_equal(
        kept(0.3, seed=7, epoch=3, layer=2, rows=rows), whole[rows]
    )
    for units in (1, 7, 16, 17, 99):
        np.testing.assert_array_equal(
            kept(0.3, seed=7, epoch=3, layer=2, units=units), whole[:, :units]
        )


def test_a_higher_rate_lets_more_fall() -> None:
    assert not np.any(kept(0.6) & ~kept(0.4))


def test_kept_units_by_hand() -> None:
    # Ten dropped inputs of 1 and weights of 1: z is 2 for each kept one (rate 1/2).
    # L = z (quantile of q = 0, y below), dW = m, db = 1; at rate 1, W becomes 1 - m.
    network = reference.Network(10, [("dropout", 0.5), cases.dense(1)])
    X, Y = np.ones((1, 10)), np.full((1, 1), -100.0)
    theta = np.append(np.ones(10), 0.0)
    report = doors.train_epoch(
        network, theta, np.zeros((0, 11)), X, Y, None, np.zeros(1, int), 1,
        ("quantile", 0.0), reference.Update(), np.ones(1), seed=4, epoch=5,
    )  # fmt: skip
    m = 2.0 * kept(0.5, seed=4, epoch=5, rows=np.zeros(1, int), units=10)[0]
    assert 0 < m.sum() < 20
    np.testing.assert_array_equal(theta, [*(1 - m), -1])
    assert report.loss == m.sum() + 100


@pytest.mark.parametrize("batch_size", [1, 4, 60])
def test_rates_of_steps(batch_size: int) -> None:
    # A step whose factor is s is one of a network whose rates are s times as high.
    rng, steps = np.random.default_rng(8), -(-60 // batch_size)
    dropouts = np.append(rng.uniform(0, 1, steps - 1), 0.0)

    def network(factor: float) -> reference.Network:
        dropped = [("dropout", 0.5 * factor), (*cases.dense(9, "selu"), True)]
        return reference.Network(
            6, [*dropped, ("dropout", 0.3 * factor), cases.dense(2)]
        )

    case = cases.random_case(rng, network(1), "squared_error", 60)
    update, order = reference.Update("adam"), rng.permutation(60)
    given = case.X, case.Y, case.w
    theta, state = case.theta.copy(), np.zeros((2, len(case.theta)))
    expected, same = theta.copy(), state.copy()
    rest = {"seed": 3, "epoch": 4, "workspace": _engine.Workspace(2)}
    doors.train_epoch(
        network(1), theta, state, *given, order, batch_size, case.loss, update,
        np.full(steps, 0.01), dropouts=dropouts, **rest,
    )  # fmt: skip
    for step, factor in enumerate(dropouts):
        doors.train_epoch(
            network(factor), expected, same, *given, order[step * batch_size :][
            :batch_size], batch_size, case.loss, update, np.full(1, 0.01), step, **rest,
        )  # fmt: skip
    np.testing.assert_array_equal(theta, expected)
    np.testing.assert_array_equal(state, same)


def train_with_dropout(
    dtype: type, workspace: _engine.Workspace, batch_size: int = 17
) -> tuple[Array, Array]:
    """Return theta after an epoch by the engine, and by the witness."""
    rng = np.random.default_rng(3)
    layers = [
        ("dropout", 0.2), cases.dense(19, "tanh"), ("dropout", 0.5), ("dropout", 0.1),
        cases.dense(8, "softplus"), ("dropout", 0.4), cases.dense(2),
    ]  # fmt: skip
    network = reference.Network(6, layers)
    case = cases.random_case(rng, network, "squared_error", 60, "weighted").cast(dtype)
    update = reference.Update("adam", l2=0.01)
    theta, state = case.theta.copy(), np.zeros((2, len(case.theta)), dtype)
    order = rng.permutation(60)
    rates = np.full(-(-60 // batch_size), 0.01)
    settings = {"seed": 11, "epoch": 12, "workspace": workspace}
    doors.train_epoch(
        network, theta, state, *case[2:5], order, batch_size, case.loss, update, rates,
        **settings,
    )  # fmt: skip

    def mask(layer: int, rows: Array, units: int) -> Array:
        rate = layers[layer][1]
        return kept(rate, 11, 12, layer, rows, units) / (1 - rate)

    expected = case.cast(np.float64).theta
    reference.train_epoch(
        network, expected, np.zeros((2, len(theta))), *case.cast(np.float64)[2:5],
        order, batch_size, case.loss, update, rates, mask=mask,
    )  # fmt: skip
    return theta, expected


@pytest.mark.parametrize("batch_size", [1, 17, 59, 60])
def test_witness_with_the_same_masks(batch_size: int) -> None:
    theta, expected = train_with_dropout(np.float64, _engine.Workspace(1), batch_size)
    assert gap(theta, expected) < 1e-12
    theta, expected = train_with_dropout(np.float32, _engine.Workspace(1), batch_size)
    assert gap(theta, expected) < 1e-4


@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_any_number_of_threads(dtype: type) -> None:
    one, _ = train_with_dropout(dtype, _engine.Workspace(1))
    for n_threads in (2, 3, 4):
        theta, _ = train_with_dropout(dtype, _engine.Workspace(n_threads))
        np.testing.assert_array_equal(theta, one)


def test_off_outside_training(rng: np.random.Generator) -> None:
    dense = [cases.dense(5, "tanh"), cases.dense(2)]
    plain = reference.Network(3, dense)
    dropped = reference.Network(
        3, [("dropout", 0.5), dense[0], ("dropout", 0.9), dense[1]]
    )
    case = cases.random_case(rng, plain, "huber", 30)
    again = case._replace(network=dropped)
    for one, other in zip(
        doors.forward(*case[:3]), doors.forward(*again[:3]), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    L, gradient = doors.loss_and_gradient(*case)
    other = doors.loss_and_gradient(*again)
    assert other[0] == L
    np.testing.assert_array_equal(gradient, other[1])
