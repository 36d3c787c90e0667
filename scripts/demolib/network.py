"""The demonstration's network: its members, their keys and folders, and their nodes as real processes."""

import glob
import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DEMO = ROOT / "Config" / "demo"
STORY = DEMO / "story"
PROVINCES = ["cn-bj", "cn-gz", "cn-hb", "cn-he", "cn-hi", "cn-hn", "cn-js"]
OBSERVERS = ["regulator", "audit"]
MEMBERS = PROVINCES + OBSERVERS
# Joins in the story, without a seat.
NEWCOMER = "press"
QUORUM = 5
COMMITMENT_COUNT = 25
# The demonstration's own ports, as its configurations have them; a check takes others, so that both can run.
PORTS = (7400, 8400)
CHECK_PORTS = (17400, 18400)
# How far back the clocks of the first day are set. A directive of that day is due the day after it, which is over
# today, at whatever hour that is.
DAYS_BACK = 2


class Failed(Exception):
    """Something that should hold does not."""


def require(holds, text):
    if not holds:
        raise Failed(text)


def say(text=""):
    print(text, flush=True)


class Stage:
    """Prints what is being done, and how long it took."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.start = time.monotonic()
        print(f"… {self.name}", flush=True)
        return self

    def __exit__(self, kind, value, trace):
        mark = "✖" if kind else "✔"
        say(f"{mark} {self.name} ({time.monotonic() - self.start:.1f} s)")


def clean_environment():
    """The environment without what would change which node or key is meant."""
    return {name: value for name, value in os.environ.items() if not name.startswith("JALON_")}


def tail(path, count=5):
    try:
        return "\n".join("  " + line for line in path.read_text(errors="replace").splitlines()[-count:])
    except OSError:
        return ""


def clock_library():
    """What sets a program's clock back: libfaketime, which scripts/setup installs; None where it is missing."""
    return next(iter(sorted(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1"))), None)


def forget_clock(process):
    """Removes what libfaketime leaves in memory of a process that it set the clock of, by its id; nothing else has it."""
    for name in [f"faketime_shm_{process}", f"sem.faketime_sem_{process}"]:
        Path("/dev/shm", name).unlink(missing_ok=True)


class Demonstration:
    def __init__(self, program, folder, ports):
        self.program = program
        self.folder = folder
        self.ports = ports
        self.processes = {}
        self.days_back = 0

    # What belongs to a member

    def home(self, member):
        return self.folder / member

    def data(self, member):
        return self.home(member) / "data"

    def key(self, member):
        return self.folder / "keys" / member / "authority.pem"

    def place(self, member):
        return [*MEMBERS, NEWCOMER].index(member) + 1

    def port(self, member):
        return self.ports[0] + self.place(member)

    def url(self, member):
        return f"http://127.0.0.1:{self.ports[1] + self.place(member)}"

    def region(self, member):
        return member.upper()

    @property
    def members(self):
        """Those with a node: the first nine, and the one that joined later."""
        return MEMBERS + ([NEWCOMER] if (self.home(NEWCOMER) / "node.yaml").exists() else [])

    # The program

    def with_clock(self, command, environment):
        """The command and its environment, with the clock that the network has at the moment."""
        if not self.days_back:
            return command, environment
        # libfaketime changes the environment of the first program that loads it, and a Swift program then no longer
        # finds its arguments, which it looks for beside the environment. So another one comes first.
        return ["env", *command], environment | {
            "LD_PRELOAD": clock_library(), "FAKETIME": f"-{self.days_back}d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def jalon(self, *arguments, expect=0):
        """Runs the program; with another exit code than expected, says all it said."""
        command, environment = self.with_clock([str(self.program), *map(str, arguments)], clean_environment())
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
            env=environment)
        try:
            out, err = process.communicate()
        finally:
            process.kill()
            process.wait()
            forget_clock(process.pid)
        done = subprocess.CompletedProcess(command, process.returncode, out, err)
        if expect is not None and done.returncode != expect:
            raise Failed(
                f"`jalon {' '.join(map(str, arguments))}` ended with {done.returncode}, expected {expect}:\n"
                f"{done.stdout}{done.stderr}".rstrip())
        return done

    def send(self, member, *arguments, at=None, expect=0):
        """Sends something as a member, at its own node or at another's."""
        return self.jalon(*arguments, "--key", self.key(member), "--node", self.url(at or member), expect=expect)

    def ask(self, member, *arguments):
        """What the program answers, asking a member's node."""
        return json.loads(self.jalon(*arguments, "--node", self.url(member), "--json").stdout)

    def fetch(self, member, path):
        try:
            with urllib.request.urlopen(self.url(member) + path, timeout=5) as response:
                return response.read()
        except urllib.error.HTTPError as error:
            raise OSError(f"{self.url(member)}{path}: {error}: {error.read().decode(errors='replace')}") from None

    def answer(self, member, path):
        return json.loads(self.fetch(member, path))

    def head(self, member):
        return self.answer(member, "/v1/head")

    def commitments(self, member):
        return self.answer(member, "/v1/commitments?limit=500")["commitments"]

    def commitment(self, member, commitment):
        return self.answer(member, f"/v1/commitments/{commitment}")

    def milestones(self, member, commitment):
        return self.answer(member, f"/v1/commitments/{commitment}/milestones?limit=500")["milestones"]

    # Making the network

    def is_set_up(self):
        return (self.folder / "invitation.jalon").exists()

    @property
    def first_day(self):
        """The mark of a network whose first day is not over: everything in it is dated days back."""
        return self.folder / "first-day"

    def begin_first_day(self):
        """Sets the network's clocks back, where it is new or did not get to today yet, and they can be."""
        is_first = self.first_day.exists() or not self.is_set_up()
        self.days_back = DAYS_BACK if is_first and clock_library() else 0

    def end_first_day(self):
        self.first_day.unlink(missing_ok=True)
        self.days_back = 0

    def set_up(self):
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files = []
        for member in MEMBERS:
            observer = ["--observer"] if member in OBSERVERS else []
            files.append(self.make_keys(member, DEMO / "members.yaml", *observer))
        made = self.folder / "invitation.new"
        self.jalon("network", "create", *files, "--parameters", DEMO / "network.yaml", "--out", made)
        for member in MEMBERS:
            self.join(member, made)
        if self.days_back:
            self.first_day.touch()
        # Last, so that a setup that was cut off is not taken for a whole one.
        made.rename(self.folder / "invitation.jalon")

    def make_keys(self, member, described, *options):
        file = self.folder / f"{member}.member.json"
        self.jalon(
            "member", "init", member, "--from", described, "--address", f"127.0.0.1:{self.port(member)}",
            "--node-folder", self.home(member), "--authority-folder", self.folder / "keys" / member, "--out", file,
            *options)
        return file

    def join(self, member, invitation, *options):
        self.jalon(
            "join", invitation, "--keys", self.home(member), "--listen", f"127.0.0.1:{self.port(member)}",
            "--api-listen", self.url(member).removeprefix("http://"), *options)

    # Nodes

    def start(self, member):
        """Starts a member's node from its committed configuration, whose paths the environment moves to this folder.

        That of one who joined later has the configuration that joining made.
        """
        home = self.home(member)
        environment = clean_environment() | {
            "JALON_GENESIS": str(home / "genesis.cbor"),
            "JALON_DATA": str(self.data(member)),
            "JALON_NODE_KEY": str(home / "node.pem"),
            "JALON_VALIDATOR_KEY": str(home / "validator.pem") if member in PROVINCES else "",
            "JALON_LISTEN": f"127.0.0.1:{self.port(member)}",
            "JALON_API_LISTEN": self.url(member).removeprefix("http://"),
            # An open page goes over to the next of these where its own node falls silent.
            "JALON_API_NODES": ",".join(self.url(other) for other in MEMBERS if other != member),
        }
        configuration = DEMO / "nodes" / f"{member}.yaml" if member in MEMBERS else home / "node.yaml"
        command, environment = self.with_clock(
            [str(self.program), "node", "run", str(configuration), "--stop-with-input"], environment)
        with open(home / "node.log", "ab") as log:
            # The pipe is this process' lifeline to the node: however this one ends, the node notices and stops. A
            # session of its own keeps a Ctrl-C at the terminal for this process, which stops the nodes in order.
            self.processes[member] = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=log, stderr=log,
                start_new_session=True)

    def kill(self, member):
        """kill -9, as a power cut would."""
        process = self.processes.pop(member)
        process.kill()
        process.wait()
        forget_clock(process.pid)

    def stop_all(self):
        """Ends every node, first by asking; returns those that had to be killed, or ended otherwise than with 0."""
        bad = []
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        end = time.monotonic() + 15
        for member, process in self.processes.items():
            try:
                if process.wait(timeout=max(0.1, end - time.monotonic())) != 0:
                    bad.append(member)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                bad.append(member)
            forget_clock(process.pid)
        self.processes = {}
        return bad

    # Waiting

    def wait_for(self, what, condition, seconds):
        """Asks again until the condition holds; what a node does not answer counts as no."""
        end = time.monotonic() + seconds
        problem = None
        while time.monotonic() < end:
            for member, process in self.processes.items():
                if process.poll() is not None:
                    raise Failed(f"the node of {member} ended with {process.returncode}; its log ends with:\n"
                                 + tail(self.home(member) / "node.log"))
            try:
                result = condition()
                if result:
                    return result
            except (OSError, ValueError, KeyError) as error:
                problem = error
            time.sleep(0.05)
        raise Failed(f"{what}: not after {seconds} s" + (f" ({problem})" if problem else ""))

    def wait_until_ready(self, members, connected):
        for member in members:
            self.wait_for(
                f"{member} hears {connected} validators",
                lambda: self.head(member)["validators"]["connected"] >= connected, 60)

    def wait_for_agreement(self, members, seconds=30):
        """Waits until all are at the same height with the same state root, and returns both."""
        def agreed():
            heads = [self.head(member)["head"] for member in members]
            states = {(head["height"], head["block"], head["stateRoot"], head["logRoot"]) for head in heads}
            by_height = {}
            for head in heads:
                if by_height.setdefault(head["height"], head["stateRoot"]) != head["stateRoot"]:
                    raise Failed(f"two state roots at height {head['height']}")
            return heads[0] if len(states) == 1 else None
        head = self.wait_for(f"{len(members)} nodes agree", agreed, seconds)
        return head["height"], head["stateRoot"]

    # The real input

    def publish(self):
        """Publishes plans, commitments and milestones, each province its own at its own node, what is not there yet."""
        for command, file, is_there in [
            (["plan", "publish"], "plans.yaml", self.has_plan),
            (["commitment", "propose"], "commitments.yaml", self.has_commitment),
            (["milestone", "report", "--file"], "milestones.yaml", self.has_milestone),
        ]:
            for member in PROVINCES:
                if self.is_in(file, member) and not is_there(member):
                    self.send(member, *command, DEMO / file, "--region", self.region(member))

    def is_in(self, file, member):
        return f"{self.region(member)}-" in (DEMO / file).read_text()

    def has_plan(self, member):
        return any(plan["region"]["code"] == self.region(member) for plan in self.answer(member, "/v1/plans")["plans"])

    def has_commitment(self, member):
        return bool(self.answer(member, f"/v1/commitments?region={self.region(member)}")["total"])

    def has_milestone(self, member):
        mine = self.answer(member, f"/v1/commitments?limit=500&region={self.region(member)}")["commitments"]
        return any(commitment["milestoneCount"] for commitment in mine)

    def is_published(self):
        return all(
            self.has_plan(member) and self.has_commitment(member)
            and (self.has_milestone(member) or not self.is_in("milestones.yaml", member)) for member in PROVINCES)
