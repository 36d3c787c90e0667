"""Clients on every node. A time-out is "unknown" and never "failed": the same bytes go to another node."""

import http.client
import itertools
import json
import random
import threading
import time
from collections import Counter, deque
from hashlib import sha256
from pathlib import Path
from typing import Any

from .network import Network
from .signing import Author, Statement

# More than the nodes, as each waits for seconds where it meets a node that is paused or cut off.
CLIENTS = 16
SUBMIT_TIMEOUT = 3.0
WAIT_SECONDS = 3
REMEMBERED = 4_000
MAXIMUM_COUNT = 250_000


class Log:
    """What clients did and were told, a JSON object a line, in the order of one clock."""

    def __init__(self, path: Path) -> None:
        self.file = open(path, "w", encoding="utf-8")
        self.lock = threading.Lock()

    def write(self, **fields: Any) -> None:
        line = json.dumps(fields, separators=(",", ":"))
        with self.lock:
            self.file.write(line + "\n")

    def close(self) -> None:
        with self.lock:
            self.file.close()


class Clients:
    """Threads that make, hand in and follow transactions until each is final."""

    def __init__(
        self, network: Network, members: list[str], authors: list[Author], chain: bytes, log: Path, seed: int, rate: float
    ) -> None:
        self.network, self.members, self.authors, self.chain = network, members, authors, chain
        self.log = Log(log)
        self.seed = seed
        # Between two transactions of one client, so that all together make at most `rate` a second.
        self.pace = CLIENTS / rate
        self.making = threading.Event()
        self.running = threading.Event()
        self.numbers = [itertools.count(1) for _ in authors]
        self.counts: Counter[str] = Counter()
        self.lock = threading.Lock()
        # Final ones with their bytes, for questions whose answer is known.
        self.finals: deque[Statement] = deque(maxlen=REMEMBERED)
        self.open: set[str] = set()
        self.threads = [threading.Thread(target=self._run, args=(c,), daemon=True) for c in range(CLIENTS)]

    def start(self) -> None:
        self.making.set()
        self.running.set()
        for thread in self.threads:
            thread.start()

    def finish(self, seconds: float) -> list[str]:
        """Makes no more, and waits until those that were handed in are final; returns those that are not."""
        self.making.clear()
        end = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.0, end - time.monotonic()))
        self.stop()
        with self.lock:
            return sorted(self.open)

    def stop(self) -> None:
        self.making.clear()
        self.running.clear()
        for thread in self.threads:
            if thread.ident:
                thread.join(SUBMIT_TIMEOUT + WAIT_SECONDS + 1)
        self.log.close()

    def count(self, what: str) -> None:
        with self.lock:
            self.counts[what] += 1

    # One client

    def _run(self, client: int) -> None:
        draw = random.Random(f"{self.seed}/client/{client}")
        while self.making.is_set() and self.counts["made"] < MAXIMUM_COUNT:
            author = draw.randrange(len(self.authors))
            statement = self.authors[author].plan(next(self.numbers[author]), self.chain)
            self._write(client, statement, event="made", sha256=sha256(statement.bytes).hexdigest())
            self.count("made")
            with self.lock:
                self.open.add(statement.id)
            if self._settle(client, statement, draw):
                with self.lock:
                    self.open.discard(statement.id)
                    self.finals.append(statement)
            time.sleep(draw.uniform(0.5, 1.5) * self.pace)

    def _settle(self, client: int, statement: Statement, draw: random.Random) -> bool:
        """Hands a transaction in, at one node after the other, until one says that it is final."""
        nodes = list(range(len(self.members)))
        draw.shuffle(nodes)
        for node in itertools.cycle(nodes):
            if not self.running.is_set():
                return False
            state = self._ask(client, statement, node, "POST", "/v1/transactions", statement.bytes, SUBMIT_TIMEOUT)
            if state == "pending":
                path = f"/v1/transactions/{statement.id}/wait?timeout={WAIT_SECONDS}"
                state = self._ask(client, statement, node, "GET", path, None, WAIT_SECONDS + 1.0)
            if state == "final":
                self.count("acknowledged")
                if draw.random() < 0.1:
                    # What one node calls final, another may not know yet, but never tells otherwise.
                    self._ask(
                        client, statement, draw.choice(nodes), "GET", f"/v1/transactions/{statement.id}", None, 2.0)
                return True
            if state == "expired":
                self.count("expired")
                return True
            time.sleep(draw.uniform(0.05, 0.2))
        return False

    def _ask(
        self, client: int, statement: Statement, node: int, method: str, path: str, body: bytes | None, timeout: float
    ) -> str:
        """Asks one node about one transaction; whatever is not an answer is `unknown`."""
        self._write(client, statement, event="sent" if body else "asked", node=self.members[node])
        answer: dict[str, Any]
        try:
            answer = self._request(node, method, path, body, timeout)
        except (OSError, ValueError, http.client.HTTPException) as problem:
            answer = {"state": "unknown", "problem": type(problem).__name__}
        state = str(answer.get("state", "unknown"))
        if state == "unknown" and body is None and "problem" not in answer:
            self.count("forgotten")
        self.count(f"told {state}")
        fields = {name: answer[name] for name in ("height", "position", "logIndex", "problem") if name in answer}
        self._write(client, statement, event="told", node=self.members[node], state=state, **fields)
        return state

    def _request(self, node: int, method: str, path: str, body: bytes | None, timeout: float) -> dict[str, Any]:
        host, port = self.network.api(node)
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
        try:
            connection.request(method, path, body, {"Content-Type": "application/cose"} if body else {})
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if "transactions" in answer:
            answer = answer["transactions"][0]
        if "state" in answer:
            if isinstance(answer.get("problem"), dict):
                answer["problem"] = answer["problem"].get("code")
            return answer
        # A problem: one node's opinion where it is about the transaction, and no answer where the node is busy.
        is_refusal = response.status in (400, 409, 422)
        return {"state": "rejected" if is_refusal else "unknown", "problem": answer.get("code", response.status)}

    def _write(self, client: int, statement: Statement, **fields: Any) -> None:
        self.log.write(t=round(time.monotonic(), 6), client=client, id=statement.id, **fields)
