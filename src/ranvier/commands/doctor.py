"""``ranvier doctor``: what is wrong with a table, a model or a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ranvier.commands import shared
from ranvier.commands.shared import click
from ranvier.doctor.diagnose import diagnose
from ranvier.doctor.finding import Diagnosis
from ranvier.doctor.preflight import preflight
from ranvier.loading import load
from ranvier.network.network import Network
from ranvier.run.folder import MANIFEST
from ranvier.run.run import Run

MODEL_ENDINGS = (".safetensors",)


@click.command()
@click.argument("subject", type=click.Path(path_type=Path))
@click.argument("data", type=click.Path(path_type=Path), required=False)
@click.option("-t", "--target", help="Column to predict, of a table.")
@click.option(
    "--task",
    type=click.Choice(["classification", "regression"]),
    help="What to predict; inferred from the target if not given.",
)
@click.option(
    "--query", help="SQL to read a table with; a file is the table named data."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object only.")
@click.option("--html", type=click.Path(path_type=Path), help="Write a page, too.")
@click.option("--language", type=click.Choice(["en", "ko"]), default="en")
def doctor(
    subject: Path,
    data: Path | None,
    target: str | None,
    task: Any,
    query: str | None,
    as_json: bool,
    html: Path | None,
    language: Any,
) -> None:
    """Find out what is wrong with a table, a model or a run.

    SUBJECT is a data file (then --target is needed), a model file, or the folder of a
    run. With a model, DATA holds rows to score.

    \b
    ranvier doctor penguins.csv --target species
    ranvier doctor penguins-model.safetensors new.csv
    ranvier doctor runs/2026-01-01-120000 --json
    """  # noqa: D301
    with shared.one_message():
        if html is not None:
            inputs = [path for path in (subject, data) if path is not None]
            shared.check_output(html, inputs, force=False, option="--html")
        found = _diagnosis(subject, data, target, task, query).in_language(language)
        if html is not None:
            html.write_text(found.to_html(), "utf-8")
        if as_json:
            shared.print_json(found.to_dict())
        else:
            shared.console().print(str(found), markup=False, soft_wrap=True)


def _diagnosis(
    subject: Path, data: Path | None, target: str | None, task: Any, query: str | None
) -> Diagnosis:
    """Diagnose what a path names."""
    if (subject / MANIFEST).exists():
        return diagnose(Run(subject))
    if subject.is_dir():
        raise ValueError(
            f"{str(subject)!r} is a folder, but no run: give the folder of one run, "
            "which holds run.json"
        )
    if subject.suffix in MODEL_ENDINGS:
        return _of_model(subject, data, target, query)
    if target is None:
        raise ValueError(
            f"{str(subject)!r} is a table, and its target is not known: give --target "
            "and the name of the column to predict"
        )
    X, y = _rows(subject, target, query)
    if y is None:
        raise ValueError(
            f"there is no column {target!r}: choose one of {', '.join(X.column_names)}"
        )
    return preflight(X, y, task=task)


def _of_model(
    subject: Path, data: Path | None, target: str | None, query: str | None
) -> Diagnosis:
    model = load(subject)
    own = getattr(getattr(model, "model_", model), "target", target)
    if data is None:
        return diagnose(model)
    X, y = _rows(data, target or own, query)
    if isinstance(model, Network) and y is None:
        raise ValueError(
            f"{str(subject)!r} is a network, which does not know its target: give "
            "--target and the name of the column"
        )
    return diagnose(model, X, y)


def _rows(path: Path, target: str | None, query: str | None) -> tuple[Any, Any]:
    """Return the inputs and the target of a table, None if it has none."""
    frame = shared.read(path, query, target=target).frame
    if target is None or target not in frame.column_names:
        return frame, None
    return frame.drop_columns([target]), frame.column(target)
