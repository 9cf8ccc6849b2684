import os
import subprocess
import sys

from benchmarks.watchers import family

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
print(child.pid, flush=True)
input()
"""


def test_the_family_of_a_process() -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", PARENT], text=True, **pipes) as parent:  # type: ignore[call-overload]
        child = int(parent.stdout.readline())
        assert family(parent.pid) == [child]
        assert {parent.pid, child} <= set(family(os.getpid()))
        assert os.getpid() not in family(parent.pid)
        parent.communicate("\n")
