"""What the design promises about the code itself: layers, sizes, names, tests, paths.

Each rule is a function that returns the offences it finds, so that a test can show it
both finding nothing here and finding the offence in a small bad example.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sorted((ROOT / "src" / "ranvier").rglob("*.py"))
CPP = sorted(
    path
    for folder in ("engine", "bindings")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".h", ".cpp"}
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
SCRIPTS = sorted(
    path
    for folder in ("benchmarks", "examples", "tools")
    for path in (ROOT / folder).rglob("*.py")
)

FILE_LINES = 350
TEST_FILE_LINES = 600
FUNCTION_LINES = 50

# Source files without a test file of their own name -> the test file that covers them.
TESTED_ELSEWHERE = {
    # only names
    "src/ranvier/__init__.py": "tests/test_public.py",
    "bindings/module.cpp": "tests/test_architecture.py",
    "bindings/descriptions.h": "tests/engine/test_update.py",
    "engine/loss_and_update.h": "tests/engine/test_loss.py",
    # the doors: each is tested with what lies behind it
    "bindings/arrays.cpp": "tests/engine/test_network.py",
    "bindings/arrays.h": "tests/engine/test_network.py",
    "bindings/entry_points.cpp": "tests/engine/test_training.py",
    "bindings/test_kernels.cpp": "tests/engine/test_multiply.py",
    "bindings/arguments.h": "tests/engine/test_training.py",
    # compiled once per instruction set, and seen only through the equations
    "engine/machine/simd_level.h": "tests/engine/test_kernels.py",
    "engine/machine/simd_level_double.cpp": "tests/engine/test_kernels.py",
    "engine/machine/simd_level_float.cpp": "tests/engine/test_kernels.py",
    "engine/machine/vector.h": "tests/engine/test_elementary.py",
    "engine/product/row.h": "tests/engine/test_loss.py",
    # the half of TableModel that predicts
    "src/ranvier/tabular/prediction.py": "tests/tabular/test_model.py",
    # seen only through whole passes
    "engine/machine/cpu.cpp": "tests/engine/test_kernels.py",
    "engine/machine/cpu.h": "tests/engine/test_kernels.py",
    "engine/machine/parallel_for.h": "tests/engine/test_thread_team.py",
    "engine/machine/workspace.cpp": "tests/engine/test_thread_team.py",
    "engine/machine/workspace.h": "tests/engine/test_thread_team.py",
    "engine/batch.h": "tests/engine/test_gradient.py",
    "engine/gradient_tasks.h": "tests/engine/test_gradient.py",
    "engine/passes.h": "tests/engine/test_gradient.py",
    "bindings/pieces.cpp": "tests/engine/test_multiply.py",
    "engine/pieces.h": "tests/engine/test_multiply.py",
    "engine/optimizer.h": "tests/engine/test_training.py",
    "engine/training_state.h": "tests/engine/test_gradient.py",
    "engine/equations/dense_narrow.h": "tests/engine/test_dense.py",
    "engine/equations/parametric.h": "tests/engine/test_dense.py",
    "engine/product/column_sums.h": "tests/engine/test_dense.py",
    "engine/product/multiply_transposed.h": "tests/engine/test_dense.py",
    "engine/prediction.h": "tests/engine/test_network.py",
}

# What `import ranvier` must not pay for.
HEAVY = ["click", "duckdb", "matplotlib", "pandas", "polars", "pyarrow", "rich"]
HEAVY += ["scipy", "sklearn", "torch"]


def name_of(path: Path) -> str:
    """Return a path as the repository knows it."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


def none_of(offences: list[str]) -> None:
    """Fail with all offences, a line each."""
    if offences:
        pytest.fail("\n".join(offences), pytrace=False)


# ---------------------------------------------------------------- sizes


def long_files(paths: list[Path], limit: int) -> list[str]:
    """Find files above the limit."""
    sizes = {path: len(path.read_text("utf-8").splitlines()) for path in paths}
    return [
        f"{name_of(path)}: {n} lines, at most {limit}"
        for path, n in sizes.items()
        if n > limit
    ]


def function_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines without its docstring: text explains, code costs."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is not None:
        text = function.body[0]
        lines -= (text.end_lineno or text.lineno) - text.lineno + 1
    return lines


def long_functions(path: Path, limit: int) -> list[str]:
    """Find functions above the limit."""
    return [
        f"{name_of(path)}:{node.lineno} {node.name}: {function_lines(node)} lines"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and function_lines(node) > limit
    ]


def test_file_budget() -> None:
    sources = long_files(PYTHON + CPP + SCRIPTS, FILE_LINES)
    none_of(sources + long_files(TESTS, TEST_FILE_LINES))


def test_function_budget() -> None:
    none_of([f for path in PYTHON for f in long_functions(path, FUNCTION_LINES)])


def test_budgets_can_fail(tmp_path: Path) -> None:
    path = tmp_path / "long.py"
    path.write_text('def f():\n    """One.\n\n    Two.\n    """\n' + "    x = 1\n" * 4)
    assert long_files([path], 8) == ["long.py: 9 lines, at most 8"]
    assert long_files([path], 9) == []
    assert long_functions(path, 4) == ["long.py:1 f: 5 lines"]
    assert long_functions(path, 5) == []


# ---------------------------------------------------------------- tests


def test_file_of(source: str) -> str:
    """Return the test file of a source file, both relative to the repository."""
    path = Path(source)
    if path.parts[0] == "src":
        folder = Path("tests", *path.parts[2:-1])
    else:
        folder = Path("tests", "engine")
    return (folder / f"test_{path.stem}.py").as_posix()


test_file_of.__test__ = False  # type: ignore[attr-defined]


def untested(
    sources: list[str], tests: set[str], elsewhere: dict[str, str]
) -> list[str]:
    """Find sources without a test file, and exceptions that are none."""
    wanted = {source: elsewhere.get(source, test_file_of(source)) for source in sources}
    missing = [
        f"{source}: no {test}" for source, test in wanted.items() if test not in tests
    ]
    stale = [
        f"{source}: exception without need"
        for source in elsewhere
        if source not in sources or test_file_of(source) in tests
    ]
    return missing + stale


def test_each_source_file_has_a_test_file() -> None:
    # The file that makes a folder a package holds one sentence, and nothing to test.
    sources = [
        name_of(path)
        for path in PYTHON + CPP
        if path.name != "__init__.py" or path.parent == ROOT / "src" / "ranvier"
    ]
    none_of(untested(sources, {name_of(path) for path in TESTS}, TESTED_ELSEWHERE))


def test_untested_can_fail() -> None:
    sources = ["src/ranvier/a.py", "src/ranvier/live/b.py", "engine/equations/c.h"]
    tests = {"tests/test_a.py", "tests/live/test_b.py", "tests/engine/test_c.py"}
    assert untested(sources, tests, {}) == []
    assert untested(sources, tests - {"tests/live/test_b.py"}, {}) == [
        "src/ranvier/live/b.py: no tests/live/test_b.py"
    ]
    a = {"src/ranvier/a.py": "tests/test_b.py"}
    assert untested(sources, {*tests, "tests/test_b.py"} - {"tests/test_a.py"}, a) == []
    assert untested(sources, tests, a) == [
        "src/ranvier/a.py: no tests/test_b.py",
        "src/ranvier/a.py: exception without need",
    ]


# ---------------------------------------------------------------- imports


def broken_contracts(folder: Path) -> str:
    """Return what import-linter says of a folder; empty if all is well."""
    command = [sys.executable, "-c"]
    command += ["from importlinter.cli import lint_imports_command as lint; lint()"]
    command += ["--no-cache", "--no-logo"]
    run = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    return run.stdout + run.stderr if run.returncode else ""


def test_layers() -> None:
    assert broken_contracts(ROOT) == ""


def test_broken_contracts_can_fail(tmp_path: Path) -> None:
    (tmp_path / "tiny").mkdir()
    for module in ("__init__", "above", "below"):
        (tmp_path / "tiny" / f"{module}.py").touch()
    (tmp_path / ".importlinter").write_text(
        "[importlinter]\nroot_package = tiny\n"
        "[importlinter:contract:1]\nname = order\ntype = layers\n"
        "layers =\n    tiny.above\n    tiny.below\n"
    )
    assert broken_contracts(tmp_path) == ""
    (tmp_path / "tiny" / "below.py").write_text("import tiny.above\n")
    assert "not allowed" in broken_contracts(tmp_path)


def root_imports(path: Path, modules: set[str]) -> list[str]:
    """Find imports of the package root inside the package; its modules may be."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "ranvier":
            names = {alias.name for alias in node.names} - modules
            found += [f"{name_of(path)}:{node.lineno} {name}" for name in sorted(names)]
        if isinstance(node, ast.Import):
            names = {alias.name for alias in node.names} & {"ranvier"}
            found += [f"{name_of(path)}:{node.lineno} {name}" for name in names]
    return found


def test_modules_do_not_import_the_package_root() -> None:
    modules = {"_engine"} | {path.stem for path in PYTHON}
    paths = [path for path in PYTHON if path.name != "__init__.py"]
    none_of([found for path in paths for found in root_imports(path, modules)])


def test_root_imports_can_fail(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("from ranvier import _engine, Network\nimport ranvier\n")
    assert root_imports(path, {"_engine"}) == ["a.py:1 Network", "a.py:2 ranvier"]
    path.write_text(
        "from ranvier.network.network import Network\nimport ranvier.table.table\n"
    )
    assert root_imports(path, set()) == []


def imported_by(statement: str, names: list[str]) -> list[str]:
    """Return those modules that a statement imports in a fresh interpreter."""
    program = (
        f"import sys\n{statement}\nprint(*sorted(set({names}) & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program]
    return subprocess.check_output(command, text=True).split()


def test_light_import() -> None:
    assert imported_by("import ranvier", HEAVY) == []


def test_light_import_can_fail() -> None:
    assert imported_by("import scipy", HEAVY) == ["scipy"]


def foreign_includes(path: Path) -> list[str]:
    """Find headers of Python or of bindings, which the engine must not know."""
    header = r'^\s*#\s*include\s*[<"]((?:Python\.h|nanobind/|pybind11/|numpy/)[^>"]*)'
    return [
        f"{name_of(path)}: {found}"
        for found in re.findall(header, path.read_text("utf-8"), flags=re.MULTILINE)
    ]


def test_engine_knows_no_python() -> None:
    engine = [path for path in CPP if path.is_relative_to(ROOT / "engine")]
    assert engine
    none_of([found for path in engine for found in foreign_includes(path)])


def test_foreign_includes_can_fail(tmp_path: Path) -> None:
    path = tmp_path / "a.h"
    path.write_text(
        '#include <cmath>\n#include <Python.h>\n # include "nanobind/ndarray.h"\n'
    )
    assert foreign_includes(path) == ["a.h: Python.h", "a.h: nanobind/ndarray.h"]


# ---------------------------------------------------------------- names and paths


def utility_files(paths: list[Path]) -> list[str]:
    """Find files whose name says nothing about what they hold."""
    vague = {"util", "utils", "helper", "helpers", "misc", "common"}
    return [name_of(path) for path in paths if vague & {path.stem, path.parent.name}]


def test_no_utils() -> None:
    none_of(utility_files(PYTHON + CPP + TESTS + SCRIPTS))


def test_utility_files_can_fail() -> None:
    assert utility_files([Path("a/utils.py"), Path("a/table.py")]) == ["utils.py"]


# Pages whose paths must exist; the log names files of their day.
PAGES = [
    *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "examples" / "README.md",
]
FOLDERS = "bindings|benchmarks|docs|engine|examples|src|tests|tools"


def named_paths(text: str) -> list[str]:
    """Return what looks like a path: backticks, links, commands, imports."""
    fences = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    words = re.findall(r"`([\w.*/{}-]+)`", prose)
    ends = r"\.(py|pyi|h|cpp|md|toml|txt|sh|csv)$"
    found = [word for word in words if "/" in word or re.search(ends, word)]
    found += re.findall(r"\]\((?!https?:|#)([^)#]+)", prose)
    for block in fences:
        found += re.findall(rf"(?<![\w./])(?:{FOLDERS})/[\w./-]+", block)
    modules = re.findall(r"from (ranvier[\w.]*) import", text)
    return found + [f"src/{module.replace('.', '/')}*" for module in modules]


def missing_paths(text: str, root: Path, beside: Path | None = None) -> list[str]:
    """Find named paths that do not exist; a bare file name may lie in any folder.

    `beside` is the folder of the page, from which links start.
    """
    folders = [root, root / "src" / "ranvier", root / "engine", beside or root]
    sources = ["src", "engine", "bindings", "tests", "examples", "benchmarks", "tools"]

    def exists(name: str) -> bool:
        if name.startswith("../"):
            return ((beside or root) / name).exists()
        if any(True for folder in folders for _ in folder.glob(name.strip("/"))):
            return True
        return "/" not in name and any(
            True for folder in sources for _ in (root / folder).rglob(name)
        )

    return [name for name in named_paths(text) if not exists(name)]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_paths_named_on_pages_exist(page: Path) -> None:
    none_of(missing_paths(page.read_text("utf-8"), ROOT, page.parent))


def test_architecture_and_contributing_name_paths() -> None:
    for page in ("ARCHITECTURE.md", "CONTRIBUTING.md"):
        assert len(named_paths((ROOT / page).read_text("utf-8"))) > 5, page


def test_missing_paths_can_fail(tmp_path: Path) -> None:
    (tmp_path / "engine" / "machine").mkdir(parents=True)
    (tmp_path / "engine" / "machine" / "cpu.cpp").touch()
    text = (
        "`engine/`, `machine/cpu.cpp`, `cpu.cpp`, `engine/*/*.cpp`, `X W + b`, `gone.h`"
    )
    assert missing_paths(text, tmp_path) == ["gone.h"]
    assert missing_paths("`engine/gone/`, `engine/*.h`", tmp_path) == [
        "engine/gone/",
        "engine/*.h",
    ]
    text = "[a](engine/a.md#top) [b](https://b.org/c) [c](#d)\n"
    text += "```bash\n./test tests/e.py\n```"
    assert missing_paths(text, tmp_path) == ["engine/a.md", "tests/e.py"]
    text = "`from ranvier.gone.layers import Dense`"
    assert missing_paths(text, tmp_path) == ["src/ranvier/gone/layers*"]
    assert missing_paths("[a](../cpu.cpp)", tmp_path, tmp_path / "engine") == [
        "../cpu.cpp"
    ]
    assert (
        missing_paths("[a](cpu.cpp)", tmp_path, tmp_path / "engine" / "machine") == []
    )
