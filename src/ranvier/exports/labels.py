"""What the outputs of a network stand for: classes, labels, the truth of a formula."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier.network.network import Network
from ranvier.neurons.circuit import Circuit

Array = NDArray[Any]


@dataclass(frozen=True)
class Labels:
    """The classes of a network's outputs.

    Parameters
    ----------
    classes
        (C,) the classes in the order of their probabilities: texts, numbers or truths.
    several
        Whether each output is a label of its own, which a row has or not.
    inputs
        Names of the inputs, where these are truths; () for numbers.
    """

    classes: Array
    several: bool = False
    inputs: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The classes as texts."""
        if self.classes.dtype.kind == "b":
            return [str(value).lower() for value in self.classes.tolist()]
        return [str(value) for value in self.classes.tolist()]

    def codes(self, A: Array) -> Array:
        """Return the index of the class of each row of outputs (n, outputs)."""
        if A.shape[1] == 1:  # the probability of the second class
            return np.asarray((A[:, 0] > 0.5).astype(np.int64))
        return np.asarray(A.argmax(axis=1))


def labels_of(model: Any) -> Labels | None:
    """Return the classes of a fitted classifier or a formula of logic; None of others.

    Raises
    ------
    TypeError
        The classes are neither texts, numbers nor truths.
    """
    if isinstance(model, Circuit):
        return Labels(np.array([False, True]), inputs=model.variables)
    classes = getattr(model, "classes_", None)
    if classes is None:
        return None
    classes = np.asarray(classes.tolist())  # of the type that all of them are of
    if classes.ndim != 1 or classes.dtype.kind not in "biufU":
        raise TypeError(
            f"classes of type {classes.dtype} cannot be exported: fit with classes "
            "that are texts, numbers or truths"
        )
    if classes.dtype.kind == "U":
        classes = classes.astype(object)
    return Labels(classes, several=_are_independent(model.network_))


def _are_independent(net: Network) -> bool:
    last = net.dense_layers[-1]
    return last.units > 1 and last.activation.name == "sigmoid"
