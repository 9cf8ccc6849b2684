"""Train, be killed at random moments, go on, and come to the same weights.

``python interruptions.py FOLDER COUNT``: processes are killed COUNT times with SIGKILL,
and every tenth time with SIGINT, among those times while a checkpoint is written.
"""

import os
import random
import signal
import sys
import time
import warnings
from pathlib import Path

import numpy as np

import ranvier as rv
from ranvier.run import checkpoints

EPOCHS = 2500
RNG = np.random.default_rng(0)
X = RNG.normal(size=(256, 8)).astype(np.float32)
Y = np.sin(X[:, 0]) * X[:, 1]
START = rv.Network.mlp(8, [16, 16], 1, "tanh", dropout=0.1, seed=3)
OPTIONS = {
    "epochs": EPOCHS,
    "validation": 0.2,
    "metric": "r2",
    "stop": rv.EarlyStopping(EPOCHS),
    "schedule": "cosine",
    "n_threads": 1,
}


def work(run: Path) -> None:
    """Begin the run, or go on with it, in this process."""
    warnings.simplefilter("ignore")  # that a training was interrupted
    if run.exists():
        rv.resume(run, n_threads=1)
    else:
        recording = rv.Recording(run.parent, name=run.name, time_fraction=1.0)
        rv.train(START.copy(), X, Y, **OPTIONS, run=recording)  # type: ignore[arg-type]


def wait_for_work(child: int, seconds: float) -> None:
    """Wait until a child has worked for so long, however busy the machine is."""
    if sys.platform != "linux":
        time.sleep(seconds)
        return
    clock = ~child << 3 | 2  # its processor time: clock_getcpuclockid(3)
    ended = os.WEXITED | os.WNOHANG | os.WNOWAIT
    while not os.waitid(os.P_PID, child, ended) and time.clock_gettime(clock) < seconds:
        time.sleep(0.0005)


def killed_after(run: Path, seconds: float, number: signal.Signals) -> int:
    """Do the work in a child that is killed; give what it ended with, 0 for done."""
    child = os.fork()
    if child == 0:
        code = 1
        # A process that a shell has put in the background ignores SIGINT otherwise.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            work(run)
            code = 0
        except KeyboardInterrupt:
            code = 3  # heard outside of training, as it began or ended
        finally:
            os._exit(code)
    wait_for_work(child, seconds)
    time.sleep(seconds / 20)  # so that some are killed while they wait for the disk
    os.kill(child, number)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def one_round(
    folder: Path, chance: random.Random, kills: int, most: int
) -> tuple[rv.Network, int, int]:
    """Do one run to its end, with as many interruptions as it takes, at most `most`."""
    run = folder / f"run-{kills}"
    while kills < most:
        number = signal.SIGINT if kills % 10 == 9 else signal.SIGKILL
        ended = killed_after(run, chance.uniform(0.0, 0.08), number)
        assert ended in (0, 3, -number), f"the child ended with {ended}"
        if run.exists() and rv.Run(run).state == "ended":
            break
        kills += 1
        if run.exists():
            checkpoints.load_checkpoint(run)  # whole, if there is one
    if not run.exists() or rv.Run(run).state != "ended":
        work(run)
    left = [path.name for path in run.rglob(".*")]
    return rv.Run(run).network(), kills, len(left)


def main() -> None:
    """Interrupt as often as asked, over as many runs as that takes."""
    folder, most = Path(sys.argv[1]), int(sys.argv[2])
    chance = random.Random(0)
    rv.train(whole := START.copy(), X, Y, **OPTIONS)  # type: ignore[arg-type]
    kills = runs = 0
    while kills < most:
        net, kills, left = one_round(folder, chance, kills, most)
        runs += 1
        assert net == whole, f"other weights after {kills} interruptions"
        assert left == 0, f"{left} stray files"
    print(f"{kills} interruptions in {runs} runs, the same weights")  # noqa: T201


if __name__ == "__main__":
    main()
