"""Real nodes: their keys, configuration and processes, and the service manager that starts again what ended by itself."""

import ctypes
import glob
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

from .network import Network, command

REGIONS = {
    "cn-bj": "CN-BJ", "cn-gz": "CN-GZ", "cn-hb": "CN-HB", "cn-he": "CN-HE", "cn-hi": "CN-HI", "cn-hn": "CN-HN",
    "cn-js": "CN-JS",
}
MEMBERS = list(REGIONS)
FAULTY = 2
QUORUM = len(MEMBERS) - FAULTY
# How soon after healing a quorum must have a new final block.
RECOVERY_SECONDS = 10.0
SMALL_DISK_BYTES = 320 << 20
PR_SET_PDEATHSIG = 1
# How systemd would do it: a node that ended by itself is started again after a moment.
RESTART_SECONDS = 0.3
LIBC = ctypes.CDLL(None)
# Ends that no fault explains: a trap, an abort, an illegal access.
BUG_SIGNALS = {signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGSEGV}


class Failed(Exception):
    """Something that should hold does not."""


def environment() -> dict[str, str]:
    """Without what would reach into a node's configuration."""
    return {name: value for name, value in os.environ.items() if not name.startswith("JALON_")}


def die_with_parent() -> None:
    """However this program ends, the nodes end with it, those stopped by a signal too."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def faketime_library() -> str | None:
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    return found[0] if found else None


def fetch(host: tuple[str, int], path: str, timeout: float = 1.0) -> bytes:
    with urllib.request.urlopen(f"http://{host[0]}:{host[1]}{path}", timeout=timeout) as response:
        return response.read()


def is_voting(status: dict[str, Any]) -> bool:
    return (status.get("voting") or {}).get("state", "voting") == "voting"


@dataclass
class Node:
    """One member's node; place n is that of the twin."""

    place: int
    member: str
    home: Path
    process: subprocess.Popen[bytes] | None = None
    # Whether the service manager keeps it running.
    wanted: bool = False
    # Whether its ending by itself is part of the fault that it suffers now.
    may_end: bool = False
    clock: str | None = None
    ended_at: float | None = None
    starts: int = 0

    @property
    def data(self) -> Path:
        return self.home / "disk" / "data"

    @property
    def ledger(self) -> Path:
        return self.data / "ledger.sqlite"

    @property
    def config(self) -> Path:
        return self.home / "node.yaml"

    @property
    def log(self) -> Path:
        return self.home / "node.log"

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def has_rejoined(self) -> bool:
        """Whether it found out, since it was last started, that it lacks votes of its own."""
        log = self.log.read_text(errors="replace")
        return "own votes are lost" in log[log.rfind("--- start "):]

    def log_tail(self, count: int = 4) -> str:
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])


@dataclass
class Cluster:
    """Seven nodes and what they run on."""

    folder: Path
    jalon: Path
    network: Network
    small_disks: set[int]
    can_mount: bool
    nodes: list[Node] = field(default_factory=list)
    twin: Node | None = None
    failures: list[str] = field(default_factory=list)
    restarts: int = 0
    mounted: list[Path] = field(default_factory=list)
    # The greatest height that any node ever told.
    greatest: int = 0

    def __post_init__(self) -> None:
        self.pool = ThreadPoolExecutor(len(MEMBERS) + 1, "heads")
        self.can_rejoin = "rejoin" in self.run_jalon("node", "--help")

    # Making the network

    def run_jalon(self, *words: object, expect: int | None = 0) -> str:
        done = subprocess.run(
            [str(self.jalon), *map(str, words)], capture_output=True, text=True, cwd=self.folder, env=environment())
        if expect is not None and done.returncode != expect:
            raise Failed(f"`jalon {' '.join(map(str, words))}` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def verify(self, data: Path) -> tuple[int, str]:
        done = subprocess.run(
            [str(self.jalon), "verify", "--data", str(data)], capture_output=True, text=True, env=environment())
        return done.returncode, (done.stdout + done.stderr).strip()

    def set_up(self) -> None:
        """Makes keys, genesis and configurations with the program's own commands."""
        for place, member in enumerate(MEMBERS):
            home = self.folder / member
            self.run_jalon(
                "member", "init", member, "--region", REGIONS[member], "--name-zh", member, "--name-en", member,
                "--node-folder", home, "--authority-folder", self.folder / "keys" / member)
            self.nodes.append(Node(place, member, home))
        self.run_jalon(
            "network", "create", *[f"{member}.member.json" for member in MEMBERS], "--network", "faults",
            "--out", "invitation.jalon")
        for node in self.nodes:
            self.run_jalon("join", "invitation.jalon", "--keys", node.home)
            disk = node.home / "disk"
            disk.mkdir(mode=0o700)
            if node.place in self.small_disks and self.can_mount:
                command("mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_BYTES},mode=0700", "none", disk)
                self.mounted.append(disk)
            shutil.move(node.home / "data", node.data)
            self.configure(node)

    def configure(self, node: Node) -> None:
        """Writes the configuration; the genesis holds no addresses, so these are the only ones."""
        lines = [
            "network: faults", 'genesis: "genesis.cbor"', 'data: "disk/data"',
            'listen: "%s:%d"' % self.network.peer(node.place), "api:", '  listen: "%s:%d"' % self.network.api(node.place),
            "keys:", '  node: "node.pem"', '  validator: "validator.pem"', "peers:",
        ]
        for place, member in enumerate(MEMBERS):
            if member != node.member:
                address = "%s:%d" % self.network.dial(node.place, place)
                lines += [f"  - member: {member}", f'    addresses: ["{address}"]']
        lines += ["log:", "  level: info", "  format: text"]
        node.config.write_text("\n".join(lines) + "\n")

    def genesis(self) -> bytes:
        return (self.nodes[0].home / "genesis.cbor").read_bytes()

    # Processes

    def start(self, node: Node) -> None:
        variables = environment()
        prefix = self.network.prefix(node.place)
        if node.clock:
            # The first program that loads libfaketime gets its environment changed, and a Swift program then no longer
            # finds its arguments, which it looks for beside the environment. So another one comes first.
            prefix = [*prefix, "env"]
            library = faketime_library()
            assert library, "the class is skipped where faketime is missing"
            variables |= {"LD_PRELOAD": library, "FAKETIME": node.clock, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        with open(node.log, "ab") as log:
            log.write(f"--- start {node.starts} at {time.time():.3f}, clock {node.clock or 'right'}\n".encode())
            log.flush()
            node.process = subprocess.Popen(
                [*prefix, str(self.jalon), "node", "run", str(node.config)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=variables, start_new_session=True,
                preexec_fn=die_with_parent)
        node.starts += 1
        node.wanted, node.ended_at = True, None

    def kill(self, node: Node) -> None:
        """kill -9, as a power cut would."""
        node.wanted = False
        if node.process:
            node.process.kill()
            node.process.wait()

    def stop(self, node: Node, seconds: float = 10) -> None:
        """Asks a node to end, as a service manager does, and insists after a while."""
        node.wanted = False
        if not node.process:
            return
        if node.is_running:
            node.process.terminate()
        try:
            if node.process.wait(seconds) != 0:
                self.judge_end(node)
        except subprocess.TimeoutExpired:
            self.failures.append(f"{node.member} was asked to end and had not after {seconds} s")
            self.kill(node)

    def pause(self, node: Node) -> None:
        if node.process:
            node.process.send_signal(signal.SIGSTOP)

    def resume(self, node: Node) -> None:
        if node.process:
            node.process.send_signal(signal.SIGCONT)

    def tend(self) -> None:
        """The service manager: starts again what ended by itself, and says so where no fault explains it."""
        for node in self.nodes:
            if not node.wanted or node.is_running or node.process is None:
                continue
            if node.ended_at is None:
                node.ended_at = time.monotonic()
                self.judge_end(node)
            elif time.monotonic() - node.ended_at >= RESTART_SECONDS:
                self.restarts += 1
                self.start(node)

    def judge_end(self, node: Node) -> None:
        """Notes how a process ended, where that is not part of its fault."""
        assert node.process
        code = node.process.returncode
        if -code in BUG_SIGNALS:
            self.failures.append(f"{node.member} crashed with signal {-code}: {node.log_tail()}")
        elif not node.may_end:
            self.failures.append(f"{node.member} ended with {code}: {node.log_tail()}")

    def pause_for(self, seconds: float) -> None:
        """Lets time pass with the service manager at work."""
        end = time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0:
            self.tend()
            time.sleep(min(0.05, rest))

    def kill_all(self) -> None:
        for node in [*self.nodes, *([self.twin] if self.twin else [])]:
            self.kill(node)

    def close(self) -> None:
        self.kill_all()
        self.pool.shutdown(wait=False)
        self.network.close()

    def take_from_small_disks(self) -> None:
        """Moves what lies on the small disks into the run's folder, once the nodes have ended."""
        for disk in self.mounted:
            aside = disk.with_name("disk.copy")
            shutil.copytree(disk, aside)
            command("umount", disk)
            disk.rmdir()
            aside.rename(disk)
        self.mounted = []

    # Looking at it

    def status(self, node: Node) -> dict[str, Any] | None:
        try:
            return json.loads(fetch(self.network.api(node.place), "/v1/head"))
        except (OSError, ValueError, urllib.error.URLError):
            return None

    def statuses(self) -> list[dict[str, Any] | None]:
        return list(self.pool.map(self.status, self.nodes))

    def heights(self) -> list[int]:
        """Each node's height, −1 where it does not answer."""
        return [status["head"]["height"] if status else -1 for status in self.statuses()]

    def top(self) -> int:
        """The height of the network, also while no node answers."""
        self.greatest = max(self.greatest, *self.heights())
        return self.greatest

    def wait(self, seconds: float, condition: Callable[[], bool], every: float = 0.1) -> float | None:
        """The seconds until a condition holds, or none where it does not in time."""
        start = time.monotonic()
        while not condition():
            if time.monotonic() - start > seconds:
                return None
            self.pause_for(every)
        return time.monotonic() - start

    def leader(self) -> Node | None:
        """Whose turn it is as most nodes see it: validators take turns in the order of their raw keys."""
        views = sorted(status["view"] for status in self.statuses() if status)
        if not views:
            return None
        keys = {
            node.member: json.loads((self.folder / f"{node.member}.member.json").read_text())["keys"]["validator"]["key"]
            for node in self.nodes}
        order = sorted(self.nodes, key=lambda node: keys[node.member])
        return order[(views[len(views) // 2] - 1) % len(order)]
