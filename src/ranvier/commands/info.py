"""``ranvier info``: what a model file holds."""

from __future__ import annotations

from pathlib import Path

from ranvier.commands import model_files, report, shared
from ranvier.commands.shared import click


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object only.")
def info(model: Path, as_json: bool) -> None:
    """Describe a model file.

    Prints the task, how each column was read, the networks, how they were trained, and
    the scores on held-out rows. MODEL is a file that `ranvier train` or the save method
    of an estimator wrote.

    \b
    ranvier info penguins-model.safetensors
    """  # noqa: D301
    with shared.one_message():
        found = report.describe_model(model_files.load(model))
        if as_json:
            shared.print_json(found)
        else:
            report.show_model(shared.console(), found)
