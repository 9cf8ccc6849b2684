"""class_weights.py: weights of classes on top of those of the rows."""

import numpy as np

from ranvier.tabular.class_weights import class_weights


def test_balanced_classes_weigh_alike_with_weights_and_without() -> None:
    y, weights = np.array([0, 0, 0, 1]), np.array([1.0, 1, 2, 2])
    classes = np.array(["a", "b"])

    def found(class_weight: object, weights: np.ndarray | None) -> list[float]:
        own = class_weights(class_weight, y, classes, weights)
        assert own is not None
        return own.tolist()

    assert found("balanced", None) == [2 / 3, 2 / 3, 2 / 3, 2]
    assert found("balanced", weights) == [0.75, 0.75, 1.5, 3.0]
    assert found({"a": 3, "b": 1}, None) == [3, 3, 3, 1]
    assert class_weights(None, y, classes, weights) is weights
