// Deterministic CBOR, the strict subset of the wire format (RFC 8949 §4.2.1): integers within ±(2⁶³ − 1), byte and
// text strings, arrays, maps with integer or text keys in the bytewise order of their encodings, booleans, null, and
// tag 18. Every other encoding of the same value is refused, so what was hashed is what is read.

// What is read is not of the form that it should have.
class Malformed extends Error {
  constructor(what, at) {
    super(`${what} (byte ${at})`);
    this.name = "Malformed";
  }
}

const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 };
const MAXIMUM_DEPTH = 16;
const MAXIMUM_INTEGER = 2n ** 63n - 1n;

const utf8 = new TextEncoder();
// A byte order mark is text like any other; dropped, two encodings would give one text.
const strictText = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

// As a number where that is exact, so that counts stay easy to handle.
const narrowed = (big) => (big >= -BigInt(Number.MAX_SAFE_INTEGER) && big <= BigInt(Number.MAX_SAFE_INTEGER)
  ? Number(big) : big);

const compareBytes = (left, right) => {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    if (left[index] !== right[index]) return left[index] - right[index];
  }
  return left.length - right.length;
};

const sameBytes = (left, right) => compareBytes(left, right) === 0;

// Reads item by item. Limits stand at the call; a count is held against them and against the bytes that remain before
// anything is made room for.
class Reader {
  #bytes;
  #at = 0;
  #depth = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  // Reads one item that takes all of the bytes.
  static whole(bytes, read) {
    const reader = new Reader(bytes);
    const value = read(reader);
    if (reader.#at !== bytes.length) throw new Malformed("bytes are left over", reader.#at);
    return value;
  }

  get #rest() {
    return this.#bytes.length - this.#at;
  }

  #peek() {
    if (this.#rest < 1) throw new Malformed("it ends too early", this.#at);
    return this.#bytes[this.#at];
  }

  // The major type and the argument, in its one shortest form.
  #head() {
    const at = this.#at;
    const first = this.#peek();
    const [major, short] = [first >> 5, first & 0x1f];
    if (major >= MAJOR.tag || short > 27) throw new Malformed("no item of the strict subset", at);
    this.#at += 1;
    if (short < 24) return [major, BigInt(short)];
    const count = 1 << (short - 24);
    if (this.#rest < count) throw new Malformed("it ends too early", at);
    let value = 0n;
    for (let index = 0; index < count; index += 1) value = (value << 8n) | BigInt(this.#bytes[this.#at + index]);
    this.#at += count;
    const smallest = count === 1 ? 24n : 1n << BigInt(4 * count);
    if (value < smallest) throw new Malformed("a longer form than needed", at);
    return [major, value];
  }

  #headOf(major, maximum, what) {
    const at = this.#at;
    const [found, value] = this.#head();
    if (found !== major) throw new Malformed(`not ${what}`, at);
    if (value > BigInt(maximum)) throw new Malformed(`${what} of ${value}, at most ${maximum} are possible`, at);
    return Number(value);
  }

  #nested(read) {
    this.#depth += 1;
    if (this.#depth > MAXIMUM_DEPTH) throw new Malformed("nested too deeply", this.#at);
    const value = read();
    this.#depth -= 1;
    return value;
  }

  integer(minimum = -MAXIMUM_INTEGER, maximum = MAXIMUM_INTEGER) {
    const at = this.#at;
    const [major, argument] = this.#head();
    if (major > MAJOR.negative) throw new Malformed("not an integer", at);
    const value = major === MAJOR.unsigned ? argument : -1n - argument;
    if (value < BigInt(minimum) || value > BigInt(maximum)) throw new Malformed("an integer out of range", at);
    return narrowed(value);
  }

  unsigned(maximum = MAXIMUM_INTEGER) {
    return this.integer(0n, maximum);
  }

  #string(major, maximum, what) {
    const count = this.#headOf(major, Math.min(maximum, this.#bytes.length), what);
    if (count > this.#rest) throw new Malformed("it ends too early", this.#at);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  bytes(maximum) {
    return this.#string(MAJOR.bytes, maximum, "a byte string");
  }

  bytesOf(count) {
    const at = this.#at;
    const bytes = this.bytes(count);
    if (bytes.length !== count) throw new Malformed(`${bytes.length} bytes where ${count} should stand`, at);
    return bytes;
  }

  digest() {
    return this.bytesOf(32);
  }

  text(maximum) {
    const at = this.#at;
    const bytes = this.#string(MAJOR.text, maximum, "a text");
    try {
      return strictText.decode(bytes);
    } catch {
      throw new Malformed("no UTF-8", at);
    }
  }

  // A text of the form that is given as a regular expression.
  form(pattern, maximum = 64) {
    const at = this.#at;
    const text = this.text(maximum);
    if (!pattern.test(text)) throw new Malformed(`'${text}' has not the form that it should have`, at);
    return text;
  }

  identifier() {
    return this.form(/^[A-Za-z0-9.-]{1,64}$/);
  }

  // A text that can only be this one.
  constant(expected) {
    const at = this.#at;
    const found = this.text(64);
    if (found !== expected) throw new Malformed(`'${found}' where '${expected}' should stand`, at);
    return found;
  }

  tag18() {
    if (this.#peek() !== 0xd2) throw new Malformed("not a COSE_Sign1", this.#at);
    this.#at += 1;
  }

  // Takes one byte off a count's limit, since every item has one byte at least.
  #arrayHead(maximum) {
    return this.#headOf(MAJOR.array, Math.min(maximum, this.#rest), "an array");
  }

  array(maximum, read) {
    const count = this.#arrayHead(maximum);
    return this.#nested(() => Array.from({ length: count }, () => read(this)));
  }

  // An array of a fixed number of items; `read` gets the number found where several are possible.
  tuple(counts, read) {
    const at = this.#at;
    const count = this.#arrayHead(this.#bytes.length);
    if (![counts].flat().includes(count)) throw new Malformed(`an array of ${count} items`, at);
    return this.#nested(() => read(this, count));
  }

  // A map of these fields, in this order, which is that of their encodings. A field's name ends in "?" where it may be
  // missing. So unknown, repeated and unsorted keys are refused by one check.
  map(fields) {
    const at = this.#at;
    let remaining = this.#headOf(MAJOR.map, Math.floor(this.#bytes.length / 2), "a map");
    const values = {};
    this.#nested(() => {
      for (const [name, read] of fields) {
        const isOptional = typeof name === "string" && name.endsWith("?");
        const key = isOptional ? name.slice(0, -1) : name;
        if (remaining > 0 && this.#takes(key)) {
          remaining -= 1;
          values[key] = read(this);
        } else if (!isOptional) {
          throw new Malformed(`'${key}' is missing`, this.#at);
        }
      }
    });
    if (remaining !== 0) throw new Malformed("an unknown, repeated or unsorted field", at);
    return values;
  }

  // Moves past a key if it stands here.
  #takes(key) {
    const encoded = encode(key);
    if (!sameBytes(this.#bytes.subarray(this.#at, this.#at + encoded.length), encoded)) return false;
    this.#at += encoded.length;
    return true;
  }

  // What `read` reads, together with the bytes of its encoding.
  withBytes(read) {
    const from = this.#at;
    const value = read(this);
    return [value, this.#bytes.subarray(from, this.#at)];
  }

  // Any one item: a map as a Map, the rest as what it is.
  any() {
    const first = this.#peek();
    if (first === 0xf4 || first === 0xf5 || first === 0xf6) {
      this.#at += 1;
      return first === 0xf6 ? null : first === 0xf5;
    }
    switch (first >> 5) {
      case MAJOR.unsigned:
      case MAJOR.negative: return this.integer();
      case MAJOR.bytes: return this.bytes(this.#bytes.length);
      case MAJOR.text: return this.text(this.#bytes.length);
      case MAJOR.array: return this.array(this.#bytes.length, (reader) => reader.any());
      case MAJOR.map: return this.#anyMap();
      default: throw new Malformed("no item of the strict subset", this.#at);
    }
  }

  #anyMap() {
    const count = this.#headOf(MAJOR.map, Math.floor(this.#rest / 2), "a map");
    const map = new Map();
    let previous = null;
    return this.#nested(() => {
      for (let index = 0; index < count; index += 1) {
        const at = this.#at;
        const isText = this.#peek() >> 5 === MAJOR.text;
        const [key, encoded] = this.withBytes((reader) => (isText ? reader.text(this.#bytes.length) : reader.integer()));
        if (previous && compareBytes(previous, encoded) >= 0) throw new Malformed("a repeated or unsorted key", at);
        previous = encoded;
        map.set(key, this.any());
      }
      return map;
    });
  }
}

const joined = (...parts) => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

const encodedHead = (major, argument) => {
  const value = BigInt(argument);
  if (value < 24n) return Uint8Array.of((major << 5) | Number(value));
  const size = [1, 2, 4, 8].find((count) => value < 1n << BigInt(8 * count));
  const head = new Uint8Array(1 + size);
  head[0] = (major << 5) | (24 + Math.log2(size));
  for (let index = 0; index < size; index += 1) {
    head[size - index] = Number((value >> BigInt(8 * index)) & 0xffn);
  }
  return head;
};

// Writes what signatures are made over. A Map is written in the order that it has: the callers know the right one.
const encode = (value) => {
  if (value instanceof Uint8Array) return joined(encodedHead(MAJOR.bytes, value.length), value);
  if (Array.isArray(value)) return joined(encodedHead(MAJOR.array, value.length), ...value.map(encode));
  if (value instanceof Map) return joined(encodedHead(MAJOR.map, value.size), ...[...value].flat().map(encode));
  if (typeof value === "string") {
    const bytes = utf8.encode(value);
    return joined(encodedHead(MAJOR.text, bytes.length), bytes);
  }
  return value < 0 ? encodedHead(MAJOR.negative, -1n - BigInt(value)) : encodedHead(MAJOR.unsigned, value);
};
