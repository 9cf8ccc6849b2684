"""The order of an epoch's rows: engine/shuffle.h."""

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranvier._engine import shuffle_by, shuffled

KEYS = st.integers(0, 2**64 - 1)


@given(st.integers(0, 3000), KEYS, KEYS)
def test_numpys_permutation(size: int, seed: int, epoch: int) -> None:
    key = np.array([seed, epoch], np.uint64)
    expected = np.random.Generator(np.random.Philox(key=key)).permutation(size)
    np.testing.assert_array_equal(shuffled(np.arange(size), seed, epoch), expected)


def test_numpys_permutation_of_many_rows() -> None:
    rows = np.arange(10**6) * 3 - 7
    key = np.array([1, 2], np.uint64)
    expected = np.random.Generator(np.random.Philox(key=key)).permutation(rows)
    np.testing.assert_array_equal(shuffled(rows, 1, 2), expected)


def test_the_rows_stay_as_they_were() -> None:
    rows = np.arange(100)
    order = shuffled(rows, 3, 1)
    assert order.dtype == np.int64
    assert rows.tolist() == sorted(order) != order.tolist()


def test_by_hand() -> None:
    # Philox4x64-10 of the first block under the key (0, 0), by a plain computation with
    # Python's whole numbers; its 32-bit halves order four rows.
    x, key = [1, 0, 0, 0], [0, 0]
    for _ in range(10):
        one, other = 0xD2E7470EE14C6C93 * x[0], 0xCA5A826395121157 * x[2]
        x = [
            (other >> 64) ^ x[1] ^ key[0], other % 2**64,
            (one >> 64) ^ x[3] ^ key[1], one % 2**64,
        ]  # fmt: skip
        key = [
            (key[0] + 0x9E3779B97F4A7C15) % 2**64,
            (key[1] + 0xBB67AE8584CAA73B) % 2**64,
        ]
    rows, last, mask = [0, 1, 2, 3], 3, 3
    for half in (half for word in x for half in (word % 2**32, word >> 32)):
        place = half & mask
        if place > last:
            continue
        rows[last], rows[place] = rows[place], rows[last]
        last -= 1
        if last == 0:
            break
        mask = 2 ** last.bit_length() - 1
    assert shuffled(np.arange(4), 0, 0).tolist() == rows


@pytest.mark.parametrize("rows", [np.arange(4.0), np.arange(4, dtype=np.int32), [1, 2]])
def test_rows_of_another_kind(rows: object) -> None:
    with pytest.raises(TypeError):
        shuffled(rows, 0, 1)


@given(st.integers(0, 3000), st.integers(0, 2**32 - 1))
def test_the_draws_of_a_generator_of_numpys(size: int, seed: int) -> None:
    ours, theirs = (np.random.RandomState(seed) for _ in range(2))
    rows = np.arange(size) * 2 + 1
    expected = rows.copy()
    for _ in range(2):
        shuffle_by(rows, ours._bit_generator.capsule)
        expected = expected[theirs.permutation(size)]
        np.testing.assert_array_equal(rows, expected)
    assert ours.randint(2**31) == theirs.randint(2**31)


@pytest.mark.parametrize("kind", [np.random.PCG64, np.random.Philox, np.random.SFC64])
def test_generators_of_every_kind(kind: type) -> None:
    ours, theirs = (np.random.RandomState(kind(5)) for _ in range(2))
    rows = np.arange(70_000)
    shuffle_by(rows, ours._bit_generator.capsule)
    np.testing.assert_array_equal(rows, theirs.permutation(70_000))


def test_another_capsule_is_refused() -> None:
    with pytest.raises(ValueError, match=r"of a bit generator of NumPy's.*datetime"):
        shuffle_by(np.arange(3), datetime.datetime_CAPI)
