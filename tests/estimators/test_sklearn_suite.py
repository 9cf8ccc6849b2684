"""scikit-learn's own tests of its two classes, run on ours."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import sklearn

TESTS = "sklearn.neural_network.tests.test_mlp"
HERE = Path(__file__).resolve().parent
# Cases there are in each release; a newer one may have more.
CASES = {"1.7": 58, "1.8": 58, "1.9": 59}


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run scikit-learn's tests in an empty folder, with the plugin on the path."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q"]
    return subprocess.run(
        [*command, *arguments, "--pyargs", TESTS],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_all_cases_pass_on_ours(tmp_path: Path) -> None:
    done = run(tmp_path, "-p", "dropin")
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert not re.search(r"failed|error|skipped|xfailed|deselected", done.stdout)
    release = ".".join(sklearn.__version__.split(".")[:2])
    assert int(passed[1]) >= CASES.get(release, 59)


def test_the_plugin_puts_ours_there(tmp_path: Path) -> None:
    # A test among theirs that only ours can pass.
    (tmp_path / "test_ours.py").write_text(
        "from sklearn.neural_network import MLPClassifier, MLPRegressor\n"
        "def test_ours():\n"
        "    for estimator in (MLPClassifier, MLPRegressor):\n"
        "        assert estimator.__module__.startswith('ranvier.')\n"
    )
    for plugin, expected in ((["-p", "dropin"], 0), ([], 1)):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, *plugin, "test_ours.py"],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(HERE)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == expected, done.stdout + done.stderr


def test_a_failing_case_is_seen(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(
        "import ranvier as rv\n"
        "rv.patch_sklearn()\n"
        "rv.MLPClassifier.predict = lambda self, X: None\n"
    )
    arguments = ["-p", "broken", "-k", "test_lbfgs_classification"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *arguments, "--pyargs", TESTS],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
