"""Calls of budget.v1 as they go onto the wire, without a library."""

import uuid

from http2 import DATA, END_HEADERS, END_STREAM, HEADERS, frame, headers, message

RESERVE = "/budget.v1.BudgetService/Reserve"
WATCH = "/budget.v1.BudgetService/WatchRemaining"
_HEADERS = {path: headers(path) for path in (RESERVE, WATCH)}


def _field(number, content):
    return bytes([number << 3 | 2, len(content)]) + content


def reserve(allocation):
    """A ReserveRequest of one request under an id of its own."""
    return message(_field(1, str(uuid.uuid4()).encode()) +
                   _field(2, allocation.encode()) + _field(3, b"\x18\x01"))


def watch(allocation):
    """A WatchRemainingRequest for ten messages a second at most."""
    return message(_field(1, allocation.encode()) +
                   _field(2, b"\x10\x80\xc2\xd7\x2f"))


def call(path, stream, request):
    return (frame(HEADERS, END_HEADERS, stream, _HEADERS[path]) +
            frame(DATA, END_STREAM, stream, request))
