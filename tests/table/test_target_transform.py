import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranvier.table.target_transform import TargetTransform

rng = np.random.default_rng(0)
PRICES = np.exp(rng.normal(size=(400, 1)) + 5)


def test_by_hand() -> None:
    transform = TargetTransform.fit(np.array([[1.0, 10], [3, 10]]), None)
    Z = transform.transform(np.array([[2.0, 10], [3, 11]]))
    assert Z.tolist() == [[0, 0], [1, 1]]
    assert transform.predictions(np.array([[1.0, 0]])).tolist() == [[3, 10]]
    beyond = transform.predictions(np.array([[9.0, 9]]))
    assert beyond.tolist() == [[3, 10]]  # the largest of training
    assert transform.formula == ""


def test_a_logarithm_by_hand() -> None:
    y = np.array([0.0, 0, 1, 1, 1, 1, 1, 9])[:, None]
    transform = TargetTransform.logarithmic(y, None)
    assert (transform.sign, transform.edge, transform.distance) == (1, 0, 1)
    assert transform.formula == "log(1 + y / 1)"
    Z = transform.transform(y)[:, 0] * transform.scale + transform.center
    assert np.allclose(Z, np.log([1, 1, 2, 2, 2, 2, 2, 10]))


@pytest.mark.parametrize(
    ("y", "side", "end"),
    [
        (PRICES, 1, 0),
        (PRICES + 1e4, 1, (PRICES + 1e4).min()),  # far from 0, from the lowest on
        (PRICES - 100, 1, PRICES.min() - 100),
        (-PRICES, -1, -PRICES.min()),
    ],
)
def test_skewed_targets(y: np.ndarray, side: int, end: float) -> None:
    transform = TargetTransform.logarithmic(y, None)
    assert transform.sign.tolist() == [side]
    assert np.allclose(transform.edge, end)
    Z = transform.transform(y)
    assert np.isclose(Z.mean(), 0)
    assert np.isclose(Z.std(), 1)
    assert np.allclose(transform.predictions(Z), y)
    assert np.allclose(transform.transform(transform.inverse_transform(Z)), Z)


def test_targets_that_are_not_skewed() -> None:
    for y in (rng.normal(size=(99, 1)), np.ones((9, 1)), rng.normal(size=(99, 3))):
        assert TargetTransform.logarithmic(y, None) is None


def test_of_several_targets_each_by_itself() -> None:
    y = np.hstack([PRICES, rng.normal(size=(400, 1)), 7 - PRICES])
    transform = TargetTransform.logarithmic(y, None)
    assert transform.sign.tolist() == [1, 0, -1]
    for k, alone in enumerate(
        (TargetTransform.logarithmic, TargetTransform.fit, TargetTransform.logarithmic)
    ):
        single = alone(y[:, [k]], None)
        Z = transform.transform(y)
        np.testing.assert_allclose(Z[:, [k]], single.transform(y[:, [k]]), rtol=1e-12)
        np.testing.assert_allclose(
            transform.predictions(Z)[:, [k]], single.predictions(Z[:, [k]]), rtol=1e-12
        )
        corrected = (
            transform.with_smearing(0 * Z, Z, None),
            single.with_smearing(0 * Z[:, [k]], Z[:, [k]], None),
        )
        assert np.isclose(corrected[0].smearing[k], corrected[1].smearing[0])
    assert transform.output_names("price")[1] == "price1"
    assert transform.formula.count("log(1 + ") == 2
    again = TargetTransform.read(json.loads(json.dumps(transform.describe())))
    np.testing.assert_array_equal(again.predictions(Z), transform.predictions(Z))


@given(st.lists(st.integers(1, 3), min_size=20, max_size=20))
def test_weights_are_repetitions(weights: list[int]) -> None:
    y = PRICES[:20] ** 2
    one = TargetTransform.logarithmic(y, np.array(weights, float))
    other = TargetTransform.logarithmic(y.repeat(weights, axis=0), None)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert one.distance == other.distance
        assert np.allclose(one.transform(y), other.transform(y))


def test_predictions_have_the_mean_of_the_numbers() -> None:
    # of a logarithm predicted without knowing anything, the median comes back
    transform = TargetTransform.logarithmic(PRICES, None)
    Z, Y = np.zeros((400, 1)), transform.transform(PRICES)
    assert transform.predictions(Z).mean() < 0.8 * PRICES.mean()
    corrected = transform.with_smearing(Z, Y, None)
    assert np.isclose(corrected.predictions(Z).mean(), PRICES.mean())
    assert np.allclose(corrected.with_smearing(Z, Y, None).smearing, corrected.smearing)
    plain = TargetTransform.fit(PRICES, None)
    assert plain.with_smearing(Z, Y, None) is plain


def test_counts() -> None:
    transform = TargetTransform.for_counts(np.array([[0.0], [4]]), None)
    assert transform.transform(np.array([[4.0]])).tolist() == [[2]]
    for wrong in ([[-1.0]], [[0.0]]):
        with pytest.raises(ValueError, match="needs counts"):
            TargetTransform.for_counts(np.array(wrong), None)


def test_described_and_read() -> None:
    for transform in (
        TargetTransform.fit(PRICES, None),
        TargetTransform.logarithmic(PRICES, None),
    ):
        described = json.loads(json.dumps(transform.describe()))
        again = TargetTransform.read(described)
        assert again.describe() == described
        Z = rng.normal(size=(5, 1))
        assert (again.predictions(Z) == transform.predictions(Z)).all()
    for name, wrong in (
        ("scale", [0.0]),
        ("minimum", []),
        ("sign", [2]),
        ("smearing", [0]),
    ):
        with pytest.raises(ValueError, match="the target is damaged"):
            TargetTransform.read({**described, name: wrong})
