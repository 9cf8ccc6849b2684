"""How a network is trained, from whatever says it."""

import ranvier as rv
from ranvier.doctor.setup import Setup


def test_of_a_network() -> None:
    net = rv.Network.mlp(3, [8, 4], 1, output_activation="sigmoid", dropout=0.1, seed=0)
    setup = Setup.of(net, 3, 1)
    assert setup.loss == "log_loss"
    assert setup.hidden == [8, 4]
    assert setup.rate == 1e-3
    assert [rate for _, rate in setup.dropout] == [0.1, 0.1]


def test_settings_that_are_given_count() -> None:
    setup = Setup().given(optimizer="sgd", loss=None, batch_size=7)
    assert isinstance(setup.optimizer, rv.SGD)
    assert setup.loss is None
    assert setup.batch_size == 7


def test_of_an_estimator_that_is_not_fitted() -> None:
    model = rv.MLPClassifier(hidden_layer_sizes=(7,), solver="sgd", momentum=0.5)
    setup = Setup.of(model, 4, 3)
    assert setup.network is not None
    assert setup.network.outputs == 3
    assert setup.hidden == [7]
    assert setup.loss == "cross_entropy"
    assert isinstance(setup.optimizer, rv.SGD)
    assert setup.optimizer.momentum == 0.5


def test_tabular_estimators_encode() -> None:
    assert Setup.of(rv.TabularClassifier(), 3, 2).encodes
