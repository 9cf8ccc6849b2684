"""A trace as a data frame: a line for each unit, or for each weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ranvier.messages import check_known
from ranvier.trace.addresses import Weight
from ranvier.trace.layer_trace import LayerTrace

if TYPE_CHECKING:
    import pandas as pd

What = Literal["units", "weights"]


def to_frame(
    layers: Sequence[LayerTrace],
    rows: Sequence[int],
    columns: Sequence[str],
    outputs: Sequence[str],
    what: What,
) -> pd.DataFrame:
    """Return the numbers of traced layers as a pandas frame; see `Trace.to_frame`."""
    check_known("kind of frame", what, ("units", "weights"))
    try:
        import pandas as pd
    except ImportError:
        raise ImportError(
            "to_frame needs pandas, which is not installed: run pip install pandas, or "
            "take the arrays themselves, trace.layers[0].Z"
        ) from None
    parts = []
    for own in layers:
        last = own is layers[-1]
        names = outputs if last else [f"unit {j}" for j in range(len(own.b))]
        inputs = (
            columns if own.number == 1 else [f"unit {i}" for i in range(len(own.W))]
        )
        told = (
            _units(own, rows, names)
            if what == "units"
            else _weights(own, inputs, names)
        )
        parts.append(pd.DataFrame(told))
    return pd.concat(parts, ignore_index=True)


def _units(
    own: LayerTrace, rows: Sequence[int], names: Sequence[str]
) -> dict[str, Any]:
    n, d_out = own.Z.shape
    slope = own.slope if own.slope.ndim == 2 else np.einsum("rii->ri", own.slope)
    values = {"Z": own.Z, "A": own.A, "slope": slope}
    if own.backward is not None:
        values |= {"dA": own.dA, "dZ": own.dZ}
    return {
        "row": np.repeat(rows, d_out),
        "layer": own.number,
        "unit": np.tile(np.arange(d_out), n),
        "name": list(names) * n,
        **{letter: array.reshape(-1) for letter, array in values.items()},
    }


def _weights(
    own: LayerTrace, inputs: Sequence[str], names: Sequence[str]
) -> dict[str, Any]:
    d_in, d_out = own.W.shape
    places: list[int | None] = [*range(d_in), None]
    told = {
        "weight": [str(Weight(own.number, i, j)) for i in places for j in range(d_out)],
        "layer": own.number,
        "from": np.repeat([*inputs, "bias"], d_out),
        "to": list(names) * (d_in + 1),
        "value": np.concatenate([own.W.reshape(-1), own.b]),
    }
    if own.backward is not None:
        told["gradient"] = np.concatenate([own.dW.reshape(-1), own.db])
    return told
