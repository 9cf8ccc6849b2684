"""A table model as a macro of DuckDB: the rows of a table in, predictions out."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

import numpy as np

from ranvier.exports.sql_columns import add_columns
from ranvier.exports.sql_network import NetworkQuery, softmax
from ranvier.exports.sql_text import Query, comment, number, text
from ranvier.exports.table_parts import check_model, check_scalers, supported_interval
from ranvier.table.target_transform import TargetTransform
from ranvier.tabular.conformal import conformal_quantile
from ranvier.tabular.model import TableModel
from ranvier.tabular.outputs import ClassOutputs, NumberOutputs
from ranvier.training.calibration import LEAST_PROBABILITY
from ranvier.version import __version__

MOST_WEIGHTS = 1_000_000  # a file of 15 MB


def table_macro(model: TableModel, name: str, interval: float | None = None) -> str:
    """Write a model as SQL that creates the macro ``NAME_predict``.

    Parameters
    ----------
    model
        The model.
    name
        An identifier.
    interval
        The fraction of true numbers that ``low`` and ``high`` hold; None: 0.9, or no
        bounds where too few rows were held out for that.

    Raises
    ------
    TypeError
        The model is too large, or has columns, scalers or activations that SQL files
        do not have.
    """
    check_model(model)
    check_scalers(model)
    _check_size(model)
    _check_names(model)
    query = Query(FIRST_STEP)
    add_columns(query, model.encoder, "row_")
    networks = [NetworkQuery(net, f"m{k}") for k, net in enumerate(model.members, 1)]
    for steps in zip_longest(*(net.steps for net in networks), fillvalue={}):
        query.add({column: sql for step in steps for column, sql in step.items()})
    outputs = [net.outputs for net in networks]
    interval = supported_interval(model, interval)
    if isinstance(model.outputs, NumberOutputs):
        selected = _numbers(model, query, outputs, interval)
    else:
        selected = _classes(model, query, outputs)
    heading = [
        comment(f"Written by Ranvier {__version__}: {model!r}"),
        comment("VERIFICATION"),
        comment("For DuckDB 1.2 or newer. Run this file once in a database; then:"),
        comment(f"    FROM {name}_predict('name of a table with the columns');"),
    ]
    macro = f"CREATE OR REPLACE MACRO {name}_predict(source) AS TABLE\n"
    body = query.select(f"row_.*, {selected}")
    return "\n".join([*heading, f"{macro}{body};\n"])


# No column of a table is named so.
ALIAS = "ranvier_row"
# Behind unnest, DuckDB leaves the steps as they are. Otherwise, for a LIMIT, it would
# write each step into the next one ("late materialization"): a text that doubles with
# every step until memory ends.
FIRST_STEP = (
    f"SELECT {ALIAS} AS row_, unnest([0]) AS once FROM query_table(source) AS {ALIAS}"
)


def _check_size(model: TableModel) -> None:
    weights = sum(net.theta.size for net in model.members)
    if weights > MOST_WEIGHTS:
        raise TypeError(
            f"the model has {weights:,} weights in {len(model.members)} networks, and "
            f"SQL takes at most {MOST_WEIGHTS:,}: train with smaller hidden=, or "
            "export to C or ONNX"
        )


def _check_names(model: TableModel) -> None:
    """Refuse columns that a database cannot distinguish."""
    known: dict[str, str] = {ALIAS: ALIAS}
    for column in model.encoder.schema.used:
        name = column.name
        if not name or "\0" in name:
            raise TypeError(
                f"a column is named {name!r}, which no column of a database can be: "
                "rename it and train again"
            )
        other = known.setdefault(name.lower(), name)
        if other != name:
            raise TypeError(
                f"SQL cannot distinguish the column {name!r} from {other!r}: rename it "
                "and train again"
            )


def _mean(values: list[str], count: int) -> str:
    """Return the mean of lists, element by element."""
    total = " + ".join(f"{value}[i]" for value in values)
    return f"[({total}) / {len(values)} for i in range(1, {count + 1})]"


def _numbers(
    model: TableModel, query: Query, outputs: list[str], interval: float | None
) -> str:
    """Add the predictions of numbers; return what to select."""
    assert isinstance(model.outputs, NumberOutputs)
    t, targets = model.outputs.transform, range(len(model.outputs.names))
    decoded = {
        f"{name}_y": _list(_decoded(t, f"{name}[{i + 1}]", i) for i in targets)
        for name in outputs
    }
    query.add(decoded)
    query.add({"total": _mean([*decoded], len(targets))})
    query.add({"prediction": _list(_bounded(t, f"total[{i + 1}]", i) for i in targets)})
    columns = {"prediction": [f"prediction[{i + 1}]" for i in targets]}
    if interval is not None:
        assert model.residuals is not None
        errors = conformal_quantile(model.residuals, interval)
        query.add({"z": _list(_learned(t, f"prediction[{i + 1}]", i) for i in targets)})
        for end, sign in (("end1", "-"), ("end2", "+")):
            Z = [f"z[{i + 1}] {sign} {number(errors[i])}" for i in targets]
            query.add({end: _list(_inverse(t, Z[i], i) for i in targets)})
        ends = [f"(end1[{i + 1}], end2[{i + 1}])" for i in targets]
        columns["low"] = [f"least{end}" for end in ends]
        columns["high"] = [f"greatest{end}" for end in ends]
    return ", ".join(
        f"{values[0] if model.outputs.single else _list(values)} AS {name}"
        for name, values in columns.items()
    )


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(values)}]"


def _inverse(t: TargetTransform, Z: str, i: int) -> str:
    """Return target i of an output, as `TargetTransform.inverse_transform`."""
    f = f"(({Z}) * {number(t.scale[i])} + {number(t.center[i])})"
    if not t.sign[i]:
        return f
    away = f"{number(t.distance[i])} * greatest(exp(least({f}, 700)) - 1, 0)"
    return f"({number(t.edge[i])} + {int(t.sign[i])} * {away})"


def _learned(t: TargetTransform, y: str, i: int) -> str:
    """Return what networks learn of target i, as `TargetTransform.transform`."""
    f = y
    if t.sign[i]:
        away = f"{int(t.sign[i])} * ({y} - {number(t.edge[i])})"
        f = f"ln(1 + greatest({away}, 0) / {number(t.distance[i])})"
    return f"({f} - {number(t.center[i])}) / {number(t.scale[i])}"


def _decoded(t: TargetTransform, Z: str, i: int) -> str:
    """Return the prediction of target i, as `TargetTransform.predictions`."""
    edge = number(t.edge[i])
    y = f"{edge} + {number(t.smearing[i])} * ({_inverse(t, Z, i)} - {edge})"
    return _bounded(t, y, i)


def _bounded(t: TargetTransform, y: str, i: int) -> str:
    """Cut a prediction off at the range that training saw."""
    return f"least(greatest({y}, {number(t.minimum[i])}), {number(t.maximum[i])})"


def _classes(model: TableModel, query: Query, outputs: list[str]) -> str:
    """Add the probabilities; return what to select."""
    count, T = len(model.outputs.names), model.temperature
    if T is not None:
        floor = number(LEAST_PROBABILITY)
        logarithm = f"[ln(greatest(v, {floor})) / {number(T)} for v in {{p}}]"
        query.add({f"{p}_l": logarithm.format(p=p) for p in outputs})
        calibrated = [softmax(f"{p}_l", f"{p}_c") for p in outputs]
        for steps in zip(*calibrated, strict=True):
            query.add({name: sql for step in steps for name, sql in step.items()})
        outputs = [f"{p}_c" for p in outputs]
    query.add({"total": _mean(outputs, count)})
    if not isinstance(model.outputs, ClassOutputs):
        return "[p > 0.5 for p in total] AS label, total AS probabilities"
    classes = "[" + ", ".join(map(_literal, model.outputs.target.classes)) + "]"
    label = f"({classes})[list_position(total, list_max(total))]"
    return f"{label} AS label, map({classes}, total) AS probabilities"


def _literal(value: object) -> str:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    return number(value) if isinstance(value, float) else str(value)
