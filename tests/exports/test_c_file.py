"""What a C file says beside its numbers."""

import numpy as np

from ranvier.exports.c_file import network_file
from ranvier.network.network import Network


def test_its_heading_says_what_it_is_and_how_to_test_it() -> None:
    net = Network.mlp(4, [3], 2, seed=0)
    text = network_file(net, "price", np.zeros((1, 4)))
    head = text.partition("#ifndef PRICE_H")[0]
    assert "Network(4 -> 3 relu -> 2 identity" in head
    assert "cc -std=c99 -DRANVIER_SELFTEST price.c" in head


def test_it_is_its_own_header() -> None:
    text = network_file(Network.mlp(4, [3], 2, seed=0), "price", np.zeros((1, 4)))
    declared = text.partition("#ifndef PRICE_HEADER_ONLY")[0]
    assert "int price_predict(const float* x, float* y);" in declared
    assert "price_inputs = 4, price_outputs = 2" in declared
    assert "static const" not in declared


def test_double_networks_take_doubles() -> None:
    net = Network.mlp(1, [2], 1, dtype="float64", seed=0)
    assert "const double* x, double* y" in network_file(net, "m", np.zeros((1, 1)))
