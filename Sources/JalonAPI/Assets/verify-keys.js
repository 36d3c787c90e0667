// Hashes and signatures, by the browser's own WebCrypto (RFC 8032, FIPS 180-4).

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const hashed = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));

const ALGORITHM = -8;
const SIGNATURE_BYTES = 64;
const KEY_PREFIX = fromHex("302a300506032b6570032100");

// SHA-256 of the SubjectPublicKeyInfo (RFC 8410 §4).
const keyID = (raw) => hashed(KEY_PREFIX, raw);

const FIELD_PRIME = 2n ** 255n - 19n;
// The ordinates of the points whose order divides 8: a signature under such a key may hold for any message.
const SMALL_ORDER = [
  0n, 1n, FIELD_PRIME - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd83d3d706a17c7n,
];

// Browsers differ in which odd points they let through; the ledger's rule is libsodium's, so it is applied here too.
const isSoundPoint = (bytes) => {
  const ordinate = Uint8Array.from(bytes).reverse();
  ordinate[0] &= 0x7f;
  const value = BigInt(`0x${hex(ordinate)}`);
  return value < FIELD_PRIME && !SMALL_ORDER.includes(value);
};

const isSigned = async (raw, signature, message) => {
  if (signature.length !== SIGNATURE_BYTES || !isSoundPoint(raw) || !isSoundPoint(signature.subarray(0, 32))) return false;
  let key;
  try {
    key = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
  } catch (error) {
    // The bytes are no point of the curve. That the browser knows no Ed25519 was asked before (`canVerify`).
    if (error.name === "DataError") return false;
    throw error;
  }
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
};

// Whether this browser hashes and verifies as it should: an example of RFC 8032 §7.1 holds, and fails once it is changed.
const canVerify = async () => {
  if (!globalThis.isSecureContext || !globalThis.crypto?.subtle) return "noSecureContext";
  const raw = fromHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const signature = fromHex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
    + "d25bf5f0595bbe24655141438e7a100b");
  try {
    const holds = await isSigned(raw, signature, new Uint8Array());
    const holdsChanged = await isSigned(raw, signature, Uint8Array.of(0));
    return holds && !holdsChanged ? null : "noEd25519";
  } catch {
    return "noEd25519";
  }
};
