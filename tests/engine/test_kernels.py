"""One set of kernels for each instruction set: engine/machine/simd_level.h."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ranvier import _engine

LEVELS = _engine.show_config()["levels_available"]  # one, in a build for this machine
TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent

# Puts the engine that ENGINE names in the place of the installed one.
OTHER_ENGINE = """
import importlib.util, os, sys
if path := os.environ.get("ENGINE"):
    spec = importlib.util.spec_from_file_location("ranvier._engine", path)
    engine = sys.modules["ranvier._engine"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(engine)
"""

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
gaps["multiply"] = cases.gap(_engine.multiply(A, A.T.copy()), A @ A.T)
print(json.dumps({**_engine.show_config(), "gaps": gaps, "bits": bits.hexdigest()}))
"""

SPEED = """
import time
import numpy as np
from ranvier._engine import multiply
A = np.ones((256, 256), np.float32)
times = []
for _ in range(20):
    start = time.perf_counter()
    multiply(A, A)
    times.append(time.perf_counter() - start)
print(min(times))
"""


def at_level(
    level: str, program: str, engine: Path | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "RANVIER_LEVEL": level, "PYTHONPATH": str(TESTS)}
    environment |= {"ENGINE": str(engine)} if engine else {}
    return subprocess.run(
        [sys.executable, "-c", OTHER_ENGINE + program],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def parity(level: str, engine: Path | None = None) -> dict:
    run = at_level(level, PARITY, engine)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def reports() -> dict[str, dict]:
    return {level: parity(level) for level in LEVELS}


def build_every_level() -> Path:
    """Build the engine with all levels of this processor's family."""
    folder = ROOT / "build" / "levels"
    scripts = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    configure = ["cmake", "-S", str(ROOT), "-B", str(folder), "-G", "Ninja"]
    configure += ["-D", "RANVIER_LEVELS=all"]
    configure += ["-D", f"Python_EXECUTABLE={sys.executable}"]
    for command in (configure, ["cmake", "--build", str(folder)]):
        run = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    return folder


def check_parity(reports: dict[str, dict]) -> None:
    """Each level is near the witness; the fused ones agree in all bits."""
    for level, report in reports.items():
        assert report["level"] == level
        assert report["gaps"]["float64"] < 1e-12
        assert report["gaps"]["float32"] < 1e-4
        assert report["gaps"]["multiply"] < 1e-14
    fused = {report["bits"] for level, report in reports.items() if level != "baseline"}
    assert len(fused) <= 1


def test_config() -> None:
    config = _engine.show_config()
    assert config["level"] in LEVELS
    assert set(LEVELS) <= {"neon", "baseline", "avx2", "avx512"}
    assert config["level"] == (os.environ.get("RANVIER_LEVEL") or LEVELS[-1])


def test_the_levels_of_this_build_match_the_witness(reports: dict) -> None:
    check_parity(reports)


@pytest.mark.slow
def test_every_level_of_the_family_matches_the_witness() -> None:
    engine = next(build_every_level().glob("_engine*"))
    program = "import json; print(json.dumps(engine.show_config()))"
    levels = json.loads(at_level("", program, engine).stdout)["levels_available"]
    assert levels[0] in ("baseline", "neon")
    assert set(LEVELS) <= set(levels)
    check_parity({level: parity(level, engine) for level in levels})
    # The same level of either build gives the same bits.
    assert parity(LEVELS[-1])["bits"] == parity(LEVELS[-1], engine)["bits"]


def shared_functions(nm: str, level: str) -> list[str]:
    """Find weak functions outside of a level's namespace in what `nm -C` prints.

    The linker keeps one copy of a weak function: of one that every level compiles, it
    could be a copy whose instructions this processor does not have.
    """
    defined = (line.split(maxsplit=2) for line in nm.splitlines() if line[:1].isalnum())
    # The second is for names that nm does not translate: of lambdas within lambdas.
    own = f"ranvier::{level}::", f"N7ranvier{len(level)}{level}"
    return [
        name
        for _, kind, name in defined
        if kind in "WVu" and not any(part in name for part in own)
    ]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("nm") is None, reason="there is no nm here")
def test_levels_share_no_function() -> None:
    folder = build_every_level()
    objects = sorted(folder.glob("CMakeFiles/level_*.dir/engine/machine/*.o"))
    assert len(objects) >= 2  # float and double
    for path in objects:
        level = path.parts[-4].removeprefix("level_").removesuffix(".dir")
        nm = subprocess.check_output(["nm", "-C", str(path)], text=True)
        assert f"ranvier::{level}::" in nm
        assert shared_functions(nm, level) == []


def test_shared_functions_can_fail() -> None:
    nm = """
0000000000000000 W ranvier::avx2::is_finite(double)
                 U ranvier::ThreadTeam::run(void (*)(void const*, int, int))
0000000000000000 W ranvier::Update::slots() const
0000000000000000 W _ZZN7ranvier4avx212parallel_forIZNKS0_EEvRNS_10ThreadTeamEiSC
"""
    assert shared_functions(nm, "avx2") == ["ranvier::Update::slots() const"]


def test_unknown_level() -> None:
    run = at_level("avx1024", PARITY)
    assert run.returncode != 0
    message = run.stderr.splitlines()[-1]
    assert "RANVIER_LEVEL is 'avx1024'" in message
    assert all(level in message for level in LEVELS)


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


@pytest.mark.skipif(shutil.which("readelf") is None, reason="needs readelf of binutils")
def test_nothing_can_overwrite_the_addresses_of_functions() -> None:
    engine = str(_engine.__file__)
    if not engine.endswith(".so") or sys.platform != "linux":
        pytest.skip("ELF files are those of Linux")
    command = ["readelf", "--wide", "--dynamic", "--segments", engine]
    read = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "BIND_NOW" in read or re.search(r"FLAGS_1.*NOW", read)
    assert "GNU_RELRO" in read
    (stack,) = re.findall(r"GNU_STACK.*", read)
    assert "RWE" not in stack
