import pytest

from ranvier.network.layers import Dense
from ranvier.tabular.hyperparameters import choose_hyperparameters


def test_effort_and_size() -> None:
    usual = choose_hyperparameters(1000)
    for effort, more in (("fast", False), ("best", True)):
        other = choose_hyperparameters(1000, effort)
        assert (other.members * other.epochs > usual.members * usual.epochs) == more
    assert choose_hyperparameters(300_000).epochs < usual.epochs
    assert not choose_hyperparameters(5).holds_out
    with pytest.raises(ValueError, match="did you mean 'fast'"):
        choose_hyperparameters(10, "fats")


def test_a_network_can_be_trained_by_its_optimizer() -> None:
    from ranvier.network.columns import Plain
    from ranvier.network.embedding import Embedding

    hyperparameters = choose_hyperparameters(1000)
    net = hyperparameters.network(Embedding([Plain()] * 3), Dense(2), seed=0)
    assert (net.inputs, net.outputs) == (3, 2)
    assert hyperparameters.optimizer(net).lr == hyperparameters.learning_rate
