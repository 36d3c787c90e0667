// The six steps. Nothing in a proof file has to be believed: everything leads back to the genesis.

const holds = (code, values = {}) => ({ verdict: "holds", code, values });
const outdated = (code, values = {}) => ({ verdict: "outdated", code, values });
// The question does not arise, as where a transaction names no document.
const none = (code) => ({ verdict: "none", code, values: {} });
const unchecked = (code, values = {}) => ({ verdict: "unchecked", code, values });

// Runs a step; what is thrown that is no failure of the file is a fault of this program and goes on.
const step = async (check) => {
  try {
    return await check();
  } catch (error) {
    if (error instanceof Failure) return { verdict: "fails", code: error.code, values: error.values };
    if (error instanceof Malformed) return { verdict: "fails", code: "malformed", values: { why: error.message } };
    throw error;
  }
};

const checkDocument = async (proof, document) => {
  const named = proof.statement ? documentsOf(proof.statement.transaction.body) : [];
  if (!document) return named.length > 0 ? unchecked("noDocument") : none(proof.statement ? "namesNoDocument" : "noStatement");
  if (!proof.statement) throw new Failure("noStatement");
  const digest = await hashed(document);
  const file = named.find(({ sha256 }) => sameBytes(sha256, digest));
  if (!file) throw new Failure("otherDocument", { digest: hex(digest), count: named.length });
  return holds("document", { name: file.name, bytes: document.length, digest: hex(digest) });
};

// The key that the genesis itself gives to the issuer.
const genesisKey = async (genesis, { issuer, keyID: id }) => {
  const member = genesis.members.find((one) => one.id === issuer);
  if (!member) return null;
  const validator = genesis.validators.list.find((one) => one.member === issuer)?.raw;
  for (const raw of [...member.authorityKeys, member.recoveryKey, validator]) {
    if (raw && sameBytes(await keyID(raw), id)) return raw;
  }
  return null;
};

// The key that the state of the sealed block gives to the issuer.
const stateKey = (proven, { issuer, keyID: id }) => {
  const claim = proven.find(({ path, value }) => value && path === `key/${hex(id)}`);
  if (!claim) throw new Failure("unknownKey", { key: hex(id), issuer });
  const record = readKeyRecord(claim.value);
  if (record.member !== issuer) throw new Failure("otherMember", { key: hex(id), issuer, found: record.member });
  return record;
};

const checkSignature = async (transaction, genesis, proven, asked) => {
  const id = await hashed(transaction.toBeSigned);
  const [issuer, key] = [transaction.issuer, hex(transaction.keyID)];
  if (asked && hex(id) !== asked) throw new Failure("otherTransaction", { found: hex(id), asked });
  if (!sameBytes(transaction.chain, genesis.chain)) {
    throw new Failure("otherChain", { found: hex(transaction.chain), expected: hex(genesis.chain) });
  }
  const own = await genesisKey(genesis, transaction);
  const record = own ? null : stateKey(proven ?? [], transaction);
  const raw = own ?? record.raw;
  if (!sameBytes(await keyID(raw), transaction.keyID)) throw new Failure("unknownKey", { key, issuer });
  if (!await isSigned(raw, transaction.signature, transaction.toBeSigned)) {
    throw new Failure("badSignature", { key, issuer });
  }
  for (const inner of await innerSignatures(transaction)) {
    if (!await isSigned(inner.raw, inner.signature, inner.message)) throw new Failure("badInnerSignature", { issuer });
  }
  const values = { issuer, id: hex(id), kind: record?.kind, height: record?.height };
  return holds(own ? "signedByGenesisKey" : record.active ? "signedByStateKey" : "signedByFormerKey", values);
};

const checkInclusion = async ({ transaction, inclusion }, header) => {
  if (inclusion.size !== header.logSize) {
    throw new Failure("wrongLogSize", { found: inclusion.size, expected: header.logSize });
  }
  const root = await inclusionRoot(inclusion, await leafHash(transaction.bytes));
  const values = { index: inclusion.index, size: inclusion.size, height: header.height, hashes: inclusion.path.length };
  if (!root || !sameBytes(root, header.logRoot)) throw new Failure("notInLog", values);
  return holds("inclusion", values);
};

const checkEarlier = async ({ seal, consistency }, contexts, header) => {
  await checkSeal(seal, contexts);
  const values = { earlier: seal.header.height, earlierSize: seal.header.logSize, height: header.height, size: header.logSize };
  const sizesMatch = consistency.earlierSize === seal.header.logSize && consistency.size === header.logSize;
  const isEarlier = BigInt(seal.header.height) <= BigInt(header.height);
  if (!sizesMatch || !isEarlier || !await isConsistent(consistency, seal.header.logRoot, header.logRoot)) {
    throw new Failure("notConsistent", values);
  }
  return holds("consistency", values);
};

// The ledger has a block every 24 hours at least; an hour later than that one is overdue.
const LONGEST_SILENCE = 25 * 3_600_000;

const LAST_MOMENT = 253_402_300_799_999;

const momentOf = (timestamp) => (timestamp <= LAST_MOMENT
  ? `${new Date(Number(timestamp)).toISOString().slice(0, 16).replace("T", " ")} UTC` : String(timestamp));

const checkState = async (proof, trust) => {
  const header = proof.seal.header;
  for (const claim of proof.states) {
    if (!await claimHolds(claim, header.stateRoot)) {
      throw new Failure(claim.value ? "notInState" : "notAbsent", { path: claim.path, height: header.height });
    }
  }
  const height = header.height;
  if (!proof.statement) {
    const [present, absent] = [proof.states.filter(({ value }) => value), proof.states.filter(({ value }) => !value)];
    if (present.length > 0) return holds("inState", { height, path: present.map(({ path }) => path).join(", ") });
    if (absent.length > 0) return holds("absent", { height, path: absent.map(({ path }) => path).join(", ") });
    return none("noRecord");
  }
  const transaction = proof.statement.transaction;
  const id = await hashed(transaction.toBeSigned);
  const path = await recordPath(transaction, id);
  if (!path) return none("noRecord");
  const claim = proof.states.find((one) => one.path === path);
  if (!claim) return unchecked("noClaim", { path });
  if (!claim.value) throw new Failure("recordMissing", { path, height });
  const values = { path, height, time: momentOf(header.timestamp) };
  const later = laterThan(transaction, hex(id), claim);
  if (later) return outdated(later.code, { ...values, ...later.values });
  // A node that hides what is new can still prove what was so once.
  const isStale = trust.now !== undefined && trust.now - Number(header.timestamp) > LONGEST_SILENCE;
  return isStale ? outdated("stale", values) : holds("current", values);
};

// A file without a transaction answers no question about one.
const checkNothingAsked = (trust) => {
  if (trust.transaction) throw new Failure("noStatement");
  return none("noStatement");
};

// The verdict on every step.
//
// `trust` says what the reader believes: the bytes of a genesis, the id that the chain should have (or null, and then
// the genesis is nobody's but the node's that gave it), which transaction was asked for, and the time where an answer is to be
// of now, in milliseconds since 1970.
const checkProof = async (proof, trust, document) => {
  const genesis = { ...readGenesis(trust.genesis), chain: await hashed(trust.genesis) };
  const chain = hex(genesis.chain);
  let [contexts, signers] = [null, null];
  const steps = {};
  steps.document = await step(() => checkDocument(proof, document));
  steps.genesis = await step(async () => {
    if (trust.chain && trust.chain !== chain) throw new Failure("otherGenesis", { found: chain, expected: trust.chain });
    contexts = await checkGenesis(proof, genesis);
    const values = { chain, network: genesis.network, changes: proof.epochs.length };
    return trust.chain ? holds("genesis", values) : unchecked("ownGenesis", values);
  });
  steps.seal = contexts ? await step(async () => {
    signers = await checkSeal(proof.seal, contexts);
    const total = contexts.at(-1).validators.list.length;
    const members = signers.map(({ member }) => member).join(", ");
    return holds("seal", { count: signers.length, total, needed: quorumOf(total), height: proof.seal.header.height, members });
  }) : unchecked("restsOnGenesis");
  const base = unchecked(contexts ? "restsOnSeal" : "restsOnGenesis");
  const statement = proof.statement;
  steps.inclusion = !statement ? none("noStatement")
    : signers ? await step(() => checkInclusion(statement, proof.seal.header)) : base;
  steps.state = signers ? await step(() => checkState(proof, trust)) : base;
  // Whose key it is stands in the genesis, or has to be proven by the sealed state.
  const isKnown = statement && steps.genesis.code !== "otherGenesis"
    && (signers || await genesisKey(genesis, statement.transaction));
  steps.signature = !statement ? await step(() => checkNothingAsked(trust)) : !isKnown ? base : await step(async () => {
    const proven = [];
    for (const claim of signers ? proof.states : []) {
      if (await claimHolds(claim, proof.seal.header.stateRoot)) proven.push(claim);
    }
    return checkSignature(statement.transaction, genesis, proven, trust.transaction);
  });
  if (proof.earlier) {
    steps.consistency = signers ? await step(() => checkEarlier(proof.earlier, contexts, proof.seal.header)) : base;
  }
  return { steps, chain, network: genesis.network };
};
