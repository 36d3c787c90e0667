// What blocks and states prove: the log, the seals, the validators since the genesis, the tree of the state.

// A step does not hold; the code names the sentence that says so, the values are what it shows.
class Failure extends Error {
  constructor(code, values = {}) {
    super(code);
    this.code = code;
    this.values = values;
  }
}

// RFC 9162

const leafHash = (bytes) => hashed(Uint8Array.of(0), bytes);
const nodeHash = (left, right) => hashed(Uint8Array.of(1), left, right);

// The root that follows from a leaf and its path (§2.1.3.2); null where the path has another length than the tree's.
const inclusionRoot = async ({ size, index, path }, leaf) => {
  let [node, last, root] = [BigInt(index), BigInt(size) - 1n, leaf];
  for (const sibling of path) {
    if (last <= 0n) return null;
    if (node & 1n || node === last) {
      root = await nodeHash(sibling, root);
      while (node !== 0n && !(node & 1n)) [node, last] = [node >> 1n, last >> 1n];
    } else {
      root = await nodeHash(root, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n ? root : null;
};

// Whether a log begins with an earlier one (§2.1.4.2).
const isConsistent = async ({ earlierSize, size, path }, earlierRoot, root) => {
  if (earlierSize === size) return path.length === 0 && sameBytes(earlierRoot, root);
  const first = BigInt(earlierSize);
  // An earlier log that is one complete subtree is not in the path: its root is known.
  const rest = (first & (first - 1n)) === 0n ? [earlierRoot, ...path] : [...path];
  const start = rest.shift();
  if (!start) return false;
  let [node, last, earlier, later] = [first - 1n, BigInt(size) - 1n, start, start];
  while (node & 1n) [node, last] = [node >> 1n, last >> 1n];
  for (const subtree of rest) {
    if (last === 0n) return false;
    if (node & 1n || node === last) {
      [earlier, later] = [await nodeHash(subtree, earlier), await nodeHash(subtree, later)];
      while (node !== 0n && !(node & 1n)) [node, last] = [node >> 1n, last >> 1n];
    } else {
      later = await nodeHash(later, subtree);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n && sameBytes(earlier, earlierRoot) && sameBytes(later, root);
};

// The seal and the genesis

const quorumOf = (count) => count - Math.floor((count - 1) / 3);

// What a validator signs to make a block final: a COSE_Sign1 whose detached payload is the log root.
const finalizeStatement = async (context, { raw, member }, { view, block, logRoot }) => {
  const header = encode(new Map([
    [1, ALGORITHM],
    [4, await keyID(raw)],
    [15, new Map([[1, member], [2, context.network]])],
    [395, 1],
    [-70001, [context.chain, 3, context.epoch, view, block]],
  ]));
  return encode(["Signature1", header, new Uint8Array(), logRoot]);
};

// The validators whose bits are set; null where the bitmap has another length than the set's, or a bit beyond it.
const signersOf = (bitmap, list) => {
  if (bitmap.length !== Math.ceil(list.length / 8)) return null;
  const signers = [];
  for (let index = 0; index < bitmap.length * 8; index += 1) {
    if (!(bitmap[index >> 3] & (0x80 >> (index & 7)))) continue;
    if (index >= list.length) return null;
    signers.push(list[index]);
  }
  return signers;
};

const checkVotes = async (finalization, context, height) => {
  const list = context.validators.list;
  const needed = quorumOf(list.length);
  const signers = signersOf(finalization.bitmap, list);
  const count = { height, needed, total: list.length };
  if (!signers || finalization.epoch !== context.epoch || finalization.signatures.length !== 64 * signers.length) {
    throw new Failure("badCertificate", count);
  }
  if (signers.length < needed) throw new Failure("noQuorum", { ...count, found: signers.length });
  const answers = await Promise.all(signers.map(async (signer, place) => {
    const signature = finalization.signatures.subarray(64 * place, 64 * place + 64);
    return isSigned(signer.raw, signature, await finalizeStatement(context, signer, finalization));
  }));
  const wrong = signers.filter((_, place) => !answers[place]).map(({ member }) => member);
  if (wrong.length > 0) throw new Failure("badVotes", { ...count, members: wrong.join(", ") });
  return signers;
};

// A block, those that follow it up to the one that the votes are for, and the votes.
const checkSeal = async ({ header, links, finalization }, contexts) => {
  const context = contexts[header.epoch];
  if (!context) throw new Failure("unknownEpoch", { epoch: header.epoch, last: contexts.length - 1 });
  if (!sameBytes(header.chain, context.chain)) {
    throw new Failure("otherChain", { found: hex(header.chain), expected: hex(context.chain) });
  }
  let [last, id] = [header, await hashed(header.bytes)];
  for (const next of links) {
    const follows = sameBytes(next.parent, id) && BigInt(next.height) === BigInt(last.height) + 1n
      && next.epoch === last.epoch && sameBytes(next.chain, last.chain) && !closesEpoch(last);
    if (!follows) throw new Failure("brokenLink", { height: next.height });
    [last, id] = [next, await hashed(next.bytes)];
  }
  if (!sameBytes(finalization.block, id) || !sameBytes(finalization.logRoot, last.logRoot)) {
    throw new Failure("otherBlock", { height: last.height, found: hex(finalization.block), expected: hex(id) });
  }
  const signers = await checkVotes(finalization, context, last.height);
  if (!sameBytes(header.validatorsHash, context.hash)) throw new Failure("otherValidators", { epoch: header.epoch });
  return signers;
};

// What the votes of every epoch are bound to, each handed over to by the validators of the one before.
const checkGenesis = async (proof, genesis) => {
  const { header } = proof.seal;
  const { chain, network } = genesis;
  if (!sameBytes(header.chain, chain)) {
    throw new Failure("otherChain", { found: hex(header.chain), expected: hex(chain) });
  }
  if (proof.epochs.length !== header.epoch) {
    throw new Failure("wrongEpochCount", { found: proof.epochs.length, epoch: header.epoch });
  }
  const validators = genesis.validators;
  const contexts = [{ chain, network, epoch: 0, validators, hash: await hashed(validators.bytes) }];
  for (const [epoch, change] of proof.epochs.entries()) {
    if (change.header.epoch !== epoch || !closesEpoch(change.header)) {
      throw new Failure("notClosing", { height: change.header.height, epoch });
    }
    await checkSeal(change, contexts);
    const hash = await hashed(change.validators.bytes);
    if (!sameBytes(hash, change.header.nextValidatorsHash)) throw new Failure("otherValidators", { epoch: epoch + 1 });
    contexts.push({ chain, network, epoch: epoch + 1, validators: change.validators, hash });
  }
  return contexts;
};

// The state (a compact sparse Merkle tree)

const bitOf = (place, depth) => (place[depth >> 3] >> (7 - (depth & 7))) & 1;

const stateLeaf = (place, valueHash) => hashed(Uint8Array.of(2), place, valueHash);

// Whether the state holds the claimed value, or nothing, at the path.
const claimHolds = async ({ path, proof, value }, root) => {
  const { siblings, other } = proof;
  const place = await hashed(utf8.encode(path));
  let node = new Uint8Array(32);
  if (value) {
    if (other) return false;
    node = await stateLeaf(place, await hashed(value));
  } else if (other) {
    // Another leaf says something about this path only where both share the way down to it.
    const shares = siblings.every((_, depth) => bitOf(other.place, depth) === bitOf(place, depth));
    if (sameBytes(other.place, place) || !shares) return false;
    node = await stateLeaf(other.place, other.valueHash);
  }
  for (let depth = siblings.length - 1; depth >= 0; depth -= 1) {
    const [left, right] = bitOf(place, depth) ? [siblings[depth], node] : [node, siblings[depth]];
    node = await hashed(Uint8Array.of(3), left, right);
  }
  return sameBytes(node, root);
};
