"""``ranvier resume``: continue a run that was stopped."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ranvier.commands import claims, held_out_scores, report, shared
from ranvier.commands.provenance import Origin, read_again
from ranvier.commands.shared import Console, click
from ranvier.run.run import Run
from ranvier.tabular.first_member import FirstMember
from ranvier.tabular.fit_context import FitContext
from ranvier.tabular.fit_table import fit_prepared, recorded_table
from ranvier.training.history import History
from ranvier.training.resume import resume as resume_run


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--threads", type=click.IntRange(min=1), help="[default: all]")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="Model file to write.  [default: that of your own training in this folder]",
)
@shared.force_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object only.")
def resume(
    run: Path, threads: int | None, out: Path | None, force: bool, as_json: bool
) -> None:
    """Resume a training that was stopped, from its last checkpoint.

    The weights are, bit for bit, those of a training that was never interrupted. For a
    run of `ranvier train`, it also trains the other networks of the model, prints the
    report and writes the model file; for the scores the table has to be where it was.

    \b
    ranvier resume runs/20260102-030405-1f3a
    """  # noqa: D301
    with shared.one_message(), warnings.catch_warnings():
        # That it was interrupted is said below, with how to resume.
        warnings.filterwarnings("ignore", ".* was interrupted", RuntimeWarning)
        warnings.filterwarnings("ignore", "Column", UserWarning)
        opened = Run(run)
        console = shared.console(quiet=as_json)
        about = opened.manifest.get("about", {})
        if out is not None:
            _check_output(out, opened, about, force=force)
        if "encoding" in about and "estimator" not in about:
            found = _resume_table(opened, about, threads, out, console)
        else:
            found = _resume_arrays(opened, threads, out, console)
        if as_json:
            shared.print_json(found)


def _check_output(
    out: Path, run: Run, about: Mapping[str, Any], *, force: bool
) -> None:
    """Refuse to write over the table of the run, or over the model of another."""
    origin = about.get("origin")
    table = origin.get("path") if isinstance(origin, dict) else None
    inputs = [Path(table)] if isinstance(table, str) else []
    shared.check_output(out, inputs, force=force)
    if not claims.wrote(run.path, about, out):
        target = str(about.get("target"))
        shared.check_model_output(out, target, asked_for=True, force=force)


def _resume_table(
    run: Run,
    about: Mapping[str, Any],
    threads: int | None,
    out: Path | None,
    console: Console,
) -> report.Report:
    """Resume what `ranvier train` began, and print the report it would have printed."""
    path = out or claims.own_model(run.path, about)
    if path is not None:
        shared.check_folder(path)
    found, origin = _table(run, about, console)
    prepared = recorded_table(run) if origin is None else origin.prepared
    was_over = run.end is not None
    model = fit_prepared(
        prepared,
        FitContext(threads),
        FirstMember(run),
        seed=int(about["seed"]),
        progress=False if console.quiet else None,
    )
    if model.history is not None:
        _say_how(run, model.history, was_over, console)
    if path is not None:
        shared.save_with_fallback(model, path)  # before the scores: they cannot lose it
        claims.note_written(run.path, about, path)
    scores = held_out_scores.score_with_baselines(model, prepared)
    if path is not None and scores:
        model.save(path)
        claims.note_written(run.path, about, path)
    found |= report.describe_result(model, scores, "" if path is None else str(path))
    report.show_result(console, found)
    return found


def _table(
    run: Run, about: Mapping[str, Any], console: Console
) -> tuple[report.Report, Origin | None]:
    """Read the table again and show it; if that fails, say what will be missing."""
    try:
        origin = read_again(about)
    except (OSError, ValueError) as error:
        why = str(error)
        if run.data is None:
            raise ValueError(
                f"the run {run.name!r} has not kept its rows, which are many, and they "
                f"cannot be read again: {why}"
            ) from error
        shared.tell([f"there will be no scores on held-out rows: {why}"])
        return {"task": {"target": about["target"]}}, None
    found = {"data": report.describe_data(origin.reading)}
    found |= report.describe_prepared(origin.prepared)
    report.show_data(console, found["data"])
    report.show_prepared(console, found)
    return found, origin


def _resume_arrays(
    run: Run, threads: int | None, out: Path | None, console: Console
) -> report.Report:
    """Resume what `rv.train` began."""
    was_over = run.end is not None
    progress = False if console.quiet else None
    net, history = resume_run(run, n_threads=threads, progress=progress)
    _say_how(run, history, was_over, console)
    if out is not None:
        net.save(out)
        console.print(f"The network is in {report.plain(str(out))}", markup=False)
    return {
        "network": report.describe_networks([net]),
        "epochs": len(history),
        "best_epoch": history.best_epoch,
        "stopped": history.stopped,
        "run": str(run.path),
    }


def _say_how(run: Run, history: History, was_over: bool, console: Console) -> None:
    """Say how the run ended; after Ctrl-C say how to resume it, and end."""
    if history.stopped == "interrupted":
        click.echo("Interrupted: `ranvier resume` continues from here.", err=True)
        sys.exit(shared.INTERRUPTED)
    how = "was over already" if was_over else "is done"
    text = f"The run {run.name} {how}: {history!r}"
    console.print(report.plain(text), markup=False, soft_wrap=True)
