"""Write the type stubs of the engine from the built module, or check those committed.

python tools/stubs.py            refresh src/ranvier/_engine/*.pyi
python tools/stubs.py --check    fail if they differ from the built module
"""

import difflib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

COMMITTED = Path(__file__).resolve().parent.parent / "src" / "ranvier"
PATTERN = "_engine*/**/*.pyi", "_engine.pyi"


def stubs(folder: Path) -> dict[str, str]:
    """Read the engine's stubs below a folder: path -> text."""
    found = sorted(path for pattern in PATTERN for path in folder.glob(pattern))
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in found}


def generate(folder: Path) -> dict[str, str]:
    """Let nanobind write the stubs of the installed engine into a folder."""
    command = [sys.executable, "-m", "nanobind.stubgen", "--quiet", "--recursive"]
    command += ["--module", "ranvier._engine", "--output-dir", str(folder)]
    subprocess.run(command, check=True)
    return stubs(folder)


def differences(old: dict[str, str], new: dict[str, str]) -> str:
    """Return the unified diff of two sets of stubs, empty where they are equal."""
    lines: list[str] = []
    for name in sorted(old.keys() | new.keys()):
        before, after = (texts.get(name, "").splitlines() for texts in (old, new))
        lines += difflib.unified_diff(
            before, after, f"committed/{name}", f"built/{name}", lineterm=""
        )
    return "\n".join(lines)


def main() -> int:
    """Refresh or check the stubs; 1 if the check fails."""
    with tempfile.TemporaryDirectory() as folder:
        built = generate(Path(folder))
    committed = stubs(COMMITTED)
    if "--check" in sys.argv[1:]:
        if gap := differences(committed, built):
            print(gap)
            print("\nThe stubs do not fit the engine: run python tools/stubs.py")
        return int(bool(gap))
    shutil.rmtree(COMMITTED / "_engine", ignore_errors=True)
    (COMMITTED / "_engine.pyi").unlink(missing_ok=True)
    for name, text in built.items():
        path = COMMITTED / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
