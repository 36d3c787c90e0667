"""Ways to damage what a run left behind, in memory: scripts/faults-check --self-test must notice each.

`folder` is the checker's own view of a run; the first ledger in it is called the victim.
"""

from dataclasses import dataclass
from typing import Any, Callable

from .check_formats import decode, encode


@dataclass(frozen=True)
class Damage:
    what: str
    # What the checker's complaint has to say.
    words: str
    inflict: Callable[[Any], None]


def victim(folder: Any) -> Any:
    return next(iter(folder.ledgers.values()))


def middle(folder: Any) -> int:
    """The place of a block in the middle, so that something stands before and behind it."""
    return len(victim(folder).blocks) // 2


def change_body(folder: Any, change: Callable[[list[bytes]], list[bytes]]) -> None:
    blocks, at = victim(folder).blocks, middle(folder)
    header, body = blocks[at]
    blocks[at] = header, encode(change(decode(body)))


def change_header(folder: Any, place: int, change: Callable[[Any], Any]) -> None:
    blocks, at = victim(folder).blocks, middle(folder)
    fields = decode(blocks[at][0])
    fields[place] = change(fields[place])
    blocks[at] = encode(fields), blocks[at][1]


def repeat(folder: Any) -> None:
    """A transaction twice, under a header that counts its bytes twice."""
    first = len(decode(victim(folder).blocks[middle(folder)][1])[0])
    change_body(folder, lambda body: [body[0], *body])
    change_header(folder, 11, lambda count: count + first)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def change_finalization(folder: Any, change: Callable[[list[Any]], None]) -> None:
    finalizations = victim(folder).finalizations
    height = sorted(finalizations)[len(finalizations) // 2]
    fields = decode(finalizations[height])
    change(fields)
    finalizations[height] = encode(fields)


def swap_signatures(fields: list[Any]) -> None:
    fields[6] = fields[6][64:128] + fields[6][:64] + fields[6][128:]


def drop_signer(fields: list[Any]) -> None:
    """One signature less than a quorum, however many there were."""
    bits = "".join(f"{byte:08b}" for byte in fields[5])
    while bits.count("1") >= 5:
        bits = bits[::-1].replace("1", "0", 1)[::-1]
    fields[5] = bytes(int(bits[at:at + 8], 2) for at in range(0, len(bits), 8))
    fields[6] = fields[6][:64 * bits.count("1")]


def pad_bitmap(fields: list[Any]) -> None:
    fields[5] = fields[5][:-1] + bytes([fields[5][-1] | 1])


def drop_tip(folder: Any) -> None:
    """Every node forgets the same last block, with its finalization: nothing but the clients knows."""
    for ledger in folder.ledgers.values():
        ledger.finalizations.pop(len(ledger.blocks), None)
        ledger.blocks.pop()


def lag(folder: Any) -> None:
    ledger = victim(folder)
    ledger.finalizations.pop(len(ledger.blocks), None)
    ledger.blocks.pop()


def finals(folder: Any) -> list[int]:
    return [place for place, event in enumerate(folder.events) if event["event"] == "told" and event["state"] == "final"]


def change_answer(folder: Any, **fields: Any) -> None:
    place = finals(folder)[len(finals(folder)) // 2]
    folder.events[place] = folder.events[place] | fields


def lose(folder: Any) -> None:
    """A client was told that something is final which is in no block."""
    change_answer(folder, id="00" * 32)


def unsend(folder: Any) -> None:
    identity = folder.events[finals(folder)[0]]["id"]
    folder.events[:] = [
        event for event in folder.events if not (event["id"] == identity and event["event"] in ("sent", "told"))]


def remake(folder: Any) -> None:
    place = next(place for place, event in enumerate(folder.events) if event["event"] == "made")
    folder.events[place] = folder.events[place] | {"sha256": "00" * 32}


def reorder(folder: Any) -> None:
    """The first transaction of the ledger was sent only after all others were told final."""
    last = max(event["t"] for event in folder.events)
    places = finals(folder)
    first = min(places, key=lambda place: (folder.events[place]["height"], folder.events[place].get("position", 0)))
    identity = folder.events[first]["id"]
    folder.events[:] = [
        event | {"t": event["t"] + last} if event["id"] == identity else event for event in folder.events]


def accuse(folder: Any) -> None:
    """One validator's genuine vote, twice: no contradiction."""
    finalization = decode(next(iter(victim(folder).finalizations.values())))
    kind, epoch, view, block, root, bitmap, signatures = finalization
    signer = f"{bitmap[0]:08b}".index("1")
    vote = [kind, epoch, view, block, root, signer, signatures[:64]]
    victim(folder).evidence.append((epoch, view, signer, encode([vote, vote])))


def forge(folder: Any) -> None:
    """Two finalize votes for different blocks, the second with the first one's signature."""
    finalization = decode(next(iter(victim(folder).finalizations.values())))
    kind, epoch, view, block, root, bitmap, signatures = finalization
    signer = f"{bitmap[0]:08b}".index("1")
    votes = [[kind, epoch, view, which, root, signer, signatures[:64]] for which in (block, bytes(32))]
    victim(folder).evidence.append((epoch, view, signer, encode(votes)))


def fork(folder: Any) -> None:
    """The chain goes on as another node has it, but one block is that of another height."""
    blocks, at = victim(folder).blocks, middle(folder)
    blocks[at] = blocks[at - 1]


def change_genesis(folder: Any) -> None:
    fields = decode(folder.genesis)
    fields["time"] += 1
    folder.genesis = encode(fields)


DAMAGES = [
    Damage("a transaction taken out of a block", "body", lambda folder: change_body(folder, lambda body: body[1:])),
    Damage("a transaction that stands twice in a block", "second time", repeat),
    Damage("a bit of a transaction's signature", "signature is not valid", lambda folder: change_body(
        folder, lambda body: [flipped(body[0], len(body[0]) - 1), *body[1:]])),
    Damage("a bit of a transaction's payload", "block", lambda folder: change_body(
        folder, lambda body: [flipped(body[0], len(body[0]) - 70), *body[1:]])),
    Damage("a header with another parent", "another parent", lambda folder: change_header(
        folder, 6, lambda parent: flipped(parent, 0))),
    Damage("a header with another root of the log", "root of the log", lambda folder: change_header(
        folder, 10, lambda root: flipped(root, 9))),
    Damage("a header with another root of the state", "another parent", lambda folder: change_header(
        folder, 12, lambda root: flipped(root, 9))),
    Damage("a header with an earlier time", "time", lambda folder: change_header(folder, 7, lambda time: time - 10**9)),
    Damage("a header with another leader", "leader", lambda folder: change_header(
        folder, 8, lambda leader: (leader + 1) % 7)),
    Damage("a header with other validators", "validators", lambda folder: change_header(
        folder, 13, lambda digest: flipped(digest, 3))),
    Damage("a block that is another height's", "height", fork),
    Damage("a finalization with two signatures swapped", "signature that is not valid", lambda folder:
           change_finalization(folder, swap_signatures)),
    Damage("a finalization with one vote less than a quorum", "are needed", lambda folder: change_finalization(
        folder, drop_signer)),
    Damage("a finalization whose bitmap has a padding bit", "padding bit", lambda folder: change_finalization(
        folder, pad_bitmap)),
    Damage("the newest finalization is missing", "newest finalization", lambda folder: victim(folder).finalizations.pop(
        max(victim(folder).finalizations))),
    Damage("one node lacks the last block", " is at ", lag),
    Damage("all nodes lack the last block", "lost", drop_tip),
    Damage("a client was told of a transaction that is in no block", "lost", lose),
    Damage("a client was told another height", "told height", lambda folder: change_answer(folder, height=10**9)),
    Damage("a client was told another place in the log", "told logIndex", lambda folder: change_answer(
        folder, logIndex=10**9)),
    Damage("a transaction that no client sent", "no client sent", unsend),
    Damage("a transaction with other bytes than the client's", "not what the client made", remake),
    Damage("a transaction before others that were final when it was sent", "stands before", reorder),
    Damage("evidence of one vote, twice", "do not contradict", accuse),
    Damage("evidence with a forged vote", "signature that is not valid", forge),
    Damage("another genesis", "another chain", change_genesis),
]
