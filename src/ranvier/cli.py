"""The command ``ranvier``: train on a table, predict with a model, tell what it is.

Exit codes: 0 done; 1 failed, with one line "Error: ..." on standard error; 2 misused;
130 stopped by Ctrl-C (a training then has saved the best network so far).
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

from ranvier import terminal
from ranvier.commands import claims
from ranvier.commands.activations import activations
from ranvier.commands.compare import compare as compare_models
from ranvier.commands.explain import explain
from ranvier.commands.resume import resume
from ranvier.commands.view import view
from ranvier.job import answers, report, rescue
from ranvier.job.comparison import Scores, compare
from ranvier.job.fitting import fit
from ranvier.job.model import Model
from ranvier.job.origin import Origin, describe_origin
from ranvier.job.preparation import Preparation, prepare
from ranvier.reading.writing import check_ending, guarded, to_bytes, write_table
from ranvier.terminal import click


class Sizes(click.ParamType[tuple[int, ...]]):
    """Units of each hidden layer: 100,50."""

    name = "sizes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Parse whole numbers above 0 between commas."""
        if isinstance(value, tuple):
            return value
        parts = [part.strip() for part in value.split(",")]
        if not all(part.isdecimal() and 0 < int(part) <= 100_000 for part in parts):
            self.fail(
                f"{value!r} does not give the units of each hidden layer, as in 100,50",
                param,
                ctx,
            )
        return tuple(map(int, parts))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ranvier")
def main() -> None:
    """Neural networks for tables.

    \b
    ranvier train penguins.csv --target species
    ranvier predict penguins-model.safetensors new.csv -o predictions.csv
    ranvier info penguins-model.safetensors
    ranvier explain penguins-model.safetensors new.csv --row 3
    ranvier compare penguins.csv --target species

    Exit codes: 0 done, 1 failed, 2 misused, 130 stopped by Ctrl-C.
    """  # noqa: D301


@main.command()
@terminal.table_to_predict
@click.option("--hidden", type=Sizes(), help="Units of each hidden layer: 100,50.")
@click.option("--epochs", type=click.IntRange(min=1), help="Passes over the rows.")
@click.option(
    "--effort",
    type=click.Choice(["fast", "default", "best"]),
    default="default",
    show_default=True,
    help="How many networks are trained, and how long.",
)
@click.option(
    "--test-fraction",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.2,
    show_default=True,
    help="Share of the rows to hold out and score on; 0 for none.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="Model file to write.  [default: DATA-model.safetensors, in this folder]",
)
@terminal.force_option
@click.option("--strict", is_flag=True, help="Refuse rows without a target.")
@click.option("--threads", type=click.IntRange(min=1), help="[default: all]")
@click.option(
    "--run/--no-run",
    "recorded",
    default=True,
    help="Whether to record the training, to watch it and to resume it.",
)
@click.option(
    "--runs",
    type=click.Path(path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Folder to record it in.",
)
@click.option("--live", is_flag=True, help="Open a page to watch the network learn.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object only.")
def train(
    data: Path,
    target: str,
    query: str | None,
    out: Path | None,
    force: bool,
    threads: int | None,
    recorded: bool,
    runs: Path,
    live: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Train networks on a table and score them on held-out rows.

    DATA is a CSV, TSV, Parquet, JSON lines, DuckDB or SQLite file. Prints what was
    inferred, then the scores beside the trivial guess (the majority class or the mean)
    and a linear model, and where the model file is.

    The answer is the mean of several networks, as many and as large as suit the table.
    The first is recorded and can be watched; the others follow. Where those that see
    numbers without their bins err clearly less, the answer is left to them.

    Ctrl-C ends the training early: the best networks so far are saved.

    \b
    ranvier train penguins.csv --target species
    ranvier train sales.parquet --target price --epochs 50 --out price.safetensors
    ranvier train shop.duckdb --target churned --query "select * from customers"
    """  # noqa: D301
    with terminal.one_message():
        stem = data.name.strip(".-").partition(".")[0] or "table"
        path = out or Path(f"{stem}-model.safetensors")
        terminal.check_output(path, [data], force=force)
        console = terminal.console(quiet=as_json)
        reading = terminal.read(data, query)
        told: report.Report = {"data": report.describe_data(reading)}
        report.show_data(console, told["data"])
        prepared = prepare(reading.frame, target, **options)
        terminal.stop_if_interrupted()
        terminal.check_model_output(
            path, target, asked_for=out is not None, force=force
        )
        told |= report.describe_preparation(prepared)
        report.show_preparation(console, told)
        run = runs if recorded or live else None
        about: dict[str, Any] = claims.claim(path)
        if run is not None:
            about["origin"] = describe_origin(Origin(reading, prepared), query, options)
        watched = {"run": run, "live": live, "about": about}
        model = _fit(prepared, options["seed"], threads, as_json, watched)
        rescue.save(model, path)  # before the scores, which then cannot lose it
        claims.note_written(_run_of(model), about, path)
        scores, interrupted = _scores(model, prepared)
        model.save(path)
        claims.note_written(_run_of(model), about, path)
        told |= {
            **report.describe_result(model, scores, str(path)),
            "interrupted": interrupted,
        }
        report.show_result(console, told)
        if as_json:
            terminal.print_json(told)
        if interrupted:
            _say_interrupted(model, told["run"])
            sys.exit(terminal.INTERRUPTED)


def _fit(
    prepared: Preparation,
    seed: int,
    threads: int | None,
    quiet: bool,
    watched: dict[str, Any],
) -> Model:
    with warnings.catch_warnings():
        # That it was interrupted is said at the end, with where the model is.
        warnings.filterwarnings("ignore", category=RuntimeWarning, module="ranvier")
        return fit(
            prepared,
            seed=seed,
            n_threads=threads,
            progress=False if quiet else None,
            **watched,
        )


def _scores(model: Model, prepared: Preparation) -> tuple[Scores, bool]:
    """Compare the model with others; say also whether Ctrl-C has ended it all."""
    if _ended_early(model):
        return {}, True
    try:
        return compare(model, prepared), False
    except KeyboardInterrupt:
        return {}, True


def _run_of(model: Model) -> Path | None:
    return None if model.history is None else model.history.run


def _ended_early(model: Model) -> bool:
    return model.history is not None and model.history.stopped == "interrupted"


def _say_interrupted(model: Model, run: str | None) -> None:
    click.echo(f"Interrupted: {_what_was_saved(model)} was saved.", err=True)
    if run is not None and _ended_early(model):
        click.echo(f"To go on: ranvier resume {report.plain(run)}", err=True)


def _what_was_saved(model: Model) -> str:
    if not _ended_early(model):
        return "the trained model, not yet scored,"
    count = len(model.networks)
    many = f"a model of the {count} networks that have learnt something so far"
    return "the best network so far" if count == 1 else many


@main.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="File to write: .csv, .tsv, .parquet or .jsonl.  [default: CSV to the screen]",
)
@terminal.force_option
@click.option("--query", help="SQL to read DATA with; a file is the table named data.")
@click.option("--proba", is_flag=True, help="Add the probability of each class.")
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
    with_inputs: bool,
    excel_safe: bool,
) -> None:
    """Predict the target for each row of a table.

    DATA needs the columns the model was trained on, in any order. The result has one
    row for each of its rows, in its order, with the column "prediction". Where DATA
    holds the target too, the scores are told on standard error.

    \b
    ranvier predict penguins-model.safetensors new.csv
    ranvier predict penguins-model.safetensors new.csv --proba -o predictions.parquet
    """  # noqa: D301
    with terminal.one_message():
        if out is not None:
            check_ending(out)
            terminal.check_output(out, [model, data], force=force)
        trained = terminal.load(model)
        reading = terminal.read(data, query)
        table = answers.answers(trained, reading.frame, proba, with_inputs)
        table = guarded(table) if excel_safe else table
        terminal.tell([*reading.notices, *answers.notices(trained, reading.frame)])
        if out is None:
            click.echo(to_bytes(table, ".csv"), nl=False)
        else:
            write_table(table, out)
            click.echo(f"{table.num_rows:,} predictions in {report.plain(out)}")


@main.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object only.")
def info(model: Path, as_json: bool) -> None:
    """Tell what a model file holds.

    \b
    ranvier info penguins-model.safetensors
    """  # noqa: D301
    with terminal.one_message():
        told = report.describe_model(terminal.load(model))
        if as_json:
            terminal.print_json(told)
            return
        console = terminal.console()
        report.show_task(console, told["task"])
        report.show_columns(console, told["columns"])
        report.show_network(console, told["network"])
        report.show_training(console, told["training"])
        held_out = told["held_out"]
        if held_out["scores"]:
            report.show_scores(
                console, {"Ranvier": held_out["scores"]}, held_out["rows"]
            )


main.add_command(activations)
main.add_command(compare_models)
main.add_command(explain)
main.add_command(resume)
main.add_command(view)
