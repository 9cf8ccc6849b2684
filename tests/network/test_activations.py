import pickle
from dataclasses import FrozenInstanceError
from math import inf, nan
from typing import Any

import pytest

from ranvier import _engine
from ranvier.network import activations
from ranvier.network.activations import NAMES, Activation, elu, leaky_relu, resolve


@pytest.mark.parametrize("name", NAMES)
def test_the_engine_knows_every_name(name: str) -> None:
    parameter = resolve(name).parameter
    assert _engine.Network(2, [("dense", 3, name, parameter)]).outputs == 3


@pytest.mark.parametrize("name", NAMES)
def test_resolve_gives_the_default_parameter(name: str) -> None:
    assert resolve(name) == Activation(name) == Activation(name, NAMES[name])
    assert str(resolve(name)) == name


def test_defaults_by_hand() -> None:
    assert resolve("leaky_relu").parameter == 0.01
    assert resolve("elu").parameter == 1.0
    assert resolve("relu").parameter == 0.0


def test_resolve_keeps_an_activation() -> None:
    given = leaky_relu(0.2)
    assert resolve(given) is given


def test_factories_set_the_parameter() -> None:
    assert leaky_relu(0.2) == Activation("leaky_relu", 0.2)
    assert leaky_relu(0).parameter == 0.0
    assert elu(0.5) == Activation("elu", 0.5)
    assert (leaky_relu(), elu()) == (resolve("leaky_relu"), resolve("elu"))
    assert str(leaky_relu(0.2)) == "leaky_relu(slope=0.2)"


def test_is_frozen_hashed_and_pickled() -> None:
    f = elu(0.5)
    with pytest.raises(FrozenInstanceError):
        f.parameter = 1.0  # type: ignore[misc]
    assert {f: 1}[elu(0.5)] == 1
    assert pickle.loads(pickle.dumps(f)) == f


@pytest.mark.parametrize("given", ["rleu", "ReLU", "LeakyReLU"])
def test_unknown_name_offers_the_nearest(given: str) -> None:
    with pytest.raises(ValueError, match=f"unknown activation '{given}': did you mean"):
        resolve(given)


@pytest.mark.parametrize("given", [None, 3, ["relu"], {}])
def test_what_is_no_name_is_refused(given: Any) -> None:
    with pytest.raises(ValueError, match=r"unknown activation .*: choose one of iden"):
        resolve(given)


@pytest.mark.parametrize("factory", [leaky_relu, elu])
@pytest.mark.parametrize("bad", [nan, inf, -inf])
def test_parameter_must_be_finite(factory: Any, bad: float) -> None:
    called = activations.PARAMETERS[factory.__name__]
    text = rf"the {called} of \w+ must be a finite number, but got -?(nan|inf)"
    with pytest.raises(ValueError, match=text):
        factory(bad)


def test_parameter_of_another_function_is_refused() -> None:
    text = r"relu has no parameter, but got 0\.5: leave it out; only leaky_relu and elu"
    with pytest.raises(ValueError, match=text):
        Activation("relu", 0.5)
