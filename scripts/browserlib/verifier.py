"""The verifier: green where all is right, red where something is not, and never a silent yes."""

import json

from .network import ROOT, require
from .pages import LANGUAGES

ASSETS = ROOT / "Sources" / "JalonAPI" / "Assets"
# The parts of the verifier that need no page, in their order.
CORE = ["verify-cbor.js", "verify-keys.js", "verify-file.js", "verify-proof.js", "verify-records.js", "verify-checks.js"]
VECTORS = ROOT / "Tests" / "Vectors" / "proofs.json"
STEPS = ["document", "signature", "inclusion", "seal", "genesis", "state"]
FLIPS = 60

OUTCOME = """
const root = document.getElementById("verify");
return {
  state: root.dataset.state,
  milliseconds: Number(root.dataset.milliseconds),
  summary: root.querySelector("[data-slot=summary]").textContent,
  steps: Object.fromEntries([...root.querySelectorAll("[data-step]")].map((item) =>
    [item.dataset.step, [item.dataset.verdict, item.querySelector("[data-slot=why]").textContent]])),
};
"""

DONE = "!['idle', 'running'].includes(document.getElementById('verify').dataset.state)"

# Every flip has to be refused, by the decoder or by a step.
FLIP_ALL = """
const { proofs, genesis, chain } = arguments[0];
const [wanted, every] = [arguments[1], arguments[2]];
const trust = { genesis: fromHex(genesis), chain, transaction: null };
return (async () => {
  const bytes = fromHex(proofs[wanted]);
  const whole = await checkProof(readProof(bytes), trust, null);
  const bad = Object.entries(whole.steps).filter(([, { verdict }]) => verdict === "fails");
  if (bad.length > 0) return { error: `the file itself fails: ${JSON.stringify(bad)}` };
  const outcome = { flips: 0, accepted: [], by: {} };
  for (let index = 0; index < bytes.length; index += every) {
    const changed = bytes.slice();
    changed[index] ^= 1 << (index % 8);
    let reasons = ["malformed"];
    try {
      const { steps } = await checkProof(readProof(changed), trust, null);
      reasons = Object.entries(steps).filter(([, { verdict }]) => verdict === "fails").map(([name]) => name);
    } catch (error) {
      if (!(error instanceof Malformed)) return { error: `byte ${index}: ${error.stack}` };
    }
    outcome.flips += 1;
    if (reasons.length === 0) outcome.accepted.push(index);
    for (const reason of reasons) outcome.by[reason] = (outcome.by[reason] ?? 0) + 1;
  }
  return outcome;
})();
"""

# The keys that a member brings each sign for it: with any of their signatures changed, one does not hold.
ADMISSION = """
const { transaction } = readProof(fromHex(arguments[0])).statement;
const answers = async () => Promise.all((await innerSignatures(transaction))
  .map(({ raw, signature, message }) => isSigned(raw, signature, message)));
return (async () => {
  const whole = await answers();
  const changed = [];
  for (const proof of transaction.body.get("action").get("admission").get("proofs")) {
    proof[3] ^= 1;
    changed.push((await answers()).filter((answer) => !answer).length);
    proof[3] ^= 1;
  }
  const member = transaction.body.get("action").get("admission").get("member");
  member.set("id", "other");
  return { whole, changed, renamed: await answers() };
})();
"""


def outcome(browser):
    """What the verifier says once it has run."""
    browser.wait("the verifier has run", DONE, 20)
    return browser.run(OUTCOME)


def check_again(browser):
    """Starts a check from outside a reader's way, and returns what it says."""
    browser.run("document.querySelector('[data-slot=check]').click();")
    return outcome(browser)


def verdicts(result):
    return {name: verdict for name, (verdict, _) in result["steps"].items()}


def require_verdicts(result, **expected):
    found = verdicts(result)
    for name, verdict in expected.items():
        require(found[name] == verdict, f"{name} is '{found[name]}', expected '{verdict}': {json.dumps(result, ensure_ascii=False)}")


def page_of(base, milestone, language="en"):
    return f"{base}/verify?transaction={milestone['id']}&lang={language}"


def check_green(browser, network, milestone, document):
    """All six steps, the last two only with what the reader brings; returns the times of some runs in milliseconds."""
    base = network.url("cn-bj")
    browser.open(page_of(base, milestone))
    browser.run("localStorage.clear();")
    browser.reload()
    result = outcome(browser)
    require(result["state"] == "partial", f"without a document and a pin it is '{result['state']}'")
    require_verdicts(result, document="unchecked", genesis="unchecked", signature="holds", inclusion="holds", seal="holds",
                     state="holds")
    browser.type("#verify-document", document)
    outcome(browser)
    browser.click("[data-slot=pin]")
    result = outcome(browser)
    require(result["state"] == "holds", json.dumps(result, ensure_ascii=False))
    require_verdicts(result, **{name: "holds" for name in STEPS})
    require(document.name in result["steps"]["document"][1], "the document is not called by its name")
    signed = browser.run("return document.querySelector('[data-slot=signed]').innerText;")
    require(milestone["commitment"] in signed and milestone["issuer"] in signed, f"what was signed is not shown: {signed}")
    times = sorted(check_again(browser)["milliseconds"] for _ in range(10))
    # Two days without a block: what was so then need not be so now.
    browser.run("const now = Date.now; Date.now = () => now() + 2 * 86_400_000;")
    result = check_again(browser)
    require(result["state"] == "outdated", json.dumps(result, ensure_ascii=False))
    require_verdicts(result, state="outdated", seal="holds")
    return times


def check_admission(browser, network):
    """A member's admission: the signatures of the keys that it brings are checked here too; returns how many there are."""
    base = network.url("cn-bj")
    proposal = next(one for one in network.answer("cn-bj", "/v1/governance")["proposals"] if one["action"] == "member.admit")
    browser.open(page_of(base, proposal))
    require_verdicts(outcome(browser), signature="holds", inclusion="holds", seal="holds")
    core = "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in CORE)
    proof = network.fetch("cn-bj", f"/v1/transactions/{proposal['id']}/proof")
    browser.open(base + "/data?lang=en")
    found = browser.run(core + ADMISSION, proof.hex())
    require(found["whole"] and all(found["whole"]), f"the member's keys have not signed: {found}")
    require(found["changed"] == [1] * len(found["whole"]), f"a changed signature passes: {found}")
    require(not any(found["renamed"]), f"another member's signatures pass: {found}")
    return len(found["whole"])


def check_words(browser, network, milestone):
    """Every sentence is whole, in each language."""
    for language in LANGUAGES:
        browser.open(page_of(network.url("cn-gz"), milestone, language))
        result = outcome(browser)
        texts = [result["summary"], *(text for _, text in result["steps"].values())]
        require(all(texts) and not any("{" in text or "undefined" in text for text in texts), f"in {language}: {texts}")


def check_red(browser, network, milestone, folder):
    """A document, a network, a genesis or a file that is another one."""
    base = network.url("cn-bj")
    other = folder / "another.txt"
    other.write_text("another document\n", encoding="utf-8")
    browser.open(page_of(base, milestone))
    outcome(browser)
    browser.type("#verify-document", other)
    result = outcome(browser)
    require(result["state"] == "fails", "another document passes")
    require_verdicts(result, document="fails", signature="holds", state="holds", genesis="holds")

    browser.run("localStorage.setItem('jalon-network', 'ab'.repeat(32));")
    browser.reload()
    result = outcome(browser)
    require(result["state"] == "fails", "another network than the pinned one passes")
    require_verdicts(result, genesis="fails", seal="unchecked", signature="unchecked", inclusion="unchecked", state="unchecked")
    browser.click("[data-slot=forget]")
    require(outcome(browser)["state"] == "partial", "the pin is not forgotten")

    browser.type("#verify-proof", other)
    result = outcome(browser)
    require(result["state"] == "fails" and "no proof file" in result["summary"], f"any file passes: {result['summary']}")


def check_lying(browser, network, node, milestone):
    """A node that changes its answers is caught, at the step that is wrong."""
    proof = network.fetch("cn-bj", f"/v1/transactions/{milestone['id']}/proof")
    chain = network.head("cn-bj")["chain"]
    lie = {"at": None, "body": None}

    def told(path, body):
        if path.endswith("/proof"):
            if lie["body"] is not None:
                return lie["body"]
            if lie["at"] is not None:
                return body[:lie["at"]] + bytes([body[lie["at"]] ^ 0x10]) + body[lie["at"] + 1:]
        return body

    node.lie = told
    browser.open(page_of(node.url, milestone))
    browser.run("localStorage.setItem('jalon-network', arguments[0]);", chain)
    browser.reload()
    require_verdicts(outcome(browser), **{name: "holds" for name in STEPS if name != "document"})

    caught = {name: 0 for name in [*STEPS, "file"]}
    for part in range(FLIPS):
        lie["at"] = len(proof) * part // FLIPS + 3
        result = check_again(browser)
        require(result["state"] == "fails", f"a proof passes with byte {lie['at']} changed")
        failing = [name for name, verdict in verdicts(result).items() if verdict == "fails"] or ["file"]
        for name in failing:
            caught[name] += 1
    for name in ["signature", "inclusion", "seal", "state"]:
        require(caught[name], f"no change was caught by the step '{name}': {caught}")

    another = next(m for commitment in network.commitments("cn-bj") for m in network.milestones("cn-bj", commitment["id"])
                   if m["id"] != milestone["id"])
    lie["body"] = network.fetch("cn-bj", f"/v1/transactions/{another['id']}/proof")
    require_verdicts(check_again(browser), signature="fails", seal="holds")
    lie["body"] = network.fetch("cn-bj", f"/v1/proofs/state?path=commitment/{milestone['commitment']}")
    require_verdicts(check_again(browser), signature="fails", seal="holds")
    lie["body"] = b""
    require(check_again(browser)["state"] == "fails", "an empty answer passes")
    return caught


def check_insecure(browser, network, milestone):
    """Where browsers offer no cryptography, that is said, and nothing passes for checked."""
    port = network.url("cn-bj").rsplit(":", 1)[1]
    browser.open(page_of(f"http://insecure.test:{port}", milestone))
    result = outcome(browser)
    require(result["state"] == "unable" and "HTTPS" in result["summary"], json.dumps(result, ensure_ascii=False))
    require_verdicts(result, **{name: "unchecked" for name in STEPS})


def check_offline(browser, network, milestone, document, folder):
    """One file, opened from the disk, with no node to ask."""
    files = {}
    for name, path in [("verify.html", "/static/verify.html?lang=en"), ("genesis.cbor", "/v1/genesis"),
                       ("m.proof", f"/v1/transactions/{milestone['id']}/proof")]:
        files[name] = folder / name
        files[name].write_bytes(network.fetch("cn-js", path))
    require(files["verify.html"].read_bytes() == network.fetch("cn-hi", "/static/verify.html?lang=en"),
            "two nodes give out different verifiers")
    browser.open(files["verify.html"].as_uri())
    require(browser.run("return isSecureContext;"), "this browser offers no cryptography to files")
    require(outcome(browser)["state"] == "unable", "it says something before a file is picked")
    browser.type("#verify-proof", files["m.proof"])
    browser.type("#verify-genesis", files["genesis.cbor"])
    browser.type("#verify-document", document)
    result = outcome(browser)
    require(result["state"] == "holds", json.dumps(result, ensure_ascii=False))
    changed = bytearray(files["m.proof"].read_bytes())
    changed[-5] ^= 1
    (folder / "changed.proof").write_bytes(changed)
    browser.type("#verify-proof", folder / "changed.proof")
    require(outcome(browser)["state"] == "fails", "a changed file passes")
    return files["verify.html"].stat().st_size


def check_vectors(browser, network, is_thorough):
    """The committed proof files hold, and none does with a byte changed; returns how many were tried."""
    browser.open(network.url("cn-bj") + "/verify?lang=en")
    core = "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in CORE)
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    flips = 0
    for name in sorted(vectors["proofs"]):
        every = 1 if is_thorough or name == "transaction" else 11
        result = browser.run(core + FLIP_ALL, vectors, name, every)
        require("error" not in result, f"{name}: {result.get('error')}")
        require(not result["accepted"], f"{name} passes with one of these bytes changed: {result['accepted']}")
        flips += result["flips"]
    return flips
