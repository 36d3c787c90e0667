"""The faults of processes, clocks and the network. A fault is injected, lasts for a while, and is healed."""

import random
from typing import ClassVar

from .clients import Clients
from .nodes import FAULTY, MEMBERS, QUORUM, RECOVERY_SECONDS, Cluster, Failed, Node, faketime_library, is_voting


class Fault:
    """One fault, drawn: whom it strikes and how hard follow from `draw` alone."""

    name: ClassVar[str] = ""
    # How many nodes it may strike; those count as faulty until it is healed.
    most_victims: ClassVar[int] = FAULTY
    # Whether it may strike at the same time as another that strikes one node.
    is_combinable: ClassVar[bool] = False
    # Whether it strikes nodes, and not just lines that may be slow with nobody faulty.
    strikes_nodes: ClassVar[bool] = True

    def __init__(self, cluster: Cluster, clients: Clients, draw: random.Random, victims: list[Node] | None = None):
        self.cluster, self.clients, self.draw = cluster, clients, draw
        self.hold = draw.uniform(1.5, 4)
        self.victims = victims if victims and self.strikes_nodes else self.choose()
        self.detail = ""
        # Members of whom contradicting votes may appear.
        self.blamed: list[str] = []

    @classmethod
    def missing(cls, cluster: Cluster) -> str | None:
        """Why the class can't be injected here, or none."""
        return None

    def choose(self) -> list[Node]:
        return self.draw.sample(self.cluster.nodes, self.draw.randint(1, self.most_victims))

    def inject(self) -> None:
        raise NotImplementedError

    def heal(self) -> None:
        raise NotImplementedError

    def aftermath(self) -> str:
        """What the struck node made of it, once all is well again; or nothing."""
        return ""

    def describe(self) -> str:
        names = ", ".join(node.member for node in self.victims) if len(self.victims) < len(MEMBERS) else "all"
        return f"{names}: {self.detail}" if self.detail else names


# Processes


class Kill(Fault):
    name = "kill -9"
    is_combinable = True

    def inject(self) -> None:
        self.detail = f"down for {self.hold:.1f} s"
        for node in self.victims:
            self.cluster.kill(node)

    def heal(self) -> None:
        for node in self.victims:
            self.cluster.start(node)


class KillAll(Kill):
    name = "kill -9 all at once"
    is_combinable = False

    def choose(self) -> list[Node]:
        self.hold = self.draw.uniform(0, 2)
        return list(self.cluster.nodes)


class KillLeader(Kill):
    name = "kill -9 the leader"
    is_combinable = False

    def choose(self) -> list[Node]:
        # Who leads is a matter of timing, so here a replay strikes by the same rule and not the same node.
        return [self.cluster.leader() or self.draw.choice(self.cluster.nodes)]


class KillDuringStart(Kill):
    name = "kill -9 during start"

    def inject(self) -> None:
        delays = [self.draw.uniform(0.05, 0.3) for _ in range(self.draw.randint(1, 4))]
        self.detail = "after " + ", ".join(f"{delay * 1_000:.0f}" for delay in delays) + " ms"
        self.hold = 0
        for node in self.victims:
            self.cluster.kill(node)
            for delay in delays:
                self.cluster.start(node)
                self.cluster.pause_for(delay)
                self.cluster.kill(node)


class Pause(Fault):
    name = "pause"
    is_combinable = True

    def inject(self) -> None:
        self.hold = self.draw.uniform(0.5, 10) if self.draw.random() < 0.5 else self.draw.uniform(0.5, 3)
        self.detail = f"SIGSTOP for {self.hold:.1f} s"
        for node in self.victims:
            self.cluster.pause(node)

    def heal(self) -> None:
        for node in self.victims:
            self.cluster.resume(node)


class RollingRestart(Fault):
    name = "rolling restart"

    def choose(self) -> list[Node]:
        return self.draw.sample(self.cluster.nodes, len(MEMBERS))

    def inject(self) -> None:
        """Restarts node after node as an upgrade does, each when the one before it votes again."""
        self.hold = 0
        slowest = 0.0
        for node in self.victims:
            self.cluster.stop(node)
            require(not self.cluster.failures, "; ".join(self.cluster.failures))
            self.cluster.pause_for(self.draw.uniform(0, 0.3))
            base = self.cluster.top()
            self.cluster.start(node)
            seconds = self.cluster.wait(RECOVERY_SECONDS, lambda: self.goes_on(node, base), every=0.05)
            require(
                seconds is not None,
                f"{RECOVERY_SECONDS:.0f} s after {node.member} was started again it does not vote, or no block followed "
                f"height {base}; heights {self.cluster.heights()}")
            slowest = max(slowest, seconds or 0)
        self.detail = f"SIGTERM one after the other; each wrote blocks with the others again after {slowest:.1f} s at most"

    def goes_on(self, node: Node, base: int) -> bool:
        """Whether a quorum, and this node, have a block above a height, and this node votes."""
        if sum(height > base for height in self.cluster.heights()) < QUORUM:
            return False
        status = self.cluster.status(node)
        return bool(status) and status["head"]["height"] > base and is_voting(status)

    def heal(self) -> None:
        """Each was started again before the next was stopped."""


# The network


class Partition(Fault):
    name = "partition"

    def choose(self) -> list[Node]:
        # Now and then the whole network falls apart, so that no side has a quorum.
        if self.draw.random() < 0.35:
            return self.draw.sample(self.cluster.nodes, 3)
        return super().choose()

    def inject(self) -> None:
        self.hold = self.draw.uniform(2, 8)
        self.detail = f"apart from the others for {self.hold:.1f} s"
        inside = {node.place for node in self.victims}
        for i in inside:
            for j in set(range(len(MEMBERS))) - inside:
                self.cluster.network.cut(i, j)
                self.cluster.network.cut(j, i)

    def heal(self) -> None:
        self.cluster.network.heal()


class OneWayPartition(Partition):
    name = "one-way partition"

    def choose(self) -> list[Node]:
        return Fault.choose(self)

    def inject(self) -> None:
        self.hold = self.draw.uniform(2, 8)
        way = self.draw.choice(["hears nobody", "is heard by nobody"])
        self.detail = f"{way} for {self.hold:.1f} s"
        inside = {node.place for node in self.victims}
        for i in inside:
            for j in set(range(len(MEMBERS))) - inside:
                self.cluster.network.cut(*((j, i) if way == "hears nobody" else (i, j)))


class SlowLinks(Fault):
    name = "slow links"
    is_combinable = True
    strikes_nodes = False

    def choose(self) -> list[Node]:
        return [self.cluster.nodes[place] for place in sorted(self.cluster.network.proxied)]

    def inject(self) -> None:
        self.hold = self.draw.uniform(3, 6)
        delay, jitter = self.draw.uniform(0.02, 0.3), self.draw.uniform(0, 0.2)
        rate = self.draw.choice([None, 50_000, 200_000])
        self.detail = f"{delay * 1_000:.0f} ms + up to {jitter * 1_000:.0f} ms, {rate or 'any number of'} bytes/s"
        for i, j in self.cluster.network.pairs():
            link = self.cluster.network.proxies.links[i][j]
            link.delay, link.jitter, link.bytes_per_second = delay, jitter, rate

    def heal(self) -> None:
        self.cluster.network.heal()


class LossyLinks(SlowLinks):
    name = "lossy links"

    def inject(self) -> None:
        self.hold = self.draw.uniform(3, 6)
        stall, chance, reset = self.draw.uniform(0.1, 1), self.draw.uniform(0.02, 0.15), self.draw.uniform(0, 0.01)
        self.detail = f"{chance:.0%} stall up to {stall:.1f} s, {reset:.1%} break the connection"
        for i, j in self.cluster.network.pairs():
            link = self.cluster.network.proxies.links[i][j]
            link.stall, link.stall_chance, link.reset_chance = stall, chance, reset


# Clocks


class ClockSkew(Fault):
    name = "clock skew"

    @classmethod
    def missing(cls, cluster: Cluster) -> str | None:
        return None if faketime_library() else "needs faketime: apt-get install faketime"

    def skew(self) -> str:
        return f"{self.draw.choice('+-')}{self.draw.randint(5, 60)}s"

    def inject(self) -> None:
        self.hold = self.draw.uniform(4, 6)
        for node in self.victims:
            node.clock = self.skew()
            self.cluster.kill(node)
            self.cluster.start(node)
        self.detail = ", ".join(node.clock or "" for node in self.victims) + f" for {self.hold:.1f} s"

    def heal(self) -> None:
        for node in self.victims:
            node.clock = None
            self.cluster.kill(node)
            self.cluster.start(node)


class ClockDaysAhead(ClockSkew):
    name = "clock days ahead"
    most_victims = 1

    def skew(self) -> str:
        return f"+{self.draw.randint(2, 25)}d"


def need_rejoin(cluster: Cluster) -> str | None:
    return None if cluster.can_rejoin else "needs `jalon node rejoin`, which this program lacks"


def require(condition: bool, what: str) -> None:
    if not condition:
        raise Failed(what)
