"""The scripts of the comparison with scikit-learn."""

from pathlib import Path

import pytest

from benchmarks import sklearn_scripts

SAYS_WHO = """\"\"\"Say whose class this is.\"\"\"
from sklearn.neural_network import MLPClassifier
print(MLPClassifier.__module__.split(".")[0])
"""


def test_there_are_five() -> None:
    titles = [sklearn_scripts.title(script) for script in sklearn_scripts.scripts()]
    assert len(titles) == 5
    assert "Predict a number with early stopping on held-out rows" in titles


def test_both_sides_are_run(tmp_path: Path) -> None:
    script = tmp_path / "who.py"
    script.write_text(SAYS_WHO)
    with pytest.raises(SystemExit, match=r"who\.py: the outputs differ.*'ranvier"):
        sklearn_scripts.times(script, 1)
    script.write_text("print('the same')")
    times = sklearn_scripts.times(script, 1)
    assert set(times) == {"scikit-learn", "Ranvier"}
    assert min(times.values()) > 0
