"""`export`: a model as a file for other programs, verified before it is written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from ranvier.disk import write_atomic
from ranvier.exports.c_file import network_file
from ranvier.exports.c_table import TableCode
from ranvier.exports.c_text import identifiers
from ranvier.exports.fewer_members import fewer_members
from ranvier.exports.labels import labels_of
from ranvier.exports.numpy_source import numpy_source
from ranvier.exports.onnx_inputs import notices as input_notices
from ranvier.exports.table_verification import probe_table, selftest
from ranvier.exports.verification import (
    ExportError,
    Verification,
    probe_rows,
    verify,
    verify_c,
)
from ranvier.messages import unknown
from ranvier.network.network import Network
from ranvier.neurons.circuit import Circuit
from ranvier.tabular.model import TableModel

PROBE_ROWS: Final = 200
ENDINGS: Final = {".c": "c", ".onnx": "onnx", ".py": "numpy", ".sql": "sql"}
NETWORK_KINDS: Final = ("c", "onnx", "numpy")
TABLE_KINDS: Final = ("c", "onnx", "sql")


@dataclass(frozen=True)
class Export:
    """A file that `export` wrote.

    Parameters
    ----------
    path
        Where it is.
    kind
        ``"c"``, ``"onnx"``, ``"numpy"`` or ``"sql"``.
    size
        Bytes.
    verification
        How it was checked beside the model.
    notices
        What a user of the file has to know, as sentences.
    """

    path: Path
    kind: str
    size: int
    verification: Verification
    notices: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = f"{self.path}: {self.kind}, {self.size:,} bytes, {self.verification}"
        return "\n".join([said, *self.notices])


def export(
    model: Any,
    path: str | os.PathLike[str],
    *,
    to: str | None = None,
    name: str | None = None,
    interval: float | None = None,
    members: int | None = None,
    validation: Any = None,
) -> Export:
    """Write a model as a file that other programs run.

    The file is verified before it is put in place: test rows go through the model and
    through the file.

    Parameters
    ----------
    model
        A `Network`, a circuit of `ranvier.logic`, or an estimator with a network as
        ``network_``; of a classifier, the file gives classes too. Or a `TableModel` or
        an estimator with one as `model_`: the whole pipeline is exported, raw rows in,
        predictions out.
    path
        Where. The ending says the kind unless `to` does: ``.c``, ``.onnx``, ``.sql`` or
        ``.py``.
    to
        ``"c"``: one C99 file without a library, equal to Python in every bit; of a
        table model, ``struct NAME_row`` has a field for each column.
        ``"onnx"``: for ONNX Runtime and others, opset 17 or 21; of a table model, with
        an input for each column; needs the packages onnx and onnxruntime.
        ``"sql"``: of a table model, a macro that scores a table in DuckDB; needs the
        packages duckdb, pandas and pyarrow. ``"numpy"``: a Python program of a network
        that needs NumPy alone.
    name
        In C and SQL: a stem of the names of functions; None: the file's own name.
    interval
        Of a table model of numbers: the fraction of true numbers that ``low`` and
        ``high`` should hold; None: 0.9, if enough rows were held out for that.
    members
        Of a table model: keep only so many of its networks, those whose mean predicts
        the validation rows best. The file is smaller and faster; its scores are in
        ``notices``. None: all.
    validation
        Rows that choose the members: a table with the target, which training did not
        see.

    Returns
    -------
    Export
        Where the file is, its size, and how it was verified.

    Raises
    ------
    TypeError
        The model is of a kind that cannot be exported, or not to this kind of file: a
        table model is exported to C, ONNX and SQL, and with ``preset="tabm"`` to ONNX
        only. Or it is too large for SQL.
    ValueError
        The kind is unknown, or the model has no such interval.
    ExportError
        The file does not give what Python gives; nothing was written.
    OSError
        The file cannot be written; an old one is as it was.
    ModuleNotFoundError
        A package that the kind needs is missing.

    Examples
    --------
    >>> import tempfile
    >>> from ranvier.network.network import Network
    >>> net = Network.mlp(2, [4], 1, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export(net, Path(folder, "net.py")).kind
    'numpy'
    """
    path = Path(path)
    kind = _kind(path, to)
    stem = identifiers([name or path.stem])[0]
    table_model = getattr(model, "model_", model)
    if isinstance(table_model, TableModel):
        said: tuple[str, ...] = ()
        if members is not None:
            table_model, scores = fewer_members(table_model, members, validation)
            said = (scores,)
        return _table(table_model, path, kind, stem, interval, said)
    if interval is not None or members is not None:
        raise ValueError(
            "interval= and members= are for table models: a network has neither "
            "intervals nor members"
        )
    return _network_export(model, path, kind, stem)


def _network_export(model: Any, path: Path, kind: str, name: str) -> Export:
    net = _network(model)
    if kind not in NETWORK_KINDS:
        raise TypeError(
            f"a network is exported to C, ONNX and NumPy, but not to {kind}: end the "
            "path in '.c', '.onnx' or '.py', or export a table model"
        )
    _refuse_nonfinite(net)
    labels, X = labels_of(model), probe_rows(net)
    if labels is not None and labels.inputs:
        X = (X > 0).astype(net.dtype)
    if kind == "c":
        text = network_file(net, name, X, labels)
        verification = verify_c(text, len(X))
        data = _verified(text, verification)
    elif kind == "onnx":
        _need("ONNX", "onnx", "onnx", "onnxruntime")
        from ranvier.exports.onnx_verification import verified_network

        data, verification = verified_network(net, X, labels)
    else:
        data = numpy_source(net, labels).encode()
        scope: dict[str, Any] = {}
        exec(compile(data, str(path), "exec"), scope)  # our own text
        verification = verify(kind, scope["predict"], net, X, "NumPy")
    write_atomic(path, data)
    return Export(path, kind, len(data), verification)


def _verified(text: str, verification: Verification) -> bytes:
    """Write into the heading of a C file how it was verified."""
    line = "\n/* {} */\n"
    return text.replace(line.format("VERIFICATION"), line.format(verification)).encode()


def _refuse_nonfinite(net: Network) -> None:
    """Raise for weights that are NaN or infinite: no row could verify the file."""
    if not np.isfinite(net.theta).all():
        raise ExportError(
            "the network holds weights that are NaN or infinite, as after a training "
            "that diverged: train it again, with a smaller learning rate"
        )


def _table(
    model: TableModel,
    path: Path,
    kind: str,
    name: str,
    interval: float | None,
    notices: tuple[str, ...],
) -> Export:
    if kind not in TABLE_KINDS:
        raise TypeError(
            f"a table model is exported to C, ONNX and SQL, but not to {kind}: end the "
            "path in '.c', '.onnx' or '.sql', or export a single network of its members"
        )
    for net in model.networks:
        _refuse_nonfinite(net)
    probe = probe_table(model, PROBE_ROWS)
    if kind == "c":
        code = TableCode(model, name, interval)
        text = code.file(selftest(code, probe))
        verification = verify_c(text, PROBE_ROWS)
        data = _verified(text, verification)
    elif kind == "sql":
        _need("SQL", "app", "duckdb", "pandas", "pyarrow")
        from ranvier.exports.sql_verification import verified_macro

        text, verification = verified_macro(model, name, probe, interval)
        data = text.encode()
    else:
        _need("ONNX", "onnx", "onnx", "onnxruntime")
        from ranvier.exports.onnx_verification import verified_table

        data, verification = verified_table(model, probe, interval)
        notices = (*notices, *input_notices(model.encoder))
    write_atomic(path, data)
    return Export(path, kind, len(data), verification, notices)


def from_torch(module: Any) -> Network:
    """Build a network that computes what a PyTorch module computes in eval mode.

    Parameters
    ----------
    module
        A `torch.nn.Sequential`, also nested, of ``Linear``, the activations that
        Ranvier has, ``Dropout``, ``Identity``, ``Flatten`` and ``BatchNorm1d``; or what
        `Network.to_torch` gives. A batch norm becomes part of the ``Linear`` beside it,
        with its running mean and variance.

    Returns
    -------
    Network
        Its own copy of the parameters, in the module's dtype.

    Raises
    ------
    TypeError
        A module is of a kind that has no counterpart here; its path is named.
    ValueError
        The modules do not make a network: no ``Linear``, an activation where none can
        be, parameters of other types than float32 and float64, or infinite ones.
    ModuleNotFoundError
        PyTorch is not installed.
    """
    _need_torch()
    from ranvier.exports import torch_reading

    return torch_reading.from_torch(module)


def to_torch(net: Network) -> Any:
    """Build the same network as a PyTorch module; see `Network.to_torch`."""
    _need_torch()
    from ranvier.exports import torch_modules

    return torch_modules.to_torch(net)


def _need_torch() -> None:
    if find_spec("torch") is None:
        raise ModuleNotFoundError(
            "PyTorch is not installed: pip install torch, or 'ranvier[torch]'",
            name="torch",
        )


def _kind(path: Path, to: str | None) -> str:
    if to is None:
        if path.suffix not in ENDINGS:
            raise ValueError(
                f"the ending of {str(path)!r} says no kind of file: end it in "
                f"{', '.join(ENDINGS)}, or name the kind with `to`"
            )
        return ENDINGS[path.suffix]
    if to not in ENDINGS.values():
        raise unknown("kind of export", to, ENDINGS.values())
    return to


def _network(model: Any) -> Network:
    if isinstance(model, Network):
        return model
    if isinstance(model, Circuit):
        return model.network
    net = getattr(model, "network_", None)
    if isinstance(net, Network):
        return net
    raise TypeError(
        f"a {type(model).__name__} cannot be exported: give a Network, a fitted "
        "estimator or a table model"
    )


def _need(kind: str, extra: str, *packages: str) -> None:
    for package in packages:
        if find_spec(package) is None:
            raise ModuleNotFoundError(
                f"exporting to {kind} needs the package {package}: pip install "
                f"'ranvier[{extra}]'",
                name=package,
            )
