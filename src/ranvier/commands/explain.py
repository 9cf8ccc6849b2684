"""``ranvier explain``: why a model predicts what it does for one row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ranvier.commands import model_files, shared
from ranvier.commands.reading_options import reading_options, taken_from
from ranvier.commands.row_report import RowReport
from ranvier.commands.shared import click
from ranvier.disk import write_atomic


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "--row",
    type=int,
    default=0,
    show_default=True,
    help="Which row of DATA, counted from 0.",
)
@reading_options
@click.option("--query", help="SQL to read DATA with; a file is the table named data.")
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path),
    help="Write a report as one HTML file that needs nothing else.",
)
@shared.force_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object only.")
def explain(
    model: Path,
    data: Path,
    row: int,
    query: str | None,
    page: Path | None,
    force: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Explain the prediction of a model for one row of a table.

    Prints what each column contributed to the prediction (integrated gradients, from
    the average training row to this one), the strongest paths through the network, and
    the shapes of its matrix products. Where DATA holds the target, the HTML report also
    explains the error: for each layer the weight with the largest gradient, and the
    chain rule that gives it.

    \b
    ranvier explain penguins-model.safetensors new.csv --row 3
    ranvier explain penguins-model.safetensors new.csv --row 3 --html row3.html
    """  # noqa: D301
    with shared.one_message():
        if page is not None:
            shared.check_output(page, [model, data], force=force, option="--html")
        trained = model_files.load(model)
        reading = shared.read(
            data,
            query,
            options=taken_from(options),
            reading=trained.reading,
            target=trained.target,
        )
        told = RowReport(trained, reading.frame, row)
        shared.tell([*reading.notices, *told.trace.notes])
        if page is not None:
            write_atomic(page, told.to_html().encode())
        if as_json:
            shared.print_json(told.to_dict())
            return
        for line in told.lines():
            click.echo(line)
        if page is not None:
            click.echo(f"\nReport: {page}")
