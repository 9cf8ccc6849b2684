"""What has to happen before the command ``ranvier`` imports anything else.

`ranvier/__init__.py` imports this module first. In a process that is not the command it
does nothing.
"""

import os
import signal
import sys
from types import FrameType
from typing import Final, NoReturn

INTERRUPTED: Final = 130  # 128 + SIGINT, as shells count
SCRIPTS: Final = ("ranvier", "ranvier.exe", "ranvier-script.py")


def module_run() -> str | None:
    """Return the module that ``python -m`` is about to run, while it is imported."""
    if sys.argv[:1] != ["-m"]:  # Python replaces it by the file once that is found
        return None
    given = sys.orig_argv[-len(sys.argv)]
    return given.partition("m")[2] if given.startswith("-") else given


def drop_current_folder() -> None:
    """Take the current folder off the import path, where ``python -m`` has put it.

    A module of a dependency's name beside the user's data must not be imported.
    """
    if not sys.flags.safe_path and sys.path and sys.path[0] == os.getcwd():  # noqa: PTH109
        del sys.path[0]


def end_interrupted(number: int, frame: FrameType | None) -> NoReturn:
    """End at once: nothing has been begun that would have to be cleared away."""
    os.write(2, b"Interrupted.\n")
    os._exit(INTERRUPTED)


def _begin() -> None:
    module = module_run() or ""
    is_script = os.path.basename(sys.argv[0] if sys.argv else "") in SCRIPTS  # noqa: PTH119
    if module == "ranvier" or module.startswith("ranvier."):
        drop_current_folder()
    default = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if (module == "ranvier" or is_script) and default:
        signal.signal(signal.SIGINT, end_interrupted)


_begin()
