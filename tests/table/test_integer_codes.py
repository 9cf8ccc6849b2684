import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranvier.table.column_types import Category
from ranvier.table.integer_codes import (
    FOLDS,
    CodeEvidence,
    code_evidence,
    find_codes,
    may_be_code,
)

N, CODES = 4000, 100


def rows(seed: int = 0) -> tuple[np.random.Generator, np.ndarray, np.ndarray]:
    """Return a generator, codes, and an effect of its own for each."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, CODES, N)
    return rng, codes, rng.normal(size=CODES)[codes]


def evidence(x: np.ndarray, Y: np.ndarray, codes: np.ndarray) -> CodeEvidence:
    return code_evidence(x.astype(float), codes, Y, np.arange(N) % FOLDS)


def test_codes_with_effects_remove_their_share_of_the_error() -> None:
    rng, codes, effect = rows()
    found = evidence(codes, (effect + rng.normal(size=N))[:, None], codes)
    assert found.is_code
    assert 0.2 < found.gain < 0.5  # half of the variance, of which the bins see a part


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_chance_makes_no_codes(seed: int) -> None:
    rng, codes, _ = rows(seed)
    found = evidence(codes, rng.normal(size=(N, 1)), codes)
    assert not found.is_code
    assert found.gain < 0.01


@pytest.mark.parametrize(
    "curve",
    [lambda x: x, lambda x: np.sin(x / 4), lambda x: x > 37, lambda x: np.exp(x / 20)],
)
def test_a_curve_makes_no_codes(curve: object) -> None:
    rng, codes, _ = rows()
    values = np.asarray(curve(codes), float)  # type: ignore[operator]
    y = values / values.std() + 0.5 * rng.normal(size=N)
    assert not evidence(codes, y[:, None], codes).is_code


def test_a_rough_curve_is_no_code() -> None:
    # It turns at 80 numbers, more than the coarse curve has bins.
    rng = np.random.default_rng(0)
    x = rng.integers(0, 960, 5 * N)
    y = np.interp(x, np.arange(0, 961, 12), rng.normal(size=81))
    y += 0.1 * rng.normal(size=len(x))
    fold = np.arange(len(x)) % FOLDS
    found = code_evidence(x.astype(float), x, y[:, None], fold)
    assert found.gain > 0.03
    assert found.gain_of_finest < 0.5 * found.gain


def test_one_special_value_makes_no_codes() -> None:
    rng, codes, _ = rows()
    y = np.where(codes == 50, 5, 0) + rng.normal(size=N)
    assert not evidence(codes, y[:, None], codes).is_code


def test_classes_and_missing_numbers() -> None:
    rng, codes, effect = rows()
    y = (effect + 0.3 * rng.normal(size=N) > 0).astype(np.int32)
    x = np.where(rng.uniform(size=N) < 0.2, np.nan, codes)
    noise = rng.integers(0, CODES, N)
    columns = {"store": (x, codes), "noise": (noise.astype(float), noise)}
    assert list(find_codes(columns, y)) == ["store"]
    assert not find_codes({}, y)
    assert not find_codes({"store": (x[:100], codes[:100])}, y[:100])


def test_codes_that_only_name_a_group_do_not_count() -> None:
    rng, codes, effect = rows()
    y = (effect + 0.3 * rng.normal(size=N))[:, None]
    columns = {"patient": (codes.astype(float), codes)}
    assert find_codes(columns, y)
    assert not find_codes(columns, y, groups=codes)


def test_codes_that_only_name_a_time_do_not_count_in_ordered_rows() -> None:
    rng, codes, effect = rows()
    order = np.argsort(codes, kind="stable")
    y = (effect + 0.3 * rng.normal(size=N))[order, None]
    columns = {"day": (codes[order].astype(float), codes[order])}
    assert find_codes(columns, y)
    assert not find_codes(columns, y, ordered=True)


def test_extreme_targets_do_not_decide() -> None:
    rng, codes, effect = rows()
    y = (effect + 0.3 * rng.normal(size=N))[:, None]
    y[:3] = 1e30
    assert find_codes({"store": (codes.astype(float), codes)}, y)


@pytest.mark.parametrize(
    ("counts", "other", "expected"),
    [
        ((10,) * 8, 0, True),
        ((10,) * 7, 0, False),
        ((10,) * 8, 81, False),
        ((10,) * 5001, 0, False),
    ],
)
def test_how_many_codes_may_be(
    counts: tuple[int, ...], other: int, expected: bool
) -> None:
    names = tuple(str(i) for i in range(len(counts)))
    category = Category("store", names, counts, pooled=other, other=other, missing=0)
    assert may_be_code(category) is expected
