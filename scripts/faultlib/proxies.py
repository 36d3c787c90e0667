"""TCP proxies, one for each directed link that may become slow, lossy or cut.

The proxy of the link i → j takes what node i dials for node j. A connection carries both directions, so what j sends back
to i on it passes under the rules of the link j → i. TCP hides the loss of packets and shows it as waiting: "lossy" is
sudden stalls and resets.
"""

import asyncio
import random
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Callable

CHUNK = 16 << 10
# What a link under delay holds at most: beyond it the sender has to wait, as on a real line.
IN_FLIGHT_CHUNKS = 256


@dataclass
class Link:
    """How one direction between two nodes behaves now."""

    delay: float = 0.0
    jitter: float = 0.0
    bytes_per_second: float | None = None
    stall_chance: float = 0.0
    stall: float = 0.0
    reset_chance: float = 0.0
    blocked: bool = False

    def heal(self) -> None:
        self.__init__()  # type: ignore[misc]


@dataclass
class Route:
    """Where the proxy of a directed link listens and where it dials, each with a maker of sockets in the right place."""

    source: int
    target: int
    listen: tuple[str, int]
    dial: tuple[str, int]
    make_socket: Callable[[], socket.socket]


@dataclass
class Counters:
    connections: int = 0
    resets: int = 0
    stalls: int = 0


@dataclass
class Proxies:
    """Every proxy of a run, on an event loop in a thread of its own."""

    count: int
    seed: int
    links: list[list[Link]] = field(init=False)
    counters: Counters = field(default_factory=Counters)

    def __post_init__(self) -> None:
        self.links = [[Link() for _ in range(self.count)] for _ in range(self.count)]
        self.random = random.Random(self.seed)
        self.loop = asyncio.new_event_loop()
        self.tasks: set[asyncio.Task[None]] = set()
        self.thread = threading.Thread(target=self.loop.run_forever, name="proxies", daemon=True)

    def start(self, routes: list[Route]) -> None:
        self.thread.start()
        for route in routes:
            listener = route.make_socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(route.listen)
            listener.listen(64)
            listener.setblocking(False)
            asyncio.run_coroutine_threadsafe(self._accept(listener, route), self.loop)

    def stop(self) -> None:
        if not self.thread.is_alive():
            return
        asyncio.run_coroutine_threadsafe(self._cancel(), self.loop)
        self.thread.join(5)

    async def _cancel(self) -> None:
        tasks = asyncio.all_tasks(self.loop) - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.loop.stop()

    def heal(self) -> None:
        for row in self.links:
            for link in row:
                link.heal()

    async def _accept(self, listener: socket.socket, route: Route) -> None:
        while True:
            try:
                accepted, _ = await self.loop.sock_accept(listener)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            task = self.loop.create_task(self._serve(accepted, route))
            # The loop itself holds tasks only weakly.
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _serve(self, near: socket.socket, route: Route) -> None:
        self.counters.connections += 1
        far = route.make_socket()
        far.setblocking(False)
        try:
            forth = self.links[route.source][route.target]
            back = self.links[route.target][route.source]
            # A dial that no answer can reach stays open until the dialler gives up, as with lost packets.
            while forth.blocked or back.blocked:
                await asyncio.sleep(0.05)
            async with asyncio.timeout(10):
                await self.loop.sock_connect(far, route.dial)
            for end in (near, far):
                end.setblocking(False)
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # The node gives its own silent connections up by this option; behind a proxy it sees only the near leg, so
            # the far one needs it too.
            far.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 15_000)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(near, far, forth))
                group.create_task(self._pump(far, near, back))
        except (OSError, TimeoutError, ExceptionGroup):
            pass
        finally:
            for end in (near, far):
                self._close(end)

    @staticmethod
    def _close(end: socket.socket) -> None:
        # A reset and not an orderly end: a broken line says no farewell.
        with suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        end.close()

    async def _pump(self, source: socket.socket, target: socket.socket, link: Link) -> None:
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(IN_FLIGHT_CHUNKS)

        async def receive() -> None:
            last = 0.0
            while True:
                data = await self.loop.sock_recv(source, CHUNK)
                delay = link.delay + self.random.uniform(0, link.jitter)
                if link.stall_chance and self.random.random() < link.stall_chance:
                    self.counters.stalls += 1
                    delay += self.random.uniform(0.2, 1) * link.stall
                # What was sent first arrives first, whatever its own delay.
                last = max(last, self.loop.time() + delay)
                await queue.put((last, data))
                if not data:
                    return

        async def send() -> None:
            while True:
                due, data = await queue.get()
                if (wait := due - self.loop.time()) > 0:
                    await asyncio.sleep(wait)
                while link.blocked:
                    await asyncio.sleep(0.05)
                if not data or (link.reset_chance and self.random.random() < link.reset_chance):
                    self.counters.resets += bool(data)
                    raise ConnectionResetError
                if link.bytes_per_second:
                    await asyncio.sleep(len(data) / link.bytes_per_second)
                await self.loop.sock_sendall(target, data)

        async with asyncio.TaskGroup() as group:
            group.create_task(receive())
            group.create_task(send())
