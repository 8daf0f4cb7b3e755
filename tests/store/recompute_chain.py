#!/usr/bin/env python3
"""Recomputes the hash chain of a ledger from what PostgreSQL prints of it.

Usage: recompute_chain.py LEDGER SEALS

Both are files with a JSON object a line, as of
  SELECT row_to_json(x) FROM budget.ledger x ORDER BY root, sequence
  SELECT row_to_json(x) FROM budget.seals x ORDER BY root, first_sequence
Prints where the chain of each root stands at its last seal: root, sequence,
hash. Ends with 1, and says why, where a seal does not follow.

It knows the layout from sql/README.md alone, and needs nothing but Python.
"""

import datetime
import hashlib
import json
import struct
import sys
import uuid

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def integer(value):
    return struct.pack(">q", value)


def text(value):
    encoded = value.encode("utf-8")
    return integer(len(encoded)) + encoded


def time(value):
    whole, zone = value[:19], value[19:]
    fraction = ""
    if zone.startswith("."):
        digits = len(zone) - len(zone[1:].lstrip("0123456789")) - 1
        fraction, zone = zone[1:1 + digits], zone[1 + digits:]
    moment = datetime.datetime.fromisoformat(whole + zone)
    seconds = (moment - EPOCH) // datetime.timedelta(seconds=1)
    return integer(seconds * 1000000 + int(fraction.ljust(6, "0")))


def identifier(value):
    return uuid.UUID(value).bytes


def maybe(value, encode):
    return b"\0" if value is None else b"\1" + encode(value)


def items(values, encode):
    return integer(len(values)) + b"".join(encode(value) for value in values)


def entry_bytes(row):
    amounts = [row[kind + "_" + unit]
               for kind in ("spent", "reserved", "overage")
               for unit in ("usd_nanos", "tokens", "requests")]
    return b"".join([
        text("budget.ledger.1"),
        text(row["root"]),
        time(row["at"]),
        integer(row["kind"]),
        maybe(row["reservation"], identifier),
        items(row["allocations"], integer),
        maybe(row["admitted_at"], time),
        items(list(zip(row["pin_limits"], row["pin_windows"])),
              lambda pin: integer(pin[0]) + integer(pin[1])),
        b"".join(integer(amount) for amount in amounts),
        integer(row["unpriced"]),
        items(list(zip(row["cap_limits"], row["cap_values"])),
              lambda cap: integer(cap[0]) + maybe(cap[1], integer)),
        text(row["actor"]),
        maybe(row["request"], identifier),
        items(row["detail"], lambda pair: text(pair[0]) + text(pair[1])),
    ])


def rows(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def chains(ledger):
    """The chain after each entry, by root and sequence."""
    after = {}
    for row in ledger:
        root, sequence = row["root"], row["sequence"]
        before = after.get((root, sequence - 1), b"\0" * 32)
        digest = hashlib.sha256(entry_bytes(row)).digest()
        after[root, sequence] = hashlib.sha256(
            before + integer(sequence) + digest).digest()
    return after


def main():
    after = chains(rows(sys.argv[1]))
    last = {}
    for seal in rows(sys.argv[2]):
        root, sequence = seal["root"], seal["last_sequence"]
        if seal["first_sequence"] != last.get(root, 0) + 1:
            sys.exit(f"{root}: a seal begins at {seal['first_sequence']}, "
                     f"the one before ends at {last.get(root, 0)}")
        if "\\x" + after[root, sequence].hex() != seal["hash"]:
            sys.exit(f"{root}: the seal at {sequence} does not follow")
        last[root] = sequence
    for root, sequence in sorted(last.items()):
        print(root, sequence, after[root, sequence].hex())


if __name__ == "__main__":
    main()
