"""Faults of gRPC that are known: what a call on a connection that others share,
as behind a proxy, does to them: whether one that keeps the rules is not answered,
or is answered as another one. Fails where that is not as README.md says."""

import sys

from http2 import (Connection, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS,
                   RST_STREAM, frame, headers, literal, message)
from server import try_on_a_server

CHECK = "/grpc.health.v1.Health/Check"
SERVING = message(b"\x08\x01")
FIRST, BAD, LAST = 1, 3, 5  # calls on one connection
# By which others come to harm: the connection ends.
HARM = {"CVE-2023-32732: bad base64", "CVE-2024-7246: bad base64"}
DYNAMIC = 62  # of HPACK's table: the latest that was remembered

BAD_BASE64 = literal("x-bin", "!!!", True)
TOO_MUCH = literal("x-much", "y" * 9000) + literal("x-little", "z", True)


def request(stream):
    return frame(DATA, END_STREAM, stream, message(b""))


def answers(connection, streams):
    """What calls were answered, by stream; None of those that were not."""
    got, open_streams = dict.fromkeys(streams), set(streams)
    while open_streams:
        received = connection.frame(5)
        if received is None or received is False or received[0] == GOAWAY:
            break
        kind, flags, stream, payload = received
        connection.answer(received)
        if kind == DATA and stream in got:
            got[stream] = payload
        if kind == RST_STREAM or (kind in (HEADERS, DATA) and
                                  flags & END_STREAM):
            open_streams.discard(stream)
    return got


def others_go_on(port, bad):
    """Whether calls before and after one with the fields `bad` are answered."""
    connection = Connection(port)
    connection.send(frame(HEADERS, END_HEADERS, FIRST, headers(CHECK)))
    connection.send(frame(HEADERS, END_HEADERS, BAD, headers(CHECK) + bad) +
                    request(BAD))
    connection.send(request(FIRST))
    connection.send(frame(HEADERS, END_HEADERS, LAST, headers(CHECK)) +
                    request(LAST))
    got = answers(connection, (FIRST, BAD, LAST))
    connection.close()
    return got[FIRST] == SERVING and got[LAST] == SERVING


def table_is_kept(port, bad, remembered):
    """Whether a field that was remembered before the fields `bad`, of which
    `remembered` go into the table, is the same to a later call: its path."""
    connection = Connection(port)
    path = literal(":path", CHECK, True)
    rest = headers(CHECK).replace(literal(":path", CHECK), b"")
    # Pseudo-header fields come first.
    connection.send(frame(HEADERS, END_HEADERS, BAD, path + rest + bad) +
                    request(BAD))
    index = bytes([0x80 | (DYNAMIC + remembered)])
    connection.send(frame(HEADERS, END_HEADERS, LAST, index + rest) +
                    request(LAST))
    got = answers(connection, (BAD, LAST))
    connection.close()
    return got[LAST] == SERVING


def find(port):
    """What was found, by the name of the trial."""
    return {
        "CVE-2023-32732: bad base64": others_go_on(port, BAD_BASE64),
        "too much metadata": others_go_on(port, TOO_MUCH),
        "CVE-2024-7246: nothing bad": table_is_kept(port, b"", 0),
        "CVE-2024-7246: bad base64": table_is_kept(port, BAD_BASE64, 1),
        "CVE-2024-7246: too much metadata": table_is_kept(port, TOO_MUCH, 1),
    }


def check(server):
    found = find(server.port)
    for name, good in found.items():
        print(f"{name:<40}{'no harm' if good else 'HARM TO OTHERS'}")
    harm = {name for name, good in found.items() if not good}
    return 0 if harm == HARM and server.answers() else 1


if __name__ == "__main__":
    sys.exit(try_on_a_server(__doc__, check))
