"""The C compilers of this machine, and how each makes and runs a program."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

STRICT = ("-Wall", "-Wextra", "-pedantic", "-Werror")


class Compiler(NamedTuple):
    """A command, and what runs its programs."""

    name: str
    command: tuple[str, ...]
    runner: tuple[str, ...] = ()

    def run(self, source: Path, *flags: str) -> subprocess.CompletedProcess[str]:
        """Compile a file with all warnings as errors, and run the program."""
        program = source.with_name(f"{source.stem}-{self.name}")
        command = [*self.command, *STRICT, *flags, str(source), "-o", str(program)]
        built = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert built.returncode == 0, f"{' '.join(command)}\n{built.stderr[:2000]}"
        return subprocess.run(
            [*self.runner, str(program)], capture_output=True, text=True, timeout=300
        )


KNOWN = [
    Compiler("gcc", ("gcc", "-std=c99")),
    Compiler("gcc-native", ("gcc", "-std=c99", "-O3", "-march=native")),
    Compiler("gcc-gnu99", ("gcc", "-std=gnu99", "-O2")),  # which fuses by default
    Compiler("clang", ("clang", "-std=c99", "-O2")),
    Compiler("clang-native", ("clang", "-std=c99", "-O3", "-march=native")),
    Compiler("tcc", ("tcc", "-std=c99")),
    Compiler("c++", ("g++", "-x", "c++", "-std=c++17", "-O2")),
    Compiler(
        "aarch64",
        ("aarch64-linux-gnu-gcc", "-std=gnu99", "-O2", "-static"),
        ("qemu-aarch64",),
    ),
]


def usable(compiler: Compiler) -> bool:
    """Say whether a compiler, and what runs its programs, are here."""
    needed = [compiler.command[0], *compiler.runner]
    return all(map(shutil.which, needed))


HERE = [compiler for compiler in KNOWN if usable(compiler)]
NEEDED = os.environ.get("RANVIER_NEEDS_COMPILER") == "1"
