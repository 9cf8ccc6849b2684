"""``ranvier activations``: the table of activation functions."""

from __future__ import annotations

from dataclasses import asdict

from ranvier.catalogue.activations import activations as table
from ranvier.commands import shared
from ranvier.commands.shared import click


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object only.")
def activations(name: str | None, as_json: bool) -> None:
    """Print the activation functions: formula, slope, range, and when to use each.

    With NAME, only that one.

    \b
    ranvier activations
    ranvier activations gelu
    """  # noqa: D301
    with shared.one_message():
        chosen = list(table) if name is None else [name]
        try:
            entries = {one: asdict(table[one]) for one in chosen}
        except KeyError as error:
            raise ValueError(str(error)) from None
        if as_json:
            shared.print_json(entries)
        else:
            click.echo(table.describe(name))
