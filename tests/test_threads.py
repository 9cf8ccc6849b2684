"""How many threads are used, and the same bits beside joblib, forks and threads."""

import os
import select
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import joblib
import numpy as np
import pytest
import threadpoolctl
from joblib.externals.loky import get_reusable_executor

import ranvier as rv
from ranvier import threads

ENOUGH = threads.SHARED_WORK


@pytest.fixture
def eight_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process see eight processors and no other limit of its threads."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("ranvier.cgroups.processors", lambda: None)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


@pytest.mark.usefixtures("eight_processors")
@pytest.mark.parametrize(
    ("variable", "expected"),
    [(None, 8), ("3", 3), ("64", 8), ("4,2", 4), (" 2 ", 2)]
    + [(senseless, 8) for senseless in ("", "0", "-1", "many")],
)
def test_omp_num_threads(
    variable: str | None, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", variable)
    assert threads.available() == expected


@pytest.mark.usefixtures("eight_processors")
def test_the_smallest_limit_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    assert threads.available() == 6
    monkeypatch.setattr("ranvier.cgroups.processors", lambda: 4)
    assert threads.available() == 4
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert threads.limits() == {
        "processors": 8,
        "affinity": 6,
        "cgroup": 4,
        "OMP_NUM_THREADS": 5,
        "threadpoolctl": None,
    }
    assert threads.available() == 4


def test_where_little_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert threads.available() == 1


def in_thread(function: Callable[[], object]) -> object:
    """Return what a function gives in a thread of its own."""
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity here")
def test_affinity() -> None:
    def bound_to_one() -> int:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        return threads.available()

    assert in_thread(bound_to_one) == 1


@pytest.mark.usefixtures("eight_processors")
def test_choose() -> None:
    assert threads.choose(5, 0) == 5
    assert threads.choose(None, ENOUGH - 1) == 1
    assert threads.choose(None, ENOUGH) == 8
    with threadpoolctl.threadpool_limits(3):
        assert threads.choose(None, ENOUGH) == 3
        assert threads.choose(5, ENOUGH) == 5


@pytest.mark.usefixtures("eight_processors")
def test_more_threads_than_processors_are_capped() -> None:
    assert threads.choose(8, 0) == 8
    with pytest.warns(UserWarning, match=r"n_threads is 9, .* 8 are used") as warned:
        assert threads.choose(9, 0) == 8
    assert warned[0].filename == __file__
    with threadpoolctl.threadpool_limits(3):  # a limit, but not of the machine
        assert threads.choose(8, 0) == 8


@pytest.mark.usefixtures("eight_processors")
@pytest.mark.parametrize("kind", [np.int8, np.int64, np.uint16])
def test_integers_of_numpy(kind: type[np.integer]) -> None:
    assert threads.choose(kind(3), 0) == 3  # type: ignore[arg-type]


@pytest.mark.parametrize("n_threads", [0, -1])
def test_less_than_one(n_threads: int) -> None:
    with pytest.raises(ValueError, match="n_threads must be at least 1, but got"):
        threads.choose(n_threads, 1e9)


# ---------------------------------------------------------------- threadpoolctl


@pytest.mark.usefixtures("eight_processors")
def test_threadpoolctl_finds_the_engine() -> None:
    found = threadpoolctl.threadpool_info()
    (ours,) = [library for library in found if library["user_api"] == "ranvier"]
    assert ours["num_threads"] == 8
    assert ours["internal_api"] == "ranvier"
    assert ours["version"] == rv.__version__
    assert Path(ours["filepath"]).name.startswith("_engine")


@pytest.mark.usefixtures("eight_processors")
def test_limits_with_and_without_the_api() -> None:
    limits = threadpoolctl.threadpool_limits
    with limits(2):
        assert threads.available() == 2
        with limits(1, user_api="ranvier"):
            assert threads.available() == 1
        assert threads.available() == 2
        with limits(5):
            assert threads.available() == 5
        assert threads.available() == 2
    with limits({"ranvier": 3, "blas": 1}):
        assert threads.available() == 3
    for api in ("blas", "openmp"):  # not ours
        with limits(1, user_api=api):
            assert threads.available() == 8
    for n, expected in ((8, 8), (64, 8), (0, 1), (None, 8)):
        with limits(n):
            assert threads.available() == expected
    assert threads.limits()["threadpoolctl"] is None


@pytest.mark.usefixtures("eight_processors")
def test_a_limit_that_is_over_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with threadpoolctl.threadpool_limits(1, user_api="blas"):
        pass  # threadpoolctl sets ours, too, to what it was before
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(16), raising=False)
    assert threads.available() == 16


@pytest.mark.usefixtures("eight_processors")
def test_the_main_thread_limits_all_and_another_itself() -> None:
    def limited_to_two() -> tuple[int, int, int]:
        before = threads.available()
        with threadpoolctl.threadpool_limits(2):
            within = threads.available()
            assert in_thread(threads.available) == before
        return before, within, threads.available()

    assert in_thread(limited_to_two) == (8, 2, 8)
    with threadpoolctl.threadpool_limits(4):
        assert in_thread(threads.available) == 4
        assert in_thread(limited_to_two) == (4, 2, 4)
        assert threads.available() == 4
    assert threads.available() == in_thread(threads.available) == 8


@pytest.mark.usefixtures("eight_processors")
def test_a_pool_forgets_the_limit_of_the_main_thread() -> None:
    def used_with_a_limit() -> int:
        with threadpoolctl.threadpool_limits(6):
            return threads.available()

    with joblib.parallel_config("threading", n_jobs=2), joblib.Parallel() as pool:
        ask = [joblib.delayed(threads.available)() for _ in range(4)]
        with threadpoolctl.threadpool_limits(1):
            assert pool(ask) == [1] * 4
            within = pool(joblib.delayed(used_with_a_limit)() for _ in range(4))
            assert within == [1] * 4
        assert pool(ask) == [8] * 4


# ---------------------------------------------------------------- the same bits


def trained(seed: int, n_threads: int | None = None) -> bytes:
    """Train a network that is large enough to share; return its weights."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1030, 40)).astype(np.float32)
    y = np.sin(X[:, 0]) + X[:, 1]
    net = rv.Network.mlp(40, [96, 64], 1, "tanh", seed=seed)
    assert 256 * 6 * net.theta.size > ENOUGH
    rv.train(net, X, y, epochs=3, batch_size=256, seed=seed, n_threads=n_threads)
    return net.theta.tobytes()


SEEDS = range(4)


@pytest.fixture(scope="module")
def alone() -> list[bytes]:
    """The weights of one network after the other, each on one thread."""
    found = [trained(seed, 1) for seed in SEEDS]
    assert len(set(found)) == len(found)
    return found


@pytest.fixture
def loky(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    yield
    get_reusable_executor().shutdown(wait=True)


def work_of_a_process(seed: int, n_threads: int | None) -> tuple:
    return trained(seed, n_threads), threads.limits()["OMP_NUM_THREADS"], os.getpid()


@pytest.mark.usefixtures("loky")
@pytest.mark.parametrize(("inner", "n_threads"), [(1, None), (2, 2)])
def test_joblib_processes(inner: int, n_threads, alone: list[bytes]) -> None:
    jobs = [joblib.delayed(work_of_a_process)(seed, n_threads) for seed in SEEDS]
    with joblib.parallel_config("loky", n_jobs=2, inner_max_num_threads=inner):
        found = joblib.Parallel()(jobs)
    assert [weights for weights, *_ in found] == alone
    assert {limit for _, limit, _ in found} == {inner}
    assert os.getpid() not in {process for *_, process in found}


@pytest.mark.usefixtures("more_processors")
@pytest.mark.parametrize("n_threads", [None, 1, 2, 3])
def test_joblib_threads(n_threads: int | None, alone: list[bytes]) -> None:
    jobs = (joblib.delayed(trained)(seed, n_threads) for seed in SEEDS)
    assert joblib.Parallel(4, backend="threading")(jobs) == alone


def test_many_networks_at_once(alone: list[bytes]) -> None:
    together = threading.Barrier(16)

    def work(i: int) -> bytes:
        together.wait(300)
        return trained(SEEDS[i % len(SEEDS)], 2)

    jobs = (joblib.delayed(work)(i) for i in range(16))
    assert joblib.Parallel(16, backend="threading")(jobs) == alone * 4


def forked(function: Callable[[], bytes]) -> bytes:
    """Return what a function gives in the child of a fork; fail if it doesn't end."""
    ours, theirs = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns of forking beside threads
        child = os.fork()
    if child == 0:
        try:
            os.write(theirs, function())
        finally:
            os._exit(0)
    os.close(theirs)
    try:
        assert select.select([ours], [], [], 300)[0], "the child hangs"
        with open(ours, "rb") as pipe:  # noqa: PTH123
            return pipe.read()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("n_threads", [None, 2])
def test_a_forked_child(n_threads: int | None, alone: list[bytes]) -> None:
    assert trained(0, 2) == alone[0]
    assert forked(lambda: trained(1, n_threads)) == alone[1]
    assert trained(2, 2) == alone[2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_child_forked_while_another_thread_trains(alone: list[bytes]) -> None:
    busy, enough = threading.Event(), threading.Event()
    found = []

    def train_on() -> None:
        while not enough.is_set():
            found.append(trained(0, 2))
            busy.set()

    trainer = threading.Thread(target=train_on)
    trainer.start()
    try:
        assert busy.wait(300)
        for seed in SEEDS:
            assert forked(lambda seed=seed: trained(seed, 2)) == alone[seed]
    finally:
        enough.set()
        trainer.join()
    assert set(found) == {alone[0]}


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts in /proc")
@pytest.mark.usefixtures("more_processors")
def test_a_forked_child_has_helpers_of_its_own() -> None:
    def threads_here() -> int:
        return sum(1 for _ in Path("/proc/self/task").iterdir())

    def most_threads() -> bytes:
        counts: list[int] = []
        net = rv.Network.mlp(8, 16, 1, seed=0)
        see = [lambda _: counts.append(threads_here())]
        rv.train(net, np.ones((64, 8)), np.ones(64), n_threads=3, callbacks=see)
        return bytes([max(counts), threads_here()])

    assert tuple(forked(most_threads)) == (3, 1)
