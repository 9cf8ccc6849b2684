from math import inf, nan
from typing import Any

import pytest

from ranvier import _engine
from ranvier.network import activations, losses
from ranvier.network.losses import NAMES, Loss, cross_entropy, huber, quantile, resolve


@pytest.mark.parametrize("name", NAMES)
def test_the_engine_knows_every_name(name: str) -> None:
    assert isinstance(resolve(name).engine, _engine.Loss)


def test_defaults_by_hand() -> None:
    assert resolve("huber").parameter == 1.0
    assert resolve("quantile").parameter == 0.5
    assert resolve("cross_entropy").parameter == 0.0
    assert (huber(), quantile(), cross_entropy()) == (
        Loss("huber"),
        Loss("quantile"),
        Loss("cross_entropy"),
    )


def test_factories_set_the_parameter() -> None:
    assert huber(2) == Loss("huber", 2.0)
    assert quantile(0.9) == Loss("quantile", 0.9)
    assert cross_entropy(smoothing=0.1) == Loss("cross_entropy", 0.1)
    assert str(quantile(0.9)) == "quantile(q=0.9)"
    assert str(resolve("poisson")) == "poisson"
    assert resolve(huber(2)) == huber(2)


@pytest.mark.parametrize(
    ("factory", "bad", "expected"),
    [
        (huber, 0, "delta of huber must be positive and finite, but got 0"),
        (huber, -1, "but got -1"),
        (huber, inf, "but got inf"),
        (huber, nan, "but got nan"),
        (quantile, 0, r"q of quantile must be in \(0, 1\), but got 0"),
        (quantile, 1, "but got 1"),
        (quantile, nan, "but got nan"),
        (
            cross_entropy,
            1,
            r"smoothing of cross_entropy must be in \[0, 1\), but got 1",
        ),
        (cross_entropy, -0.1, "but got -0.1"),
    ],
)
def test_parameter_out_of_range(factory: Any, bad: float, expected: str) -> None:
    with pytest.raises(ValueError, match=rf"{expected}: give a number such as \d"):
        factory(bad)


def test_parameter_of_another_loss_is_refused() -> None:
    text = "poisson has no parameter, but got 2.0: leave it out; only huber, quantile"
    with pytest.raises(ValueError, match=text):
        Loss("poisson", 2)


def test_unknown_name_offers_the_nearest() -> None:
    text = r"unknown loss 'squared_eror': did you mean 'squared_error'\? Choose one of"
    with pytest.raises(ValueError, match=text):
        resolve("squared_eror")
    with pytest.raises(ValueError, match="unknown loss 5: choose one of squared_error"):
        resolve(5)  # type: ignore[arg-type]


def test_loss_for_each_last_activation() -> None:
    special = {"softmax": "cross_entropy", "sigmoid": "log_loss", "exp": "poisson"}
    for name in activations.NAMES:
        chosen = losses.for_output(activations.resolve(name))
        assert chosen == Loss(special.get(name, "squared_error"))
        losses.check_output(chosen, activations.resolve(name))


# The whole table, written out apart from the rule: which last activations a loss takes.
OWN = {
    "cross_entropy": {"identity", "softmax"},
    "log_loss": {"identity", "sigmoid"},
    "poisson": {"identity", "exp"},
}


@pytest.mark.parametrize("loss", NAMES)
@pytest.mark.parametrize("activation", activations.NAMES)
def test_which_goes_with_which(loss: str, activation: str) -> None:
    f = activations.resolve(activation)
    if activation in OWN.get(loss, set(activations.NAMES) - {"softmax"}):
        losses.check_output(resolve(loss), f)
    else:
        with pytest.raises(ValueError, match=f"{loss} was given a last layer with"):
            losses.check_output(resolve(loss), f)


def test_what_does_not_go_says_what_would() -> None:
    text = (
        "log_loss was given a last layer with relu, but it needs 'sigmoid', or "
        r"'identity' \(the outputs are then logits\): change the activation"
    )
    with pytest.raises(ValueError, match=text):
        losses.check_output(resolve("log_loss"), activations.resolve("relu"))
    text = "softmax goes with cross_entropy: use loss='cross_entropy', or another"
    with pytest.raises(ValueError, match=text):
        losses.check_output(huber(), activations.resolve("softmax"))


def test_step_is_not_trained() -> None:
    losses.check_hidden(activations.resolve("relu"), 0)
    text = "layer 2 has the activation step, whose slope is 0, .* use for example 'sigm"
    with pytest.raises(ValueError, match=text):
        losses.check_hidden(activations.resolve("step"), 2)
