"""``python -m ranvier.sklearn script.py``: run a script with Ranvier's estimators.

It is `ranvier.patch_sklearn` before the first line of a script that cannot be edited.
"""

import runpy
import sys
from pathlib import Path

USAGE = """\
usage: python -m ranvier.sklearn script.py [arguments]
       python -m ranvier.sklearn -m module [arguments]

Runs a script or a module with MLPClassifier and MLPRegressor of scikit-learn replaced
by Ranvier's."""


def main(arguments: list[str] | None = None) -> int:
    """Run what the arguments name; 2 if they name nothing."""
    given = sys.argv[1:] if arguments is None else arguments
    if not given or given[0] in ("-h", "--help"):
        asked = bool(given)
        print(USAGE, file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    if given[0] == "-m" and len(given) < 2:
        print(USAGE, file=sys.stderr)  # noqa: T201
        return 2
    if given[0] != "-m" and not Path(given[0]).is_file():
        print(  # noqa: T201
            f"ranvier.sklearn: there is no script {given[0]!r}: give the path of a "
            "Python file, or -m and the name of a module",
            file=sys.stderr,
        )
        return 2
    # Imported here: the usage need not wait for scikit-learn.
    from ranvier.estimators.patch import patch_sklearn

    patch_sklearn()
    if given[0] == "-m":
        sys.argv[:] = given[1:]
        sys.path.insert(0, str(Path.cwd()))
        runpy.run_module(given[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv[:] = given
        sys.path.insert(0, str(Path(given[0]).resolve().parent))
        runpy.run_path(given[0], run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main())
