"""The command ``ranvier``; each of its commands is in `ranvier.commands`.

Exit codes: 0 done; 1 failed, with one line "Error: ..." on standard error; 2 misused;
130 stopped by Ctrl-C (a training then has saved the best network so far).
"""

from __future__ import annotations

from ranvier.commands.activations import activations
from ranvier.commands.compare import compare
from ranvier.commands.doctor import doctor
from ranvier.commands.explain import explain
from ranvier.commands.export import export
from ranvier.commands.info import info
from ranvier.commands.predict import predict
from ranvier.commands.resume import resume
from ranvier.commands.serve import serve
from ranvier.commands.shared import click
from ranvier.commands.train import train
from ranvier.commands.view import view


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ranvier")
def main() -> None:
    """Neural networks for tables.

    \b
    ranvier train penguins.csv --target species
    ranvier predict penguins-model.safetensors new.csv -o predictions.csv
    ranvier info penguins-model.safetensors
    ranvier explain penguins-model.safetensors new.csv --row 3
    ranvier export penguins-model.safetensors penguins.c
    ranvier compare penguins.csv --target species
    ranvier doctor penguins.csv --target species

    Exit codes: 0 done, 1 failed, 2 misused, 130 stopped by Ctrl-C.
    """  # noqa: D301


for command in (
    train, predict, info, explain, export, serve, compare, doctor, resume, view,
    activations,
):  # fmt: skip
    main.add_command(command)
