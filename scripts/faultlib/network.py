"""What lies between the nodes: network namespaces on a bridge, or the loopback behind proxies.

With namespaces each node has an address of its own, connections between most nodes are direct, and a partition is a
blackhole route, as on a real network where packets vanish. The links of a few nodes pass proxies, since the kernel need
not have netem. Without root every link passes a proxy, and a partition is a proxy that stops forwarding.
"""

import ctypes
import os
import shutil
import socket
import subprocess
from pathlib import Path

from .proxies import Proxies, Route

CLONE_NEWNS = 0x0002_0000
CLONE_NEWNET = 0x4000_0000
LIBC = ctypes.CDLL(None, use_errno=True)
NAMESPACES = Path("/run/netns")
PEER_PORT, API_PORT, PROXY_PORT = 7400, 8400, 7500


class Unavailable(Exception):
    """This machine does not allow what was tried."""


def command(*words: object) -> str:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode != 0:
        raise Unavailable(f"`{' '.join(map(str, words))}`: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def checked(result: int, what: str) -> None:
    if result != 0:
        raise Unavailable(f"{what}: {os.strerror(ctypes.get_errno())}")


class Network:
    """Places 0 to n − 1 are the nodes', place n is the twin's; `proxied` are the nodes whose links pass proxies."""

    mode = ""
    # Why it is this one and not a better one.
    note = ""

    def __init__(self, count: int, proxied: set[int], seed: int) -> None:
        self.count, self.proxied = count, proxied
        self.proxies = Proxies(count, seed)

    def pairs(self) -> list[tuple[int, int]]:
        """The directed links that pass proxies."""
        return [
            (i, j) for i in range(self.count) for j in range(self.count)
            if i != j and (i in self.proxied or j in self.proxied)]

    def peer(self, place: int) -> tuple[str, int]:
        """Where a node listens for its peers."""
        raise NotImplementedError

    def api(self, place: int) -> tuple[str, int]:
        raise NotImplementedError

    def dial(self, source: int, target: int) -> tuple[str, int]:
        """The address at which the configuration of one node names another."""
        raise NotImplementedError

    def prefix(self, place: int) -> list[str]:
        """What stands before a node's command to run it in its place."""
        return []

    def cut(self, source: int, target: int) -> None:
        """Lets nothing through any more from one node to another."""
        raise NotImplementedError

    def heal(self) -> None:
        """Undoes every cut, and makes every link a good one."""
        self.proxies.heal()

    def close(self) -> None:
        self.proxies.stop()


class Namespaces(Network):
    """Everything lives in a network and a mount namespace of this process, so nothing of it outlives the run.

    The process itself moves there too: it stands on the bridge, from where it reaches every node whatever is cut
    between them.
    """

    mode = "namespaces"

    def __init__(self, count: int, proxied: set[int], seed: int) -> None:
        super().__init__(count, proxied, seed)
        if os.geteuid() != 0:
            raise Unavailable("network namespaces need root")
        if not shutil.which("ip"):
            raise Unavailable("there is no `ip`: apt-get install iproute2")
        had_folder = NAMESPACES.exists()
        checked(LIBC.unshare(CLONE_NEWNS | CLONE_NEWNET), "unshare")
        command("mount", "--make-rprivate", "/")
        if not had_folder:
            NAMESPACES.mkdir(parents=True)
        # Names of namespaces are mounts; under a mount of our own they are gone with this process.
        command("mount", "-t", "tmpfs", "-o", "size=1m", "none", NAMESPACES)
        self.cuts: set[tuple[int, int]] = set()
        self.own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        command("ip", "link", "set", "lo", "up")
        command("ip", "link", "add", "hub", "type", "bridge")
        command("ip", "address", "add", f"{self.host(-1)}/24", "dev", "hub")
        command("ip", "link", "set", "hub", "up")
        self.namespaces = [self._add(place) for place in range(count + 1)]
        self.proxies.start([
            Route(i, j, self.dial(i, j), self.peer(j), lambda place=i: self.socket(place)) for i, j in self.pairs()])

    @staticmethod
    def host(place: int) -> str:
        return f"10.77.0.{place + 2}"

    @staticmethod
    def name(place: int) -> str:
        return f"node{place}"

    def _add(self, place: int) -> int:
        name, end = self.name(place), f"port{place}"
        command("ip", "netns", "add", name)
        command("ip", "link", "add", end, "type", "veth", "peer", "name", "eth0", "netns", name)
        command("ip", "link", "set", end, "master", "hub", "up")
        command("ip", "-n", name, "link", "set", "lo", "up")
        command("ip", "-n", name, "address", "add", f"{self.host(place)}/24", "dev", "eth0")
        command("ip", "-n", name, "link", "set", "eth0", "up")
        return os.open(NAMESPACES / name, os.O_RDONLY)

    def socket(self, place: int) -> socket.socket:
        """A socket belongs for ever to the namespace in which it was made, whoever uses it."""
        checked(LIBC.setns(self.namespaces[place], CLONE_NEWNET), "setns")
        try:
            return socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        finally:
            checked(LIBC.setns(self.own, CLONE_NEWNET), "setns")

    def peer(self, place: int) -> tuple[str, int]:
        return self.host(place), PEER_PORT

    def api(self, place: int) -> tuple[str, int]:
        return self.host(place), API_PORT

    def dial(self, source: int, target: int) -> tuple[str, int]:
        is_proxied = source < self.count and (source in self.proxied or target in self.proxied)
        return ("127.0.0.1", PROXY_PORT + target) if is_proxied else self.peer(target)

    def prefix(self, place: int) -> list[str]:
        return ["ip", "netns", "exec", self.name(place)]

    def cut(self, source: int, target: int) -> None:
        if (source, target) not in self.cuts:
            self.cuts.add((source, target))
            command("ip", "-n", self.name(source), "route", "add", "blackhole", f"{self.host(target)}/32")

    def heal(self) -> None:
        super().heal()
        for source, target in sorted(self.cuts):
            command("ip", "-n", self.name(source), "route", "delete", "blackhole", f"{self.host(target)}/32")
        self.cuts.clear()


class Loopback(Network):
    """Every node on 127.0.0.1, every link behind a proxy."""

    mode = "proxies"

    def __init__(self, count: int, seed: int) -> None:
        super().__init__(count, set(range(count)), seed)
        held = [self.socket() for _ in range(2 * (count + 1) + count * count)]
        for end in held:
            end.bind(("127.0.0.1", 0))
        ports = [end.getsockname()[1] for end in held]
        for end in held:
            end.close()
        self.peers, self.apis = ports[:count + 1], ports[count + 1:2 * (count + 1)]
        self.ports = ports[2 * (count + 1):]
        self.proxies.start([Route(i, j, self.dial(i, j), self.peer(j), self.socket) for i, j in self.pairs()])

    @staticmethod
    def socket() -> socket.socket:
        return socket.socket(socket.AF_INET, socket.SOCK_STREAM)

    def peer(self, place: int) -> tuple[str, int]:
        return "127.0.0.1", self.peers[place]

    def api(self, place: int) -> tuple[str, int]:
        return "127.0.0.1", self.apis[place]

    def dial(self, source: int, target: int) -> tuple[str, int]:
        is_twin = source == self.count
        return self.peer(target) if is_twin else ("127.0.0.1", self.ports[source * self.count + target])

    def cut(self, source: int, target: int) -> None:
        self.proxies.links[source][target].blocked = True


def open_network(count: int, proxied: set[int], seed: int, mode: str) -> Network:
    """Namespaces where the machine allows them, else the loopback."""
    if mode != "proxies":
        try:
            return Namespaces(count, proxied, seed)
        except Unavailable as problem:
            if mode == "namespaces":
                raise
            network = Loopback(count, seed)
            network.note = f"no network namespaces here ({problem})"
            return network
    return Loopback(count, seed)
