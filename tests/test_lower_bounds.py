"""The oldest versions that pyproject.toml allows run the main job."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ranvier import _engine

ROOT = Path(__file__).resolve().parent.parent

# Withdrawn from the index after it was published; the next patch is what pip installs.
WITHDRAWN = {"scipy==1.11": "scipy==1.11.1"}


def oldest() -> list[str]:
    """Turn each lower bound of the package and its extra `app` into that version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needs = project["dependencies"] + project["optional-dependencies"]["app"]
    exact = [re.sub(r">=([\d.]+).*", r"==\1", need) for need in needs]
    return [WITHDRAWN.get(need, need) for need in exact]


def test_each_dependency_has_a_lower_bound() -> None:
    assert all(re.fullmatch(r"[\w-]+==[\d.]+", need) for need in oldest())


@pytest.mark.slow
def test_the_oldest_versions_run_the_main_job(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "env")], check=True)
    python = str(tmp_path / "env" / "bin" / "python")
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", *oldest()],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        assert "No matching distribution" not in done.stderr, done.stderr[-1000:]
        pytest.skip(f"cannot be installed here: {done.stderr[-300:]}")
    package = tmp_path / "src" / "ranvier"
    shutil.copytree(ROOT / "src" / "ranvier", package)
    shutil.copy(_engine.__file__, package)
    shutil.copy(ROOT / "examples" / "penguins.csv", tmp_path)

    start = f"import sys; sys.path.insert(0, {str(tmp_path / 'src')!r}); "
    start += "from ranvier.cli import main; main()"

    def run(*command: str) -> str:
        job = subprocess.run(
            [python, "-c", start, *command],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert job.returncode == 0, job.stderr[-2000:]
        return job.stdout

    model = ["--effort", "fast", "--no-run", "-o", "m.safetensors"]
    said = run("train", "penguins.csv", "--target", "species", *model)
    assert "accuracy" in said
    run("info", "m.safetensors")
    run("predict", "m.safetensors", "penguins.csv", "-o", "p.csv")
    assert (tmp_path / "p.csv").read_text().count("\n") == 345
    run("explain", "m.safetensors", "penguins.csv", "--row", "3")
    run("compare", "penguins.csv", "--target", "species", "--help")
