"""``ranvier train``: networks trained on a table, scored and saved."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranvier.commands import claims, held_out_scores, report, shared
from ranvier.commands.provenance import describe_origin, prepare
from ranvier.commands.reading_options import reading_options, taken_from
from ranvier.commands.shared import click
from ranvier.tabular.first_member import FirstMember, check_run
from ranvier.tabular.fit_context import FitContext
from ranvier.tabular.fit_table import fit_prepared
from ranvier.tabular.model import TableModel
from ranvier.tabular.outputs import LOSSES
from ranvier.tabular.time_budget import TimeBudget
from ranvier.tabular.training_table import TrainingTable

if TYPE_CHECKING:
    ParamType = click.ParamType[Any]
else:  # which is no generic class in older versions of click
    ParamType = click.ParamType


class Sizes(ParamType):
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


class Names(ParamType):
    """Names of columns between commas."""

    name = "names"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[str]:
        """Split at commas."""
        if isinstance(value, list):
            return value
        return [name.strip() for name in value.split(",") if name.strip()]


class ClassWeights(ParamType):
    """``balanced``, or weights of classes: yes=3,no=1."""

    name = "weights"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Parse pairs of a class and its weight."""
        if value == "balanced" or isinstance(value, dict):
            return value
        weights: dict[str, float] = {}
        for pair in value.split(","):
            label, _, weight = pair.rpartition("=")
            try:
                weights[label.strip()] = float(weight)
            except ValueError:
                label = ""
            if not label.strip():
                example = "balanced, or yes=3,no=1"
                self.fail(f"{value!r} gives no weights of classes: {example}", param)
        return weights


# The options of a fit, in the order of the help.
FIT_OPTIONS = (
    click.option(
        "--effort",
        type=click.Choice(["fast", "default", "best"]),
        default="default",
        show_default=True,
        help="How many networks to train, and how long.",
    ),
    click.option(
        "--preset",
        type=click.Choice(["realmlp-td", "tabm"]),
        help="A published network instead; tabm needs --no-run.",
    ),
    click.option("--hidden", type=Sizes(), help="Units of each hidden layer: 100,50."),
    click.option("--epochs", type=click.IntRange(min=1), help="Passes over the rows."),
    click.option(
        "--time-limit",
        type=click.FloatRange(min=0, min_open=True),
        help="Seconds within which the training ends.",
    ),
    click.option(
        "--loss",
        type=click.Choice(LOSSES),
        default="squared_error",
        show_default=True,
        help="What to minimise, for numbers.",
    ),
    click.option(
        "--quantile",
        type=click.FloatRange(0, 1, min_open=True, max_open=True),
        default=0.5,
        show_default=True,
        help="The quantile to predict, with --loss quantile.",
    ),
    click.option(
        "--class-weight",
        type=ClassWeights(),
        help="Weights of classes: balanced, or yes=3,no=1.",
    ),
    click.option("--sample-weight", help="Column of the weights of the rows."),
    click.option("--groups", help="Column of groups; rows of a group stay together."),
    click.option(
        "--time", help="Column of the time of the rows: hold the latest ones out."
    ),
    click.option(
        "--stratify", help="Column whose values are held out in equal fractions."
    ),
    click.option(
        "--categories",
        type=Names(),
        help="Columns that hold categories though they are numbers: a,b.",
    ),
    click.option(
        "--numbers",
        type=Names(),
        help="Columns that are numbers alone, and no codes: a,b.",
    ),
    click.option(
        "--validation",
        type=click.FloatRange(0, 1, min_open=True, max_open=True),
        help="Fraction of the training rows that each network holds out.",
    ),
    click.option(
        "--time-ordered",
        is_flag=True,
        help="Rows are in order of time: hold the last ones out.",
    ),
    click.option(
        "--test-fraction",
        type=click.FloatRange(0, 1, max_open=True),
        default=0.2,
        show_default=True,
        help="Fraction of the rows to hold out and score on; 0 for none.",
    ),
    click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True),
    click.option("--strict", is_flag=True, help="Refuse rows without a target."),
)


def fit_options(command: Any) -> Any:
    """Add the options of a fit to a command."""
    for add in reversed(FIT_OPTIONS):
        command = add(command)
    return command


@click.command()
@shared.table_to_predict
@reading_options
@fit_options
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="Model file to write.  [default: DATA-model.safetensors, in this folder]",
)
@shared.force_option
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

    Predictions are the mean of several networks, as many and as large as suit the
    table. The first one is recorded and can be watched. If networks without binned
    inputs do clearly better, only those are used. A skewed target is learned as its
    logarithm if that gives smaller errors.

    Ctrl-C ends the training early: the best networks so far are saved.

    \b
    ranvier train penguins.csv --target species
    ranvier train sales.parquet --target price --epochs 50 --out price.safetensors
    ranvier train shop.duckdb --target churned --query "select * from customers"
    """  # noqa: D301
    with shared.one_message(), warnings.catch_warnings():
        # A column that predicts the target alone is named among the notices.
        warnings.filterwarnings("ignore", "Column", UserWarning)
        path = out or _default_output(data)
        shared.check_output(path, [data], force=force)
        first = FirstMember(runs if recorded or live else None, live=live)
        check_run(first, options["preset"])
        console = shared.console(quiet=as_json)
        context = FitContext(threads, TimeBudget(options["time_limit"]))
        read_options = taken_from(options)
        reading = shared.read(data, query, options=read_options, target=target)
        found: report.Report = {"data": report.describe_data(reading)}
        report.show_data(console, found["data"])
        prepared = prepare(reading, target, options)
        shared.check_model_output(path, target, asked_for=out is not None, force=force)
        found |= report.describe_prepared(prepared, said=reading.notices)
        report.show_prepared(console, found)
        first.about = about = dict[str, Any](claims.claim(path))
        if first.run is not None:
            about["origin"] = describe_origin(reading, prepared, target, query, options)
        shared.stop_if_interrupted()
        model = _fit(prepared, context, first, options["seed"], as_json)
        shared.save_with_fallback(model, path)  # before the scores: they cannot lose it
        claims.note_written(_run_of(model), about, path)
        scores, interrupted = _scores(model, prepared)
        model.save(path)
        claims.note_written(_run_of(model), about, path)
        found |= report.describe_result(model, scores, str(path))
        found |= {"interrupted": interrupted}
        found["notices"] += context.notices
        report.show_result(console, found)
        if as_json:
            shared.print_json(found)
        if interrupted:
            _say_interrupted(model, found["run"], is_scored=bool(scores))
            sys.exit(shared.INTERRUPTED)


def _default_output(data: Path) -> Path:
    stem = data.name.strip(".-").partition(".")[0] or "table"
    return Path(f"{stem}-model.safetensors")


def _fit(
    prepared: TrainingTable,
    context: FitContext,
    first: FirstMember,
    seed: int,
    quiet: bool,
) -> TableModel:
    with warnings.catch_warnings():
        # That it was interrupted is said at the end, with where the model is.
        warnings.filterwarnings("ignore", ".* was interrupted", RuntimeWarning)
        progress = False if quiet else None
        return fit_prepared(prepared, context, first, seed=seed, progress=progress)


def _scores(
    model: TableModel, prepared: TrainingTable
) -> tuple[held_out_scores.Scores, bool]:
    """Compare the model with others; say also whether Ctrl-C was pressed until then."""
    if _ended_early(model) or shared.ctrl_c.pressed:
        return {}, True
    try:
        scores = held_out_scores.score_with_baselines(model, prepared)
        return scores, shared.ctrl_c.pressed
    except KeyboardInterrupt:
        return {}, True


def _run_of(model: TableModel) -> Path | None:
    return None if model.history is None else model.history.run


def _ended_early(model: TableModel) -> bool:
    return model.history is not None and model.history.stopped == "interrupted"


def _say_interrupted(model: TableModel, run: str | None, *, is_scored: bool) -> None:
    saved = _what_was_saved(model, is_scored=is_scored)
    click.echo(f"Interrupted: {saved} was saved.", err=True)
    if run is not None and _ended_early(model):
        click.echo(f"To resume: ranvier resume {report.plain(run)}", err=True)


def _what_was_saved(model: TableModel, *, is_scored: bool) -> str:
    if not _ended_early(model):
        return (
            "the trained model" if is_scored else "the trained model, not yet scored,"
        )
    count = len(model.members)
    many = f"a model of the {count} networks trained so far"
    return "the best network so far" if count == 1 else many
