"""``ranvier view``: the page of the runs of a folder."""

from __future__ import annotations

from pathlib import Path

from ranvier.commands import shared
from ranvier.commands.shared import click


@click.command()
@click.argument(
    "runs", type=click.Path(path_type=Path), default=Path("runs"), required=False
)
@click.option(
    "--table",
    type=click.Path(path_type=Path),
    help="A table of your own for the playground.",
)
@click.option("-t", "--target", help="Column of the table to predict.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen at; any other can be reached from other machines.",
)
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=0, help="[default: free]"
)
@click.option(
    "--browser/--no-browser", default=None, help="[default: where there is one]"
)
@click.option("--until-left", is_flag=True, hidden=True)
def view(
    runs: Path,
    table: Path | None,
    target: str | None,
    host: str,
    port: int,
    browser: bool | None,
    until_left: bool,
) -> None:
    """Open a page of the runs in a folder, and a playground.

    RUNS is a folder of runs, or one run. The page shows runs that have ended and those
    that are being trained alike: curves, the network, rows, a map of the predictions.
    It is served to this machine only, by an address that holds a token.

    \b
    ranvier view
    ranvier view runs/20260102-030405-1f3a
    ranvier view --table penguins.csv --target species
    """  # noqa: D301
    with shared.one_message():
        if (table is None) != (target is None):
            raise ValueError(
                "--table and --target go together: give the file of the table, and the "
                "column of it to predict"
            )
        if not runs.is_dir() and runs != Path("runs"):
            raise FileNotFoundError(
                f"there is no folder {str(runs)!r}: give one that `ranvier train` or "
                "rv.train(..., run=...) has recorded runs in"
            )
        # Imported here: the other commands do not wait for the server.
        from ranvier.live.launch import view as serve
        from ranvier.live.playground_tables import (
            LazyTable,
            PlayTable,
            own_table,
            table_of,
        )
        from ranvier.run.folder import MANIFEST

        is_run = (runs / MANIFEST).is_file()
        fragment = "view=curves" if is_run else ""
        # From the training itself: what a stranger's run names is not read.
        own: PlayTable | LazyTable | None = None
        if is_run and until_left:
            own = table_of(runs)
        if table is not None and target is not None:
            own, fragment = own_table(table, target), "view=playground"
        serve(
            runs,
            table=own,
            host=host,
            port=port,
            browser=browser,
            until_left=until_left,
            fragment=fragment,
        )
