import threading
from collections.abc import Callable

import numpy as np
import pytest

import reference
from ranvier import _engine
from ranvier.network import losses, passes
from ranvier.network.passes import Passes

LAYERS = [("dense", 5, "tanh", 0.0), ("dropout", 0.5), ("dense", 2, "identity", 0.0)]
WITNESS = reference.Network(3, LAYERS)


@pytest.fixture
def theta(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=reference.parameters(WITNESS))


@pytest.fixture
def through(theta: np.ndarray) -> Passes:
    return Passes(_engine.Network(3, LAYERS), theta)


def test_predict_and_values_as_the_witness(
    through: Passes, theta: np.ndarray, rng: np.random.Generator
) -> None:
    X = rng.normal(size=(7, 3))
    tape = [step for step in reference.forward(WITNESS, theta, X) if len(step) == 3]
    values = through.values(X)
    assert len(values) == len(tape) == 2
    for (Z, A), (_, Z_expected, A_expected) in zip(values, tape, strict=True):
        np.testing.assert_allclose(Z, Z_expected, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(A, A_expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(through.predict(X), values[-1].A)


def test_loss_and_gradient_as_the_witness(
    through: Passes, theta: np.ndarray, rng: np.random.Generator
) -> None:
    X, Y = rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
    w = rng.uniform(0.1, 2, 7)
    L, dtheta = through.loss_and_gradient(X, Y, w, losses.huber(0.5))
    expected = reference.loss_and_gradient(WITNESS, theta, X, Y, w, ("huber", 0.5))
    assert pytest.approx(expected[0], rel=1e-12) == L
    np.testing.assert_allclose(dtheta, expected[1], rtol=1e-10, atol=1e-12)


def test_many_rows_on_many_threads_give_the_same_bits(
    through: Passes, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, Y = rng.normal(size=(3000, 3)), rng.normal(size=(3000, 2))
    loss = losses.resolve("squared_error")

    def everything() -> list[np.ndarray]:
        L, dtheta = through.loss_and_gradient(X, Y, None, loss)
        return [through.predict(X), through.values(X)[0].Z, np.array(L), dtheta]

    alone = everything()
    monkeypatch.setattr(passes, "SHARED_WORK", 1)
    monkeypatch.setattr(passes.threads, "available", lambda: 3)
    assert through._take(5.0).n_threads == 3
    for one, several in zip(alone, everything(), strict=True):
        np.testing.assert_array_equal(one, several)
    # A workspace with threads is not kept.
    assert [workspace.n_threads for workspace in through._free] == [1]


def test_workspaces_are_used_again(through: Passes) -> None:
    X = np.ones((1, 3))
    for _ in range(5):
        through.predict(X)
        through.values(X)
    assert len(through._free) == 1


def test_a_failed_call_gives_its_workspace_back(through: Passes) -> None:
    with pytest.raises((TypeError, ValueError)):
        through.predict(np.ones((1, 99)))
    assert len(through._free) == 1
    assert through.predict(np.ones((1, 3))).shape == (1, 2)


def test_several_python_threads_at_once(
    through: Passes, rng: np.random.Generator
) -> None:
    tables = [rng.normal(size=(n, 3)) for n in (1, 50, 400, 7)]
    expected = [through.predict(X) for X in tables]
    wrong: list[int] = []

    def work(place: int) -> Callable[[], None]:
        def run() -> None:
            for _ in range(100):
                A = through.predict(tables[place])
                if not np.array_equal(A, expected[place]):
                    wrong.append(place)

        return run

    team = [threading.Thread(target=work(place)) for place in range(len(tables))]
    for thread in team:
        thread.start()
    for thread in team:
        thread.join()
    assert not wrong
    assert 1 <= len(through._free) <= len(tables)
