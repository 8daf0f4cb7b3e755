"""Clients that keep the rules: each makes one call after the other, as fast as
it goes or, of all together, so many a second."""

import multiprocessing
import select
import time

from calls import RESERVE, call, reserve
from http2 import (Connection, DATA, END_STREAM, GOAWAY, HEADERS, RST_STREAM,
                   WINDOW_UPDATE, frame)

PATIENCE = 30  # seconds after which a call counts as failed


class _Caller:
    """One connection with one call on it."""

    def __init__(self, port, allocation, tls_ca):
        self.port, self.allocation, self.tls_ca = port, allocation, tls_ca
        self.connection = None

    def call(self):
        if self.connection is None:
            self.connection = Connection(self.port, tls_ca=self.tls_ca)
            self.stream = -1
        self.stream += 2
        self.granted, self.began = False, time.time()
        self.connection.send(
            call(RESERVE, self.stream, reserve(self.allocation)))

    def outcome(self):
        """True or False once the call has ended, None before."""
        while True:
            got = self.connection.frame(0)
            if got is None:
                return False if time.time() > self.began + PATIENCE else None
            if got is False or got[0] in (RST_STREAM, GOAWAY):
                self.connection.close()
                self.connection = None
                return False
            kind, flags, stream, payload = got
            self.connection.answer(got)
            if kind == DATA and payload:
                # Only who was granted something gets a message.
                self.granted = True
                self.connection.send(frame(WINDOW_UPDATE, 0, 0,
                                           len(payload).to_bytes(4, "big")))
            if stream == self.stream and flags & END_STREAM and kind in (
                    HEADERS, DATA):
                return self.granted


class Honest:
    """Callers in a process of their own, from start to stop. With `offered`,
    so many calls a second are due, whatever the answers; those that no caller is
    free for wait."""

    CALLERS = 8

    def __init__(self, port, allocation, tls_ca=None, callers=CALLERS,
                 offered=None):
        self.answered = multiprocessing.Value("q", 0)
        self.failed = multiprocessing.Value("q", 0)
        self.end = multiprocessing.Event()
        self.process = multiprocessing.Process(
            target=self._run, args=(port, allocation, tls_ca, callers, offered),
            daemon=True)
        self.process.start()

    def _run(self, port, allocation, tls_ca, count, offered):
        free = [_Caller(port, allocation, tls_ca) for _ in range(count)]
        calling, due, began, made = [], count, time.time(), 0
        while calling or not self.end.is_set():
            if offered is not None:
                due = int((time.time() - began) * offered) - made
                # What is over a second late nobody waits for any more.
                made, due = made + max(0, due - offered), min(due, offered)
            while free and due > 0 and not self.end.is_set():
                caller = free.pop()
                caller.call()
                calling.append(caller)
                made, due = made + 1, due - 1
            select.select([caller.connection.socket for caller in calling],
                          [], [], 0.05 if offered is None else 0.001)
            for caller in calling[:]:
                outcome = caller.outcome()
                if outcome is None:
                    continue
                (self.answered if outcome else self.failed).value += 1
                calling.remove(caller)
                free.append(caller)
                due += offered is None

    def rate(self, seconds):
        """Calls that are answered in a second, over the next `seconds`."""
        before, began = self.answered.value, time.time()
        time.sleep(seconds)
        return (self.answered.value - before) / (time.time() - began)

    def stop(self):
        """Once the calls that are under way have ended, or failed."""
        self.end.set()
        self.process.join()
