"""The command line: `python -m benchmarks [SUBCOMMAND] [ARGUMENTS]`.

Without a subcommand every section of the report is measured, one after the other.
"""

import importlib
import sys
from dataclasses import replace

from benchmarks import machine
from benchmarks.goals import goals_table
from benchmarks.options import Options, options
from benchmarks.report import Section, written

# Sections of the report: what each measures, in benchmarks/<name>.py.
SECTIONS = {
    "training": "a step of training, beside scikit-learn, PyTorch and JAX",
    "threads": "two threads against one",
    "neighbour": "two threads against one while another process keeps a core busy",
    "quality": "seconds until MNIST and letter are learnt",
    "prediction": "one row, and 100,000",
    "startup": "importing, a first fit, and the memory of training",
}
# With a command line of their own: main(arguments), in the module named.
OTHERS = {
    "live": ("live", "the live page, being watched, and recording"),
    "sklearn": ("sklearn_fit", "whole fits of the drop-in estimators"),
    "accuracy": ("accuracy", "scores on real tables"),
    "intervals": (
        "intervals",
        "how well prediction intervals hold, on real tables",
    ),
    "exports": ("exports", "one row through every way to deploy a model"),
    "ensembles": ("ensembles", "networks for a table, trained at once"),
    "doctor": ("doctor", "faults that the doctor finds in trainings seeded with them"),
    "ablation": ("accuracy.ablation", "what each part of the default is worth"),
}


def usage() -> str:
    """List the subcommands."""
    described = SECTIONS | {name: text for name, (_, text) in OTHERS.items()}
    lines = [f"  {name:<11}{text}" for name, text in described.items()]
    head = "python -m benchmarks [SUBCOMMAND] [ARGUMENTS]; without one: the first six."
    tail = "python -m benchmarks training --help shows the arguments of the first six."
    return "\n".join([head, *lines, tail])


def report(sections: list[str], chosen: Options) -> None:
    """Measure sections; print each when it is done, and write what there is so far."""

    def add(text: str) -> None:
        nonlocal chosen
        print(text, flush=True)
        chosen.keep(text)  # after each, so that nothing measured is lost
        chosen = replace(chosen, before=(*chosen.before, text))

    add(f"# Ranvier measured\n\n{machine.description()}\n")
    reached: dict[str, float] = {}
    for name in sections:
        module = importlib.import_module(f"benchmarks.{name}")
        section: Section = module.section(chosen)
        add(section.text)
        reached |= section.reached
    if judged := goals_table(reached):
        add(written("What must be reached on two cores", judged))


def main(arguments: list[str]) -> int:
    """Run a subcommand; 2 if there is none of this name."""
    name, rest = "", arguments
    if arguments and not arguments[0].startswith("-"):
        name, rest = arguments[0], arguments[1:]
    if name in OTHERS:
        importlib.import_module(f"benchmarks.{OTHERS[name][0]}").main(rest)
    elif name in SECTIONS:
        report([name], options(name, rest))
    elif not name and not {"-h", "--help"} & set(rest):
        report(list(SECTIONS), options("", rest))
    else:
        print(usage())
        return 2 if name else 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
