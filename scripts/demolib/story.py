"""The story that the demonstration tells, act after act, each by ordinary commands with the member's own key.

An act looks at the ledger before each of its steps and does only what is not done yet: a demonstration that is started
again goes on where it was, and does nothing twice. What the members say stands in Config/demo/story.
"""

import json
import time
from datetime import datetime, timedelta, timezone

from .network import NEWCOMER, PROVINCES, STORY, Stage, require

# Every place that shows one of these codes shows the hanzi with it: CN-HE and CN-HB are one letter apart.
NAMES = {
    "cn-bj": "Beijing 北京 (CN-BJ)", "cn-gz": "Guizhou 贵州 (CN-GZ)", "cn-hb": "Hubei 湖北 (CN-HB)",
    "cn-he": "Hebei 河北 (CN-HE)", "cn-hi": "Hainan 海南 (CN-HI)", "cn-hn": "Hunan 湖南 (CN-HN)",
    "cn-js": "Jiangsu 江苏 (CN-JS)", "regulator": "the regulator", "audit": "the auditor",
}
SAYS = json.loads((STORY / "story.json").read_text(encoding="utf-8"))


class Act:
    """One act: it says what it does when it does something, and nothing where all of it is done already."""

    def __init__(self, story, sentence):
        self.story = story
        self.stage = Stage(sentence)
        self.is_on_stage = False

    def __enter__(self):
        return self

    def begin(self):
        if not self.is_on_stage:
            self.is_on_stage = True
            self.stage.__enter__()

    def send(self, member, *arguments):
        """Sends something as a member, and remembers the block, which the next one's node is to have first."""
        self.begin()
        node = self.story.node_of(member)
        self.story.catch_up(node)
        answer = json.loads(self.story.demo.send(member, *arguments, "--json", at=node).stdout)
        self.story.height = max(self.story.height, *(one["height"] for one in as_list(answer)))
        self.story.sent += 1
        return answer

    def __exit__(self, kind, value, trace):
        if self.is_on_stage:
            self.stage.__exit__(kind, value, trace)
            if not kind:
                time.sleep(self.story.pause)


def as_list(answer):
    return answer if isinstance(answer, list) else [answer]


class Story:
    def __init__(self, demo, pause=0.0):
        self.demo = demo
        # Seconds between two acts, for those who watch.
        self.pause = pause
        # The block that holds the last act.
        self.height = 0
        # What was sent, in all.
        self.sent = 0
        # The items done of the finance commitment, after its milestone and after each co-signature.
        self.counted = []

    # Reading

    def node_of(self, member):
        """A member asks its own node, where that runs."""
        return member if member in self.demo.processes else next(m for m in PROVINCES if m in self.demo.processes)

    def catch_up(self, node):
        self.demo.wait_for(
            f"{node} has block {self.height}",
            lambda: self.demo.head(node)["head"]["height"] >= self.height, 30)

    def read(self, path, member="cn-bj"):
        node = self.node_of(member)
        self.catch_up(node)
        return self.demo.answer(node, path)

    def commitment(self, commitment):
        return self.read(f"/v1/commitments/{commitment}")

    def disputes(self, commitment):
        return self.read(f"/v1/disputes?limit=500&commitment={commitment}")["disputes"]

    def milestones(self, commitment):
        return self.read(f"/v1/commitments/{commitment}/milestones?limit=500")["milestones"]

    def milestone(self, commitment, day):
        """The one milestone of that day that was not replaced."""
        return next(m for m in self.milestones(commitment) if m["periodEnd"] == day and m["life"] != "replaced")

    def directive(self):
        """The story's directive, once it is issued."""
        of_member = self.read(f"/v1/directives?limit=500&to={SAYS['directive']['to']}")["directives"]
        return next((d for d in of_member if d["title"]["zh"] == SAYS["directive"]["title"]["zh"]), None)

    def proposal(self, action, member):
        return next((p for p in self.read("/v1/governance")["proposals"]
                     if (p["action"], p.get("member")) == (action, member) and p["outcome"] != "rejected"), None)

    # The acts

    def tell(self):
        """The acts, in their order."""
        for act in [
            self.ask_for_an_answer, self.targets_of_the_wrong_region, self.lowered_target, self.corrected_value,
            self.attested_values, self.joint_commitment, self.cosigned_milestone, self.late_reply,
            self.admitted_member, self.suspended_member,
        ]:
            act()

    def ask_for_an_answer(self):
        says = SAYS["directive"]
        with Act(self, f"{NAMES['regulator']} asks {NAMES[says['to']]} to explain by the next day why it is behind;"
                       " Hebei acknowledges in time") as act:
            if not self.directive():
                # Yesterday by the right clock, which on the first day is still to come.
                due = beijing_day() - timedelta(days=1 if self.demo.days_back else 0)
                texts = [f"--{part}-{language}={says[part][language]}"
                         for part in ["title", "text"] for language in ["zh", "en", "fr"]]
                act.send("regulator", "directive", "issue", says["to"], "--due", due, "--about", says["about"], *texts)
            directive = self.directive()
            if not directive.get("acknowledgement"):
                act.send(says["to"], "directive", "acknowledge", directive["id"])

    def targets_of_the_wrong_region(self):
        says = SAYS["wrongRegion"]
        for ours, theirs in says["successors"].items():
            with Act(self, f"{ours}, of {NAMES['cn-hb']} as the article has it: {NAMES['audit']} disputes it, Hubei"
                           f" answers, {NAMES['regulator']} upholds, {theirs} of {NAMES['cn-he']} supersedes") as act:
                if not self.disputes(ours):
                    act.send("audit", "dispute", "open", ours, "--ground", "wrongRegion", "--text", says["text"])
                dispute = self.disputes(ours)[0]
                if dispute["state"] == "open":
                    act.send("cn-hb", "dispute", "answer", dispute["id"], "--text", says["answer"])
                if dispute["state"] in ("open", "answered"):
                    act.send("regulator", "dispute", "resolve", dispute["id"], "--outcome", "upheld",
                             "--reason", says["resolution"])
                if self.commitment(ours)["life"] == "active":
                    act.send("cn-hb", "commitment", "supersede", ours, "--successor", theirs,
                             "--reason", says["supersession"])

    def lowered_target(self):
        says = SAYS["amendment"]
        with Act(self, f"{NAMES[says['member']]} lowers the target of {says['commitment']} to {int(says['value']):,}"
                       " and says why; the original stays, and stays judged") as act:
            if len(self.commitment(says["commitment"])["versions"]) == 1:
                act.send(says["member"], "commitment", "amend", says["commitment"], "--value", says["value"],
                         "--reason-code", says["reasonCode"], "--reason", says["reason"])

    def corrected_value(self):
        says = SAYS["correction"]
        with Act(self, f"{NAMES[says['member']]} corrects a value of {says['commitment']} from {says['was']} to"
                       f" {says['value']}; the old one stays readable") as act:
            milestone = self.milestone(says["commitment"], says["at"])
            if milestone["value"] == says["was"]:
                act.send(says["member"], "milestone", "correct", milestone["id"], "--value", says["value"],
                         "--reason-code", says["reasonCode"], "--reason", says["reason"])

    def attested_values(self):
        for verdict, part, sentence in [
            ("refuted", "refutation", "refutes a milestone of {commitment} ({region}), which counts no more"),
            ("confirmed", "confirmation", "confirms a milestone of {commitment} ({region}), which has level L3 now"),
        ]:
            says = SAYS[part]
            region = NAMES[says["commitment"][:5].lower()].split(" (")[0]
            sentence = sentence.format(commitment=says["commitment"], region=region)
            with Act(self, f"{NAMES['audit']} {sentence}") as act:
                milestone = self.milestone(says["commitment"], says["at"])
                if not milestone["attestations"]:
                    act.send("audit", "attest", "issue", milestone["id"], "--verdict", verdict,
                             "--method", says["method"], "--reason", says["reason"])

    def joint_commitment(self):
        says = SAYS["joint"]
        with Act(self, f"{NAMES[says['proposer']]} proposes {says['commitment']}, a joint commitment, and"
                       f" {NAMES[says['signs']]} signs it; {NAMES[says['missing']]} has not, so it waits") as act:
            region = says["proposer"].upper()
            known = self.read(f"/v1/commitments?limit=500&region={region}")["commitments"]
            if not any(commitment["id"] == says["commitment"] for commitment in known):
                act.send(says["proposer"], "commitment", "propose", STORY / "joint.yaml")
            if says["signs"] in self.commitment(says["commitment"])["jointSignatures"]["missing"]:
                act.send(says["signs"], "cosign", says["commitment"])

    def cosigned_milestone(self):
        says = SAYS["finance"]
        cosigners = " and ".join(NAMES[member] for member in says["cosigners"])
        with Act(self, f"{NAMES[says['member']]} reports on {says['commitment']} (finance), where two of three"
                       f" others must sign; with {cosigners} it counts") as act:
            if not self.commitment(says["commitment"]).get("counterparties"):
                act.send(says["member"], "commitment", "amend", says["commitment"],
                         "--file", STORY / "counterparties.yaml",
                         "--reason-code", says["reasonCode"], "--reason", says["reason"])
            if not any(m["periodEnd"] == says["at"] for m in self.milestones(says["commitment"])):
                act.send(says["member"], "milestone", "report", says["commitment"], "--done", says["done"],
                         "--at", says["at"], "--fictional")
            milestone = self.milestone(says["commitment"], says["at"])
            for member in says["cosigners"]:
                if member in milestone["cosignatures"]["missing"]:
                    self.counted.append(self.commitment(says["commitment"])["status"]["value"])
                    act.send(member, "cosign", milestone["id"])
            self.counted.append(self.commitment(says["commitment"])["status"]["value"])

    def late_reply(self):
        """The reply comes late by the ledger's own days, so only when the day is really over."""
        says = SAYS["directive"]
        directive = self.directive()
        with Act(self, f"{NAMES[says['to']]} replies to the directive after the day it was due: taken, and flagged"
                       " as late") as act:
            if not directive["replies"] and directive["due"] < str(beijing_day()):
                act.send(says["to"], "directive", "reply", directive["id"], "--text", says["reply"])

    def admitted_member(self):
        """An observer: without a seat it changes no quorum, and may be started and stopped as it likes."""
        demo, says = self.demo, SAYS["admission"]
        with Act(self, "a press observer (新闻观察员) joins with its two commands; its node follows at once, and the"
                       " validators vote it in") as act:
            file = demo.folder / f"{NEWCOMER}.member.json"
            if NEWCOMER not in demo.members:
                act.begin()
                if not file.exists():
                    demo.make_keys(NEWCOMER, STORY / "members.yaml", "--observer")
                demo.join(NEWCOMER, demo.folder / "invitation.jalon", "--applicant")
            if NEWCOMER not in demo.processes:
                demo.start(NEWCOMER)
            if not self.proposal("member.admit", NEWCOMER):
                act.send(says["proposer"], "governance", "propose", "admit", file, "--reason", says["reason"])
            self.decide(act, "member.admit", NEWCOMER)
            if act.is_on_stage:
                demo.wait_for(
                    "the observer's own node has the block that makes it a member",
                    lambda: any(m["id"] == NEWCOMER for m in demo.answer(NEWCOMER, "/v1/members")["members"]), 60)

    def suspended_member(self):
        """Hainan has no part in the acts before and in what the check does after; its node goes on sealing, so that
        seven validators and a quorum of five stay what they are."""
        says = SAYS["suspension"]
        with Act(self, f"{NAMES[says['member']]} lost its key: the other validators suspend it until it has a new one;"
                       " its node goes on sealing") as act:
            if not self.proposal("member.suspend", says["member"]):
                act.send(says["proposer"], "governance", "propose", "suspend", says["member"],
                         "--reason", says["reason"])
            self.decide(act, "member.suspend", says["member"])

    def decide(self, act, action, subject):
        """Validators say yes, one after the other, until it is decided, and it has its effect in the next block."""
        for member in PROVINCES:
            proposal = self.proposal(action, subject)
            if proposal["outcome"] != "open":
                break
            if member != subject and all(vote["member"] != member for vote in proposal["votes"]):
                act.send(member, "governance", "vote", proposal["id"], "yes")
        self.demo.wait_for(
            f"{action} {subject} has its effect",
            lambda: self.proposal(action, subject)["outcome"] == "effective", 60)


def first_day(demo, members):
    """Publishes the real input and asks for an answer, while the clocks stand back; then all nodes start anew, today.

    A reply is late only by the ledger's own days, so a network that tells of one must have lived on two of them. Where
    its clocks can't be set back, the first day is today and the reply waits for another one.
    """
    if demo.days_back:
        began = f"{demo.days_back} days ago by the network's clocks: "
    else:
        began = ""
    with Stage(f"{began}{len(members)} nodes start and find each other"):
        for member in members:
            demo.start(member)
        demo.wait_until_ready([m for m in members if m in PROVINCES], len(PROVINCES))
    if not demo.is_published():
        with Stage("each province publishes its plans, commitments and milestones with its own key"):
            demo.publish()
    if not demo.days_back:
        return
    demo.wait_for_agreement(members)
    Story(demo).ask_for_an_answer()
    with Stage("today: the nodes stop and start again, with the right clock and the same ledger"):
        bad = demo.stop_all()
        require(not bad, f"not stopped in order: {', '.join(bad)}")
        demo.end_first_day()
        for member in members:
            demo.start(member)
        demo.wait_until_ready([m for m in members if m in PROVINCES], len(PROVINCES))


def beijing_day():
    """Today, where the network's days begin (its parameter utcOffset)."""
    return datetime.now(timezone(timedelta(hours=8))).date()
