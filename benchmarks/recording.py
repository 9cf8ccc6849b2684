"""What recording a run costs: the same training with and without, taken in turns.

    python -m benchmarks live recording

Tells, for each workload, the median of the time an epoch takes without recording, and
what recording at the default rate costs, in two ways: by how much it prolongs training
(the ratio of the medians of training times over the turns; it sees everything, and all
noise of the machine), and the processor time spent in the recorder as a share of that
of the thread which trains, so that it holds on a busy machine, too. --seconds are of
that time. Recording costs a fixed time at the beginning and at the end, told apart as
"once"; and 0.08 s in all may be spent on the first epochs of any run, so short
trainings show a larger share.
"""

import statistics
import tempfile
from time import perf_counter, thread_time

import numpy as np

import ranvier as rv
from benchmarks.page import Figure
from ranvier.training.history import EpochRecord
from ranvier.training.recording import Best, Recorder

# Layers; batch; rows; loss.
WORKLOADS = {
    "W2": ([20, 64, 64, 1], 128, 12_800, "squared_error"),
    "W3": ([64, 100, 10], 200, 2_000, "cross_entropy"),
    "W4": ([784, 256, 128, 10], 128, 12_800, "cross_entropy"),
    "W5": ([100, 1024, 1024, 1], 512, 5_120, "squared_error"),
    "W6": ([50, 256, 256, 256, 1], 256, 25_600, "squared_error"),
}


inside = 0.0  # seconds of the processor spent in the recorder
see = Recorder.see


def timed(self: Recorder, record: EpochRecord, best: Best) -> None:
    """See an epoch, and note how long that took."""
    global inside
    begun = thread_time()
    see(self, record, best)
    inside += thread_time() - begun


Recorder.see = timed  # type: ignore[method-assign]


def train(
    name: str, epochs: int, run: rv.Recording | None
) -> tuple[float, float, float]:
    """Train a workload.

    Returns the seconds of all of it, those spent on epochs, and those that the
    processor spent on epochs in this thread.
    """
    sizes, batch, rows, loss = WORKLOADS[name]
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, sizes[0])).astype(np.float32)
    y = (
        rng.integers(sizes[-1], size=rows).astype(np.int32)
        if loss == "cross_entropy"
        else rng.normal(size=(rows, 1)).astype(np.float32)
    )
    last = "softmax" if loss == "cross_entropy" else "identity"
    net = rv.Network.mlp(
        sizes[0], sizes[1:-1], sizes[-1], "relu", output_activation=last, seed=0
    )
    times: list[float] = []
    work: list[float] = []

    def note(record: EpochRecord) -> None:
        times.append(perf_counter())
        work.append(thread_time())

    began = perf_counter()
    rv.train(
        net,
        X,
        y,
        loss=loss,
        epochs=epochs,
        batch_size=batch,
        run=run,
        callbacks=[note],
        progress=False,
    )
    return perf_counter() - began, times[-1] - times[0], work[-1] - work[0]


def recording(name: str, turns: int, seconds: float) -> Figure:
    """Measure the cost of recording one workload."""
    global inside
    _, _, probe = train(name, 4, None)
    epochs = max(10, int(seconds / (probe / 3)))
    plain, watched, once, inside, all_work = [], [], [], 0.0, 0.0
    for _ in range(turns):
        whole, training, _ = train(name, epochs, None)
        plain.append(training)
        with tempfile.TemporaryDirectory() as folder:
            whole_watched, training, work = train(name, epochs, rv.Recording(folder))
        all_work += work
        watched.append(training)
        once.append((whole_watched - training) - (whole - plain[-1]))
    usual, recorded = statistics.median(plain), statistics.median(watched)
    return (
        f"recording {name}",
        f"{100 * inside / all_work:.2f} % of the processor time of the thread that "
        f"trains; by the clock {100 * (recorded / usual - 1):+.2f} %; once "
        f"{1e3 * statistics.median(once):.0f} ms",
        f"{epochs} epochs of {1e3 * usual / epochs:.2f} ms, {turns} turns",
    )
