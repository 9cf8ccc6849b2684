"""``ranvier compare``: Ranvier beside other models on the same folds of a table."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Any

from ranvier.commands import report, shared
from ranvier.commands.reading_options import reading_options, taken_from
from ranvier.commands.shared import Console, click
from ranvier.comparison.compare import compare as run
from ranvier.comparison.competitors import COMPETITORS
from ranvier.comparison.results import Comparison
from ranvier.disk import write_atomic
from ranvier.metrics import SCORES
from ranvier.table.task_inference import TaskName

NAMES = ", ".join(model.name for model in COMPETITORS)


@click.command()
@shared.table_to_predict
@reading_options
@click.option(
    "--models", help=f"Names between commas, out of {NAMES}.  [default: all installed]"
)
@click.option(
    "--folds",
    type=click.IntRange(min=2),
    default=5,
    show_default=True,
    help="Parts of the rows, each tested by models fitted on the others.",
)
@click.option(
    "--groups", help="Column of groups; each is tested by models that have not seen it."
)
@click.option("--time", help="Column of the time of the rows: test on later ones.")
@click.option(
    "--time-ordered",
    is_flag=True,
    help="Rows are in order of time: test later ones.",
)
@click.option("--stratify", help="Column whose values every fold has in equal parts.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--threads", type=click.IntRange(min=1), help="[default: all]")
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(path_type=Path),
    help="Write the table here, too.",
)
@shared.force_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object only.")
def compare(
    data: Path,
    target: str,
    query: str | None,
    task: TaskName | None,
    models: str | None,
    folds: int,
    groups: str | None,
    time: str | None,
    time_ordered: bool,
    stratify: str | None,
    seed: int,
    threads: int | None,
    csv_file: Path | None,
    force: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Compare Ranvier with other models on the same folds of a table.

    Every row is tested once, by models that were fitted without it. All have their
    defaults; imputing, scaling and one-hot columns are learned from the rows that a
    model is fitted on. LightGBM, XGBoost and CatBoost take part where they are
    installed.

    In order of time, models are tested on the block of rows that follows those they
    were fitted on.

    Ctrl-C ends it early: what is finished is printed.

    \b
    ranvier compare penguins.csv --target species
    ranvier compare sales.parquet --target price --models ranvier,svm,forest --folds 10
    """  # noqa: D301
    with shared.one_message():
        if csv_file is not None:
            shared.check_output(csv_file, [data], force=force, option="--csv")
        reading = shared.read(data, query, options=taken_from(options), target=target)
        shared.tell(reading.notices)
        found = run(
            reading.frame,
            target,
            models=None if models is None else _split(models),
            task=task,
            folds=folds,
            groups=groups,
            time=time,
            time_ordered=time_ordered,
            stratify=stratify,
            seed=seed,
            n_threads=threads,
            progress=_tell,
        )
        _forget()
        shared.tell(found.notices)
        if csv_file is not None:
            write_atomic(csv_file, _csv(found).encode())
        if as_json:
            shared.print_json(found.to_dict())
        else:
            _show(shared.console(), found)
        _end(found)


def _split(models: str) -> list[str]:
    return [name.strip() for name in models.split(",") if name.strip()]


def _tell(text: str) -> None:
    """Say what is being done, on one line of a terminal, else on a line of its own."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{text} ...", nl=False, err=True)
    else:
        click.echo(text, err=True)


def _forget() -> None:
    """Wipe that line."""
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)


def _show(console: Console, found: Comparison) -> None:
    """Print the table, and what failed."""
    from rich import box
    from rich.table import Table

    title = f"{found.target}: {found.task}, {found.rows:,} rows, {found.folds_text}"
    table = Table(
        title=report.plain(title),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),  # it fits into 80 letters
    )
    for number, head in enumerate(found.head()):
        table.add_column(head, justify="right" if number else "left", no_wrap=True)
    for line in found.lines():
        table.add_row(*line)
    if found.results:
        console.print(table)
        console.print(f"Mean +- standard deviation over the folds. {_better(found)}")
        console.print("Seconds are those of one fold; the size is that of a pickle.")
    for name, why in found.failures().items():
        console.print(f"{name} failed: {report.plain(why)}", markup=False)


def _better(found: Comparison) -> str:
    """Say of each score which way is better."""
    scores = [SCORES[name] for name in found.scores]
    higher = [score.title for score in scores if score.higher_is_better]
    lower = [score.title for score in scores if not score.higher_is_better]
    return f"Higher is better: {', '.join(higher)}; lower: {', '.join(lower)}."


def _csv(found: Comparison) -> str:
    """Write the rows of the summary, numbers in full."""
    text = io.StringIO()
    rows = found.summary()
    writer = csv.DictWriter(text, rows[0] if rows else ["model"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _end(found: Comparison) -> None:
    """Leave with the exit code that tells how it ended."""
    if found.interrupted:
        count = f"{len(found.results)} of {found.folds * len(found.titles)}"
        click.echo(f"Interrupted: {count} fits were finished.", err=True)
        sys.exit(shared.INTERRUPTED)
    if not found.summary():
        shared.fail("every model failed; see above")
