"""``ranvier resume``: going on with a run that was stopped."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ranvier import terminal
from ranvier.commands import claims
from ranvier.job import report, rescue
from ranvier.job.comparison import compare
from ranvier.job.fitting import fit
from ranvier.job.origin import Origin, read_again
from ranvier.job.resuming import as_recorded
from ranvier.run.run import Run
from ranvier.terminal import Console, click
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
@terminal.force_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object only.")
def resume(
    run: Path, threads: int | None, out: Path | None, force: bool, as_json: bool
) -> None:
    """Go on with a training that was stopped, from its last checkpoint.

    The weights come to be, bit for bit, those of a training that was never interrupted.
    Of a run that `ranvier train` began, the other networks of the model are trained
    too, what that would have printed is printed, and the model file is written; for the
    scores the table has to be where it was.

    \b
    ranvier resume runs/20260102-030405-1f3a
    """  # noqa: D301
    with terminal.one_message(), warnings.catch_warnings():
        # That it was interrupted is said below, with how to go on.
        warnings.filterwarnings("ignore", category=RuntimeWarning, module="ranvier")
        opened = Run(run)
        console = terminal.console(quiet=as_json)
        about = opened.manifest.get("about", {})
        if out is not None:
            _check_output(out, opened, about, force=force)
        if "encoding" in about and "estimator" not in about:
            told = _resume_table(opened, about, threads, out, console)
        else:
            told = _resume_arrays(opened, threads, out, console)
        if as_json:
            terminal.print_json(told)


def _check_output(
    out: Path, run: Run, about: Mapping[str, Any], *, force: bool
) -> None:
    """Refuse to write over the table of the run, or over the model of another."""
    origin = about.get("origin")
    table = origin.get("path") if isinstance(origin, dict) else None
    inputs = [Path(table)] if isinstance(table, str) else []
    terminal.check_output(out, inputs, force=force)
    if not claims.wrote(run.path, about, out):
        target = str(about.get("target"))
        terminal.check_model_output(out, target, asked_for=True, force=force)


def _resume_table(
    run: Run,
    about: Mapping[str, Any],
    threads: int | None,
    out: Path | None,
    console: Console,
) -> report.Report:
    """Go on with what `ranvier train` began, and tell what that would have told."""
    path = out or claims.own_model(run.path, about)
    if path is not None:
        terminal.check_folder(path)
    told, origin = _table(run, about, console)
    prepared = as_recorded(run, None if origin is None else origin.preparation)
    was_over = run.end is not None
    seed = int(run.manifest["training"]["seed"])
    progress = False if console.quiet else None
    model = fit(prepared, seed=seed, run=run, n_threads=threads, progress=progress)
    if model.history is not None:
        _say_how(run, model.history, was_over, console)
    if path is not None:
        rescue.save(model, path)  # before the scores, which then cannot lose it
        claims.note_written(run.path, about, path)
    scores = compare(model, prepared)
    if path is not None and scores:
        model.save(path)
        claims.note_written(run.path, about, path)
    told |= report.describe_result(model, scores, "" if path is None else str(path))
    report.show_result(console, told)
    return told


def _table(
    run: Run, about: Mapping[str, Any], console: Console
) -> tuple[report.Report, Origin | None]:
    """Read the table again and show it; where that fails, say what will be missing."""
    try:
        origin = read_again(about)
    except (OSError, ValueError) as error:
        why = str(error)
        if run.data is None:
            raise ValueError(
                f"the run {run.name!r} has not kept its rows, which are many, and they "
                f"cannot be read again: {why}"
            ) from error
        terminal.tell([f"there will be no scores on the rows held out: {why}"])
        return {"task": {"target": about["target"]}}, None
    told = {"data": report.describe_data(origin.reading)}
    told |= report.describe_preparation(origin.preparation)
    report.show_data(console, told["data"])
    report.show_preparation(console, told)
    return told, origin


def _resume_arrays(
    run: Run, threads: int | None, out: Path | None, console: Console
) -> report.Report:
    """Go on with what `rv.train` began."""
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
    """Say how the run ended; after Ctrl-C say how to go on again, and end."""
    if history.stopped == "interrupted":
        click.echo("Interrupted: `ranvier resume` goes on from here.", err=True)
        sys.exit(terminal.INTERRUPTED)
    how = "was over already" if was_over else "is done"
    text = f"The run {run.name} {how}: {history!r}"
    console.print(report.plain(text), markup=False, soft_wrap=True)
