"""The program of NumPy alone computes what the network computes."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from networks import DTYPES, everything

from ranvier.exports.numpy_source import numpy_source
from ranvier.exports.verification import probe_rows, relative_gap
from ranvier.network.network import Network


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_activation_and_column(dtype: str) -> None:
    allowed = 1e-12 if dtype == "float64" else 1e-4
    for net in everything(dtype):
        X = probe_rows(net)
        scope: dict[str, object] = {}
        exec(numpy_source(net), scope)
        with np.errstate(all="ignore"):
            gap = relative_gap(scope["predict"](X), net(X))  # type: ignore[operator]
        assert gap <= allowed, net


def test_it_runs_where_there_is_no_ranvier(tmp_path: Path) -> None:
    net = Network.mlp(2, [3], 1, "tanh", seed=0)
    (tmp_path / "model.py").write_text(numpy_source(net))
    program = (
        "import sys; sys.modules['ranvier'] = None\n"
        "import model; print(model.predict([[1.0, 2.0]])[0, 0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True
    )
    assert float(done.stdout) == pytest.approx(float(net([[1.0, 2.0]])[0, 0]), rel=1e-5)
