"""Save over a model, be killed at random moments, and find the old one or a new one.

``python interrupted_saves.py FOLDER COUNT``: processes that save are killed COUNT times
with SIGKILL.
"""

import os
import random
import signal
import sys
import time
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import ranvier as rv
from ranvier.tabular.model import TableModel

ROWS = pd.DataFrame(
    {"x": [i / 40 for i in range(40)], "y": ["low"] * 20 + ["high"] * 20}
)


def numbered(model: Any, number: int) -> Any:
    """Give a model weights that say which of the saved ones it is."""
    networks = [model] if isinstance(model, rv.Network) else model.members
    for net in networks:
        net.theta[...] = number
    return model


def number_of(model: Any) -> int:
    """Read it again; it must be the same in all networks."""
    networks = [model] if isinstance(model, rv.Network) else model.members
    (found,) = np.unique(np.concatenate([net.theta for net in networks]))
    return int(found)


def killed(model: Any, path: Path, first: int, seconds: float) -> None:
    """Save the numbers from `first` on in a child, and kill it."""
    child = os.fork()
    if child == 0:
        try:
            for number in count(first):
                numbered(model, number).save(path)
        finally:
            os._exit(1)  # it is to be killed
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL


def main() -> None:
    """Kill as often as asked, networks and models of tables in turn."""
    folder, most = Path(sys.argv[1]), int(sys.argv[2])
    chance = random.Random(0)
    table = rv.fit_table(ROWS, "y", epochs=1, effort="fast", n_threads=1)
    models = [
        (rv.Network.mlp(20, [100, 100], 1, seed=0), rv.Network, folder / "network"),
        (table, TableModel, folder / "table"),
    ]
    for model, _, path in models:
        numbered(model, 0).save(path)
    found, new = [0, 0], 0
    for kill in range(most):
        at = kill % 2
        model, kind, path = models[at]
        killed(model, path, found[at] + 1, chance.uniform(0.0, 0.02))
        number = number_of(kind.load(path))
        assert number >= found[at]
        new += number > found[at]
        found[at] = number
    assert new > most / 10, f"only {new} saves came to their end"
    for model, _, path in models:
        model.save(path)
    left = sorted(path.name for path in folder.iterdir())
    assert left == ["network", "table"], left
    print(f"{most} kills, {sum(found)} files saved")  # noqa: T201


if __name__ == "__main__":
    main()
