"""``ranvier export``: a model as a file that other programs run."""

from __future__ import annotations

from pathlib import Path

from ranvier.commands import model_files, shared
from ranvier.commands.shared import click
from ranvier.exports.export import export as write


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--to", help="Kind of file if OUT's ending does not say it: c, onnx, sql."
)
@click.option("--name", help="Stem of names in C and SQL; by default that of the file.")
@click.option(
    "--interval",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Of numbers: the fraction of true ones that low and high hold; 0.9 if absent.",
)
@click.option(
    "--members",
    type=click.IntRange(min=1),
    metavar="K",
    help="Keep only K of the networks, those that predict --validation best.",
)
@click.option(
    "--validation",
    type=click.Path(path_type=Path),
    help="Table with the target, of rows that training did not see.",
)
@shared.force_option
def export(
    model: Path,
    out: Path,
    to: str | None,
    name: str | None,
    interval: float | None,
    members: int | None,
    validation: Path | None,
    force: bool,
) -> None:
    """Write a model as a file for other programs: raw rows in, predictions out.

    OUT.c is one C99 file without a library, equal to Python in every bit; OUT.onnx is
    for ONNX Runtime and others, with an input for each column; OUT.sql is a macro that
    scores a table in DuckDB. The file is run beside the model before it is put in
    place, with usual rows and with strange ones. MODEL is a file that `ranvier train`
    or the save method of an estimator wrote.

    \b
    ranvier export penguins-model.safetensors penguins.c
    ranvier export penguins-model.safetensors penguins.onnx
    ranvier export penguins-model.safetensors penguins.sql
    ranvier export price.safetensors price.c --members 2 --validation held-out.csv
    """  # noqa: D301
    with shared.one_message():
        inputs = [model] if validation is None else [model, validation]
        shared.check_output(out, inputs, force=force, option="OUT")
        trained = model_files.load(model)
        rows = None
        if validation is not None:
            reading = shared.read(
                validation, None, reading=trained.reading, target=trained.target
            )
            rows = reading.frame
        done = write(
            trained,
            out,
            to=to,
            name=name,
            interval=interval,
            members=members,
            validation=rows,
        )
        click.echo(str(done))
