"""The engine is written for GCC and Clang: what one builds, the other must take."""

import shutil
import subprocess
from pathlib import Path
from platform import machine

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLANG = next(
    (name for name in ("clang++", *(f"clang++-{v}" for v in range(21, 13, -1)))
     if shutil.which(name)),
    None,
)  # fmt: skip
LEVELS = {
    "baseline": [],
    "avx2": ["-mavx2", "-mfma"],
    "avx512": ["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mfma"],
}


@pytest.mark.skipif(CLANG is None, reason="there is no clang++ here")
@pytest.mark.skipif(machine() not in ("x86_64", "AMD64"), reason="levels of x86-64")
@pytest.mark.parametrize("real", ["float", "double"])
@pytest.mark.parametrize("level", LEVELS)
def test_clang_takes_the_engine(level: str, real: str) -> None:
    assert CLANG is not None
    source = ROOT / "engine" / "machine" / f"simd_level_{real}.cpp"
    command = [CLANG, "-std=gnu++20", "-fsyntax-only", "-w", "-ffp-contract=off"]
    command += [*LEVELS[level], f"-DRANVIER_LEVEL={level}"]
    command += ["-I", str(ROOT / "engine"), str(source)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
