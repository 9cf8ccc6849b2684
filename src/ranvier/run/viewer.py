"""Opening the page of a run, in a process of its own: it cannot slow training down."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ANSWER_LINES = 20


def open_page(run: Path) -> str:
    """Start ``ranvier view`` on a run, and give the address of its page.

    The process ends by itself when this one has ended and nobody looks at the page.

    Raises
    ------
    RuntimeError
        The page cannot be served; the message says why.
    """
    # -P: a module beside the data must not be imported from the current folder.
    command = [sys.executable, "-P", "-m", "ranvier", "view", str(run), "--until-left"]
    return started(command)


def started(command: Sequence[str]) -> str:
    """Start a process that prints the address of its page, and wait for that line."""
    # The open end of its standard input tells the process that we are alive.
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # Ctrl-C stops the training, and the page shows it
    )
    told: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        told.append(line.strip())
        if "http://" in line:
            _KEPT.append(process)
            return line[line.index("http://") :].strip()
        if len(told) == ANSWER_LINES:
            break
    process.kill()
    process.communicate()
    raise RuntimeError(
        f"the page could not be opened: {' '.join(told)[:500] or 'no word of why'}. "
        "Train without live=True (in the shell, without --live), and look at the run "
        "with `ranvier view`"
    )


_KEPT: list[subprocess.Popen[str]] = []  # their ends of the pipes must stay open
