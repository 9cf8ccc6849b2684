"""How many threads are used."""

import os

import pytest

from ranvier import threads


@pytest.fixture
def eight_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


@pytest.mark.usefixtures("eight_processors")
@pytest.mark.parametrize(
    ("variable", "expected"),
    [(None, 8), ("3", 3), ("64", 8), ("4,2", 4), (" 2 ", 2)]
    + [(senseless, 8) for senseless in ("", "0", "-1", "many")],
)
def test_available(
    variable: str | None, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", variable)
    assert threads.available() == expected


def test_where_affinity_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert threads.available() == 1


@pytest.mark.usefixtures("eight_processors")
def test_choose() -> None:
    assert threads.choose(5, 0) == 5
    assert threads.choose(None, threads.SHARED_WORK - 1) == 1
    assert threads.choose(None, threads.SHARED_WORK) == 8


@pytest.mark.parametrize("n_threads", [0, -1])
def test_less_than_one(n_threads: int) -> None:
    with pytest.raises(ValueError, match="n_threads must be at least 1, but got"):
        threads.choose(n_threads, 1e9)
