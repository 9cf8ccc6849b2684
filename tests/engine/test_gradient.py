"""The whole gradient of random networks: every activation x loss x weighting."""

import numpy as np
import pytest

import cases
import doors
import reference
from cases import gap

ENTRIES = cases.grid()


@pytest.mark.parametrize("entry", ENTRIES, ids="-".join)
def test_difference_quotient_and_witness(entry: tuple[str, str, str, str]) -> None:
    case = cases.grid_case(*entry)
    network, theta, *data = case
    L, gradient = doors.loss_and_gradient(*case)

    expected = reference.loss_and_gradient(*case)
    assert abs(L - expected[0]) <= 1e-12 * (1 + abs(expected[0]))
    assert gap(gradient, expected[1]) < 1e-12

    assert doors.mean_loss(*case) == L
    quotient = cases.central_differences(
        lambda moved: doors.mean_loss(network, moved, *data), theta
    )
    assert gap(gradient, quotient) < 1e-6


def test_there_are_enough() -> None:
    assert len(ENTRIES) >= 300


@pytest.mark.parametrize("entry", ENTRIES[::5], ids="-".join)
def test_single_precision(entry: tuple[str, str, str, str]) -> None:
    case = cases.grid_case(*entry)
    L, gradient = doors.loss_and_gradient(*case.cast(np.float32))
    expected = reference.loss_and_gradient(*case)
    assert abs(L - expected[0]) <= 1e-5 * (1 + abs(expected[0]))
    assert gap(gradient, expected[1]) < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(400))
def test_random_shapes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    hidden, loss = rng.choice(list(cases.HIDDEN)), rng.choice(list(cases.LOSSES))
    output = rng.choice(cases.LOSSES[loss][1])
    sizes = rng.integers(2, 24, rng.integers(1, 5)).tolist()
    layers = [*(cases.dense(n, str(hidden)) for n in sizes[1:]), cases.dense(3, output)]
    network = reference.Network(sizes[0], layers)
    weighting = cases.WEIGHTINGS[seed % 2]
    case = cases.random_case(rng, network, str(loss), 5, weighting)
    case = cases.move_off_kinks(rng, case, margin=2e-4)
    _, gradient = doors.loss_and_gradient(*case)
    quotient = cases.central_differences(
        lambda theta: doors.mean_loss(network, theta, *case[2:]), case.theta
    )
    assert gap(gradient, quotient) < 1e-6
