"""What scripts/faults-check reads by: CBOR, Merkle trees and signatures, written anew and used by nothing else.

CBOR is what deterministic encoding (RFC 8949, section 4.2.1) leaves of it.
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SPKI_PREFIX = bytes.fromhex("302a300506032b6570032100")


class Broken(Exception):
    """Something that must hold does not."""


def require(condition: Any, what: str) -> None:
    if not condition:
        raise Broken(what)


# CBOR: what deterministic encoding (RFC 8949, section 4.2.1) leaves of it


@dataclass(frozen=True)
class Tagged:
    number: int
    value: Any


def decode(data: bytes) -> Any:
    value, end = decode_item(data, 0)
    require(end == len(data), "bytes are left over after a CBOR item")
    return value


def decode_item(data: bytes, at: int) -> tuple[Any, int]:
    require(at < len(data), "a CBOR item is cut off")
    major, low, at = data[at] >> 5, data[at] & 31, at + 1
    if major == 7:
        require(low in (20, 21, 22), "a CBOR simple value or float that is not allowed")
        return {20: False, 21: True, 22: None}[low], at
    value = low
    if low >= 24:
        require(low <= 27, "an indefinite CBOR length")
        size = 1 << (low - 24)
        require(at + size <= len(data), "a CBOR head is cut off")
        value, at = int.from_bytes(data[at:at + size], "big"), at + size
        require(value >= (24 if size == 1 else 1 << (4 * size)), "a CBOR head that is not the shortest")
    if major <= 1:
        return (value if major == 0 else -1 - value), at
    if major in (2, 3):
        require(at + value <= len(data), "a CBOR string is cut off")
        raw = data[at:at + value]
        return (raw if major == 2 else raw.decode()), at + value
    if major == 6:
        inner, at = decode_item(data, at)
        return Tagged(value, inner), at
    items: list[Any] = []
    keys: list[bytes] = []
    for index in range(value * (major - 3)):
        item, end = decode_item(data, at)
        if major == 5 and index % 2 == 0:
            keys.append(data[at:end])
        items.append(item)
        at = end
    if major == 4:
        return items, at
    require(all(a < b for a, b in zip(keys, keys[1:])), "CBOR keys that are unsorted or repeated")
    return dict(zip(items[::2], items[1::2])), at


def head(major: int, value: int) -> bytes:
    if value < 24:
        return bytes([major << 5 | value])
    size = next(size for size in (1, 2, 4, 8) if value < 1 << 8 * size)
    return bytes([major << 5 | 23 + size.bit_length()]) + value.to_bytes(size, "big")


def encode(value: Any) -> bytes:
    match value:
        case None: return b"\xf6"
        case int(): return head(0, value) if value >= 0 else head(1, -1 - value)
        case bytes(): return head(2, len(value)) + value
        case str(): return head(3, len(value.encode())) + value.encode()
        case list(): return head(4, len(value)) + b"".join(encode(item) for item in value)
        case dict():
            pairs = sorted((encode(key), encode(item)) for key, item in value.items())
            return head(5, len(pairs)) + b"".join(key + item for key, item in pairs)
        case Tagged(): return head(6, value.number) + encode(value.value)
    raise TypeError(type(value))


def hashed(data: bytes) -> bytes:
    return sha256(data).digest()


@cache
def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """One signature is met in many nodes' certificates; once is enough."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def to_be_signed(protected: bytes, payload: bytes) -> bytes:
    return encode(["Signature1", protected, b"", payload])


def key_id(raw: bytes) -> bytes:
    return hashed(SPKI_PREFIX + raw)


# Merkle log (RFC 9162, section 2.1)


def leaf_hash(leaf: bytes) -> bytes:
    return hashed(b"\0" + leaf)


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashed(b"\1" + left + right)


class Log:
    """Grows leaf by leaf, and knows its root by the roots of its full subtrees alone."""

    def __init__(self) -> None:
        self.size = 0
        self.subtrees: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        root, size = leaf_hash(leaf), self.size
        while size & 1:
            root, size = node_hash(self.subtrees.pop(), root), size >> 1
        self.subtrees.append(root)
        self.size += 1

    def root(self) -> bytes:
        if not self.subtrees:
            return hashed(b"")
        root = self.subtrees[-1]
        for left in reversed(self.subtrees[:-1]):
            root = node_hash(left, root)
        return root


class Tree:
    """The definition of RFC 9162, by recursion: makes inclusion paths."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.hashes = [leaf_hash(leaf) for leaf in leaves]
        self.roots: dict[tuple[int, int], bytes] = {}

    def root(self, start: int, end: int) -> bytes:
        if end - start == 1:
            return self.hashes[start]
        if (start, end) not in self.roots:
            middle = start + self.split(end - start)
            self.roots[start, end] = node_hash(self.root(start, middle), self.root(middle, end))
        return self.roots[start, end]

    @staticmethod
    def split(size: int) -> int:
        return 1 << (size - 1).bit_length() - 1

    def path(self, index: int, size: int) -> list[bytes]:
        start, end, path = 0, size, []
        while end - start > 1:
            middle = start + self.split(end - start)
            if index < middle:
                path.append(self.root(middle, end))
                end = middle
            else:
                path.append(self.root(start, middle))
                start = middle
        return path[::-1]


def root_of_path(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.3.2."""
    require(index < size, "an inclusion proof of a place behind the log's end")
    fn, sn, root = index, size - 1, leaf
    for step in path:
        require(sn > 0, "an inclusion path that is too long")
        if fn & 1 or fn == sn:
            root = node_hash(step, root)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = node_hash(root, step)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0, "an inclusion path that is too short")
    return root


