import asyncio
from typing import Any

from ranvier.live.connections import Strangers


class Held:
    """A connection as far as `Strangers` is concerned."""

    def __init__(self) -> None:
        self.transport = self
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True


def test_the_oldest_stranger_goes() -> None:
    strangers = Strangers(most=3)
    several: list[Any] = [Held() for _ in range(5)]
    for one in several[:3]:
        strangers.add(one)
    strangers.remove(several[0])  # it has shown the cookie
    for one in several[3:]:
        strangers.add(one)
    assert [one.aborted for one in several] == [False, True, False, False, False]


def test_a_thousand_in_one_moment() -> None:
    """No more than the limit are ever open, whatever the event loop does between."""
    most, opened = 0, 0

    async def main() -> None:
        nonlocal most, opened
        from ranvier.live import connections

        made: list[Any] = []
        limited = connections.Strangers(most=10)

        class Counting(asyncio.Protocol):
            def connection_made(self, transport: Any) -> None:
                nonlocal opened
                self.transport = transport
                made.append(self)
                opened += 1
                limited.add(self)  # type: ignore[arg-type]

            def connection_lost(self, error: Exception | None) -> None:
                nonlocal opened
                opened -= 1
                limited.remove(self)  # type: ignore[arg-type]

        loop = asyncio.get_running_loop()
        server = await loop.create_server(Counting, "127.0.0.1", 0, backlog=400)
        port = server.sockets[0].getsockname()[1]
        writers = []
        for _ in range(100):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writers.append(writer)
        while len(made) < 100:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        most = opened
        for writer in writers:
            writer.close()
        server.close()

    asyncio.run(main())
    assert most == 10
