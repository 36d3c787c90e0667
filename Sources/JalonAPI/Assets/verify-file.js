// The form of a proof file (jalon-proof/1) and of a genesis, as the page JalonModel describes them.

const LIMIT = {
  file: 8 << 20, genesis: 1 << 20, epochs: 1024, states: 64, links: 256, validators: 34, path: 63, consistencyPath: 64,
  siblings: 256, statePath: 256, stateValue: 128 << 10, transaction: 64 << 10, members: 256, memberKeys: 8, body: 1 << 20,
};

const HEADER_FIELDS = [
  ["version", (reader) => reader.constant("jalon-block/1")],
  ["chain", (reader) => reader.digest()],
  ["epoch", (reader) => reader.unsigned()],
  ["view", (reader) => reader.unsigned()],
  ["height", (reader) => reader.unsigned()],
  ["parentView", (reader) => reader.unsigned()],
  ["parent", (reader) => reader.digest()],
  ["timestamp", (reader) => reader.unsigned()],
  ["leader", (reader) => reader.unsigned(LIMIT.validators - 1)],
  ["logSize", (reader) => reader.unsigned()],
  ["logRoot", (reader) => reader.digest()],
  ["bodyByteCount", (reader) => reader.unsigned(LIMIT.body)],
  ["stateRoot", (reader) => reader.digest()],
  ["validatorsHash", (reader) => reader.digest()],
  ["nextValidatorsHash", (reader) => reader.digest()],
];

// A header, and its bytes, whose hash is the block's id.
const readHeader = (reader) => {
  const [header, bytes] = reader.withBytes((inner) => inner.tuple(HEADER_FIELDS.length, (items) =>
    Object.fromEntries(HEADER_FIELDS.map(([name, read]) => [name, read(items)]))));
  return { ...header, bytes };
};

const closesEpoch = (header) => !sameBytes(header.validatorsHash, header.nextValidatorsHash);

// Only a finalization seals a block, so no other kind of certificate is read.
const readFinalization = (reader) => reader.tuple(7, (items) => {
  items.unsigned(3n);
  return {
    epoch: items.unsigned(),
    view: items.integer(1n),
    block: items.digest(),
    logRoot: items.digest(),
    bitmap: items.bytes(Math.ceil(LIMIT.validators / 8)),
    signatures: items.bytes(LIMIT.validators * SIGNATURE_BYTES),
  };
});

const readKey = (reader) => {
  reader.integer(ALGORITHM, ALGORITHM);
  return reader.bytesOf(32);
};

const readKeyEntry = (reader) => reader.tuple(2, readKey);

// A set of validators, and its bytes, whose hash headers name.
const readValidators = (reader) => {
  const [list, bytes] = reader.withBytes((inner) => inner.array(LIMIT.validators, (entry) =>
    entry.tuple(3, (items) => ({ raw: readKey(items), member: items.identifier() }))));
  const isSorted = list.every(({ raw }, index) => index === 0 || compareBytes(list[index - 1].raw, raw) < 0);
  if (list.length === 0 || !isSorted || new Set(list.map(({ member }) => member)).size !== list.length) {
    throw new Malformed("no set of validators, sorted and each once", 0);
  }
  return { list, bytes };
};

const readSeal = (reader) => reader.tuple(3, (items) => ({
  header: readHeader(items),
  links: items.array(LIMIT.links, readHeader),
  finalization: readFinalization(items),
}));

const readEpoch = (reader) => reader.tuple(3, (items) => ({
  header: readHeader(items),
  links: [],
  finalization: readFinalization(items),
  validators: readValidators(items),
}));

const readStateProof = (reader) => reader.tuple([1, 3], (items, count) => ({
  siblings: items.array(LIMIT.siblings, (list) => list.digest()),
  other: count === 3 ? { place: items.digest(), valueHash: items.digest() } : null,
}));

const STATE_PATHS = /^(member|key|parameter|plan|commitment|version|milestone|attestation|dispute|cosign|directive|delegation|governance|pending|epoch|unit|sector)\/[^/]+(\/[^/]+)?$/;

const readClaim = (reader) => reader.tuple([2, 3], (items, count) => ({
  path: items.form(STATE_PATHS, LIMIT.statePath),
  proof: readStateProof(items),
  value: count === 3 ? items.bytes(LIMIT.stateValue) : null,
}));

const readInclusion = (reader) => reader.tuple(3, (items) => {
  const [size, index] = [items.unsigned(), items.unsigned()];
  if (index >= size) throw new Malformed(`number ${index} of a log of ${size}`, 0);
  return { size, index, path: items.array(LIMIT.path, (list) => list.digest()) };
});

const readConsistency = (reader) => reader.tuple(3, (items) => {
  const [earlierSize, size] = [items.integer(1n), items.unsigned()];
  if (earlierSize > size) throw new Malformed(`a log of ${earlierSize} before one of ${size}`, 0);
  return { earlierSize, size, path: items.array(LIMIT.consistencyPath, (list) => list.digest()) };
});

const readProtected = (reader) => reader.map([
  [1, (value) => value.integer(ALGORITHM, ALGORITHM)],
  [3, (value) => value.constant("application/vnd.jalon.tx+cbor")],
  [4, (value) => value.digest()],
  [15, (value) => value.map([[1, (claim) => claim.identifier()], [2, (claim) => claim.identifier()]])],
]);

const readPayload = (reader) => reader.map([
  ["body", (value) => value.any()],
  ["chain", (value) => value.digest()],
  ["nonce", (value) => value.bytesOf(16)],
  ["expires", (value) => value.unsigned()],
]);

// A transaction: a COSE_Sign1 (RFC 9052 §4.2) with an empty unprotected header.
const readTransaction = (bytes) => {
  const parts = Reader.whole(bytes, (reader) => {
    reader.tag18();
    return reader.tuple(4, (items) => {
      const header = items.bytes(512);
      items.map([]);
      return { header, payload: items.bytes(LIMIT.transaction), signature: items.bytesOf(SIGNATURE_BYTES) };
    });
  });
  const header = Reader.whole(parts.header, readProtected);
  const payload = Reader.whole(parts.payload, readPayload);
  if (!(payload.body instanceof Map)) throw new Malformed("a body that is no map", 0);
  return {
    bytes,
    signature: parts.signature,
    keyID: header[4],
    issuer: header[15][1],
    subject: header[15][2],
    chain: payload.chain,
    expires: payload.expires,
    body: payload.body,
    toBeSigned: encode(["Signature1", parts.header, new Uint8Array(), parts.payload]),
  };
};

const readStatement = (reader) => reader.tuple(2, (items) => ({
  transaction: readTransaction(items.bytes(LIMIT.transaction)),
  inclusion: readInclusion(items),
}));

const readEarlier = (reader) => reader.tuple(2, (items) => ({
  seal: readSeal(items), consistency: readConsistency(items),
}));

const readProof = (bytes) => {
  if (bytes.length > LIMIT.file) throw new Malformed(`a file of ${bytes.length} bytes`, 0);
  const proof = Reader.whole(bytes, (reader) => reader.map([
    ["seal", readSeal],
    ["epochs", (value) => value.array(LIMIT.epochs, readEpoch)],
    ["states", (value) => value.array(LIMIT.states, readClaim)],
    ["earlier?", readEarlier],
    ["version", (value) => value.constant("jalon-proof/1")],
    ["statement?", readStatement],
  ]));
  if (!proof.statement && !proof.earlier && proof.states.length === 0) throw new Malformed("a proof of nothing", 0);
  return proof;
};

const readMember = (reader) => reader.map([
  ["id", (value) => value.identifier()],
  ["name", (value) => value.any()],
  ["nodes", (value) => value.any()],
  ["roles", (value) => value.any()],
  ["region?", (value) => value.any()],
  ["recoveryKey?", readKeyEntry],
  ["authorityKeys", (value) => value.array(LIMIT.memberKeys, readKeyEntry)],
]);

// What of a genesis a proof needs. All of it is bound by its hash, which is the chain's id.
const readGenesis = (bytes) => {
  if (bytes.length > LIMIT.genesis) throw new Malformed(`a genesis of ${bytes.length} bytes`, 0);
  return Reader.whole(bytes, (reader) => reader.map([
    ["time", (value) => value.unsigned()],
    ["units", (value) => value.any()],
    ["members", (value) => value.array(LIMIT.members, readMember)],
    ["network", (value) => value.identifier()],
    ["sectors", (value) => value.any()],
    ["version", (value) => value.constant("jalon-genesis/1")],
    ["continues?", (value) => value.any()],
    ["parameters", (value) => value.any()],
    ["validators", readValidators],
  ]));
};
