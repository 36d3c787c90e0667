"""Every act of the story read back, by the API and by the program, and what its rules refuse."""

import json
import re

from .network import NEWCOMER, PROVINCES, Stage, clock_library, require, say
from .story import SAYS, Story, as_list


def check(demo):
    """Tells the story, and reads back each of its acts; raises at the first that is not what it should be."""
    story = Story(demo)
    story.tell()
    everybody = demo.members
    demo.wait_for_agreement(everybody)
    for name, verify in [
        ("Hubei's three are superseded by Hebei's, and nobody can go on with them", targets_of_the_wrong_region),
        ("the original target of Hunan is still at risk, whatever the lowered one says", lowered_target),
        ("the corrected value stands beside its correction", corrected_value),
        ("what was refuted counts no more, what was confirmed has level L3", attested_values),
        ("the joint commitment waits, and every view names who is missing", joint_commitment),
        ("the finance milestone counted with the second signature, not before", cosigned_milestone),
        ("the directive was acknowledged in time and answered late", late_reply),
        ("the observer is a member without a seat, and has no vote", admitted_member),
        ("the suspended member says nothing more, and goes on sealing", suspended_member),
    ]:
        with Stage(name):
            verify(demo, story)
    with Stage("what was signed can be sent again, to no effect, and not be changed"):
        replayed_and_forged(demo, story)
    height, root = demo.wait_for_agreement(everybody)
    with Stage("told a second time, the story does nothing, and every node gives the same answers"):
        again = Story(demo)
        again.tell()
        expect("transactions of the second telling", again.sent, 0)
        expect("head and state root", demo.wait_for_agreement(everybody), (height, root))
        same_answers(demo, everybody)
    say(f"  block {height}, state root {root}")


def expect(what, found, expected):
    require(found == expected, f"{what}: found {found}, expected {expected}")


def refused(demo, code, member, *arguments):
    """What a rule refuses, with its code, a message and exit 3."""
    node = member if member in demo.processes else "cn-bj"
    done = demo.send(member, *arguments, "--json", at=node, expect=3)
    error = json.loads(done.stdout)["error"]
    what = f"`{' '.join(map(str, arguments))}` by {member}"
    expect(f"the code that refuses {what}", error["code"], code)
    require(error["message"] and error.get("next"), f"{code} says nothing: {what}")
    return error


# The acts


def targets_of_the_wrong_region(demo, story):
    says = SAYS["wrongRegion"]
    for ours, theirs in says["successors"].items():
        commitment = demo.ask("cn-gz", "commitment", "show", ours)
        expect(f"{ours}", (commitment["life"], commitment["successor"]), ("superseded", theirs))
        expect(f"the step of {ours}", commitment["lifeChange"]["text"], says["supersession"])
        expect(f"the statuses of {ours}", statuses(commitment), ("superseded", "superseded"))
        expect(f"open disputes of {ours}", commitment["openDisputeCount"], 0)
        [dispute] = demo.ask("cn-js", "dispute", "list", "--commitment", ours)
        expect("the dispute", [dispute[key] for key in ["ground", "state", "opener", "respondent", "text"]],
               ["wrongRegion", "upheld", "audit", "cn-hb", says["text"]])
        expect("its answer", step(dispute["answer"]), ("cn-hb", says["answer"]))
        expect("its resolution", step(dispute["resolution"]), ("regulator", says["resolution"]))
        successor = story.commitment(theirs)
        expect(f"{theirs}", (successor["life"], successor["target"]["op"]), ("active", commitment["target"]["op"]))
        refused(demo, "E_NOT_ACTIVE", "cn-hb", "milestone", "report", ours, "--value", "1", "--at", "2021-07-01")
        refused(demo, "E_LIFE", "cn-hb", "commitment", "supersede", ours, "--successor", theirs, "--reason", "again")
        refused(demo, "E_DISPUTE_STATE", "cn-hb", "dispute", "answer", dispute["id"], "--text", "again")
        refused(demo, "E_DISPUTE_STATE", "regulator", "dispute", "resolve", dispute["id"], "--outcome", "rejected",
                "--reason", "again")
        refused(demo, "E_ROLE", "audit", "dispute", "resolve", dispute["id"], "--outcome", "rejected", "--reason", "x")


def lowered_target(demo, story):
    says = SAYS["amendment"]
    commitment = demo.ask("cn-he", "commitment", "show", says["commitment"])
    expect("its statuses", statuses(commitment), ("claimed", "atRisk"))
    require("amended" in commitment["status"]["flags"], f"no flag amended: {commitment['status']['flags']}")
    first, second = commitment["versions"]
    expect("the original target", first["target"]["value"], "30000")
    expect("the amendment", [second.get(key) for key in ["change", "changed", "issuer", "reasonCode", "reason"]],
           ["material", ["target"], says["member"], says["reasonCode"], says["reason"]])
    expect("the target in force", second["target"]["value"], says["value"])
    line = demo.jalon("commitment", "list", "--region", "CN-HN", "--node", demo.url("cn-hi")).stdout.splitlines()[0]
    require("CLAIMED" in line and "original: AT RISK" in line, f"the list does not show both statuses: {line}")
    require("at risk" in page(demo, "cn-js", says["commitment"]), "the page does not show the original's status")
    refused(demo, "E_VERSION", says["member"], "commitment", "amend", says["commitment"], "--value", "2",
            "--expected-version", "1", "--reason", "x")
    refused(demo, "E_NOT_RESPONSIBLE", "cn-hb", "commitment", "amend", says["commitment"], "--value", "2",
            "--reason", "x")


def corrected_value(demo, story):
    says = SAYS["correction"]
    of_day = [m for m in demo.ask("cn-hn", "milestone", "list", says["commitment"]) if m["periodEnd"] == says["at"]]
    old = next(m for m in of_day if m["life"] == "replaced")
    new = next(m for m in of_day if m["life"] == "effective")
    expect("the old value and what replaces it", (old["value"], old["replacedBy"]), (says["was"], new["id"]))
    expect("the new one", [new[key] for key in ["value", "replaces", "reasonCode", "reason", "valueStatus"]],
           [says["value"], old["id"], says["reasonCode"], says["reason"], old["valueStatus"]])
    require(new["isFictional"], "the correction of a fictional value is fictional")
    commitment = story.commitment(says["commitment"])
    expect("the value that counts", commitment["status"]["value"], says["value"])
    expect("the statuses", statuses(commitment), ("behind", "behind"))
    refused(demo, "E_NOT_EFFECTIVE", says["member"], "milestone", "correct", old["id"], "--value", "7",
            "--reason", "x")
    refused(demo, "E_NOT_RESPONSIBLE", "cn-hn", "milestone", "correct", new["id"], "--value", "7", "--reason", "x")


def attested_values(demo, story):
    for part, verdict, life, level in [
        ("refutation", "refuted", "excluded", "L1"), ("confirmation", "confirmed", "effective", "L3"),
    ]:
        says = SAYS[part]
        milestone = story.milestone(says["commitment"], says["at"])
        expect(f"the milestone that was {verdict}", (milestone["life"], milestone["verificationLevel"]), (life, level))
        [attestation] = demo.ask("cn-hb", "attest", "list", says["commitment"])
        expect("the attestation", [attestation[key] for key in ["auditor", "verdict", "method", "reason"]],
               ["audit", verdict, says["method"], says["reason"]])
        refused(demo, "E_DUPLICATE_ATTESTATION", "audit", "attest", "issue", milestone["id"], "--verdict", "unable",
                "--method", "x", "--reason", "x")
        refused(demo, "E_ROLE", "regulator", "attest", "issue", milestone["id"], "--verdict", "confirmed",
                "--method", "x", "--reason", "x")
    without = story.commitment(SAYS["refutation"]["commitment"])
    expect("what was refuted", (without["status"].get("value"), statuses(without)), (None, ("inProgress",) * 2))
    require("refuted" in without["status"]["flags"], f"no flag refuted: {without['status']['flags']}")
    vouched = story.commitment(SAYS["confirmation"]["commitment"])
    expect("what was confirmed", (vouched["status"]["verificationLevel"], statuses(vouched)), ("L3", ("achieved",) * 2))


def joint_commitment(demo, story):
    says = SAYS["joint"]
    commitment = demo.ask("cn-hn", "commitment", "show", says["commitment"])
    expect("its statuses", statuses(commitment), ("proposed", "proposed"))
    signatures = commitment["jointSignatures"]
    expect("who has signed", sorted(signatures["signed"]), sorted([says["proposer"], says["signs"]]))
    expect("who is missing", signatures["missing"], [says["missing"]])
    shown = demo.jalon("commitment", "show", says["commitment"], "--node", demo.url("cn-he")).stdout
    # By name and by id, one after the other.
    named = re.compile(rf"missing: .{{0,80}}\b{says['missing']}\b")
    require(named.search(shown), f"nobody is missing: {shown}")
    require(named.search(page(demo, "cn-gz", says["commitment"])), "the page names nobody missing")
    refused(demo, "E_ALREADY_COSIGNED", says["signs"], "cosign", says["commitment"])
    refused(demo, "E_NOT_NAMED", "cn-hn", "cosign", says["commitment"])
    refused(demo, "E_NOT_ACTIVE", says["proposer"], "milestone", "report", says["commitment"], "--value", "1",
            "--at", "2021-07-01")


def cosigned_milestone(demo, story):
    says = SAYS["finance"]
    expect("the items that counted without, with one and with two signatures", story.counted, ["1", "1", "2"])
    milestone = next(m for m in demo.ask("cn-he", "milestone", "list", says["commitment"])
                     if m["periodEnd"] == says["at"])
    expect("the milestone", (milestone["isPending"], milestone["verificationLevel"]), (False, "L2"))
    expect("its co-signatures", (milestone["cosignatures"]["required"], sorted(milestone["cosignatures"]["signed"])),
           (2, sorted(says["cosigners"])))
    expect("the items that count", story.commitment(says["commitment"])["status"]["value"], "2")
    refused(demo, "E_ALREADY_COSIGNED", says["cosigners"][0], "cosign", milestone["id"])
    refused(demo, "E_NOT_NAMED", says["member"], "cosign", milestone["id"])
    refused(demo, "E_UNKNOWN_SUBJECT", "cn-hn", "cosign", says["commitment"])


def late_reply(demo, story):
    says = SAYS["directive"]
    directive = demo.ask("cn-gz", "directive", "show", story.directive()["id"])
    expect("from, to and about", [directive[key] for key in ["from", "to", "commitment"]],
           ["regulator", says["to"], says["about"]])
    expect("its words", [directive[part] for part in ["title", "text"]], [says["title"], says["text"]])
    acknowledgement = directive["acknowledgement"]
    expect("the acknowledgement", (acknowledgement["issuer"], acknowledgement["isLate"]), (says["to"], False))
    for member in ["cn-hb", "cn-hn"]:
        refused(demo, "E_NOT_ADDRESSEE", member, "directive", "acknowledge", directive["id"])
    refused(demo, "E_ALREADY_ACKNOWLEDGED", says["to"], "directive", "acknowledge", directive["id"])
    refused(demo, "E_DUE", "regulator", "directive", "issue", says["to"], "--due", "2021-07-01",
            "--title-zh", "x", "--text-zh", "x")
    if not clock_library():
        say("  not checked here: the late reply, since libfaketime is missing (see scripts/setup)")
        return
    [reply] = directive["replies"]
    expect("the reply", (reply["issuer"], reply["isLate"], reply["text"]), (says["to"], True, says["reply"]))
    [line] = demo.jalon("directive", "list", "--node", demo.url("cn-bj")).stdout.splitlines()
    require("1 reply late" in line, f"the list does not say that it is late: {line}")


def admitted_member(demo, story):
    member = demo.ask("cn-hb", "member", "show", NEWCOMER)
    expect("the member", (member["roles"], member["isValidator"]), (["observer"], False))
    expect("the validators on its node", demo.head(NEWCOMER)["validators"]["total"], len(PROVINCES))
    expect("whose node that is", demo.head(NEWCOMER)["member"], NEWCOMER)
    proposal = story.proposal("member.admit", NEWCOMER)
    # As it was decided: the suspension that followed takes no vote away.
    expect("the vote", [proposal[key] for key in ["outcome", "yes", "no", "voters", "needed", "proposer"]],
           ["effective", 5, 0, 7, 5, SAYS["admission"]["proposer"]])
    open_one = open_proposal(demo, story)
    refused(demo, "E_ROLE", NEWCOMER, "governance", "vote", open_one, "yes")
    refused(demo, "E_NOT_VALIDATOR", "regulator", "governance", "vote", open_one, "yes")
    refused(demo, "E_VOTED", "cn-bj", "governance", "vote", open_one, "no")
    refused(demo, "E_DUPLICATE_ID", "cn-bj", "governance", "propose", "admit", demo.folder / f"{NEWCOMER}.member.json",
            "--reason", "again")


def suspended_member(demo, story):
    says = SAYS["suspension"]
    subject = says["member"]
    member = demo.ask("cn-he", "member", "show", subject)
    expect("the member", (member["isSuspended"], member["isValidator"]), (True, True))
    proposal = story.proposal("member.suspend", subject)
    expect("the vote", [proposal[key] for key in ["outcome", "yes", "no", "voters", "needed", "reason"]],
           ["effective", 5, 0, 6, 5, says["reason"]])
    expect("validators that are heard", demo.head("cn-js")["validators"]["connected"], len(PROVINCES))
    refused(demo, "E_MEMBER_STANDING", subject, "milestone", "report", "CN-HI-2020-001", "--level", "2",
            "--at", "2021-07-01", "--fictional")
    refused(demo, "E_MEMBER_STANDING", subject, "governance", "vote", open_proposal(demo, story), "no")
    refused(demo, "E_PROPOSAL_CLOSED", "cn-js", "governance", "vote", proposal["id"], "no")
    refused(demo, "E_MEMBER_STANDING", "cn-bj", "governance", "propose", "suspend", subject, "--reason", "again")


# All of it


def replayed_and_forged(demo, story):
    """The bytes of a transaction that is final: once more they are the same one, changed they are none."""
    reply = story.directive()["acknowledgement"]
    signed = demo.folder / "again.cose"
    content = demo.fetch("cn-bj", f"/v1/transactions/{reply['transaction']}/bytes")
    signed.write_bytes(content)
    before = demo.wait_for_agreement(demo.members)
    [answer] = as_list(json.loads(demo.jalon(
        "transaction", "send", signed, "--node", demo.url("cn-gz"), "--json").stdout))
    expect("what was sent again", (answer["id"], answer["height"]), (reply["transaction"], reply["height"]))
    # A signature of Hebei's under other words, and words of Hebei's under another signature.
    fresh = demo.folder / "fresh.cose"
    demo.send("cn-he", "directive", "reply", story.directive()["id"], "--text", "unsent", "--save", fresh)
    for original, place in [(content, len(content) // 2), (fresh.read_bytes(), -1)]:
        forged = bytearray(original)
        forged[place] ^= 0x01
        signed.write_bytes(forged)
        done = demo.jalon("transaction", "send", signed, "--node", demo.url("cn-gz"), "--json", expect=3)
        code = json.loads(done.stdout)["error"]["code"]
        require(code in ("E_SIGNATURE", "E_MALFORMED"), f"what was changed is refused by {code}: {done.stdout}")
    expect("the head after that", demo.wait_for_agreement(demo.members), before)


def same_answers(demo, members):
    """The same bytes from every node, for all that the story is about."""
    about = [SAYS[part]["commitment"] for part in ["amendment", "correction", "refutation", "confirmation", "joint",
                                                    "finance"]] + list(SAYS["wrongRegion"]["successors"])
    paths = ["/v1/plans", "/v1/commitments?limit=500", "/v1/disputes?limit=500", "/v1/directives?limit=500"]
    paths += [f"/v1/commitments/{commitment}" for commitment in about]
    paths += [f"/v1/commitments/{commitment}/milestones?limit=500" for commitment in about]
    for path in paths:
        answers = {demo.fetch(member, path) for member in members}
        require(len(answers) == 1, f"{len(answers)} different answers to {path} from {len(members)} nodes")
    proposals = [demo.answer(member, "/v1/governance")["proposals"] for member in members]
    require(all(one == proposals[0] for one in proposals), "different proposals")


# The pieces


def open_proposal(demo, story):
    """A proposal that waits for votes: the check's own, made where there is none."""
    waiting = next((p for p in story.read("/v1/governance")["proposals"] if p["outcome"] == "open"), None)
    if waiting:
        return waiting["id"]
    done = demo.send("cn-bj", "governance", "propose", "set", "onTrack", "850000", "--reason", "演示 DEMO DATA", "--json")
    demo.wait_for_agreement(demo.members)
    return json.loads(done.stdout)["id"]


def statuses(commitment):
    return commitment["status"]["current"], commitment["status"]["original"]


def step(signed):
    return signed["issuer"], signed["text"]


def page(demo, member, commitment):
    return demo.fetch(member, f"/commitments/{commitment}?lang=en").decode()
