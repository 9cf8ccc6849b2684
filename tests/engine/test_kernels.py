"""One set of kernels for each instruction set: engine/machine/kernels.h, simd_level.cpp."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ranvier import _engine

LEVELS = _engine.show_config()["levels_available"]
TESTS = Path(__file__).resolve().parent.parent

# Asks every door, compares with the witness, and tells the largest gaps and all bits.
PARITY = """
import hashlib, json
import numpy as np
import cases, doors, reference
from ranvier import _engine

gaps, bits = {}, hashlib.sha256()
for dtype in doors.DTYPES:
    worst = 0.0
    for i, (loss, (_, outputs)) in enumerate(cases.LOSSES.items()):
        rng = np.random.default_rng(i)
        for k, name in enumerate(cases.HIDDEN):
            layers = [cases.dense(17, name), ("dropout", 0.5), cases.dense(9, name)]
            output = cases.dense(3, outputs[k % len(outputs)])
            network = reference.Network(7, [*layers, output])
            case = cases.random_case(rng, network, loss, 40, "weighted")
            case = cases.move_off_kinks(rng, case)
            expected = reference.loss_and_gradient(*case)[1]
            case = case.cast(dtype)
            found = doors.loss_and_gradient(*case)[1]
            worst = max(worst, cases.gap(found, expected))
            update = reference.Update("adam", l2=0.01, clip_norm=1.0)
            theta, *_ = doors.train(doors, case, update, 5, 13, 0.01)
            A = doors.predict(network, theta, case.X)
            for array in (found, theta, A):
                bits.update(array.tobytes())
    gaps[dtype.__name__] = worst
A = np.random.default_rng(0).normal(size=(50, 33))
gaps["multiply"] = cases.gap(_engine.kernels.multiply(A, A.T.copy()), A @ A.T)
print(json.dumps({**_engine.show_config(), "gaps": gaps, "bits": bits.hexdigest()}))
"""

SPEED = """
import time
import numpy as np
from ranvier._engine import kernels
A = np.ones((256, 256), np.float32)
times = []
for _ in range(20):
    start = time.perf_counter()
    kernels.multiply(A, A)
    times.append(time.perf_counter() - start)
print(min(times))
"""


def at_level(level: str, program: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "RANVIER_LEVEL": level, "PYTHONPATH": str(TESTS)}
    return subprocess.run(
        [sys.executable, "-c", program],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def parity(level: str) -> dict:
    run = at_level(level, PARITY)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def reports() -> dict[str, dict]:
    return {level: parity(level) for level in LEVELS}


def test_config() -> None:
    config = _engine.show_config()
    assert config["level"] in LEVELS
    assert LEVELS[0] in ("baseline", "neon")
    assert config["level"] == os.environ.get("RANVIER_LEVEL", LEVELS[-1])


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_matches_the_witness(level: str, reports: dict) -> None:
    report = reports[level]
    assert report["level"] == level
    assert report["gaps"]["float64"] < 1e-12
    assert report["gaps"]["float32"] < 1e-4
    assert report["gaps"]["multiply"] < 1e-14


def test_levels_with_fused_multiply_add_give_the_same_bits(reports: dict) -> None:
    fused = {reports[level]["bits"] for level in LEVELS if level != "baseline"}
    assert len(fused) <= 1


def test_unknown_level() -> None:
    run = at_level("avx1024", PARITY)
    assert run.returncode != 0
    message = run.stderr.splitlines()[-1]
    assert "RANVIER_LEVEL is 'avx1024'" in message
    assert "baseline" in message or "neon" in message


def test_empty_level_is_none() -> None:
    run = at_level("", "from ranvier import _engine; print(_engine.show_config())")
    assert LEVELS[-1] in run.stdout


@pytest.mark.slow
def test_no_level_is_absurdly_slow() -> None:
    # Vectors wider than the instruction set once ran 40 times too slow, unnoticed.
    seconds = {level: float(at_level(level, SPEED).stdout) for level in LEVELS}
    assert max(seconds.values()) < 12 * min(seconds.values())


FLOATS = st.sampled_from([np.float32, np.float64]).flatmap(
    lambda dtype: arrays(dtype, st.tuples(st.integers(0, 3), st.integers(0, 70)))
)


@given(FLOATS)
def test_all_finite_says_what_numpy_says(array: np.ndarray) -> None:
    assert _engine.all_finite(array) == np.isfinite(array).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_all_finite_finds_a_single_one_anywhere(dtype: type, bad: float) -> None:
    for size in (1, 15, 64, 131):
        array = np.full(size, np.finfo(dtype).max, dtype)
        assert _engine.all_finite(array)
        for place in range(size):
            array[place] = bad
            assert not _engine.all_finite(array)
            array[place] = -0.0
