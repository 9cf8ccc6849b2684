"""Few parameters and many rows: engine/partial_sums.h.

A step goes by strands where 4 strands * parameters <= 2 width * rows, with parameters
and widths padded to whole panels, and one strand for every two blocks of up to 96 rows;
of fewer than eight blocks there are two.
"""

import numpy as np
import pytest

import cases
import doors
import reference
from cases import gap
from ranvier import _engine
from reference import Update

NARROW = reference.Network(
    3, [cases.dense(33, "relu"), cases.dense(7, "tanh"), cases.dense(2)]
)
SINGLE = reference.Network(1, [cases.dense(40, "relu"), cases.dense(1)])
DROPPED = reference.Network(
    5,
    [cases.dense(20, "gelu"), ("dropout", 0.3), cases.dense(9, "relu"), cases.dense(1)],
)


@pytest.mark.parametrize(
    "rows",
    [31, 32, 160, 192, 193, 384, 385, 769, 1000, 1023, 1025, 1537, 2500],
)
@pytest.mark.parametrize("network", [NARROW, SINGLE])
@pytest.mark.parametrize("weighting", cases.WEIGHTINGS)
def test_gradient_is_that_of_the_witness(
    network: reference.Network, rows: int, weighting: str
) -> None:
    rng = np.random.default_rng(rows)
    case = cases.random_case(rng, network, "squared_error", rows, weighting)
    L, gradient = doors.loss_and_gradient(*case)
    assert doors.mean_loss(*case) == L  # the same sum, of the forward pass alone
    expected, expected_gradient = reference.loss_and_gradient(*case)
    assert abs(L / expected - 1) < 1e-12
    assert gap(gradient, expected_gradient) < 1e-12
    _, single = doors.loss_and_gradient(*case.cast(np.float32))
    assert gap(single, expected_gradient) < 1e-4


@pytest.mark.parametrize("update", [Update("adam", l2=0.01), Update(clip_norm=0.1)])
@pytest.mark.parametrize("network", [NARROW, SINGLE])
@pytest.mark.parametrize("size", [219, 900])
def test_training_is_that_of_the_witness(
    network: reference.Network, update: Update, size: int
) -> None:
    rng = np.random.default_rng(1)
    case = cases.random_case(rng, network, "squared_error", 2000, "weighted")
    settings = {"steps": 12, "batch_size": size, "rate": 0.01}  # 29 or 200 rows last
    expected, expected_state, report = doors.train(reference, case, update, **settings)
    theta, state, mine = doors.train(doors, case, update, **settings)
    assert gap(theta, case.theta) > 1e-3
    assert gap(theta, expected) < 1e-10
    assert gap(state, expected_state) < 1e-10
    assert abs(mine.loss / report.loss - 1) < 1e-10


@pytest.mark.parametrize("dtype", doors.DTYPES)
@pytest.mark.parametrize("network", [NARROW, SINGLE, DROPPED])
@pytest.mark.parametrize("size", [300, 1100])
def test_same_bits_for_any_number_of_threads(
    network: reference.Network, dtype: type, size: int
) -> None:
    rng = np.random.default_rng(2)
    case = cases.random_case(rng, network, "huber", 3000, "weighted").cast(dtype)
    order, steps = rng.permutation(3000), -(-3000 // size)
    ends = []
    for n_threads in (1, 2, 3, 4):
        theta = case.theta.copy()
        state = np.zeros((2, len(theta)), dtype)
        for epoch in range(5):
            report = doors.train_epoch(
                case.network, theta, state, *case[2:5], order, size, case.loss,
                Update("adam"), np.full(steps, 0.01), steps_before=steps * epoch,
                seed=7, epoch=epoch, workspace=_engine.Workspace(n_threads),
            )  # fmt: skip
        ends.append((theta.tobytes(), state.tobytes(), report.loss))
    assert ends[0] == ends[1] == ends[2] == ends[3]


def test_a_step_that_is_not_finite_is_found() -> None:
    case = cases.random_case(
        np.random.default_rng(3), NARROW, "squared_error", 1000, "plain"
    )
    case.X[777, 1] = np.nan
    theta = case.theta.copy()
    report = doors.train_epoch(
        case.network, theta, np.zeros((0, len(theta))), *case[2:5], np.arange(1000),
        500, case.loss, Update(), np.full(2, 0.01), steps_before=0, seed=0, epoch=0,
        workspace=_engine.Workspace(2),
    )  # fmt: skip
    assert report.failed_step == 1
    assert np.isfinite(theta).all()
