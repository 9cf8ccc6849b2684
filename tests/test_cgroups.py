"""Quotas of control groups, in folders like the system's and in the system's own."""

import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranvier import cgroups


class Machine:
    """A process's folder in /proc, and the groups mounted, as files of our own."""

    def __init__(self, folder: Path) -> None:
        self.process = folder / "proc"
        self.v1, self.v2 = folder / "cpu,cpuacct", folder / "with blank"
        for place in (self.process, self.v1, self.v2):
            place.mkdir()
        self.mounts()
        self.groups("/", "/")

    def mounts(self, root: str = "/") -> None:
        v1, v2 = (str(path).replace(" ", r"\040") for path in (self.v1, self.v2))
        (self.process / "mountinfo").write_text(
            "20 1 0:19 / /proc rw shared:5 - proc proc rw\n"
            f"31 20 0:27 {root} {v1} rw shared:9 master:1 - cgroup cg rw,cpu,cpuacct\n"
            f"32 20 0:28 / {v1}-set rw - cgroup cg rw,cpuset\n"
            f"33 20 0:29 {root} {v2} rw,nosuid - cgroup2 cgroup2 rw\n"
        )

    def groups(self, v1: str, v2: str) -> None:
        text = f"5:memory:/far\n4:cpu,cpuacct:{v1}\n3:cpuset:/no\n1:name=x:/\n0::{v2}\n"
        (self.process / "cgroup").write_text(text)

    def allow_v1(self, group: str, quota: int, period: int = 100_000) -> None:
        folder = self.v1 / group
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cpu.cfs_quota_us").write_text(f"{quota}\n")
        (folder / "cpu.cfs_period_us").write_text(f"{period}\n")

    def allow_v2(self, group: str, text: str) -> None:
        folder = self.v2 / group
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cpu.max").write_text(f"{text}\n")

    def allows(self) -> int | None:
        return cgroups.smallest_quota(self.process)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_no_quota(machine: Machine) -> None:
    assert machine.allows() is None
    machine.groups("/a", "/b/c")
    machine.allow_v1("a", -1)
    machine.allow_v2("b/c", "max 100000")
    assert machine.allows() is None


@pytest.mark.parametrize(
    ("quota", "period", "expected"),
    [
        (100_000, 100_000, 1),
        (150_000, 100_000, 2),
        (800_000, 100_000, 8),
        (1_000, 100_000, 1),
        (30_001, 10_000, 4),
        (50_000, 25_000, 2),
    ],
)
def test_a_quota_is_rounded_up(machine, quota: int, period: int, expected: int) -> None:
    machine.allow_v2("", f"{quota} {period}")
    assert machine.allows() == expected
    machine.allow_v2("", "max 100000")
    machine.allow_v1("", quota, period)
    assert machine.allows() == expected


def test_the_smallest_of_a_group_and_its_parents(machine: Machine) -> None:
    machine.groups("/", "/pod/container/job")
    machine.allow_v2("pod", "300000 100000")
    machine.allow_v2("pod/container/job", "500000 100000")
    machine.allow_v2("pod/another", "100000 100000")
    assert machine.allows() == 3
    machine.allow_v2("pod/container", "200000 100000")
    assert machine.allows() == 2


def test_both_versions_at_once(machine: Machine) -> None:
    machine.groups("/one", "/two")
    machine.allow_v1("one", 400_000)
    machine.allow_v2("two", "700000 100000")
    assert machine.allows() == 4
    machine.allow_v2("two", "200000 100000")
    assert machine.allows() == 2


@pytest.mark.parametrize("group", ["/docker/abc", "/", "/../elsewhere", "/docker/abcd"])
def test_a_container_that_sees_its_own_group_as_the_root(machine, group: str) -> None:
    machine.mounts(root="/docker/abc")
    machine.groups(group, group)
    machine.allow_v2("", "150000 100000")
    assert machine.allows() == 2
    machine.allow_v1("", 100_000)
    assert machine.allows() == 1


def test_a_group_below_that_of_the_container(machine: Machine) -> None:
    machine.mounts(root="/docker/abc")
    machine.groups("/docker/abc/job", "/docker/abc/job")
    machine.allow_v1("job", 300_000)
    assert machine.allows() == 3


@pytest.mark.parametrize("text", ["", "max", "1 2 3", "fast slow", "100000 0", "0 100"])
def test_what_is_no_quota_counts_as_none(machine: Machine, text: str) -> None:
    machine.allow_v2("", text)
    assert machine.allows() is None


def test_where_there_are_no_control_groups(machine: Machine, tmp_path: Path) -> None:
    assert cgroups.smallest_quota(tmp_path / "nowhere") is None
    (machine.process / "mountinfo").unlink()
    assert machine.allows() is None


@given(
    st.lists(
        st.tuples(st.integers(1_000, 10**8), st.integers(1_000, 10**6)), min_size=1
    )
)
def test_a_line_of_groups(quotas: list[tuple[int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(Path(folder))
        path = Path()
        for quota, period in quotas[:8]:
            path /= "group"
            machine.allow_v2(str(path), f"{quota} {period}")
        machine.groups("/", f"/{path}")
        exact = min(math.ceil(quota / period) for quota, period in quotas[:8])
        assert machine.allows() == max(exact, 1)


def test_the_smallest_limit_of_memory(machine: Machine, tmp_path: Path) -> None:
    assert cgroups.smallest_memory(machine.process) is None
    machine.groups("/", "/pod/job")
    for group, text in (("pod/job", "max"), ("pod", "3000000000"), ("", "max")):
        folder = machine.v2 / group
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "memory.max").write_text(f"{text}\n")
    assert cgroups.smallest_memory(machine.process) == 3_000_000_000
    assert machine.allows() is None
    first = tmp_path / "memory"
    first.mkdir()
    (first / "memory.limit_in_bytes").write_text("2000000000\n")
    with (machine.process / "mountinfo").open("a") as file:
        file.write(f"34 20 0:30 / {first} rw - cgroup cg rw,memory\n")
    (machine.process / "cgroup").write_text("5:memory:/\n0::/\n")
    assert cgroups.smallest_memory(machine.process) == 2_000_000_000


# ---------------------------------------------------------------- the system's own


@pytest.fixture
def real_group() -> Iterator[tuple[Path, str, str]]:
    """A group of one and a half processors, and one of a half within it."""
    tops = [Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")]
    for top in tops:
        group = top / f"ranvier-test-{os.getpid()}"
        file = "cpu.cfs_quota_us" if top == tops[0] else "cpu.max"
        try:
            (group / "half").mkdir(parents=True)
            (group / file).write_text("150000")
        except OSError:
            for folder in (group / "half", group):
                if folder.is_dir():
                    folder.rmdir()
            continue
        yield group, file, "50000"
        (group / "half").rmdir()
        group.rmdir()
        return
    pytest.skip("no right to make a control group")


def seen_from(group: Path) -> str:
    """Tell what a process sees that has moved into a group."""
    program = (
        f"import os, pathlib; pathlib.Path({str(group / 'cgroup.procs')!r})"
        ".write_text(str(os.getpid()))\n"
        "from ranvier import cgroups, threads\n"
        "print(cgroups.processors(), threads.limits()['cgroup'])"
    )
    return subprocess.check_output([sys.executable, "-c", program], text=True).strip()


def test_a_real_group(real_group: tuple[Path, str, str]) -> None:
    group, file, half = real_group
    assert seen_from(group / "half") == "2 2"  # of its parent
    try:
        (group / "half" / file).write_text(half)
    except OSError:  # version 2 keeps quotas from the groups below
        pytest.skip("no right to limit a group within a group")
    assert seen_from(group / "half") == "1 1"


def test_this_process() -> None:
    cgroups._processors_at.cache_clear()
    found = cgroups.processors()
    assert found == cgroups.smallest_quota(cgroups.PROCESS)
    assert found is None or found >= 1
