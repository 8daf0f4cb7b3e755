"""Whether the bound of 1,000 calls on a connection is there: the server says
so, takes as many, and closes the connection on who opens one more."""

from http2 import (ACK, Connection, END_HEADERS, HEADERS,
                   MAX_CONCURRENT_STREAMS, SETTINGS, frame, headers,
                   settings_of)
from server import try_on_a_server

CALLS_MAX = 1000
RESERVE = headers("/budget.v1.BudgetService/Reserve")


def introduce(connection):
    """The settings of the server, which it knows to be known from then on."""
    while True:
        got = connection.frame(5)
        assert got, "no settings came"
        connection.answer(got)
        if got[0] == SETTINGS and not got[1] & ACK:
            return settings_of(got[3])


def open_calls(connection, count):
    """Calls whose message never comes. Whether the connection outlives it."""
    connection.send(b"".join(frame(HEADERS, END_HEADERS, stream, RESERVE)
                             for stream in range(1, 2 * count, 2)))
    return "closed" not in connection.received(1)


def check(server):
    said = introduce(Connection(server.port)).get(MAX_CONCURRENT_STREAMS)
    assert said == CALLS_MAX, f"the bound that it tells is {said}"
    for count, lives in ((CALLS_MAX, True), (CALLS_MAX + 1, False)):
        connection = Connection(server.port)
        introduce(connection)
        assert open_calls(connection, count) == lives, f"{count} calls"
        connection.close()


if __name__ == "__main__":
    try_on_a_server(__doc__, check)
