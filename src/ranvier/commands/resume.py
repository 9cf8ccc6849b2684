"""``ranvier resume``: going on with a run that was stopped."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

from ranvier import terminal
from ranvier.job import report
from ranvier.job.resuming import resume_model
from ranvier.run.run import Run
from ranvier.terminal import click
from ranvier.training.resume import resume as resume_run


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--threads", type=click.IntRange(min=1), help="[default: all]")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="Model file to write.  [default: the one that training was to write]",
)
def resume(run: Path, threads: int | None, out: Path | None) -> None:
    """Go on with a training that was stopped, from its last checkpoint.

    The weights come to be, bit for bit, those of a training that was never interrupted.
    Of a run that `ranvier train` began, the model file is written at the end.

    \b
    ranvier resume runs/20260102-030405-1f3a
    """  # noqa: D301
    with terminal.one_message(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=RuntimeWarning, module="ranvier")
        opened = Run(run)
        was_over = opened.end is not None
        net, history = resume_run(opened, n_threads=threads)
        if history.stopped == "interrupted":
            click.echo("Interrupted: `ranvier resume` goes on from here.", err=True)
            sys.exit(terminal.INTERRUPTED)
        how = "was over already" if was_over else "is done"
        name = report.plain(opened.name)
        click.echo(f"The run {name} {how}: {report.plain(repr(history))}")
        about = opened.manifest.get("about", {})
        path = out or (Path(about["model"]) if "model" in about else None)
        if "encoder" in about and path is not None:
            terminal.check_folder(path)
            resume_model(opened, net, history).save(path)
            click.echo(f"The model is in {report.plain(path)}")
        elif out is not None:
            net.save(out)
            click.echo(f"The network is in {report.plain(out)}")
