"""batching.py: requests that wait together are one batch, each with its own results."""

import asyncio
import threading
from typing import Any

import pytest

from ranvier.serving.batching import MOST_ROWS, Batcher


def doubled(parts: list[list[int]], key: Any) -> list[int]:
    return [2 * x for part in parts for x in part]


def test_everyone_gets_their_own_rows() -> None:
    async def run() -> None:
        sizes: list[int] = []
        batcher = Batcher(doubled, sizes.append)
        asked = [[i, i + 1000] for i in range(300)]
        found = await asyncio.gather(*(batcher.submit(rows) for rows in asked))
        assert found == [[2 * x for x in rows] for rows in asked]
        assert sum(sizes) == 600
        assert len(sizes) < 300
        batcher.close()

    asyncio.run(run())


def test_a_batch_is_computed_while_others_gather() -> None:
    begun, go = threading.Event(), threading.Event()
    batches: list[int] = []

    def slow(parts: list[list[int]], key: Any) -> list[int]:
        batches.append(len(parts))
        begun.set()
        go.wait(10)
        return doubled(parts, key)

    async def run() -> None:
        batcher = Batcher(slow)
        first = asyncio.create_task(batcher.submit([1]))
        await asyncio.to_thread(begun.wait, 10)
        others = [asyncio.create_task(batcher.submit([i])) for i in range(5)]
        await asyncio.sleep(0.01)
        assert batcher.waiting_rows == 5
        go.set()
        await asyncio.gather(first, *others)
        assert batches == [1, 5]
        batcher.close()

    asyncio.run(run())


def test_keys_and_sizes_that_are_not_joined() -> None:
    async def run() -> None:
        sizes: list[int] = []
        batcher = Batcher(doubled, sizes.append)
        large = list(range(MOST_ROWS))
        await asyncio.gather(
            batcher.submit([1], 0.8), batcher.submit([2], 0.9),
            batcher.submit(large, 0.9), batcher.submit(large, 0.9),
        )  # fmt: skip
        assert sorted(sizes) == [1, 1, MOST_ROWS, MOST_ROWS]
        batcher.close()

    asyncio.run(run())


def test_an_error_reaches_its_requests_and_no_other() -> None:
    def failing(parts: list[list[int]], key: Any) -> list[int]:
        if key == "bad":
            raise ValueError("no")
        return doubled(parts, key)

    async def run() -> None:
        batcher = Batcher(failing)
        bad = asyncio.create_task(batcher.submit([1], "bad"))
        good = asyncio.create_task(batcher.submit([1], "good"))
        with pytest.raises(ValueError, match="no"):
            await bad
        assert await good == [2]
        batcher.close()

    asyncio.run(run())


def test_who_leaves_does_not_hold_up_the_others() -> None:
    async def run() -> None:
        batcher = Batcher(doubled)
        tasks = [asyncio.create_task(batcher.submit([i])) for i in range(3)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        assert await tasks[0] == [0]
        assert await tasks[2] == [4]
        batcher.close()

    asyncio.run(run())
