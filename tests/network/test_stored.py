import pickle

import numpy as np
import pytest

import ranvier as rv


@pytest.fixture
def net() -> rv.Network:
    return rv.Network.mlp(3, [4], 2, "tanh", dropout=0.1, seed=7)


def test_every_copy_is_equal_and_independent(net: rv.Network, tmp_path) -> None:
    net.save(tmp_path / "net")
    copies = [
        net.copy(),
        rv.Network.load(tmp_path / "net"),
        rv.Network.from_description(net.description(), net.theta),
        pickle.loads(pickle.dumps(net)),
    ]
    for other in copies:
        assert isinstance(other, rv.Network)
        assert other == net
        assert not np.shares_memory(other.theta, net.theta)
        other.theta[0] += 1
        assert other != net


def test_the_seed_does_not_count(net: rv.Network) -> None:
    other = rv.Network.from_description(net.description() | {"seed": 8}, net.theta)
    assert other == net
    assert net != "a network"


def test_what_describes_no_network() -> None:
    with pytest.raises(ValueError, match="a network is described by inputs"):
        rv.Network.from_description({"inputs": 3}, [])
