import pytest

from ranvier.network.layers import Dense
from ranvier.tabular.recipe import choose_recipe


def test_effort_and_size() -> None:
    usual = choose_recipe(1000)
    for effort, more in (("fast", False), ("best", True)):
        other = choose_recipe(1000, effort)
        assert (other.members * other.epochs > usual.members * usual.epochs) == more
    assert choose_recipe(300_000).epochs < usual.epochs
    assert not choose_recipe(5).held_out
    with pytest.raises(ValueError, match="did you mean 'fast'"):
        choose_recipe(10, "fats")


def test_a_network_can_be_trained_by_its_optimizer() -> None:
    from ranvier.network.columns import Plain
    from ranvier.network.embedding import Embedding

    recipe = choose_recipe(1000)
    net = recipe.network(Embedding([Plain()] * 3), Dense(2), seed=0)
    assert (net.inputs, net.outputs) == (3, 2)
    assert recipe.optimizer(net).lr == recipe.learning_rate
