"""``ranvier doctor``: what is wrong with a table, a model or a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from ranvier.commands import shared
from ranvier.commands.shared import click
from ranvier.doctor.diagnose import diagnose
from ranvier.doctor.finding import Diagnosis
from ranvier.doctor.preflight import preflight
from ranvier.loading import load
from ranvier.messages import choose
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
@click.option(
    "--prove", is_flag=True, help="Try the first cures: of a run, or of a network."
)
@click.option("--language", type=click.Choice(["en", "ko"]), default="en")
def doctor(
    subject: Path,
    data: Path | None,
    target: str | None,
    task: Any,
    query: str | None,
    as_json: bool,
    html: Path | None,
    prove: bool,
    language: Any,
) -> None:
    """Find out what is wrong with a table, a model or a run.

    SUBJECT is a data file (then --target is needed), a model file, or the folder of a
    run. With a model, DATA holds rows to score.

    \b
    ranvier doctor penguins.csv --target species
    ranvier doctor penguins-model.safetensors new.csv
    ranvier doctor runs/20260101-120000-1a2b --prove
    """  # noqa: D301
    with shared.one_message():
        if html is not None:
            inputs = [path for path in (subject, data) if path is not None]
            shared.check_output(html, inputs, force=False, option="--html")
        table = _Table(data, target, task, query)
        found = _diagnosis(subject, table, prove=prove).in_language(language)
        if html is not None:
            html.write_text(found.to_html(), "utf-8")
        if as_json:
            shared.print_json(found.to_dict())
        else:
            shared.console().print(str(found), markup=False, soft_wrap=True)


class _Table(NamedTuple):
    """A table, as the options name it."""

    path: Path | None
    target: str | None
    task: Any
    query: str | None

    def rows(self, path: Path, target: str | None) -> tuple[Any, Any]:
        """Return the inputs and the target of a table, None if it has none."""
        frame = shared.read(path, self.query, target=target).frame
        if target is None or target not in frame.column_names:
            return frame, None
        return frame.drop_columns([target]), frame.column(target)


def _diagnosis(subject: Path, table: _Table, *, prove: bool) -> Diagnosis:
    """Diagnose what a path names."""
    if table.target is None and not subject.exists():
        raise FileNotFoundError(
            f"there is no file or folder {str(subject)!r}: give a table, a model file "
            "or the folder of a run"
        )
    if (subject / MANIFEST).exists():
        return diagnose(Run(subject), prove=prove)
    if subject.is_dir():
        raise ValueError(
            f"{str(subject)!r} is a folder, but no run: give the folder of one run, "
            "which holds run.json"
        )
    if subject.suffix in MODEL_ENDINGS:
        return _of_model(subject, table, prove=prove)
    if prove:
        raise ValueError(
            f"--prove tries cures of a training, but {str(subject)!r} is a table: give "
            "the folder of a run, or a network and its table"
        )
    if table.target is None:
        raise ValueError(
            f"{str(subject)!r} is a table, and its target is not known: give --target "
            "and the name of the column to predict"
        )
    X, y = table.rows(subject, table.target)
    if y is None:
        raise ValueError(
            f"there is no column {table.target!r}: "
            f"{choose(table.target, X.column_names, 'columns')}"
        )
    return preflight(X, y, task=table.task)


def _of_model(subject: Path, table: _Table, *, prove: bool) -> Diagnosis:
    model = load(subject)
    if table.path is None:
        return diagnose(model)
    own = getattr(getattr(model, "model_", model), "target", None)
    X, y = table.rows(table.path, table.target or own)
    if isinstance(model, Network) and y is None:
        raise ValueError(
            f"{str(subject)!r} is a network, which does not know its target: give "
            "--target and the name of the column"
        )
    return diagnose(model, X, y, prove=prove)
