"""Methods of a network that layers above it provide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from ranvier.network.losses import Loss

if TYPE_CHECKING:
    from ranvier.trace.trace import Trace


class Extensions:
    """The doors; ``ranvier/__init__.py`` sets what lies behind each."""

    _tracer: ClassVar[Callable[..., Any]]  # Trace.of
    _torch_writer: ClassVar[Callable[[Any], Any]]  # of ranvier.exports

    def trace(
        self,
        X: Any,
        y: Any = None,
        *,
        loss: str | Loss | None = None,
        sample_weight: Any = None,
        rows: Sequence[int] | None = None,
    ) -> Trace:
        """Keep every number of both passes for some rows.

        Parameters
        ----------
        X
            A table (n, inputs) as for a prediction, or one row (inputs,).
        y
            Targets (n,) or (n, outputs). None: the forward pass only.
        loss
            A name or a `Loss`. None: the one that goes with the last activation.
        sample_weight
            Weights of the rows (n,), not negative. None: all the same.
        rows
            Numbers of the rows of X to trace, from 0. None: all.

        Returns
        -------
        Trace
            Z, A, dZ, dW and more of each layer, in float64.

        Raises
        ------
        ValueError
            X, y, weights or rows do not fit, the loss does not go with the outputs, or
            the trace would take too much memory.

        Examples
        --------
        >>> import ranvier as rv
        >>> net = rv.Network(1, [rv.Dense(1, W=[[2.0]])], dtype="float64")
        >>> net.trace([[3.0]], [5.0])["dW1[0,0]"]  # 2 (6 - 5) 3
        6.0
        """
        settings = {"loss": loss, "sample_weight": sample_weight, "rows": rows}
        traced: Trace = type(self)._tracer(self, X, y, **settings)
        return traced

    def to_torch(self) -> Any:
        """Build the same network as a `torch.nn.Sequential`, in eval mode.

        Returns
        -------
        torch.nn.Sequential
            ``Linear``, activation and ``Dropout`` modules in order, with a copy of the
            parameters in the network's dtype. `ranvier.from_torch` is the inverse.

        Raises
        ------
        ModuleNotFoundError
            PyTorch is not installed.
        """
        return type(self)._torch_writer(self)
