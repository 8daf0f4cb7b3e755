"""As much of HTTP/2 and HPACK as it takes to break their rules by hand, and to
keep them."""

import socket
import ssl
import struct
import time

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING = 0, 1, 3, 4, 6
GOAWAY, WINDOW_UPDATE, CONTINUATION = 7, 8, 9
END_STREAM, END_HEADERS, ACK = 0x1, 0x4, 0x1
MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE = 3, 4


def frame(kind, flags, stream, payload=b""):
    return (struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) +
            struct.pack(">I", stream) + payload)


def message(content):
    """As gRPC puts it into DATA."""
    return b"\x00" + struct.pack(">I", len(content)) + content


def _integer(value, bits):
    limit = (1 << bits) - 1
    if value < limit:
        return bytes([value])
    out = [limit]
    value -= limit
    while value >= 128:
        out.append(value % 128 + 128)
        value //= 128
    out.append(value)
    return bytes(out)


def _text(text):
    return _integer(len(text), 7) + text.encode()


def literal(name, value, remembered=False):
    """A header field; `remembered` puts it into the table of the receiver."""
    return (b"\x40" if remembered else b"\x00") + _text(name) + _text(value)


def headers(path="/grpc.health.v1.Health/Check", te="trailers", scheme="http",
            more=()):
    fields = [(":method", "POST"), (":scheme", scheme), (":path", path),
              (":authority", "x"), ("te", te),
              ("content-type", "application/grpc"), *more]
    return b"".join(literal(name, value) for name, value in fields)


class Connection:
    """A connection that has said hello, unless told not to. It comes from an
    address of its own on this machine, if one is given, and is encrypted if
    there is an authority to trust."""

    def __init__(self, port, hello=True, source="127.0.0.1", tls_ca=None):
        self.socket = socket.create_connection(("127.0.0.1", port), 5,
                                               source_address=(source, 0))
        # Else an honest call waits 40 ms for an acknowledgement, and is no
        # slower beside an attack.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls_ca is not None:
            context = ssl.create_default_context(cafile=tls_ca)
            context.set_alpn_protocols(["h2"])
            self.socket = context.wrap_socket(self.socket,
                                              server_hostname="127.0.0.1")
        self.buffer = b""
        if hello:
            self.send(PREFACE + frame(SETTINGS, 0, 0))

    def send(self, data):
        """Whether it could be sent within five seconds."""
        try:
            self.socket.settimeout(5)
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def frame(self, seconds):
        """The next frame as kind, flags, stream and payload. None if none came
        in so long, False if the connection is closed."""
        end = time.time() + seconds
        while True:
            size = 9 + int.from_bytes(self.buffer[:3], "big")
            if len(self.buffer) >= max(9, size):
                head, payload = self.buffer[:9], self.buffer[9:size]
                self.buffer = self.buffer[size:]
                return (head[3], head[4],
                        int.from_bytes(head[5:9], "big") & 0x7fffffff, payload)
            self.socket.settimeout(max(0, end - time.time()))
            try:
                data = self.socket.recv(65536)
            except (socket.timeout, BlockingIOError, ssl.SSLWantReadError):
                return None
            except OSError:
                data = b""
            if not data:
                return False
            self.buffer += data

    def received(self, seconds):
        """The kinds of frames that come in so long, and "closed"."""
        kinds, end = [], time.time() + seconds
        while time.time() < end:
            got = self.frame(end - time.time())
            if got is None:
                break
            if got is False:
                return kinds + ["closed"]
            kinds.append(got[0])
        return kinds

    def answer(self, got):
        """Sends what the rules ask for after a frame."""
        kind, flags, _, payload = got
        if kind == SETTINGS and not flags & ACK:
            self.send(frame(SETTINGS, ACK, 0))
        elif kind == PING and not flags & ACK:
            self.send(frame(PING, ACK, 0, payload))

    def close(self):
        self.socket.close()


def settings_of(payload):
    return dict(struct.iter_unpack(">HI", payload))
