import json

from click.testing import CliRunner, Result

import ranvier as rv
from ranvier.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["activations", *arguments])


def test_the_table() -> None:
    result = run()
    assert result.exit_code == 0
    assert result.stdout == f"{rv.activations}\n"


def test_one_of_them() -> None:
    assert run("gelu").stdout.startswith("gelu  z * Phi(z)\n")


def test_json() -> None:
    told = json.loads(run("--json").stdout)
    assert list(told) == list(rv.activations)
    assert told["relu"]["formula"] == "max(z, 0)"
    assert list(json.loads(run("relu", "--json").stdout)) == ["relu"]


def test_an_unknown_one() -> None:
    result = run("rellu")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: unknown activation 'rellu': did you mean")
