"""Schedules: values worked by hand, end points, and what is refused."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from ranvier.training import schedules
from ranvier.training.schedules import (
    cosine,
    coslog4,
    exponential,
    factors,
    flat_cos,
    inverse_scaling,
    one_cycle,
    resolve,
    warmup_cosine,
)

ROOT_HALF = math.sqrt(0.5)


@pytest.mark.parametrize(
    ("schedule", "t", "factor"),
    [
        ("constant", 0.0, 1.0),
        ("constant", 0.99, 1.0),
        ("cosine", 0.0, 1.0),
        ("cosine", 0.25, (1 + ROOT_HALF) / 2),
        ("cosine", 0.5, 0.5),
        ("cosine", 1.0, 0.0),
        ("warmup_cosine", 0.0, 0.0),
        ("warmup_cosine", 0.01, 0.2),
        ("warmup_cosine", 0.05, 1.0),
        ("warmup_cosine", 0.525, 0.5),  # halfway from 0.05 to 1
        ("warmup_cosine", 1.0, 0.0),
        ("one_cycle", 0.0, 0.04),
        ("one_cycle", 0.15, 0.52),  # halfway from 0.04 to 1
        ("one_cycle", 0.3, 1.0),
        ("one_cycle", 0.65, 0.50005),  # halfway from 1 to 0.0001
        ("one_cycle", 1.0, 0.0001),
        ("inverse_scaling", 0.0, 1.0),
        ("inverse_scaling", 24 / 99, 0.2),  # 25 ** -0.5
        ("inverse_scaling", 1.0, 0.1),
        ("exponential", 0.0, 1.0),
        ("exponential", 0.5, 0.1),
        ("exponential", 1.0, 0.01),
        ("coslog4", 0.0, 0.0),
        ("coslog4", 1 / 15, 0.0),  # log2 = 1, 2, 3, 4: whole waves
        ("coslog4", 3 / 15, 0.0),
        ("coslog4", 7 / 15, 0.0),
        ("coslog4", 1.0, 0.0),
        ("coslog4", (2**0.5 - 1) / 15, 1.0),  # log2 = 1/2: the first peak, 0.0276
        ("coslog4", (2**3.5 - 1) / 15, 1.0),  # the last, 0.688
        ("flat_cos", 0.0, 1.0),
        ("flat_cos", 0.5, 1.0),
        ("flat_cos", 0.625, (1 + ROOT_HALF) / 2),
        ("flat_cos", 0.75, 0.5),
        ("flat_cos", 1.0, 0.0),
    ],
)
def test_worked_by_hand(schedule: str, t: float, factor: float) -> None:
    assert resolve(schedule)(t) == pytest.approx(factor, abs=1e-12)


@pytest.mark.parametrize(
    ("schedule", "t", "factor"),
    [
        (lambda t: warmup_cosine(t, warmup=0.5), 0.25, 0.5),
        (lambda t: warmup_cosine(t, warmup=0), 0.0, 1.0),
        (lambda t: one_cycle(t, peak=0.5, start=0.2, end=0), 0.25, 0.6),
        (lambda t: inverse_scaling(t, power=1, span=10), 1.0, 0.1),
        (lambda t: exponential(t, end=0.25), 0.5, 0.5),
    ],
)
def test_parameters(
    schedule: Callable[[float], float], t: float, factor: float
) -> None:
    assert schedule(t) == pytest.approx(factor, abs=1e-12)


@pytest.mark.parametrize("name", schedules.NAMED)
def test_factors_stay_between_zero_and_one(name: str) -> None:
    values = factors(resolve(name), 0, 1000, 1000)
    assert values.dtype == np.float64
    assert values.min() >= 0
    assert values.max() <= 1


def test_factors_of_a_part_of_the_run() -> None:
    whole = factors(cosine, 0, 10, 10)
    assert whole.tolist() == [cosine(step / 10) for step in range(10)]
    assert factors(cosine, 4, 3, 10).tolist() == whole[4:7].tolist()


def test_own_function_and_none() -> None:
    assert factors(lambda t: 2 - t, 0, 2, 2).tolist() == [2.0, 1.5]
    assert resolve(None)(0.3) == 1
    assert resolve(flat_cos) is flat_cos
    assert resolve("coslog4") is coslog4


def test_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"'cosin'.*'cosine'.*warmup_cosine"):
        resolve("cosin")


def test_neither_name_nor_function() -> None:
    with pytest.raises(TypeError, match=r"float.*give for example 'cosine'"):
        resolve(0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_senseless_factor_is_refused(value: float) -> None:
    def late(t: float) -> float:
        return value if t >= 0.5 else 1.0

    with pytest.raises(ValueError, match=r"'late' gave .* at progress t = 0\.5"):
        factors(late, 0, 10, 10)


@pytest.mark.parametrize("warmup", [-0.1, 1.0, 2])
def test_warmup_is_a_share(warmup: float) -> None:
    with pytest.raises(ValueError, match=r"warmup must lie in \[0, 1\)"):
        warmup_cosine(0.5, warmup=warmup)
    with pytest.raises(ValueError, match=r"peak must lie in \(0, 1\)"):
        one_cycle(0.5, peak=warmup)
