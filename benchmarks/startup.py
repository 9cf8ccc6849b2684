"""What comes before training: importing, a first fit; and the memory of training."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks import problems
from benchmarks.contestants import say
from benchmarks.machine import installed
from benchmarks.options import Options
from benchmarks.report import Section, figure, table, written
from benchmarks.timing import medians

IMPORTS = {
    "Python alone": "pass",
    "NumPy": "import numpy",
    "ranvier": "import ranvier",
    "scikit-learn": "import sklearn.neural_network",
    "torch": "import torch",
    "jax": "import jax",
}
# 200 epochs over all rows of iris, scikit-learn's usual settings.
FITS = {
    "ranvier": """
import numpy as np, ranvier as rv
data = np.load({path!r})
net = rv.Network.mlp(4, 100, 3, output_activation="softmax", seed=0)
rv.train(net, data["X"], data["y"], epochs=200, batch_size=150)
""",
    "scikit-learn": """
import warnings, numpy as np
from sklearn.neural_network import MLPClassifier
warnings.simplefilter("ignore")
data = np.load({path!r})
MLPClassifier(random_state=0).fit(data["X"], data["y"])
""",
}
# The peak of a process that trains, less what it held with its table in memory.
MEMORY = """
import numpy as np, ranvier as rv
from benchmarks import machine
data = np.load({path!r})
X, y = data["X"], data["y"]
net = rv.Network.mlp(784, [256, 128], 10, output_activation="softmax", seed=0)
rv.train(net, X[:256], y[:256], epochs=1)
machine.forget_memory_peak()
before = machine.memory_now()
rv.train(net, X, y, epochs=2)
print(X.nbytes, machine.memory_peak() - before)
"""


def section(chosen: Options) -> Section:
    """Measure all three, and write the tables."""
    rounds = chosen.rounds if chosen.quick else max(chosen.rounds, 15)
    with tempfile.TemporaryDirectory() as folder:
        parts = [imports(Path(folder), rounds)]
        parts += [first_fit(Path(folder), rounds), memory_of_training(Path(folder))]
    reached: dict[str, float] = {}
    for part in parts:
        reached |= part.reached
    return Section(written("Startup", *(part.text for part in parts)), reached)


def timed(program: str, folder: Path) -> Callable[[], float]:
    """Return a function that runs a program in a process and returns its seconds.

    It has run once before, and what Python compiled then lies in the folder: as on a
    machine where it is run every day, whatever the environment says of bytecode.
    """
    settings = os.environ | {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    settings.pop("PYTHONDONTWRITEBYTECODE", None)
    run = partial(subprocess.run, [sys.executable, "-c", program], check=True)
    run(env=settings)

    def seconds() -> float:
        begun = perf_counter()
        run(env=settings)
        return perf_counter() - begun

    return seconds


def imports(folder: Path, rounds: int) -> Section:
    """Measure what each import adds to the start of Python."""
    say("startup: imports")
    packages = {"scikit-learn", "torch", "jax"}
    programs = {
        name: timed(program, folder)
        for name, program in IMPORTS.items()
        if name not in packages or installed(name)
    }
    seconds = medians(programs, rounds)
    alone = seconds.pop("Python alone")
    above = {name: 1e3 * (took - alone) for name, took in seconds.items()}
    text = (
        f"Importing, above the {1e3 * alone:.0f} ms of Python alone; median of "
        f"{rounds} interleaved rounds.\n\n"
    )
    rows = [[name, figure(ms)] for name, ms in above.items()]
    return Section(text + table(["package", "ms"], rows), {"import": above["ranvier"]})


def first_fit(folder: Path, rounds: int) -> Section:
    """Measure a process that imports, loads iris and trains on it."""
    say("startup: the first fit")
    from sklearn.datasets import load_iris

    X, y = load_iris(return_X_y=True)
    path = folder / "iris.npz"
    np.savez(path, X=X.astype(np.float32), y=y.astype(np.int32))
    programs = {
        name: timed(program.format(path=str(path)), folder)
        for name, program in FITS.items()
    }
    seconds = medians(programs, rounds)
    text = (
        "A whole process: import, load iris, 200 epochs with 100 hidden units, the end."
        "\n\n"
    )
    rows = [[name, figure(1e3 * took)] for name, took in seconds.items()]
    reached = {"iris": seconds["scikit-learn"] / seconds["ranvier"]}
    return Section(text + table(["package", "ms"], rows), reached)


def memory_of_training(folder: Path) -> Section:
    """Measure by how much the peak of a process grows while it trains on MNIST."""
    if not problems.has_tables():
        return Section("The real tables are not here: memory not measured.")
    say("startup: memory of training on MNIST")
    X, y = problems.real_table("mnist")
    path = folder / "mnist.npz"
    np.savez(path, X=X[:60_000], y=y[:60_000])
    program = MEMORY.format(path=str(path))
    command = [sys.executable, "-c", program]
    inputs, grown = map(int, subprocess.check_output(command, text=True).split())
    text = (
        f"Memory of training 784-256-128-10 on MNIST: the input takes "
        f"{inputs / 1e6:.0f} MB, and training {grown / 1e6:.1f} MB more."
    )
    return Section(text, {"memory": grown / 1e6})
