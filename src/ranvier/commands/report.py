"""What the command line prints: collected as plain JSON, then printed for people.

Both come from the same dictionary, so that ``--json`` and the text cannot disagree.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ranvier.commands.column_report import describe_columns
from ranvier.commands.held_out_scores import Scores
from ranvier.messages import plain as plain
from ranvier.metrics import SCORES
from ranvier.network.network import Network
from ranvier.reading.reading import TableFile
from ranvier.tabular.model import TableModel
from ranvier.tabular.outputs import ClassOutputs, LabelOutputs, Outputs
from ranvier.tabular.training_table import TrainingTable

if TYPE_CHECKING:
    from rich.console import Console

Report = dict[str, Any]

MOST_NAMES = 12  # columns or classes listed before "and 9,988 more"


# ---------------------------------------------------------------- collecting


def describe_data(reading: TableFile) -> Report:
    """Describe where the table came from."""
    return {
        "path": str(reading.path),
        "format": reading.format,
        "encoding": reading.encoding,
        "rows": reading.frame.num_rows,
        "columns": reading.frame.num_columns,
        "notices": list(reading.notices),
    }


def describe_task(outputs: Outputs, reason: str) -> Report:
    """Describe what is predicted."""
    found: Report = {"name": outputs.task, "target": outputs.name, "reason": reason}
    if isinstance(outputs, ClassOutputs):
        target = outputs.target
        counts = zip(target.labels, target.counts, strict=True)
        classes = [{"class": label, "rows": rows} for label, rows in counts]
        return found | {"classes": classes}
    if isinstance(outputs, LabelOutputs):
        return found | {"labels": outputs.count}
    transform = outputs.transform
    plain = outputs.single and not transform.formula
    return found | {
        "minimum": float(transform.minimum.min()),
        "maximum": float(transform.maximum.max()),
        "mean": float(transform.center[0]) if plain else None,
        "sd": float(transform.scale[0]) if plain else None,
        "transform": ", ".join(outputs.names) if transform.formula else None,
    }


def describe_networks(networks: Sequence[Network]) -> Report:
    """Describe how many networks there are, and the shape of each."""
    network = networks[0]
    dense = network.dense_layers
    return {
        "inputs": network.inputs,
        "hidden": [layer.units for layer in dense[:-1]],
        "outputs": network.outputs,
        "activation": dense[0].activation.name if len(dense) > 1 else None,
        "parameters": int(network.theta.size),
        "count": len(networks),
    }


def describe_prepared(prepared: TrainingTable, said: Iterable[str] = ()) -> Report:
    """Describe what was inferred before training, but for what was said before."""
    held_out = 0 if prepared.test is None else len(prepared.test)
    dataset = prepared.dataset
    return {
        "task": describe_task(dataset.outputs[0], prepared.task.reason),
        "columns": describe_columns(dataset.encoder, dataset.reading),
        "rows": {"training": dataset.rows, "held_out": held_out},
        "notices": [n for n in prepared.notices if n not in set(said)],
    }


def describe_result(model: TableModel, scores: Scores, path: str) -> Report:
    """Describe what a training has led to, and where it is."""
    history = model.history
    run = None if history is None or history.run is None else str(history.run)
    return {
        "network": describe_networks(model.members),
        "transform": describe_task(model.outputs, "").get("transform"),
        "training": describe_training(model),
        "scores": scores,
        "model": path,
        "run": run,
        "page": None if history is None else history.page,
    }


def describe_training(model: TableModel) -> Report:
    """Describe how the training went."""
    metadata = model.metadata
    return {
        "created": metadata.created,
        "version": metadata.version,
        "seed": metadata.seed,
        "rows": metadata.rows,
        "epochs": metadata.epochs,
        "best_epoch": metadata.best_epoch,
        "seconds": round(metadata.seconds, 3),
    }


def describe_model(model: TableModel) -> Report:
    """Describe all there is to know about a model."""
    metadata = model.metadata
    return {
        "task": describe_task(model.outputs, metadata.reason),
        "columns": describe_columns(model.encoder, model.reading),
        "source": dict(model.reading.source),
        "network": describe_networks(model.members),
        "training": describe_training(model),
        "notices": list(model.notices),
        "held_out": {"rows": metadata.test_rows, "scores": dict(metadata.scores)},
    }


def finite(value: Any) -> Any:
    """Put null for each number that JSON does not have: NaN and infinity."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    return [finite(item) for item in value] if isinstance(value, list) else value


# ---------------------------------------------------------------- printing


def show_model(console: Console, found: Report) -> None:
    """Print all there is to know about a model."""
    show_task(console, found["task"])
    if found["source"]:
        _line(console, f"Read from: {_source(found['source'])}")
    show_columns(console, found["columns"])
    show_notices(console, found["notices"])
    show_network(console, found["network"])
    show_training(console, found["training"])
    held_out = found["held_out"]
    if held_out["scores"]:
        show_scores(console, {"Ranvier": held_out["scores"]}, held_out["rows"])


def _source(source: Mapping[str, Any]) -> str:
    """Say how the training file was read."""
    usual = {"format": source.get("format"), "skip": [0, 0], "header": 1}
    said = [
        f"{name} {value!r}"
        for name, value in source.items()
        if value is not None and value != usual.get(name)
    ]
    return f"{source.get('format', 'a file')} ({', '.join(said)})"


def show_prepared(console: Console, found: Report) -> None:
    """Print what was inferred before training."""
    show_task(console, found["task"])
    show_columns(console, found["columns"])
    show_notices(console, found["notices"])
    rows = found["rows"]
    _line(
        console,
        f"Rows: {rows['training']:,} to train on, {rows['held_out']:,} held out",
    )


def show_result(console: Console, found: Report) -> None:
    """Print what a training has led to."""
    show_network(console, found["network"])
    if found["transform"]:
        _line(console, f"The target is skewed and was learned as {found['transform']}")
    show_training(console, found["training"])
    if found["scores"]:
        show_scores(console, found["scores"], found["rows"]["held_out"])
    if found["model"]:
        show_use(console, found["model"], found["task"]["target"])
    show_run(console, found["run"], found["page"])


def show_data(console: Console, data: Report) -> None:
    """Print where the table came from."""
    encoding = f", {data['encoding']}" if data["encoding"] else ""
    _line(
        console,
        f"{data['path']}: {data['format']}{encoding}, {data['rows']:,} rows, "
        f"{data['columns']:,} columns",
    )
    show_notices(console, data["notices"])


def show_task(console: Console, task: Report) -> None:
    """Print what is predicted and why."""
    _line(console, f"Task: {task['name']} of {task['target']!r} ({task['reason']})")
    if "classes" in task:
        classes = [f"{c['class']} ({c['rows']:,})" for c in task["classes"]]
        _line(
            console,
            f"  {len(classes)} classes, with rows to train on: {_some(classes)}",
        )
    elif "labels" in task:
        _line(console, f"  {task['labels']} labels")
    else:
        text = f"  from {task['minimum']:.6g} to {task['maximum']:.6g}"
        if task["mean"] is not None:
            text += f", mean {task['mean']:.6g}, standard deviation {task['sd']:.6g}"
        if task["transform"]:
            text += f", learned as {task['transform']}"
        _line(console, text)


def show_columns(console: Console, columns: list[Report]) -> None:
    """Print the columns, those of a kind together."""
    _line(console, f"Columns: {sum(c['inputs'] for c in columns):,} inputs from")
    for kind in ("number", "category", "date", "dropped"):
        own = [column for column in columns if column["kind"] == kind]
        if own:
            label = "left out" if kind == "dropped" else kind
            names = _some([_with_detail(column) for column in own])
            _line(console, f"  {label:<9} {len(own):>5,}  {names}")


def show_notices(console: Console, notices: Iterable[str]) -> None:
    """Print what the user should know."""
    for notice in notices:
        _line(console, f"Note: {notice}")


def show_network(console: Console, network: Report) -> None:
    """Print how many networks there are, and the shape of each."""
    sizes = [network["inputs"], *network["hidden"], network["outputs"]]
    activation = f", {network['activation']}" if network["activation"] else ""
    text = f"{'-'.join(map(str, sizes))}{activation}, {network['parameters']:,}"
    if network["count"] == 1:
        _line(console, f"Network: {text} parameters")
    else:
        _line(console, f"Networks: {network['count']}, each {text} parameters")


def show_training(console: Console, training: Report) -> None:
    """Print how the training went."""
    text = f"Trained on {training['rows']:,} rows"
    if training["epochs"]:  # files of old estimators do not say
        text += (
            f" in {training['seconds']:.1f} s, for {training['epochs']} epochs; the "
            f"best of the first network was {training['best_epoch']}"
        )
    _line(console, text)


def show_scores(console: Console, scores: Scores, rows: int) -> None:
    """Print one table of held-out scores, a line for each who was scored."""
    from rich import box
    from rich.table import Table

    table = Table(
        title=f"Held-out scores, {rows:,} rows",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
    )
    table.add_column("")
    names = list(next(iter(scores.values())))
    for name in names:
        sign = "higher" if SCORES[name].higher_is_better else "lower"
        table.add_column(f"{SCORES[name].title}\n({sign} is better)", justify="right")
    for who, values in scores.items():
        table.add_row(who, *(_number(name, values[name]) for name in names))
    console.print(table)


def show_use(console: Console, path: str, target: str) -> None:
    """Print where the model is and how to use it."""
    _line(console, f"Model: {path}. To use it on a new table:")
    _line(console, "")
    command = f"ranvier predict {shlex.quote(path)} NEW.csv -o predictions.csv"
    _line(console, f"  {command}")
    _line(console, "")
    _line(console, "or in Python:")
    _line(console, "")
    _line(console, "  import ranvier as rv")
    _line(console, f"  model = rv.load({path!r})")
    _line(console, f"  model.predict(frame)  # a value of {target!r} for each row")


def show_run(console: Console, run: str | None, page: str | None) -> None:
    """Print where the run is, and the address of its page or how to open it."""
    if run is None:
        return
    _line(console, "")
    if page is not None:
        _line(console, f"The page of this run: {page}")
    else:
        _line(console, f"How it learned: ranvier view {shlex.quote(run)}")


def _number(name: str, value: float) -> str:
    if not math.isfinite(value):
        return "-"
    return f"{value:.5g}" if name in ("rmse", "mae") else f"{value:z.4f}"


def _with_detail(column: Report) -> str:
    missing = f", {column['missing']:,} missing" if column["missing"] else ""
    return f"{column['name']} ({column['detail']}{missing})"


def _some(names: list[str]) -> str:
    """List names up to a limit, and count the rest."""
    rest = len(names) - MOST_NAMES
    if rest <= 1:  # "and 1 more" is no shorter than the name
        return ", ".join(names)
    return f"{', '.join(names[:MOST_NAMES])} and {rest:,} more"


def _line(console: Console, text: str) -> None:
    console.print(plain(text), markup=False, emoji=False, soft_wrap=True)
