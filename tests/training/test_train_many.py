"""Many networks at once: each as if it were alone."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import ranvier as rv
import stacks

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 5))
Y = X[:, 0] * X[:, 1] + RNG.normal(scale=0.1, size=300)


def nets(count: int = 4, **settings: Any) -> list[rv.Network]:
    return [rv.Network.mlp(5, [16, 8], 1, seed=k, **settings) for k in range(count)]


@pytest.mark.usefixtures("more_processors")
@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_each_is_as_if_it_were_alone(n_threads: int) -> None:
    optimizers = [rv.Adam(lr=0.01), rv.SGD(lr=0.01), rv.AdamW(), "adam"]
    schedules = [None, "cosine", None, "cosine"]
    weights = RNG.uniform(size=(4, 300))
    common: dict[str, Any] = {"epochs": 7, "batch_size": 32, "validation": 0.2}
    together, alone = nets(dropout=0.2), nets(dropout=0.2)
    histories = rv.train_many(
        together, X, Y, optimizer=optimizers, schedule=schedules,
        sample_weight=weights, seed=5, n_threads=n_threads, **common,
    )  # fmt: skip
    for k, net in enumerate(alone):
        history = rv.train(
            net, X, Y, optimizer=optimizers[k], schedule=schedules[k],
            sample_weight=weights[k], seed=5 + k, **common,
        )  # fmt: skip
        assert net == together[k]
        assert [r.loss for r in history] == [r.loss for r in histories[k]]
        assert histories[k].seed == 5 + k


def test_one_setting_serves_all_and_frames_are_read() -> None:
    together, alone = nets(2), nets(2)
    frame = pd.DataFrame(X, columns=list("abcde"))
    rv.train_many(together, frame, Y, optimizer="adamw", epochs=3, seed=[8, 8])
    for net, other in zip(alone, together, strict=True):
        rv.train(net, X, Y, optimizer="adamw", epochs=3, seed=8)
        assert net == other


@pytest.mark.parametrize("weights", [[1.0, 0.0] * 150, [np.ones(300), None]])
def test_weights_as_lists(weights: list[Any]) -> None:
    together, alone = nets(2), nets(2)
    rv.train_many(together, X, Y, sample_weight=weights, epochs=2)
    for k, net in enumerate(alone):
        own = weights if len(weights) == 300 else weights[k]
        rv.train(net, X, Y, sample_weight=own, epochs=2, seed=k)
        assert net == together[k]


def test_an_error_names_its_network_and_the_others_are_trained() -> None:
    together, alone = nets(3), nets(3)
    rates = [rv.SGD(lr=0.01), rv.SGD(lr=1e30), rv.SGD(lr=0.01)]
    with pytest.raises(rv.NonFiniteError) as error:
        rv.train_many(together, X, Y, optimizer=rates, epochs=4)
    assert "nets[1]" in error.value.__notes__[-1]
    rv.train(alone[2], X, Y, optimizer=rates[2], epochs=4, seed=2)
    assert alone[2] == together[2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"nets": []}, "must be a list of networks"),
        ({"nets": [1]}, r"nets\[0\] must be a ranvier.Network, but is int"),
        ({"nets": nets(1) * 2}, "twice"),
        ({"nets": [*nets(1), *nets(1, dtype="float64")]}, "float64, but nets"),
        ({"optimizer": ["adam"]}, "optimizer is a list of 1, but there are 2"),
        ({"seed": [1, 2, 3]}, "seed is a list of 3"),
        ({"sample_weight": np.ones((3, 300))}, "sample_weight is a list of 3"),
        ({"n_threads": 0}, "n_threads must be at least 1"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"nets": nets(2), **change}
    with pytest.raises((TypeError, ValueError), match=message):
        rv.train_many(given.pop("nets"), X, Y, **given)


def test_ctrl_c_ends_all_with_their_best_weights() -> None:
    together = nets(4)
    with (
        pytest.warns(RuntimeWarning, match="interrupted"),
        stacks.ctrl_c_within("_wait", "on_epoch_end"),
    ):
        histories = rv.train_many(together, X, Y, epochs=10**7, n_threads=2)
    assert {history.stopped for history in histories} == {"interrupted"}
    trained = [len(history) for history in histories]
    assert 1 <= max(trained) < 10**7
    for net, start, history in zip(together, nets(4), histories, strict=True):
        assert len(history) or net == start  # those not begun are as they were


@pytest.mark.parametrize("seed", [np.int64(5), np.uint8(5), np.array(5)])
def test_a_seed_of_numpy_is_a_number(seed: Any) -> None:
    one, other = nets(3), nets(3)
    first = rv.train_many(one, X, Y, epochs=2, seed=5)
    again = rv.train_many(other, X, Y, epochs=2, seed=seed)
    assert one == other
    assert [h.seed for h in first] == [h.seed for h in again] == [5, 6, 7]


def test_a_wrong_setting_of_one_network_trains_none() -> None:
    several, starts = nets(3), nets(3)
    with pytest.raises(ValueError, match="unknown optimizer 'adm'") as raised:
        rv.train_many(several, X, Y, epochs=1, optimizer=["adam", "adm", "sgd"])
    assert "nets[1]" in raised.value.__notes__[-1]
    assert several == starts
