"""The examples: the table is whole, the script runs, the attribution is there."""

import csv
import re
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def test_the_penguins_are_all_there() -> None:
    with (EXAMPLES / "penguins.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 344
    assert sum(value == "NA" for row in rows for value in row.values()) == 19
    assert {row["species"] for row in rows} == {"Adelie", "Chinstrap", "Gentoo"}


def test_the_readme_names_licence_authors_and_each_file() -> None:
    text = (EXAMPLES / "README.md").read_text("utf-8")
    assert "CC0 1.0" in text
    for name in ("Horst", "Hill", "Gorman", "Williams", "Fraser"):
        assert name in text
    for path in EXAMPLES.iterdir():
        if path.suffix in {".csv", ".py"}:
            assert f"`{path.name}`" in text


def test_the_parabola_is_learnt(tmp_path: Path) -> None:
    out = tmp_path / "parabola.png"
    script = EXAMPLES / "parabola.py"
    run = subprocess.run(
        [sys.executable, script, "--epochs", "300", "--out", out],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    loss = re.search(r"final loss +([\d.]+)", run.stdout)
    assert loss is not None
    # y = x^2 + 3 has mean 78; predicting 0 everywhere would score that.
    assert float(loss[1]) < 60
    assert "3.989" in run.stdout
    assert out.read_bytes().startswith(b"\x89PNG")


def test_xor_by_three_ways(tmp_path: Path) -> None:
    out = tmp_path / "xor.png"
    script = EXAMPLES / "xor.py"
    run = subprocess.run(
        [sys.executable, script, "--out", out],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert "No line separates the classes: the point (0.5, 0.5)" in run.stdout
    rows = re.findall(
        r"^ +(\d) +(\d) +(\d) +(\d) +(\d) +(\d)$", run.stdout, re.MULTILINE
    )
    answers = [list(map(int, row)) for row in rows]
    assert len(answers) == 4
    assert all(y == a ^ b == network == svm for a, b, y, _, network, svm in answers)
    assert any(y != line for _, _, y, line, _, _ in answers)
    assert out.read_bytes().startswith(b"\x89PNG")
