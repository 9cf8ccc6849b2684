"""launch.py: tokens, addresses, and a server under many clients for a while."""

import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from served import fitted, rows_of, served, table

from ranvier.serving.application import Limits
from ranvier.serving.launch import serve, token_of


def test_a_new_token_each_time() -> None:
    assert token_of(None) != token_of(None)


def test_the_token_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("a" * 16 + "\n")
    assert token_of(path) == "a" * 16
    for text in ("short", "é" * 20, ""):
        path.write_text(text)
        with pytest.raises(ValueError, match="at least 16 letters or digits"):
            token_of(path)


def test_other_machines_need_a_token() -> None:
    model = fitted("kind")
    with pytest.raises(ValueError, match=r"other machines can reach 0\.0\.0\.0"):
        serve(
            model, "m", host="0.0.0.0", port=0, token=None,
            limits=Limits(), shows_token=False,
        )  # fmt: skip


def test_a_token_that_is_given_is_not_printed(tmp_path: Path) -> None:
    fitted("kind").save(tmp_path / "m.safetensors")
    (tmp_path / "token").write_text("0123456789abcdef")
    options = ("--token-file", str(tmp_path / "token"))
    with served(tmp_path / "m.safetensors", *options) as server:
        assert server.token == ""
        assert server.ask("/metrics", token="0123456789abcdef")[0] == 200


@pytest.mark.slow
def test_200_clients_for_a_minute(tmp_path: Path) -> None:
    fitted("price").save(tmp_path / "m.safetensors")
    row = rows_of(table(1).drop(columns=["kind", "price"]))
    seconds: list[float] = []
    with served(tmp_path / "m.safetensors") as server, ThreadPoolExecutor(200) as pool:
        server.ask("/predict", row)
        end = time.monotonic() + 60

        def ask(_: int) -> int:
            statuses = set()
            while time.monotonic() < end:
                begun = time.monotonic()
                statuses.add(server.ask("/predict", row)[0])
                seconds.append(time.monotonic() - begun)
            (status,) = statuses
            return status

        first = _memory(server.origin)
        assert set(pool.map(ask, range(200))) == {200}
        last = _memory(server.origin)
    p99 = statistics.quantiles(seconds, n=100)[98]
    figures = f"{len(seconds)} requests, p99 {p99 * 1000:.0f} ms, {first} to {last} kB"
    sys.stdout.write(figures + "\n")  # seen with pytest -s
    assert last < first + 100_000, figures


def _memory(origin: str) -> int:
    """Return the resident kB of the process that listens at an address."""
    port = f":{int(origin.rpartition(':')[2]):04X}"
    for process in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208
        command = Path("/proc", process, "cmdline")
        if not command.exists() or b"serve" not in command.read_bytes():
            continue
        if port in Path("/proc", process, "net/tcp").read_text():
            status = Path("/proc", process, "status").read_text()
            return int(status.split("VmRSS:")[1].split()[0])
    raise AssertionError("no such process")
