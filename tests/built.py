"""The witness's networks and cases as the package has them: see `reference`."""

import ranvier as rv
import reference
from cases import Case
from ranvier.trace.trace import Trace


def network_of(network: reference.Network, theta, dtype: str = "float64") -> rv.Network:
    layers = []
    for kind, *about in network.layers:
        if kind == "dropout":
            layers.append(rv.Dropout(about[0]))
        else:
            units, name, parameter = about
            parameter = parameter if name in ("leaky_relu", "elu") else 0.0
            layers.append(rv.Dense(units, rv.Activation(name, parameter)))
    net = rv.Network(network.inputs, layers, dtype=dtype)
    net.theta[...] = theta
    return net


def trace_of(case: Case, dtype: str = "float64") -> Trace:
    net = network_of(case.network, case.theta, dtype)
    loss = rv.Loss(*case.loss)
    return net.trace(case.X, case.Y, loss=loss, sample_weight=case.w)
