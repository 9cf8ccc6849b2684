"""One epoch of steps: engine/training.h."""

import threading
import time
from typing import Any

import numpy as np
import pytest

import cases
import doors
import reference
from cases import Case, gap
from ranvier import _engine
from reference import Update

FACTORS = np.array([[1.0, 2.0], [0.5, 0.0], [3.0, 1.0]])
UPDATES = {
    "sgd": Update(),
    "momentum": Update(momentum=0.9),
    "nesterov": Update(momentum=0.9, nesterov=True),
    "adam": Update("adam"),
    "adamw": Update("adam", weight_decay=0.1),
    "sgd with l2": Update(l2=0.1),
    "adam with l2": Update("adam", l2=0.1),
    "l2 by weight": Update(momentum=0.9, l2=0.5, l2_by_weight=True),
    "l2 by weight, clipped": Update(l2=0.5, l2_by_weight=True, clip_norm=0.3),
    "plain epsilon": Update("adam", epsilon=0.03, corrected_epsilon=False),
    "momentum with decay": Update(momentum=0.9, weight_decay=0.1),
    "clipped sgd": Update(clip_norm=0.3),
    "clipped nesterov": Update(momentum=0.9, nesterov=True, l2=0.1, clip_norm=0.5),
    "clipped adam": Update("adam", l2=0.05, weight_decay=0.05, clip_norm=0.2),
    "factors": Update(momentum=0.5, weight_decay=0.1, rate_factors=FACTORS),
    "factors of adam": Update("adam", weight_decay=0.1, rate_factors=FACTORS),
    "clipped factors": Update("adam", l2=0.1, clip_norm=0.1, rate_factors=FACTORS),
}
LAYERS = [cases.dense(21, "tanh"), cases.dense(9, "silu"), cases.dense(3)]
NETWORK = reference.Network(5, LAYERS)


def case_of(loss: str = "squared_error", rows: int = 67, seed: int = 0) -> Case:
    rng = np.random.default_rng(seed)
    return cases.random_case(rng, NETWORK, loss, rows, "weighted")


@pytest.mark.parametrize("batch_size", [1, 13, 40, 67])
@pytest.mark.parametrize("name", UPDATES)
def test_witness(name: str, batch_size: int) -> None:
    case, update = case_of(), UPDATES[name]
    settings = {"steps": 60, "batch_size": batch_size, "rate": 0.01}
    expected, expected_state, report = doors.train(reference, case, update, **settings)
    theta, state, mine = doors.train(doors, case, update, **settings)
    assert gap(theta, case.theta) > 1e-3
    assert gap(theta, expected) < 1e-10
    assert gap(state, expected_state) < 1e-10
    assert abs(mine.loss / report.loss - 1) < 1e-10
    assert abs(mine.gradient_norm / report.gradient_norm - 1) < 1e-9
    assert mine.failed_step == -1
    np.testing.assert_allclose(mine.step_losses, report.step_losses, rtol=1e-9)
    np.testing.assert_allclose(mine.step_squares, report.step_squares, rtol=1e-9)

    theta, _, mine = doors.train(doors, case.cast(np.float32), update, **settings)
    np.testing.assert_allclose(mine.step_squares, report.step_squares, rtol=2e-3)
    assert gap(theta, expected) < 2e-3
    assert abs(mine.loss / report.loss - 1) < 1e-3


@pytest.mark.parametrize(("rows", "batch_size"), [(392, 200), (289, 97), (500, 400)])
@pytest.mark.parametrize("n_threads", [1, 2])
def test_last_batch_in_larger_blocks(rows, batch_size, n_threads) -> None:
    # 392 rows, 200 at a time: four blocks of 50 rows, then two of 96.
    case, update = case_of(rows=rows), Update("adam")
    order = np.random.default_rng(1).permutation(rows)
    rates = np.full(-(-rows // batch_size), 0.01)
    workspace = {"workspace": _engine.Workspace(n_threads)}
    thetas = []
    for side, settings in ((reference, {}), (doors, workspace)):
        theta = case.theta.copy()
        side.train_epoch(
            case.network, theta, np.zeros((2, len(theta))), *case[2:5], order,
            batch_size, case.loss, update, rates, **settings,
        )  # fmt: skip
        thetas.append(theta)
    assert gap(thetas[1], case.theta) > 1e-3
    assert gap(thetas[1], thetas[0]) < 1e-10


@pytest.mark.parametrize("loss", cases.LOSSES)
@pytest.mark.parametrize("weighting", cases.WEIGHTINGS)
def test_witness_of_every_loss(loss: str, weighting: str) -> None:
    case = case_of(loss)
    if weighting == "unweighted":
        case = case._replace(w=None)
    settings = {"steps": 40, "batch_size": 16, "rate": 0.003}
    expected, _, report = doors.train(reference, case, Update("adam"), **settings)
    theta, _, mine = doors.train(doors, case, Update("adam"), **settings)
    assert gap(theta, expected) < 1e-10
    assert abs(mine.loss / report.loss - 1) < 1e-10


def line() -> Case:
    """Return y = W x, b = 0, with rows x = 1, 2, 3 and y = 0."""
    network = reference.Network(1, [cases.dense(1)])
    X, Y = np.array([[1], [2], [3.0]]), np.zeros((3, 1))
    return Case(network, np.array([1.0, 0]), X, Y, None, ("squared_error", 0.0))


def epoch(case: Case, theta, order, batch_size=1, rates=None, update=None, **settings):
    update = update or Update()
    steps = -(-len(order) // batch_size)
    return doors.train_epoch(
        case.network, theta, np.zeros((update.slots, len(theta)), theta.dtype),
        *case[2:5], np.array(order), batch_size, case.loss, update,
        np.full(steps, 0.01) if rates is None else np.array(rates), **settings,
    )  # fmt: skip


def test_by_hand() -> None:
    # Row x = 2, twice: a = 2, L = 4, dz = 2 2 = 4, dW = 2 4 = 8, db = 4; rate 1/8:
    #   W = 1 - 1 = 0, b = -1/2.
    # Rows x = 3, 1: a = -1/2 both, L = 1/4, dz = 2 (-1/2) / 2 = -1/2 each,
    #   dW = -1/2 (3 + 1) = -2, db = -1; rate 1/4: W = 1/2, b = -1/4.
    # With x = 2 twice in the first step, the mean loss is (2 4 + 2 1/4) / 4.
    case = line()
    theta = case.theta.copy()
    report = epoch(case, theta, [1, 1, 2, 0], 2, [1 / 8, 1 / 4])
    np.testing.assert_array_equal(theta, [0.5, -0.25])
    assert report.loss == (2 * 4 + 2 / 4) / 4
    np.testing.assert_allclose(report.gradient_norm, np.sqrt(2**2 + 1), rtol=1e-15)


@pytest.mark.parametrize("name", ["momentum with decay", "adamw", "clipped adam"])
@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_decays_of_steps(name: str, dtype: type) -> None:
    case, update = case_of().cast(dtype), UPDATES[name]
    decays = np.random.default_rng(5).uniform(0, 2, 30)
    settings = {"steps": 30, "batch_size": 13, "rate": 0.03}
    theta, state, _ = doors.train(doors, case, update, decays=decays, **settings)
    expected, _, _ = doors.train(
        reference, case.cast(np.float64), update, decays=decays, **settings
    )
    assert gap(theta, expected) < (1e-10 if dtype is np.float64 else 2e-3)
    plain, _, _ = doors.train(doors, case, update, **settings)
    assert gap(theta, plain) > 1e-4
    ones, same, _ = doors.train(doors, case, update, decays=np.ones(30), **settings)
    np.testing.assert_array_equal(ones, plain)
    for n_threads in (2, 3):
        other, same, _ = doors.train(
            doors, case, update, decays=decays, workspace=_engine.Workspace(n_threads),
            **settings,
        )  # fmt: skip
        np.testing.assert_array_equal(other, theta)
        np.testing.assert_array_equal(same, state)


def test_decays_of_steps_by_hand() -> None:
    # Two rows x = 0, y = b = 0: no gradient. W = 1 keeps 1 - 1/2 . 1/2 . 2 = 1/2, then
    # 1 - 1/2 . 1/2 . 1 = 3/4 of itself.
    case = line()._replace(X=np.zeros((3, 1)))
    theta = case.theta.copy()
    update = Update(weight_decay=0.5)
    epoch(case, theta, [0, 1], 1, [0.5, 0.5], update, decays=np.array([2.0, 1.0]))
    np.testing.assert_array_equal(theta, [0.375, 0])


@pytest.mark.parametrize(
    ("factors", "told"),
    [
        ({"decays": np.ones(2)}, "decays must be 3 long"),
        ({"dropouts": np.ones(4)}, "dropouts must be 3 long"),
        ({"decays": np.array([1, 1, -0.5])}, "a factor in decays .* -0.5"),
        ({"decays": np.array([1, np.nan, 1])}, "a factor in decays .* nan"),
        ({"dropouts": np.array([1, 1, 1.5])}, "a factor in dropouts .* 1.5"),
    ],
)
def test_factors_of_steps_that_are_refused(factors, told) -> None:
    case = line()
    with pytest.raises(ValueError, match=told):
        epoch(case, case.theta.copy(), [0, 1, 2], **factors)


@pytest.mark.parametrize("name", ["adam", "clipped adam"])
def test_records_of_steps_are_kept_when_asked_for_and_change_nothing(name: str) -> None:
    case, update = case_of(), UPDATES[name]
    results = []
    for asked in (False, True):
        theta = case.theta.copy()
        report = doors.train_epoch(
            case.network, theta, np.zeros((update.slots, len(theta))), case.X, case.Y,
            case.w, np.arange(67), 13, case.loss, update, np.full(6, 0.01),
            step_records=asked,
        )  # fmt: skip
        assert (report.step_losses is not None) is asked
        assert (report.step_squares is not None) is asked
        results.append((theta.tobytes(), report.loss, report.gradient_norm))
    assert results[0] == results[1]


def test_order_is_honoured() -> None:
    case, rows = case_of(), [5, 3, 3, 66, 0, 1, 2, 5]
    theta, expected = case.theta.copy(), case.theta.copy()
    epoch(case, theta, rows, 3)
    taken = case._replace(X=case.X[rows], Y=case.Y[rows], w=case.w[rows])
    epoch(taken, expected, range(8), 3)
    np.testing.assert_array_equal(theta, expected)
    other = case.theta.copy()
    epoch(case, other, rows[::-1], 3)
    assert gap(other, theta) > 1e-6


@pytest.mark.parametrize("dtype", doors.DTYPES)
@pytest.mark.parametrize("name", UPDATES)
def test_two_epochs_are_one_of_twice_the_order(name: str, dtype: type, rng) -> None:
    case, update = case_of().cast(dtype), UPDATES[name]
    order, rates = rng.permutation(np.tile(np.arange(60), 2)), rng.uniform(0, 0.02, 8)
    whole, state = case.theta.copy(), np.zeros((update.slots, len(case.theta)), dtype)
    doors.train_epoch(
        NETWORK, whole, state, *case[2:5], order, 15, case.loss, update, rates
    )
    theta, halves = case.theta.copy(), np.zeros_like(state)
    for half in range(2):
        doors.train_epoch(
            NETWORK, theta, halves, *case[2:5], order[half * 60 :][:60], 15, case.loss,
            update, rates[half * 4 :][:4], steps_before=4 * half,
        )  # fmt: skip
    np.testing.assert_array_equal(theta, whole)
    np.testing.assert_array_equal(halves, state)


@pytest.mark.parametrize("dtype", doors.DTYPES)
@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("name", ["sgd", "clipped nesterov", "adam", "clipped adam"])
def test_stops_before_the_step_whose_loss_fails(name, n_threads, dtype) -> None:
    case, update = case_of(rows=60).cast(dtype), UPDATES[name]
    case.Y[37, 1] = np.nan
    order = np.concatenate([np.arange(30), np.arange(30, 60)])

    def run(steps: int) -> tuple:
        theta = case.theta.copy()
        state = np.zeros((update.slots, len(theta)), dtype)
        report = doors.train_epoch(
            NETWORK, theta, state, *case[2:5], order[: steps * 5], 5, case.loss, update,
            np.full(steps, 0.01), workspace=_engine.Workspace(n_threads),
        )  # fmt: skip
        return theta, state, report

    theta, state, report = run(12)
    assert report.failed_step == 7
    before, state_before, good = run(7)
    assert good.failed_step == -1
    assert report.loss == good.loss
    np.testing.assert_array_equal(theta, before)
    np.testing.assert_array_equal(state, state_before)


@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_huge_rate_fails_where_the_witness_does(dtype: type) -> None:
    case = case_of()._replace(network=reference.Network(5, [cases.dense(3)]))
    case = case._replace(theta=case.theta[:18]).cast(dtype)
    settings = {"steps": 100, "batch_size": 20, "rate": 1e5}
    theta, _, report = doors.train(doors, case, Update(), **settings)
    steps = report.failed_step
    assert 0 < steps < 100
    if dtype == np.float64:
        with np.errstate(all="ignore"):
            expected = doors.train(reference, case, Update(), **settings)
        assert expected[2].failed_step == steps
        assert gap(theta / 1e150, expected[0] / 1e150) < 1e-10
    before, _, good = doors.train(doors, case, Update(), **{**settings, "steps": steps})
    assert good.failed_step == -1
    np.testing.assert_array_equal(theta, before)


def test_overflow_of_poisson_is_a_failure() -> None:
    case = line()._replace(loss=("poisson", 0.0), theta=np.array([1e4, 0]))
    theta = case.theta.copy()
    report = epoch(case, theta, [0, 1, 2])
    assert (report.failed_step, report.loss) == (0, 0)
    np.testing.assert_array_equal(theta, case.theta)


@pytest.mark.parametrize("loss", cases.LOSSES)
@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_batch_whose_weights_are_all_zero(loss: str, dtype: type) -> None:
    case = case_of(loss, 30)
    w = case.w.copy()
    w[10:20] = 0
    case = case._replace(w=w).cast(dtype)
    for update in (Update(), Update(clip_norm=0.1), Update("adam", l2=0.1)):
        theta = case.theta.copy()
        report = epoch(case, theta, range(30), 10, update=update)
        assert report.failed_step == -1
        assert np.all(np.isfinite(theta))
        assert np.isfinite(report.loss)
    theta = case.theta.copy()
    report = epoch(case, theta, range(10, 20), 10)
    assert (report.loss, report.gradient_norm, report.failed_step) == (0, 0, -1)
    np.testing.assert_array_equal(theta, case.theta)


@pytest.mark.parametrize("name", ["cross_entropy", "log_loss"])
@pytest.mark.parametrize("dtype", doors.DTYPES)
def test_wild_logits_are_trained_on(name: str, dtype: type) -> None:
    case = case_of(name).cast(dtype)
    theta = case.theta.copy()
    reference.views(NETWORK, theta)[-1][0][:] *= 1e5
    assert abs(doors.forward(NETWORK, theta, case.X)[-1][0]).max() > 1e4
    report = epoch(case, theta, range(67), 10)
    assert report.failed_step == -1
    assert np.isfinite(report.loss)
    assert np.all(np.isfinite(theta))


def test_no_rows() -> None:
    case = case_of()
    theta = case.theta.copy()
    report = epoch(case, theta, np.zeros(0, int), 10)
    assert (report.loss, report.failed_step) == (0, -1)
    np.testing.assert_array_equal(theta, case.theta)


def test_python_runs_meanwhile() -> None:
    case = case_of()
    order = np.tile(np.arange(67), 40_000)
    worker = threading.Thread(target=epoch, args=(case, case.theta.copy(), order, 8))
    worker.start()
    turns = 0
    while worker.is_alive():
        turns += 1
        time.sleep(0.001)
    assert turns > 10  # had it kept Python waiting, there would be one


# ---------------------------------------------------------------- doors that stay shut


def enter(**changed: Any) -> None:
    """Train a line with one thing changed; the loss may be changed too."""
    case = line()
    given = {
        "theta": case.theta, "state": np.zeros((0, 2)), "X": case.X, "Y": case.Y,
        "w": None, "order": np.arange(3), "batch_size": 2,
        "loss": ("squared_error", 0.0), "update": Update(),
        "rates": np.full(2, 0.1),
    }  # fmt: skip
    given |= changed
    network = given.pop("network", case.network)
    doors.train_epoch(network, **given)


def with_output(activation: str) -> reference.Network:
    return reference.Network(1, [("dense", 1, activation, 0.0)])


HIDDEN_STEP = reference.Network(1, [("dense", 1, "step", 0.0), cases.dense(1)])


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"theta": np.zeros(3)}, "theta must be 2 long, but it is 3 long"),
        ({"X": np.zeros((3, 2))}, "X must be 1 columns wide, but it is 2"),
        ({"Y": np.zeros((3, 2))}, "Y must be 1 columns wide, but it is 2"),
        ({"Y": np.zeros((2, 1))}, "Y must be 3 long, but it is 2"),
        ({"Y": np.zeros(3, np.int32)}, "must be a matrix .* vector of labels"),
        ({"w": np.ones(2)}, "weights must be 3 long, but it is 2"),
        ({"state": np.zeros((1, 2))}, "state must be 0 x 2, but it is 1 x 2"),
        ({"update": Update("adam")}, "state must be 2 x 2, but it is 0 x 2"),
        ({"rates": np.zeros(3)}, "rates must be 2 long, but it is 3"),
        ({"rates": np.zeros(0)}, "rates must be 2 long, but it is 0"),
        ({"order": np.array([0, 1, 3])}, r"row in order must be in 0..2, but it is 3"),
        ({"order": np.array([0, -1, 1])}, r"row in order must be .* but it is -1"),
        ({"order": np.array([2**62, 0, 1])}, "row in order must be"),
        ({"batch_size": 0}, "batch_size must be between 1 and .*, but it is 0"),
        ({"batch_size": -1}, "batch_size must be .* but it is -1"),
        ({"batch_size": 2**40}, "batch_size must be"),
        (
            {"update": Update(rate_factors=FACTORS)},
            "rate_factors must be 1 long",
        ),
        ({"network": with_output("step")}, "'step' cannot be trained.*; use"),
        ({"network": HIDDEN_STEP, "theta": np.zeros(4)}, "'step' cannot be trained"),
        ({"network": with_output("softmax")}, "softmax output must be 'cross_entropy'"),
        (
            {"network": with_output("tanh"), "loss": ("log_loss", 0.0)},
            "log_loss must be 'identity' or 'sigmoid', but it is 'tanh'",
        ),
        (
            {"network": with_output("sigmoid"), "loss": ("cross_entropy", 0.0)},
            "cross_entropy must be 'identity' or 'softmax', but it is 'sigmoid'",
        ),
        (
            {"network": with_output("relu"), "loss": ("poisson", 0.0)},
            "poisson must be 'identity' or 'exp', but it is 'relu'",
        ),
        (
            {"Y": np.array([0, 1, 0], np.int32), "loss": ("cross_entropy", 0.0)},
            r"a label must be in 0..0, but it is 1 \(row 1\)",
        ),
        (
            {"Y": np.array([0, 0, -1], np.int32), "loss": ("cross_entropy", 0.0)},
            r"a label must be in 0..0, but it is -1 \(row 2\)",
        ),
        (
            {"Y": np.zeros(2, np.int32), "loss": ("cross_entropy", 0.0)},
            "labels must be 3 long, but it is 2",
        ),
    ],
)
def test_values_that_do_not_fit(changed: dict[str, Any], words: str) -> None:
    enter()
    with pytest.raises(ValueError, match=words):
        enter(**changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"theta": np.zeros(2, np.float32)},
        {"X": np.zeros((3, 1), np.float32)},
        {"Y": np.zeros((3, 1), np.float32)},
        {"Y": np.zeros(3)},
        {"Y": np.zeros(3, np.int64)},
        {"w": np.ones(3, np.float32)},
        {"w": np.ones((3, 1))},
        {"state": np.zeros((0, 2), np.float32)},
        {"state": np.zeros(0)},
        {"order": np.arange(3, dtype=np.int32)},
        {"order": [0, 1, 2]},
        {"order": np.arange(6)[::2]},
        {"rates": np.full(2, 0.1, np.float32)},
        {"batch_size": 1.5},
        {"seed": -1},
        {"workspace": object()},
        {"X": None},
    ],
)
def test_arguments_of_another_kind(changed: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        enter(**changed)


def test_read_only_parameters_are_not_trained() -> None:
    theta = np.array([1.0, 0])
    theta.flags.writeable = False
    with pytest.raises(TypeError):
        enter(theta=theta)
    np.testing.assert_array_equal(theta, [1, 0])


def test_gradient_of_another_length() -> None:
    case, workspace = line(), _engine.Workspace(1)
    for gradient in (np.zeros(3), np.zeros(1)):
        with pytest.raises(ValueError, match="gradient must be 2 long"):
            _engine.loss_and_gradient(
                doors.network_of(case.network), case.theta, case.X, case.Y, None,
                _engine.Loss(*case.loss), gradient, workspace,
            )  # fmt: skip
