"""What the demonstration's check does and expects: faults, refusals, and every act of the story read back."""

import json
import shutil
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

from . import story_checks
from .network import (
    COMMITMENT_COUNT, MEMBERS, OBSERVERS, PROVINCES, QUORUM, ROOT, Failed, Stage, clean_environment, require, say,
)
from .story import first_day


def check(demo):
    """Everything that the demonstration promises; raises at the first promise that does not hold."""
    first_day(demo, PROVINCES)
    with Stage("all 25 commitments are there, and all seven reach the same state root"):
        require(len(demo.commitments("cn-bj")) == COMMITMENT_COUNT, f"there are not {COMMITMENT_COUNT} commitments")
        height, root = demo.wait_for_agreement(PROVINCES)
        say(f"  block {height}, state root {root}")

    with Stage("a milestone reported at one node is shown by another"):
        report(demo, "cn-he", "CN-HE-2020-001", "7", "2021-07-01")
        demo.wait_for(
            "cn-bj shows the milestone",
            lambda: any(m["periodEnd"] == "2021-07-01" for m in demo.milestones("cn-bj", "CN-HE-2020-001")), 10)

    with Stage("what a rule refuses is refused, with its code and exit 3, and recorded nowhere"):
        refuse(demo)

    with Stage("the regulator and the auditor, whose nodes come later, catch up and agree"):
        for member in OBSERVERS:
            demo.start(member)
        demo.wait_for_agreement(MEMBERS)

    story_checks.check(demo)
    everybody = demo.members

    with Stage("with two of seven killed, a further milestone becomes final"):
        for member in ["cn-gz", "cn-js"]:
            demo.kill(member)
        report(demo, "cn-hn", "CN-HN-2020-001", "9600", "2021-07-01", wait=60)

    with Stage("with three of seven killed, a report ends with exit 6"):
        demo.kill("cn-bj")
        demo.wait_for(
            "cn-he notices that only four are left",
            lambda: demo.head("cn-he")["validators"]["connected"] < QUORUM, 60)
        done = demo.send(
            "cn-he", "milestone", "report", "CN-HE-2020-003", "--value", "2", "--at", "2021-07-01", "--fictional",
            "--wait", 4, "--json", expect=6)
        error = json.loads(done.stdout)["error"]
        require(error["code"] == "E_NO_QUORUM", f"the code is {error['code']}, expected E_NO_QUORUM")
        transaction = error["next"].split()[-1]
        require(len(transaction) == 64, f"no transaction is named: {error['next']}")
        state = demo.answer("cn-he", f"/v1/transactions/{transaction}")["state"]
        require(state == "pending", f"the transaction is {state}, expected pending")

    with Stage("it becomes final, once, after they are back"):
        for member in ["cn-gz", "cn-js", "cn-bj"]:
            demo.start(member)
        demo.jalon("transaction", "wait", transaction, "--wait", 120, "--node", demo.url("cn-he"))
        height, root = demo.wait_for_agreement(everybody, 60)
        for member in everybody:
            found = [m for m in demo.milestones(member, "CN-HE-2020-003") if m["periodEnd"] == "2021-07-01"]
            require([m["id"] for m in found] == [transaction], f"{member} shows it {len(found)} times")
        say(f"  block {height}, state root {root}")

    with Stage("every node stops when it is asked to"):
        bad = demo.stop_all()
        require(not bad, f"not in order: {', '.join(bad)}")

    with Stage("every ledger verifies"):
        for member in everybody:
            found = json.loads(demo.jalon("verify", "--data", demo.data(member), "--json").stdout)
            require(
                (found["height"], found["stateRoot"]) == (height, root),
                f"{member} verifies at {found['height']}, {found['stateRoot']}")

    with Stage("one flipped byte inside a stored block is found, and its block named"):
        flip(demo, "cn-hn")

    with Stage("a devnet is ready within 5 s"):
        devnet(demo)


def report(demo, member, commitment, value, day, wait=30):
    demo.send(
        member, "milestone", "report", commitment, "--value", value, "--at", day, "--fictional", "--wait", wait)


def refuse(demo):
    before = demo.wait_for_agreement(PROVINCES)
    value = ["--value", "20000", "--at", "2021-07-01", "--fictional", "--json"]
    cases = [
        ("cn-gz", "CN-HN-2020-001", value, "E_NOT_RESPONSIBLE"),
        ("cn-hn", "CN-HN-2020-011", value, "E_UNKNOWN_COMMITMENT"),
        ("cn-hn", "CN-HN-2020-001", ["--value", "9800", "--at", "2021-06-30", "--json"], "E_DUPLICATE_PERIOD"),
        ("cn-hn", "CN-HN-2020-001", ["--value", "10", "--at", "2021-07-01", "--json"], "E_VALUE_FELL"),
        ("audit", "CN-HN-2020-001", value, None),
    ]
    for member, commitment, arguments, code in cases:
        done = demo.send(member, "milestone", "report", commitment, *arguments, at="cn-hn", expect=3)
        error = json.loads(done.stdout)["error"]
        require(code in (None, error["code"]), f"{member} on {commitment}: {error['code']}, expected {code}")
        require(error.get("next") or error["message"], f"{error['code']} says nothing")
    after = demo.wait_for_agreement(PROVINCES)
    require(before[1] == after[1], "a refused milestone changed the state")


def flip(demo, member):
    """Flips one byte of a block's transactions in a copy, as a bad disk would."""
    copy = demo.folder / "flipped"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(demo.data(member), copy)
    file = copy / "ledger.sqlite"
    # What stands in the log alone, as after a kill, is brought into the file first.
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    rows = connection.execute(
        "SELECT chain.height, block.body FROM chain JOIN block ON block.number = chain.block"
        " WHERE length(block.body) BETWEEN 200 AND 3000 ORDER BY chain.height").fetchall()
    connection.close()
    content = bytearray(file.read_bytes())
    # SQLite leaves old pages behind, and may hold newer ones in its log: a body that stands once stands in the page that
    # is read.
    log = Path(f"{file}-wal")
    newer = log.read_bytes() if log.exists() else b""
    rows = [(height, body) for height, body in rows if content.count(body) == 1 and body not in newer]
    require(rows, "no block lies whole in one page")
    height, body = rows[len(rows) // 2]
    start = content.find(body)
    content[start + len(body) // 2] ^= 0x01
    file.write_bytes(content)
    done = demo.jalon("verify", "--data", copy, expect=4)
    require(f"block {height}:" in done.stderr, f"block {height} is not named: {done.stderr}")
    say("  " + done.stderr.strip().splitlines()[0])
    shutil.rmtree(copy)


def devnet(demo):
    """From the command to a network whose nodes hear a quorum, keys and all."""
    start = time.monotonic()
    process = subprocess.Popen(
        [str(demo.program), "devnet", "--json", "--folder", str(demo.folder / "devnet"), "--port", "27400",
         "--api-port", "28400"],
        cwd=ROOT, env=clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True)
    # A devnet that hangs must not hang the check.
    watchdog = threading.Timer(90, process.kill)
    watchdog.start()
    try:
        line = process.stdout.readline()
        seconds = time.monotonic() - start
        if not line:
            raise Failed(f"it ended: {process.stderr.read()}")
        say(f"  {len(json.loads(line)['nodes'])} nodes after {seconds:.1f} s")
        require(seconds <= 5, f"it took {seconds:.1f} s")
    finally:
        process.terminate()
        process.wait()
        watchdog.cancel()
