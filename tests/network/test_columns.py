from typing import Any

import numpy as np
import pytest

from ranvier.network.columns import Category, Periodic, Piecewise, Plain


def test_starting_values_follow_the_specs() -> None:
    rng = np.random.default_rng(0)
    started = Periodic(4000, 3, sigma=0.1).start(rng)
    assert started["w"].std() == pytest.approx(0.1, rel=0.05)
    assert np.abs(started["b"]).max() == pytest.approx(np.pi, rel=0.01)
    assert np.abs(started["V"]).max() == pytest.approx(4000**-0.5, rel=0.01)
    started = Piecewise([0, 1, 2], 400).start(rng)
    assert not started["M"].any()
    assert np.abs(started["a"]).max() == pytest.approx(0.05, rel=0.02)
    assert Piecewise([0, 1, 2], 4, linear=False).start(rng)["M"].any()
    assert Category(500, 8).start(rng)["table"].std() == pytest.approx(1, rel=0.05)


def test_equality_is_of_what_a_column_is() -> None:
    assert Periodic(4, 2, sigma=1.0) == Periodic(4, 2)
    assert Piecewise(np.array([0.0, 1.0])) == Piecewise([0, 1])
    assert hash(Piecewise([0, 1])) == hash(Piecewise([0, 1]))
    assert Category(4, 2) != Category(5, 2)


def test_shapes_fit_the_starts() -> None:
    rng = np.random.default_rng(0)
    every = [Plain(), Periodic(5, 2), Piecewise([0, 1], 3), Category(4, 2)]
    for column in [*every, Piecewise([0, 1], 3, linear=False)]:
        started = {name: array.shape for name, array in column.start(rng).items()}
        assert started == column.shapes()
        assert column.flops >= 0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Periodic(0), "frequencies must be a whole number from 1"),
        (lambda: Periodic(4, 2.5), "width must be a whole number"),  # type: ignore[arg-type]
        (lambda: Periodic(sigma=0.0), "sigma must be above 0"),
        (lambda: Piecewise([1.0]), "at least two finite numbers that ascend"),
        (lambda: Piecewise([1.0, 1.0]), "quantiles"),
        (lambda: Piecewise([0.0, np.nan]), "finite"),
        (lambda: Category(0), "size must be a whole number"),
    ],
)
def test_what_is_no_column(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()
