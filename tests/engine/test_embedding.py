"""The embedding and parametric activations: against NumPy, differences, and by hand."""

from math import cos, pi, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cases
import doors
import reference
from cases import gap
from ranvier import _engine
from reference import Update

COLUMNS = [
    ("plain",),
    ("periodic", 16, 3),
    ("piecewise", [-1.5, -0.2, 0.3, 1.7], 5, True),
    ("category", 7, 4),
    ("periodic", 5, 9),
    ("piecewise", [-1.0, 1.0], 3, False),
    ("category", 40_000, 2),  # of several shares, whose rows must not meet
]


def network(columns=COLUMNS, *, scaled=True, alpha=True, rate=0.0, units=20):
    dropout = [("dropout", rate)] * (rate > 0)
    return reference.Network(
        len(columns),
        [
            ("embedding", columns, scaled),
            *dropout,
            ("dense", units, "mish", 0.0, alpha),
            *dropout,
            ("dense", 17, "selu", 0.0, alpha),
            cases.dense(3),
        ],
    )


@pytest.mark.parametrize("rows", [1, 5, 11, 13, 40, 100, 300])
@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("alpha", [True, False])
def test_witness(rows: int, *, scaled: bool, alpha: bool) -> None:
    rng = np.random.default_rng(rows)
    own = network(scaled=scaled, alpha=alpha)
    case = cases.random_case(rng, own, "squared_error", rows, "weighted")
    tape = reference.forward(*case[:3])
    workspace = _engine.Workspace(1)
    embedded = _engine.embed(doors.network_of(own), case.theta, case.X, workspace)
    np.testing.assert_allclose(embedded, tape[0][2], rtol=1e-12, atol=1e-13)
    assert gap(doors.predict(*case[:3]), tape[-1][2]) < 1e-13
    L, gradient = doors.loss_and_gradient(*case)
    expected, expected_gradient = reference.loss_and_gradient(*case)
    assert pytest.approx(expected, rel=1e-12) == L
    assert gap(gradient, expected_gradient) < 1e-12
    _, single = doors.loss_and_gradient(*case.cast(np.float32))
    assert gap(single, expected_gradient) < 1e-4


@st.composite
def columns(draw) -> tuple:
    kind = draw(st.sampled_from(["plain", "periodic", "piecewise", "category"]))
    if kind == "plain":
        return (kind,)
    size, width = draw(st.integers(1, 20)), draw(st.integers(1, 18))
    if kind == "piecewise":
        return (
            kind,
            np.linspace(-1.3, 1.1, size + 1).tolist(),
            width,
            draw(st.booleans()),
        )
    return kind, size, width


@settings(max_examples=30, deadline=None)
@given(
    given_columns=st.lists(columns(), min_size=1, max_size=6),
    scaled=st.booleans(),
    alpha=st.booleans(),
    rows=st.integers(1, 120),
)
def test_any_mix_of_columns(given_columns, scaled, alpha, rows) -> None:
    rng = np.random.default_rng(rows)
    own = network(given_columns, scaled=scaled, alpha=alpha, units=6)
    case = cases.random_case(rng, own, "huber", rows)
    _, gradient = doors.loss_and_gradient(*case)
    assert gap(gradient, reference.loss_and_gradient(*case)[1]) < 1e-11
    numbers = [gradient]
    for n_threads in (2, 3):
        again = doors.loss_and_gradient(*case, _engine.Workspace(n_threads))
        numbers.append(again[1])
    assert len({array.tobytes() for array in numbers}) == 1


@pytest.mark.parametrize("scaled", [True, False])
def test_central_differences(*, scaled: bool) -> None:
    rng = np.random.default_rng(5)
    own = network(COLUMNS[:6], scaled=scaled, units=4)
    case = cases.random_case(rng, own, "squared_error", 30)

    def loss_of(theta):
        return doors.mean_loss(own, theta, *case[2:])

    slope = cases.central_differences(loss_of, case.theta)
    assert gap(doors.loss_and_gradient(*case)[1], slope) < 1e-7


def test_each_kind_by_hand() -> None:
    layers = [
        (
            "embedding",
            [
                ("periodic", 1, 1),
                ("piecewise", [0.0, 1.0, 3.0], 1, True),
                ("category", 2, 1),
            ],
            True,
        ),
        cases.dense(1),
    ]
    own = reference.Network(3, layers)
    periodic, piecewise = [0.25, 0.5, 2.0, 1.0], [3.0, 1.0, 10.0, 20.0]
    scale, W = [2.0, 1.0, 0.5, 3.0], [1.0, 1.0, 1.0, 1.0, 0.0]
    theta = np.array([*periodic, *piecewise, 7.0, 8.0, *scale, *W])
    X = np.array([[0.5, 2.0, 1.0], [0.0, 5.0, 0.0], [0.0, -1.0, 0.0]])
    u = 2 * pi * 0.25 * 0.5 + 0.5
    expected = [
        2 * (2 * cos(u) + 1) + 0.5 + 0.5 * (6 + 1 + 10 + 0.5 * 20) + 3 * 8,
        2 * (2 * cos(0.5) + 1)
        + 0.5 * (15 + 1 + 10 + 2 * 20)
        + 3 * 7,  # beyond the edge
        2 * (2 * cos(0.5) + 1) + 0.5 * (-3 + 1 - 10) + 3 * 7,  # and below
    ]
    np.testing.assert_allclose(doors.predict(own, theta, X).ravel(), expected)
    # dL/dw = dL/dA . s . V . -sin(u) . 2 pi x, of the first row alone
    Y = np.array([[expected[0] - 1.0]])
    _, g = doors.loss_and_gradient(own, theta, X[:1], Y, None, ("squared_error", 0.0))
    assert g[0] == pytest.approx(2 * 2 * 2 * -sin(u) * 2 * pi * 0.5)
    assert g[8:10].tolist() == pytest.approx([0.0, 2 * 3])  # the table
    assert g[10] == pytest.approx(2 * (2 * cos(u) + 1))  # the scale


def test_parametric_activation_by_hand() -> None:
    layers = [("dense", 1, "relu", 0.0, True), cases.dense(1)]
    own = reference.Network(1, layers)
    theta = np.array([2.0, 0.0, 0.75, 1.0, 0.0])  # W, b, alpha; W, b
    X = np.array([[1.0], [-1.0]])
    # z + 0.75 (relu(z) - z): 2, and -2 + 0.75 . 2 = -0.5
    np.testing.assert_allclose(doors.predict(own, theta, X).ravel(), [2.0, -0.5])
    Y, loss = np.array([[0.0]]), ("squared_error", 0.0)
    _, g = doors.loss_and_gradient(own, theta, X[1:], Y, None, loss)
    # dL/dA = -1; dalpha = -1 . 2; dW = -1 . (1 - 0.75) . -1
    assert g[:3].tolist() == pytest.approx([0.25, -0.25, -2.0])


RATES = np.array([[0.1, 6, 0.4], [1, 0.1, 0.1], [1, 0.1, 0.2], [1, 1, 1.0]])
DECAYS = np.array([[0.5, 0.3, 0.8], [1, 0, 2], [1, 0.5, 1], [1, 0, 0.0]])
UPDATES = {
    "plain": Update(l2=0.1),
    "mean": Update("adam", averaging=0.9),
    "mean of momentum": Update(momentum=0.9, averaging=0.99),
    "factors": Update(
        "adam", weight_decay=0.1, l2=0.02, rate_factors=RATES, decay_factors=DECAYS
    ),
    "clipped": Update(
        "adam", l2=0.1, clip_norm=0.1, averaging=0.8, decay_factors=DECAYS
    ),
}


@pytest.mark.parametrize("update", UPDATES.values(), ids=UPDATES)
@pytest.mark.parametrize("batch_size", [100, 1000])
def test_training_is_that_of_the_witness(update: Update, batch_size: int) -> None:
    few = network(COLUMNS[:4], units=6) if batch_size == 1000 else network()
    rng = np.random.default_rng(1)
    case = cases.random_case(rng, few, "squared_error", 2 * batch_size, "weighted")
    setting = {"steps": 5, "batch_size": batch_size, "rate": 0.01}
    theta, state, report = doors.train(doors, case, update, **setting)
    expected, expected_state, told = doors.train(reference, case, update, **setting)
    assert gap(theta, case.theta) > 1e-3
    assert gap(theta, expected) < 1e-10
    assert gap(state, expected_state) < 1e-10
    assert report.gradient_norm == pytest.approx(told.gradient_norm, rel=1e-9)
    np.testing.assert_allclose(report.step_squares, told.step_squares, rtol=1e-9)


@pytest.mark.parametrize("dtype", doors.DTYPES)
@pytest.mark.parametrize("clip_norm", [np.inf, 0.1])
@pytest.mark.parametrize(("rows", "units"), [(300, 40), (3000, 5)])
def test_same_bits_for_any_number_of_threads(dtype, clip_norm, rows, units) -> None:
    # The second goes by strands.
    own = network(COLUMNS[: 7 if units == 40 else 4], rate=0.2, units=units)
    rng = np.random.default_rng(2)
    case = cases.random_case(rng, own, "squared_error", rows, "weighted").cast(dtype)
    update = Update("adam", clip_norm=clip_norm, averaging=0.9)
    ends = []
    for n_threads in (1, 2, 3):
        theta, state, report = doors.train(
            doors, case, update, steps=4, batch_size=rows // 2, rate=0.01,
            workspace=_engine.Workspace(n_threads),
        )  # fmt: skip
        ends.append((theta.tobytes(), state.tobytes(), report.loss))
    assert ends[0] == ends[1] == ends[2]


def test_rows_do_not_depend_on_each_other() -> None:
    rng = np.random.default_rng(3)
    case = cases.random_case(rng, network(), "squared_error", 150).cast(np.float32)
    whole = doors.predict(*case[:3])
    for size in (1, 2, 7, 11, 12, 13, 47, 49, 149):
        rows = rng.permutation(150)[:size]
        part = doors.predict(case.network, case.theta, case.X[rows])
        np.testing.assert_array_equal(part, whole[rows])


@pytest.mark.parametrize("code", [-1.0, 7.0, 1.5, np.nan, np.inf])
def test_codes_that_are_none(code: float) -> None:
    own = network([("category", 7, 2)])
    theta = np.zeros(reference.parameters(own))
    X = np.array([[1.0], [code]])
    words = r"code in column 0 of X must be a whole number in 0..6 .* \(row 1\)"
    with pytest.raises(ValueError, match=words):
        doors.predict(own, theta, X)
    with pytest.raises(ValueError, match=words):
        doors.loss_and_gradient(
            own, theta, X, np.zeros((2, 3)), None, ("squared_error", 0.0)
        )


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([("embedding", [("plain",)] * 2, True)], "must end with a dense layer"),
        ([("embedding", [], True), cases.dense(1)], "one column for each of the 2"),
        ([cases.dense(2), ("embedding", [("plain",)] * 2, True)], "only be the first"),
        ([("embedding", [("plain",), ("category", 0, 2)], True)], "size between 1"),
        ([("embedding", [("plain",), ("category", 2, 0)], True)], "width of at least"),
        ([("embedding", [("plain",), ("periodic", 2, 0)], True)], "width of at least"),
        ([("embedding", [("plain",), ("piecewise", [1.0], 2, True)], True)], "size"),
        (
            [("embedding", [("plain",), ("piecewise", [1.0, 1.0], 2, True)], True)],
            "finite and ascend",
        ),
        ([("embedding", [("plain",), ("wavy", 2)], True)], "a layer must be"),
        (
            [("embedding", [("plain",), ("category", 2**24, 2**10)], True)],
            "more than 2.30",
        ),
        ([("dense", 1, "relu", 0.0, True)], "last layer cannot be parametric"),
        ([("dense", 2, "softmax", 0.0, True)], "softmax cannot be parametric"),
    ],
)
def test_impossible_layers(layers: list, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        _engine.Network(2, layers)
    with pytest.raises(ValueError, match="first layer must be an embedding"):
        _engine.embed(
            _engine.Network(1, [cases.dense(1)]), np.zeros(2), np.zeros((1, 1)),
            _engine.Workspace(1),
        )  # fmt: skip


@pytest.mark.peers
def test_as_pytorch() -> None:
    import torch

    own = network(COLUMNS[:4], units=6)
    case = cases.random_case(np.random.default_rng(7), own, "squared_error", 64)
    theta = torch.tensor(case.theta, requires_grad=True)
    X = torch.tensor(case.X)
    at = iter(
        theta.split([16, 16, 48, 3, 5, 5, 15, 28, 14, 84, 6, 6, 102, 17, 17, 51, 3])
    )
    w, b, V, v = (next(at) for _ in range(4))
    a, u, M, table, scale = (next(at) for _ in range(5))
    h = torch.cos(2 * torch.pi * X[:, 1:2] * w + b)
    edges = torch.tensor(COLUMNS[2][1], dtype=torch.float64)
    low, high = edges[:-1], edges[1:]
    p = (X[:, 2:3] - low) / (high - low)
    p = torch.cat(
        [p[:, :1].clamp(max=1), p[:, 1:-1].clamp(0, 1), p[:, -1:].clamp(min=0)], 1
    )
    A = torch.cat(
        [
            X[:, :1],
            h @ V.reshape(16, 3) + v,
            X[:, 1:2],
            X[:, 2:3] * a + u + p @ M.reshape(3, 5),
            table.reshape(7, 4)[X[:, 3].long()],
        ],
        1,
    )
    A = scale * A
    for f in (torch.nn.functional.mish, torch.nn.functional.selu):
        W, b, alpha = (next(at) for _ in range(3))
        Z = A @ W.reshape(A.shape[1], -1) + b
        A = Z + alpha * (f(Z) - Z)
    W, b = next(at), next(at)
    Y_hat = A @ W.reshape(17, 3) + b
    ((Y_hat - torch.tensor(case.Y)) ** 2).mean().backward()
    np.testing.assert_allclose(doors.predict(*case[:3]), Y_hat.detach(), rtol=1e-11)
    assert gap(doors.loss_and_gradient(*case)[1], theta.grad.numpy()) < 1e-12
