"""As much of HTTP/2 and HPACK as it takes to break their rules by hand."""

import socket
import struct
import time

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING = 0, 1, 3, 4, 6
WINDOW_UPDATE, CONTINUATION = 8, 9
END_STREAM, END_HEADERS = 0x1, 0x4


def frame(kind, flags, stream, payload=b""):
    return (struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) +
            struct.pack(">I", stream) + payload)


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
    """A connection that has said hello, unless told not to."""

    def __init__(self, port, hello=True):
        self.socket = socket.create_connection(("127.0.0.1", port), 5)
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

    def received(self, seconds):
        """The kinds of frames that come in so long, and "closed"."""
        kinds, buffer, end = [], b"", time.time() + seconds
        while time.time() < end:
            self.socket.settimeout(max(0.05, end - time.time()))
            try:
                data = self.socket.recv(65536)
            except socket.timeout:
                break
            except OSError:
                data = b""
            if not data:
                return kinds + ["closed"]
            buffer += data
            while len(buffer) >= 9:
                size = 9 + int.from_bytes(buffer[:3], "big")
                if len(buffer) < size:
                    break
                kinds.append(buffer[3])
                buffer = buffer[size:]
        return kinds

    def close(self):
        self.socket.close()
