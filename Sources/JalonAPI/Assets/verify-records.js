// What transactions say, and where the state keeps what they did (the pages JalonModel and JalonState).

const fieldOf = (map, name, isRight) => {
  const value = map.get(name);
  if (!isRight(value)) throw new Malformed(`the field '${name}' is missing or of another kind`, 0);
  return value;
};

const isText = (value) => typeof value === "string";
const isDigest = (value) => value instanceof Uint8Array && value.length === 32;
const isCount = (value) => (typeof value === "number" || typeof value === "bigint") && value >= 0;
const isKey = (value) => Array.isArray(value) && value.length === 2 && value[0] === ALGORITHM && isDigest(value[1]);
const isMap = (value) => value instanceof Map;

const readRecord = (bytes) => {
  const record = Reader.whole(bytes, (reader) => reader.any());
  if (!isMap(record)) throw new Malformed("a record that is no map", 0);
  return record;
};

const readKeyRecord = (bytes) => {
  const record = readRecord(bytes);
  return {
    raw: fieldOf(record, "key", isKey)[1],
    kind: fieldOf(record, "kind", isText),
    member: fieldOf(record, "member", isText),
    height: fieldOf(record, "height", isCount),
    active: fieldOf(record, "active", (value) => typeof value === "boolean"),
  };
};

const TYPES_WITH_EVIDENCE = [
  "milestone.report", "milestone.correct", "attestation.issue", "dispute.open", "dispute.answer", "directive.reply",
];

// The files that a body names.
const documentsOf = (body) => {
  if (!TYPES_WITH_EVIDENCE.includes(body.get("type"))) return [];
  return fieldOf(body, "evidence", Array.isArray).map((file) => {
    if (!isMap(file)) throw new Malformed("a file of evidence that is no map", 0);
    return { name: fieldOf(file, "name", isText), sha256: fieldOf(file, "sha256", isDigest) };
  });
};

const LIFE_STEPS = ["activate", "return", "withdraw", "cancel", "supersede", "suspend", "resume", "close"]
  .map((name) => `commitment.${name}`);

// Where the state keeps what a transaction did; null where it keeps nothing of it under a path of its own.
const recordPath = async ({ body, issuer }, id) => {
  const type = fieldOf(body, "type", isText);
  const text = (name) => fieldOf(body, name, isText);
  const digest = (name) => hex(fieldOf(body, name, isDigest));
  const key = async () => hex(await keyID(fieldOf(body, "key", isKey)[1]));
  if (type === "commitment.propose" || type === "commitment.amend" || LIFE_STEPS.includes(type)) {
    return `commitment/${text("id")}`;
  }
  switch (type) {
    case "plan.publish": return `plan/${text("id")}`;
    case "milestone.report":
    case "milestone.correct": return `milestone/${hex(id)}`;
    case "milestone.retract": return `milestone/${digest("milestone")}`;
    case "attestation.issue": return `attestation/${hex(id)}`;
    case "attestation.revoke": return `attestation/${digest("attestation")}`;
    case "dispute.open": return `dispute/${hex(id)}`;
    case "dispute.answer":
    case "dispute.resolve": return `dispute/${digest("dispute")}`;
    case "cosign": return `cosign/${digest("subject")}/${issuer}`;
    case "directive.issue": return `directive/${hex(id)}`;
    case "directive.acknowledge":
    case "directive.reply": return `directive/${digest("directive")}`;
    case "delegation.grant": return `delegation/${await key()}`;
    case "delegation.revoke": return `delegation/${digest("key")}`;
    case "governance.propose": return `governance/${hex(id)}`;
    case "governance.vote": return `governance/${digest("proposal")}`;
    case "key.rotate": return `key/${await key()}`;
    case "validators.activate": return `epoch/${fieldOf(body, "epoch", isCount)}`;
    default: return null;
  }
};

// What came in the place of what a transaction did: `{ code, values }`, or null where nothing did.
const laterThan = ({ body }, id, { path, value }) => {
  const record = readRecord(value);
  const by = (code, origin) => (hex(origin) === id ? null : { code, values: { by: hex(origin) } });
  switch (path.slice(0, path.indexOf("/"))) {
    case "milestone": {
      const state = fieldOf(record, "state", (name) => ["effective", "replaced", "retracted", "excluded"].includes(name));
      return state === "effective" ? null : by(state, fieldOf(record, "changedBy", isDigest));
    }
    case "attestation": {
      const revoked = record.get("revoked");
      return revoked === undefined ? null
        : by("revoked", fieldOf(fieldOf(record, "revoked", isMap), "transaction", isDigest));
    }
    case "delegation":
      return record.has("revokedBy") ? by("revoked", fieldOf(record, "revokedBy", isDigest)) : null;
    case "commitment": return laterCommitment(body, id, record);
    default: return null;
  }
};

const laterCommitment = (body, id, record) => {
  const life = fieldOf(record, "life", isText);
  const version = BigInt(fieldOf(record, "version", isCount));
  const changed = record.has("changed") ? fieldOf(record, "changed", isMap) : null;
  const by = changed ? hex(fieldOf(changed, "transaction", isDigest)) : "";
  const type = body.get("type");
  if (LIFE_STEPS.includes(type)) return changed && by !== id ? { code: "life", values: { life, by } } : null;
  if (type !== "commitment.propose" && type !== "commitment.amend") return null;
  const made = type === "commitment.propose" ? 1n : BigInt(fieldOf(body, "expectedVersion", isCount)) + 1n;
  if (version !== made) return { code: "laterVersion", values: { made: String(made), version: String(version) } };
  return life === "proposed" || life === "active" ? null : { code: "life", values: { life, by } };
};

// That a new key's holder has it, and says so for this chain and member.
const possession = async (purpose, { body, chain }) => {
  const entry = fieldOf(body, "key", isKey);
  const digest = await hashed(encode([chain, fieldOf(body, "member", isText), entry]));
  return [{
    raw: entry[1],
    signature: fieldOf(body, "proof", (value) => value instanceof Uint8Array),
    message: encode(["jalon-possession/1", purpose, digest]),
  }];
};

// That the next validators are ready.
const readiness = async ({ body, chain }) => {
  const validators = fieldOf(body, "validators", Array.isArray);
  const hash = await hashed(encode(validators));
  const epoch = fieldOf(body, "epoch", isCount);
  return fieldOf(body, "ready", Array.isArray).map((entry) => {
    const [index, height, signature] = Array.isArray(entry) && entry.length === 3 ? entry : [];
    const validator = isCount(index) ? validators[index] : undefined;
    if (!Array.isArray(validator) || !isDigest(validator[1]) || !isCount(height) || !(signature instanceof Uint8Array)) {
      throw new Malformed("a sign of readiness of no validator", 0);
    }
    return { raw: validator[1], signature, message: encode(["jalon-ready/1", chain, epoch, hash, height]) };
  });
};

// That whoever is to be admitted holds every key that it brings, each of which signs for the member as a whole.
const admission = async ({ body }) => {
  const action = fieldOf(body, "action", isMap);
  if (action.get("kind") !== "member.admit") return [];
  const entry = fieldOf(action, "admission", isMap);
  const member = fieldOf(entry, "member", isMap);
  const keys = fieldOf(member, "authorityKeys", Array.isArray).map((key) => ["authority", key]);
  if (member.has("recoveryKey")) keys.push(["recovery", member.get("recoveryKey")]);
  for (const node of fieldOf(member, "nodes", Array.isArray)) {
    if (!isMap(node)) throw new Malformed("a node that is no map", 0);
    keys.push(["node", [ALGORITHM, fieldOf(node, "key", isDigest)]]);
  }
  const whole = ["jalon-member/1", member];
  if (entry.has("validatorKey")) {
    keys.push(["validator", entry.get("validatorKey")]);
    whole.push(entry.get("validatorKey"));
  }
  const proofs = fieldOf(entry, "proofs", Array.isArray);
  if (proofs.length !== keys.length) throw new Malformed("not one proof for each key", 0);
  const digest = await hashed(encode(whole));
  return keys.map(([purpose, key], place) => {
    if (!isKey(key) || !(proofs[place] instanceof Uint8Array)) throw new Malformed("a key or a proof that is none", 0);
    return { raw: key[1], signature: proofs[place], message: encode(["jalon-possession/1", purpose, digest]) };
  });
};

// The signatures inside a body, of other keys than the one that signs the transaction.
const innerSignatures = async (transaction) => {
  switch (transaction.body.get("type")) {
    case "delegation.grant": return possession("delegate", transaction);
    case "key.rotate": return possession(fieldOf(transaction.body, "purpose", isText), transaction);
    case "key.recover": return possession("authority", transaction);
    case "governance.propose": return admission(transaction);
    case "validators.activate": return readiness(transaction);
    default: return [];
  }
};
