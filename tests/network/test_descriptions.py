import pytest

from ranvier.network.columns import Category, Plain
from ranvier.network.descriptions import layer_from_dict, layer_to_dict
from ranvier.network.embedding import Embedding
from ranvier.network.layers import Dense, Dropout, Layer


@pytest.mark.parametrize(
    "layer",
    [
        Dense(3, "relu"),
        Dense(3, "mish", parametric=True),
        Dropout(0.2),
        Embedding([Plain(), Category(3, 2)], scale=False),
    ],
)
def test_there_and_back(layer: Layer) -> None:
    assert layer_from_dict(layer_to_dict(layer)) == layer


def test_what_describes_no_layer() -> None:
    with pytest.raises(ValueError, match="does not describe a layer"):
        layer_from_dict({"kind": "conv"})
    with pytest.raises(ValueError, match="unknown entries: colour"):
        layer_from_dict({"kind": "dropout", "rate": 0.1, "colour": 1})
