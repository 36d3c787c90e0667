"""Signed transactions, made without a line of the node's own code (protocol, section 2: SCITT signed statements)."""

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

CONTENT_TYPE = "application/vnd.jalon.tx+cbor"
# Longer than any run, and within the hour that the network's parameter maxLifetime allows, clock skew included.
LIFETIME_SECONDS = 50 * 60


def cbor_head(major: int, value: int) -> bytes:
    """The head of a CBOR item, in the shortest form, which is the only one allowed."""
    for bits, marker in ((8, 24), (16, 25), (32, 26), (64, 27)):
        if value < 24:
            return bytes([major << 5 | value])
        if value < 1 << bits:
            return bytes([major << 5 | marker]) + value.to_bytes(bits // 8, "big")
    raise ValueError(f"{value} is too large")


def cbor(value: Any) -> bytes:
    """Deterministic CBOR (RFC 8949, section 4.2.1) of what transactions are made of."""
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return cbor_head(0, value) if value >= 0 else cbor_head(1, -1 - value)
    if isinstance(value, bytes):
        return cbor_head(2, len(value)) + value
    if isinstance(value, str):
        text = value.encode()
        return cbor_head(3, len(text)) + text
    if isinstance(value, list):
        return cbor_head(4, len(value)) + b"".join(map(cbor, value))
    if isinstance(value, dict):
        fields = sorted((cbor(key), cbor(item)) for key, item in value.items())
        return cbor_head(5, len(fields)) + b"".join(key + item for key, item in fields)
    raise TypeError(f"no CBOR for {type(value)}")


@dataclass(frozen=True)
class Statement:
    """One signed transaction: its full bytes, and the id by which nodes know it."""

    bytes: bytes
    id: str


class Author:
    """A member that publishes plans: the simplest transaction that stands alone and is never equal to another."""

    def __init__(self, member: str, region: str, key_file: Path) -> None:
        key = load_pem_private_key(key_file.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(f"{key_file} holds no Ed25519 key")
        self.member, self.region, self.key = member, region, key
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.key_id = hashlib.sha256(public).digest()

    def plan(self, number: int, chain: bytes) -> Statement:
        """A plan.publish, the `number`th of this member, signed."""
        plan_id = f"{self.region}-2020-P{number}"
        body = {
            "type": "plan.publish",
            "id": plan_id,
            "region": self.region,
            "title": {"zh": "故障试验", "en": f"Fault trial {number}"},
            "issuer": self.member,
            "published": {"date": "2020-06-30", "precision": "day", "basis": "explicit"},
            "source": {"kind": "press", "url": "https://example.org/trial"},
        }
        expires = int(time.time() * 1_000) + LIFETIME_SECONDS * 1_000
        payload = cbor({"body": body, "chain": chain, "nonce": os.urandom(16), "expires": expires})
        protected = cbor({1: -8, 3: CONTENT_TYPE, 4: self.key_id, 15: {1: self.member, 2: plan_id}})
        to_be_signed = cbor(["Signature1", protected, b"", payload])
        signature = self.key.sign(to_be_signed)
        return Statement(
            # 18 is COSE_Sign1's tag; the unprotected header is empty in the log.
            bytes=cbor_head(6, 18) + cbor([protected, {}, payload, signature]),
            id=hashlib.sha256(to_be_signed).hexdigest())
