// What a reader sees and does. All texts go in as text, never as markup.

const PIN = "jalon-network";
const MARKS = { unchecked: "○", none: "–", holds: "✔", outdated: "▲", fails: "✖" };

// Storage may be switched off; then nothing is pinned, and that is said.
const pinned = () => {
  try {
    return localStorage.getItem(PIN);
  } catch {
    return null;
  }
};

const pin = (chain) => {
  try {
    if (chain) localStorage.setItem(PIN, chain);
    else localStorage.removeItem(PIN);
  } catch {
    // As above.
  }
};

class Unable extends Error {
  constructor(code, values = {}) {
    super(code);
    this.code = code;
    this.values = values;
  }
}

const fetched = async (path, limit) => {
  let answer;
  try {
    answer = await fetch(path, { cache: "no-store", credentials: "omit" });
  } catch (error) {
    throw new Unable("unreachable", { why: error.message });
  }
  if (!answer.ok) throw new Unable("unreachable", { why: `HTTP ${answer.status}` });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (bytes.length > limit) throw new Unable("unreachable", { why: `${bytes.length} > ${limit}` });
  return bytes;
};

const picked = async (input) => {
  const file = input?.files?.[0];
  return file ? new Uint8Array(await file.arrayBuffer()) : null;
};

const read = (bytes, reader, code) => {
  try {
    return reader(bytes);
  } catch (error) {
    if (error instanceof Malformed) throw new Unable(code, { why: error.message });
    throw error;
  }
};

// A value of a body, in words that a person reads.
const shown = (value) => {
  if (value instanceof Uint8Array) return hex(value);
  if (value instanceof Map) return [...value].map(([key, inner]) => `${key}: ${shown(inner)}`).join("; ");
  if (Array.isArray(value)) return value.map(shown).join(", ") || "–";
  return String(value);
};

class Verifier {
  #root;
  #say;
  #chain = null;
  // A check that was started later makes the answer of an earlier one worthless.
  #run = 0;

  constructor(root) {
    this.#root = root;
    this.#say = speaker(document.documentElement.lang);
    this.#at("controls").hidden = false;
    for (const name of ["document", "proof", "genesis"]) this.#listen(name, "change", () => this.check());
    this.#listen("check", "click", () => this.check());
    this.#listen("chain", "change", () => this.check());
    this.#listen("pin", "click", () => {
      pin(this.#chain);
      this.#at("chain").value = this.#chain;
      this.check();
    });
    this.#listen("forget", "click", () => {
      pin(null);
      this.#at("chain").value = "";
      this.check();
    });
    this.#at("chain").value = pinned() ?? "";
  }

  #at(name) {
    return this.#root.querySelector(`[data-slot="${name}"]`);
  }

  #listen(name, event, action) {
    this.#at(name)?.addEventListener(event, action);
  }

  async check() {
    const run = this.#run += 1;
    this.#reset();
    const started = performance.now();
    let outcome;
    try {
      outcome = await this.#outcome();
    } catch (error) {
      const known = error instanceof Unable ? error : new Unable("internal", { why: String(error) });
      if (run === this.#run) this.#showUnable(known);
      return;
    }
    if (run === this.#run) this.#show(outcome, performance.now() - started - outcome.waited);
  }

  async #outcome() {
    const lack = await canVerify();
    if (lack) throw new Unable(lack);
    const asked = this.#root.dataset.transaction || null;
    const chain = this.#at("chain").value.trim().toLowerCase() || null;
    if (chain && !/^[0-9a-f]{64}$/.test(chain)) throw new Unable("badChain");
    const ownProof = await picked(this.#at("proof"));
    const started = performance.now();
    const bytes = ownProof ?? (asked ? await fetched(`/v1/transactions/${asked}/proof`, LIMIT.file) : null);
    if (!bytes) throw new Unable("noProof");
    const ownGenesis = await picked(this.#at("genesis"));
    const genesis = ownGenesis ?? ("offline" in this.#root.dataset ? null : await fetched("/v1/genesis", LIMIT.genesis));
    if (!genesis) throw new Unable("noGenesis");
    const waited = performance.now() - started;
    const proof = read(bytes, readProof, "badProof");
    read(genesis, readGenesis, "badGenesis");
    // A genesis that the reader brings along is the reader's own: its hash is what is believed.
    const believed = chain ?? (ownGenesis ? hex(await hashed(ownGenesis)) : null);
    const trust = { genesis, chain: believed, transaction: ownProof ? null : asked, now: ownProof ? undefined : Date.now() };
    const result = await checkProof(proof, trust, await picked(this.#at("document")));
    return { ...result, proof, waited };
  }

  // "Not checked" stands until a step really ran.
  #reset() {
    this.#chain = null;
    this.#at("signed").hidden = true;
    this.#root.dataset.state = "running";
    this.#summary("running", {}, "note");
    for (const item of this.#root.querySelectorAll("[data-step]")) {
      this.#showStep(item, unchecked("notRun"));
      if (item.dataset.step === "consistency") item.hidden = true;
    }
    this.#showPin();
  }

  #showUnable({ code, values }) {
    const isRefusal = code === "badProof" || code === "badGenesis";
    this.#root.dataset.state = isRefusal ? "fails" : "unable";
    this.#summary(code, values, isRefusal ? "alert" : "note");
  }

  #show({ steps, chain, proof }, milliseconds) {
    this.#chain = chain;
    for (const [name, result] of Object.entries(steps)) {
      const item = this.#root.querySelector(`[data-step="${name}"]`);
      item.hidden = false;
      this.#showStep(item, result);
    }
    const named = (verdict) => Object.entries(steps).filter(([, result]) => result.verdict === verdict).map(([name]) =>
      this.#root.querySelector(`[data-step="${name}"] [data-slot="name"]`).textContent);
    const [failed, open, old] = [named("fails"), named("unchecked"), named("outdated")];
    const values = { milliseconds: milliseconds.toFixed(0), count: open.length, steps: failed.join(", ") };
    this.#root.dataset.milliseconds = milliseconds.toFixed(1);
    const [state, code, kind] = failed.length > 0 ? ["fails", "someFail", "alert"]
      : open.length > 0 ? ["partial", "someUnchecked", "note"]
      : old.length > 0 ? ["outdated", "notCurrent", "note"] : ["holds", "allHold", "success"];
    this.#root.dataset.state = state;
    this.#summary(code, values, kind);
    this.#showPin();
    if (steps.signature.verdict === "holds") this.#showSigned(proof.statement.transaction);
  }

  #summary(code, values, kind) {
    const summary = this.#at("summary");
    summary.className = `banner ${kind}`;
    summary.textContent = this.#say(code, values);
  }

  #showStep(item, { verdict, code, values }) {
    item.dataset.verdict = verdict;
    item.querySelector('[data-slot="mark"]').textContent = MARKS[verdict];
    item.querySelector('[data-slot="verdict"]').textContent = this.#say(verdict);
    item.querySelector('[data-slot="why"]').textContent = this.#say(code, values);
  }

  #showPin() {
    const chain = pinned();
    this.#at("pinned").textContent = chain ? this.#say("pinned", { chain }) : this.#say("notPinned");
    this.#at("forget").hidden = !chain;
    // Over another pin only after that was given up, so that no haste trusts the network that just turned red.
    this.#at("pin").hidden = !this.#chain || chain !== null;
  }

  // What was signed is shown from the signed bytes themselves, and only once the signature holds.
  #showSigned({ body, issuer }) {
    const list = this.#at("fields");
    list.replaceChildren();
    for (const [name, value] of [["issuer", issuer], ...body]) {
      const [term, text] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = name;
      text.textContent = shown(value);
      list.append(term, text);
    }
    this.#at("signed").hidden = false;
  }
}

const root = document.getElementById("verify");
if (root) new Verifier(root).check();
