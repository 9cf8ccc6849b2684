"""Methods of a network that layers above it provide, from a package just imported."""

import subprocess
import sys

import pytest


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"import ranvier as rv\n{program}"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


NET = "net = rv.Network.mlp(2, [3], 1, seed=0)\n"


def test_trace() -> None:
    assert "Trace" in run(NET + "print(type(net.trace([[1.0, 2.0]])).__name__)")


def test_to_torch_and_back() -> None:
    pytest.importorskip("torch")
    assert run(NET + "print(rv.from_torch(net.to_torch()) == net)") == "True\n"


def test_without_torch_the_error_says_what_to_install() -> None:
    hide = "import sys; sys.modules['torch'] = None\n"
    hide += "import importlib.util as u; u.find_spec = lambda name: None\n"
    for call in ("net.to_torch()", "rv.from_torch(net)"):
        assert "PyTorch is not installed: pip install torch" in run(NET + hide + call)
