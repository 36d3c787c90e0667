"""The faults of disks and of copies: what a node's folder may suffer."""

import errno
import os
import re
import shutil
from pathlib import Path

from .faults import Fault, need_rejoin, require
from .nodes import Cluster, Node, fetch


def copied(folder: Path, target: Path) -> Path:
    """A copy of a data folder, modes included."""
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(folder, target)
    return target


def start_over(cluster: Cluster, node: Node, number: int) -> None:
    """What an operator does after a lost disk: the folder moves away, `node rejoin` notes that votes are lost."""
    if node.data.exists():
        node.data.rename(node.data.with_name(f"data.damaged.{number}"))
    cluster.run_jalon("node", "rejoin", node.config)


class FullDisk(Fault):
    name = "full disk"
    most_victims = 1
    low_bytes = 40 << 20

    @classmethod
    def missing(cls, cluster: Cluster) -> str | None:
        if not cluster.can_mount:
            return "needs root, to mount a small disk"
        return None if cluster.small_disks else "no node has a small disk"

    def choose(self) -> list[Node]:
        return [self.cluster.nodes[self.draw.choice(sorted(self.cluster.small_disks))]]

    @property
    def ballast(self) -> Path:
        return self.victims[0].home / "disk" / "ballast"

    def fill(self, leave: int) -> None:
        """Leaves so many bytes free. Nothing is written: the space is taken all the same."""
        with open(self.ballast, "ab") as file:
            for _ in range(100):
                if (more := self.free() - leave) <= 0:
                    return
                try:
                    os.posix_fallocate(file.fileno(), file.tell(), more)
                    file.seek(0, os.SEEK_END)
                except OSError as problem:
                    # The node writes meanwhile, and may have taken what was free a moment ago.
                    if problem.errno != errno.ENOSPC:
                        raise

    def free(self) -> int:
        disk = os.statvfs(self.ballast.parent)
        return disk.f_bavail * disk.f_frsize

    def inject(self) -> None:
        node = self.victims[0]
        node.may_end = True
        self.fill(self.low_bytes)
        # The node looks every five seconds, and must then stop voting by itself, before a write fails.
        noticed = self.cluster.wait(12, self.is_noticed)
        require(noticed is not None, f"{node.member} has 40 MiB left and says {self.cluster.status(node)}")
        self.fill(0)
        self.hold = self.draw.uniform(2, 4)
        self.detail = f"40 MiB left, noticed after {noticed:.1f} s; then nothing left for {self.hold:.1f} s"

    def is_noticed(self) -> bool:
        status = self.cluster.status(self.victims[0])
        return bool(status) and (status.get("voting") or {}).get("state") == "diskFull"

    def heal(self) -> None:
        self.detail += ", still running" if self.victims[0].is_running else ", ended"
        self.ballast.unlink(missing_ok=True)


class FlippedBytes(Fault):
    """Bits of the ledger's file turn over while the node is down; one of them within a transaction that is known."""

    name = "flipped bytes"
    most_victims = 1

    @classmethod
    def missing(cls, cluster: Cluster) -> str | None:
        return need_rejoin(cluster)

    def inject(self) -> None:
        node = self.victims[0]
        node.may_end = True
        if is_killed := self.draw.random() < 0.5:
            self.cluster.kill(node)
        else:
            self.cluster.stop(node)
        self.flips: list[str] = []
        self.flip_known()
        for _ in range(self.draw.randint(0 if self.flips else 1, 3)):
            self.flip_anywhere()
        self.cluster.start(node)
        # The service manager leaves it alone: what it says at its start is the point.
        node.wanted = False
        self.hold = 2.5
        self.detail = f"{', '.join(self.flips)} after {'kill -9' if is_killed else 'a clean stop'}"

    def flip_known(self) -> None:
        """Damages every copy of one transaction's signature in the file, so that the one in use is among them."""
        node = self.victims[0]
        ledger = node.ledger.read_bytes()
        log = self.log_beside.read_bytes() if self.log_beside.exists() else b""
        self.known, self.must_notice = None, False
        finals = list(self.clients.finals)
        for statement in self.draw.sample(finals, min(40, len(finals))):
            signature = statement.bytes[-64:]
            places = [match.start() for match in re.finditer(re.escape(signature), ledger)]
            if places:
                self.known = statement
                # A newer copy in the log beside the file would hide the damage, rightly.
                self.must_notice = signature not in log
                for at in places:
                    self.flip(node.ledger, at + self.draw.randrange(64))
                return

    @property
    def log_beside(self) -> Path:
        return self.victims[0].data / "ledger.sqlite-wal"

    def flip_anywhere(self) -> None:
        path = self.draw.choice([self.victims[0].ledger, self.log_beside])
        if not path.exists() or path.stat().st_size == 0:
            path = self.victims[0].ledger
        if path == self.log_beside:
            # SQLite drops what follows a damaged frame, so votes are lost, and not every peer need know of them.
            self.blamed = [self.victims[0].member]
        self.flip(path, self.draw.randrange(path.stat().st_size))

    def flip(self, path: Path, at: int) -> None:
        self.flips.append(f"{path.name}:{at}")
        with open(path, "r+b") as file:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 1 << self.draw.randrange(8)]))

    def heal(self) -> None:
        node = self.victims[0]
        if node.is_running and self.known:
            self.question(node)
        if ran := node.is_running:
            self.cluster.stop(node)
        else:
            self.cluster.judge_end(node)
        code, words = self.cluster.verify(node.data)
        self.detail += f", the node {'started' if ran else 'refused to start'}, verify ended with {code}"
        require(code in (0, 1, 4), f"{node.member}: `jalon verify` of a damaged ledger ended with {code}: {words}")
        require(
            code != 0 or not self.must_notice,
            f"{node.member}: bits of a final transaction are flipped ({self.detail}) and verify says: {words}")
        if not ran or code != 0:
            start_over(self.cluster, node, node.starts)
        self.cluster.start(node)

    def question(self, node: Node) -> None:
        """Whatever the node answers about the damaged transaction, it is not the damaged bytes."""
        assert self.known
        try:
            served = fetch(self.cluster.network.api(node.place), f"/v1/transactions/{self.known.id}/bytes")
        except OSError as problem:
            self.detail += f", asked for it: {problem}"
            return
        require(served == self.known.bytes, f"{node.member} served flipped bytes as transaction {self.known.id}")
        # Right bytes where wrong ones lie on the disk: they came from memory or from the log beside the file.
        self.detail += ", right bytes served"


class OldFolder(Fault):
    """A copy of the data folder is put back: the node itself must notice from its peers and rejoin."""

    name = "old folder put back"
    most_victims = 1

    @classmethod
    def missing(cls, cluster: Cluster) -> str | None:
        return need_rejoin(cluster)

    def inject(self) -> None:
        node = self.victims[0]
        self.blamed = [node.member]
        self.cluster.kill(node)
        self.copy = copied(node.data, node.home / "disk" / "data.old")
        self.cluster.start(node)
        self.hold = self.draw.uniform(3, 6)
        self.detail = f"{self.hold:.1f} s old"

    def heal(self) -> None:
        node = self.victims[0]
        self.cluster.kill(node)
        shutil.rmtree(node.data)
        self.copy.rename(node.data)
        self.cluster.start(node)

    def aftermath(self) -> str:
        # The votes that are lost don't matter once the others have made later blocks final, and then nobody mentions them.
        return "rejoined by itself" if self.victims[0].has_rejoined else "no lost vote was open any more"


class LostFolder(Fault):
    """The disk is lost; the operator starts with an empty folder."""

    name = "lost folder"
    most_victims = 1

    @classmethod
    def missing(cls, cluster: Cluster) -> str | None:
        return need_rejoin(cluster)

    def inject(self) -> None:
        self.cluster.kill(self.victims[0])
        shutil.rmtree(self.victims[0].data)
        self.detail = f"down for {self.hold:.1f} s"

    def heal(self) -> None:
        start_over(self.cluster, self.victims[0], self.victims[0].starts)
        self.cluster.start(self.victims[0])


class Twin(Fault):
    """A second process with one node's keys and a copy of its folder, somewhere else: one identity that votes twice."""

    name = "twin"
    most_victims = 1

    def inject(self) -> None:
        node = self.victims[0]
        self.blamed = [node.member]
        node.may_end = True
        self.cluster.kill(node)
        home = self.cluster.folder / "twin"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(mode=0o700)
        for name in ("node.pem", "validator.pem", "genesis.cbor"):
            shutil.copy2(node.home / name, home / name)
        twin = Node(len(self.cluster.nodes), node.member, home)
        copied(node.data, twin.data)
        twin.data.parent.chmod(0o700)
        self.cluster.configure(twin)
        self.cluster.twin = twin
        self.cluster.start(twin)
        self.cluster.start(node)
        self.hold = self.draw.uniform(3, 6)
        self.detail = f"for {self.hold:.1f} s"

    def heal(self) -> None:
        assert self.cluster.twin
        self.cluster.kill(self.cluster.twin)

