import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranvier.tabular.units import Units

rng = np.random.default_rng(0)
PRICES = np.exp(rng.normal(size=(400, 1)) + 5)


def test_by_hand() -> None:
    units = Units.fit(np.array([[1.0, 10], [3, 10]]), None)
    assert units.tell(np.array([[2.0, 10], [3, 11]])).tolist() == [[0, 0], [1, 1]]
    assert units.back(np.array([[1.0, 0]])).tolist() == [[3, 10]]
    assert units.back(np.array([[9.0, 9]])).tolist() == [[3, 10]]  # what was seen
    assert units.name == ""


def test_a_logarithm_by_hand() -> None:
    y = np.array([0.0, 0, 1, 1, 1, 1, 1, 9])[:, None]
    units = Units.logarithmic(y, None)
    assert (units.side, units.end, units.middle) == (1, 0, 1)
    assert units.name == "log(1 + y / 1)"
    told = units.tell(y)[:, 0] * units.unit + units.origin
    assert np.allclose(told, np.log([1, 1, 2, 2, 2, 2, 2, 10]))


@pytest.mark.parametrize(
    ("y", "side", "end"),
    [
        (PRICES, 1, 0),
        (PRICES + 1e4, 1, (PRICES + 1e4).min()),  # far from 0, from the lowest on
        (PRICES - 100, 1, PRICES.min() - 100),
        (-PRICES, -1, -PRICES.min()),
    ],
)
def test_numbers_that_trail_off(y: np.ndarray, side: int, end: float) -> None:
    units = Units.logarithmic(y, None)
    assert units.side.tolist() == [side]
    assert np.allclose(units.end, end)
    told = units.tell(y)
    assert np.isclose(told.mean(), 0)
    assert np.isclose(told.std(), 1)
    assert np.allclose(units.back(told), y)
    assert np.allclose(units.tell(units.bound(told)), told)


def test_those_that_do_not() -> None:
    for y in (rng.normal(size=(99, 1)), np.ones((9, 1)), rng.normal(size=(99, 3))):
        assert Units.logarithmic(y, None) is None


def test_of_several_targets_each_by_itself() -> None:
    y = np.hstack([PRICES, rng.normal(size=(400, 1)), 7 - PRICES])
    units = Units.logarithmic(y, None)
    assert units.side.tolist() == [1, 0, -1]
    for k, alone in enumerate((Units.logarithmic, Units.fit, Units.logarithmic)):
        single = alone(y[:, [k]], None)
        Z = units.tell(y)
        np.testing.assert_allclose(Z[:, [k]], single.tell(y[:, [k]]), rtol=1e-12)
        np.testing.assert_allclose(
            units.back(Z)[:, [k]], single.back(Z[:, [k]]), rtol=1e-12
        )
        balanced = (
            units.balanced(0 * Z, Z, None),
            single.balanced(0 * Z[:, [k]], Z[:, [k]], None),
        )
        assert np.isclose(balanced[0].gain[k], balanced[1].gain[0])
    assert units.names("price")[1] == "price1"
    assert units.name.count("log(1 + ") == 2
    again = Units.read(json.loads(json.dumps(units.describe())))
    np.testing.assert_array_equal(again.back(Z), units.back(Z))


@given(st.lists(st.integers(1, 3), min_size=20, max_size=20))
def test_weights_are_repetitions(weights: list[int]) -> None:
    y = PRICES[:20] ** 2
    one = Units.logarithmic(y, np.array(weights, float))
    other = Units.logarithmic(y.repeat(weights, axis=0), None)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert one.middle == other.middle
        assert np.allclose(one.tell(y), other.tell(y))


def test_predictions_have_the_mean_of_the_numbers() -> None:
    # of a logarithm predicted without knowing anything, the median comes back
    units = Units.logarithmic(PRICES, None)
    Z, Y = np.zeros((400, 1)), units.tell(PRICES)
    assert units.back(Z).mean() < 0.8 * PRICES.mean()
    balanced = units.balanced(Z, Y, None)
    assert np.isclose(balanced.back(Z).mean(), PRICES.mean())
    assert np.allclose(balanced.balanced(Z, Y, None).gain, balanced.gain)
    plain = Units.fit(PRICES, None)
    assert plain.balanced(Z, Y, None) is plain


def test_counts() -> None:
    units = Units.counts(np.array([[0.0], [4]]), None)
    assert units.tell(np.array([[4.0]])).tolist() == [[2]]
    for wrong in ([[-1.0]], [[0.0]]):
        with pytest.raises(ValueError, match="needs counts"):
            Units.counts(np.array(wrong), None)


def test_described_and_read() -> None:
    for units in (Units.fit(PRICES, None), Units.logarithmic(PRICES, None)):
        described = json.loads(json.dumps(units.describe()))
        again = Units.read(described)
        assert again.describe() == described
        Z = rng.normal(size=(5, 1))
        assert (again.back(Z) == units.back(Z)).all()
    for name, wrong in (("unit", [0.0]), ("low", []), ("side", [2]), ("gain", [0])):
        with pytest.raises(ValueError, match="the target"):
            Units.read({**described, name: wrong})
