"""What schemathesis is told of this API besides its description; loaded by it as SCHEMATHESIS_HOOKS.

The description is tightened before it is used: every object may hold what it names and nothing more, so that a field
which the API gives and does not describe is a failure. Nothing of what schemathesis generates to be refused is touched.
"""

import json
import os
import re
from pathlib import Path

import schemathesis
from hypothesis import strategies as st

# What the network really holds: ids by kind, and signed transactions that it takes, in hexadecimal, with their ids.
KNOWN = json.loads(Path(os.environ["JALON_API_KNOWN"]).read_text())
TRANSACTIONS = {bytes.fromhex(text): name for text, name in KNOWN["transactions"].items()}

schemathesis.openapi.media_type("application/cose", st.sampled_from(list(TRANSACTIONS)))
schemathesis.openapi.media_type(
    "application/cbor-seq", st.lists(st.sampled_from(list(TRANSACTIONS)), min_size=1, max_size=4).map(b"".join))


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Nothing that is not described may stand in an answer."""
    for schema in raw_schema["components"]["schemas"].values():
        tighten(schema)


def tighten(schema):
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            schema["additionalProperties"] = False
        for part in schema.values():
            tighten(part)
    elif isinstance(schema, list):
        for part in schema:
            tighten(part)


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Every other id is one that the network knows: drawn ones alone would only ever be unknown."""
    kind = kind_of(context.operation.path)
    known = KNOWN["ids"].get(kind, [])
    name = "code" if kind == "regions" else "id"
    drawn = path_parameters.get(name) if path_parameters else None
    if known and is_id(drawn, kind) and sum(drawn.encode()) % 2:
        path_parameters[name] = known[sum(drawn.encode()) % len(known)]
    return path_parameters


def kind_of(path):
    parts = path.split("/")
    return parts[2] if len(parts) > 3 else ""


def is_id(text, kind):
    """Whether it was drawn to be accepted."""
    if not isinstance(text, str):
        return False
    if kind == "commitments":
        return 1 <= len(text) <= 64 and all(c.isascii() and (c.isalnum() or c in ".-") for c in text)
    if kind == "regions":
        return re.fullmatch("[A-Z]{2}(-[A-Z0-9]{1,3})?", text, re.ASCII) is not None
    return len(text) == 64 and all(c in "0123456789abcdefABCDEF" for c in text)


@schemathesis.hook
def before_call(context, case, kwargs):
    """What no schema can say, in requests that are to be accepted: a cursor is opaque, the earlier height comes first,
    words are counted in bytes, and who brings a transaction to have it proven asks for the same one by its id.

    And nobody waits long for a transaction: without a word the API does so for half a minute.
    """
    query, path = dict(case.query or {}), case.operation.path
    if path.endswith("/wait") and ("timeout" not in query or is_number(query["timeout"], 60)):
        query["timeout"] = min(int(query.get("timeout", 0)), 1)
    if case.meta and case.meta.generation.mode.is_positive:
        query.pop("cursor", None)
        if isinstance(query.get("q"), str):
            query["q"] = " ".join(word[:6] for word in query["q"].split()[:8]) or "a"
        if path == "/v1/proofs/consistency" and is_number(query.get("to")):
            query["from"], query["to"] = sorted((query["from"], query["to"]), key=int)
        if case.method.upper() == "POST" and path.endswith(("/proof", "/receipt")) and case.body in TRANSACTIONS:
            case.path_parameters["id"] = TRANSACTIONS[case.body]
    if query != (case.query or {}):
        case.query = query


def is_number(value, most=None):
    text = str(value)
    return (not isinstance(value, bool) and text.isascii() and text.isdigit() and text == str(int(text))
            and (most is None or int(text) <= most))
