"""A network as a description and numbers: compared, copied, pickled, saved, loaded."""

import os
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranvier import files
from ranvier.network import spec
from ranvier.network.layers import BoundLayer

Array = NDArray[Any]


class StoredNetwork:
    """What `Network` does with its description and its parameters as a whole."""

    inputs: int
    layers: tuple[BoundLayer, ...]
    dtype: np.dtype[Any]
    seed: int | None
    theta: Array

    def _assemble(self, parts: spec.NetworkSpec, theta: Array) -> None:
        """Set every attribute; theta becomes the network's own."""
        raise NotImplementedError

    @classmethod
    def _of(cls, parts: spec.NetworkSpec, theta: Array) -> Self:
        net = cls.__new__(cls)
        net._assemble(parts, theta)
        return net

    def copy(self) -> Self:
        """Return an equal network with parameters of its own.

        Examples
        --------
        >>> import ranvier as rv
        >>> net = rv.Network.mlp(2, 3, 1, seed=0)
        >>> other = net.copy()
        >>> other.theta[...] = 0
        >>> other == net, net.copy() == net
        (False, True)
        """
        return self.from_description(self.description(), self.theta)

    def description(self) -> dict[str, Any]:
        """Describe the network, without its parameters, in what JSON can hold.

        Returns
        -------
        dict
            The entries inputs, layers, dtype and seed.

        Examples
        --------
        >>> import ranvier as rv
        >>> rv.Network(2, [rv.Dense(1)], seed=0).description()["layers"]
        [{'kind': 'dense', 'units': 1, 'activation': 'identity'}]
        """
        parts = spec.NetworkSpec(self.inputs, self.layers, self.dtype, self.seed)
        return spec.describe(parts)

    @classmethod
    def from_description(cls, description: Mapping[str, Any], theta: ArrayLike) -> Self:
        """Build the network that `description` described.

        Parameters
        ----------
        description
            A mapping as `description` returns it.
        theta
            The parameters (parameters,), which are copied.

        Returns
        -------
        Network
            With the layers described and the parameters given.

        Raises
        ------
        ValueError
            It describes no network, or theta has another number of values.

        Examples
        --------
        >>> import ranvier as rv
        >>> net = rv.Network.mlp(2, 3, 1, seed=0)
        >>> rv.Network.from_description(net.description(), net.theta) == net
        True
        """
        parts = spec.from_description(description)
        return cls._of(parts, spec.checked_theta(parts, theta))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the network to a safetensors file.

        Parameters
        ----------
        path
            The file to write; an old one is replaced when the new one is complete.

        Raises
        ------
        OSError
            It cannot be written; an old file is then as it was.

        Examples
        --------
        >>> import ranvier as rv
        >>> net = rv.Network.mlp(2, 3, 1, seed=0)
        >>> net.save("net.safetensors")
        >>> rv.Network.load("net.safetensors") == net
        True
        """
        files.save(path, self.description(), spec.tensors(self.layers))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a network that `save` wrote. Nothing in the file is executed.

        Parameters
        ----------
        path
            The file to read.

        Returns
        -------
        Network
            Equal to the one that was saved.

        Raises
        ------
        OSError
            It cannot be read.
        FileFormatError
            It is damaged, of a newer format, or holds no network.

        Examples
        --------
        >>> import ranvier as rv
        >>> net = rv.Network.mlp(2, 3, 1, seed=0)
        >>> net.save("net.safetensors")
        >>> rv.Network.load("net.safetensors").outputs
        1
        """
        parts, theta = spec.load(path)
        return cls._of(parts, theta)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StoredNetwork):
            return NotImplemented
        ours, theirs = ({**net.description(), "seed": 0} for net in (self, other))
        return ours == theirs and self.theta.tobytes() == other.theta.tobytes()

    __hash__ = None  # type: ignore[assignment]  # its parameters change

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_description, (self.description(), self.theta)
