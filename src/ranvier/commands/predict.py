"""``ranvier predict``: predictions of a model for a table."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from ranvier.commands import model_files, predictions, report, shared
from ranvier.commands.reading_options import reading_options, taken_from
from ranvier.commands.shared import click
from ranvier.reading.writing import check_ending, guarded, to_bytes, write_table
from ranvier.tabular.drift import DriftWarning


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="File to write: .csv, .tsv, .parquet or .jsonl.  [default: CSV to the screen]",
)
@shared.force_option
@reading_options
@click.option("--query", help="SQL to read DATA with; a file is the table named data.")
@click.option("--proba", is_flag=True, help="Add the probability of each class.")
@click.option(
    "--interval",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Add bounds that hold this fraction of true numbers: 0.9.",
)
@click.option("--with-inputs", is_flag=True, help="Put the columns of DATA in front.")
@click.option(
    "--excel-safe",
    is_flag=True,
    help="Put ' before texts that a spreadsheet would compute (= + - @).",
)
def predict(
    model: Path,
    data: Path,
    out: Path | None,
    force: bool,
    query: str | None,
    proba: bool,
    interval: float | None,
    with_inputs: bool,
    excel_safe: bool,
    **options: Any,
) -> None:
    """Predict the target for each row of a table.

    MODEL is a file that `ranvier train` or the save method of an estimator wrote, or an
    ONNX file that `ranvier export` made of one. DATA needs the columns of the training
    table, in any order; others are named and ignored. The result has one row for each
    row of DATA, in its order, with the column "prediction". If DATA has the target too,
    the scores go to standard error.

    \b
    ranvier predict penguins-model.safetensors new.csv
    ranvier predict penguins-model.safetensors new.csv --proba -o predictions.parquet
    ranvier predict price.safetensors new.csv --interval 0.9
    ranvier predict penguins.onnx new.csv
    """  # noqa: D301
    with shared.one_message(), warnings.catch_warnings():
        # Unknown columns and drift are named among the notices below.
        warnings.filterwarnings("ignore", "the column", UserWarning)
        warnings.simplefilter("ignore", DriftWarning)
        if out is not None:
            check_ending(out)
            shared.check_output(out, [model, data], force=force)
        trained = model_files.load_predictor(model)
        reading = shared.read(
            data,
            query,
            options=taken_from(options),
            reading=trained.reading,
            target=trained.target,
        )
        table = predictions.predictions(
            trained, reading.frame, proba, with_inputs, interval
        )
        table = guarded(table) if excel_safe else table
        shared.tell([*reading.notices, *predictions.notices(trained, reading.frame)])
        if out is None:
            click.echo(to_bytes(table, ".csv"), nl=False)
        else:
            write_table(table, out)
            click.echo(f"{table.num_rows:,} predictions in {report.plain(out)}")
