"""Attacks a budgetd of its own, afresh for each attack, while honest clients
call it, and says what became of both: tests/hostile/run."""

import argparse
import multiprocessing
import pathlib
import resource
import shlex
import sys
import tempfile
import time

from attacks import ATTACKS, Callers, Handshakes
from honest import Honest
from server import ALLOCATION, Server
from sink import Sink

STOP_MB = 1500  # an attack has done enough once the server has grown so far
GOODPUT_MIN = 0.8
# Whoever may call is served too, unlike by the sink. Goodput beside these is of
# calls that come so often whatever the answers, as a gateway's do whose traffic
# does not wait for us. Those who wait have fewer because each answer takes
# longer, which is told and not judged.
STEADY = {"callers": 200, "offered": 600}
RECOVERY_MAX = 10  # seconds after which it must be as much again, if less


class Attack:
    """One under way in a process of its own."""

    def __init__(self, name, port):
        self.end = multiprocessing.Event()
        self.found = multiprocessing.SimpleQueue()
        self.process = multiprocessing.Process(
            target=self._run, args=(name, port), daemon=True)
        self.process.start()

    def _run(self, name, port):
        self.found.put(tuple(
            ATTACKS[name].run(port, lambda: not self.end.is_set())))

    def stop(self):
        """What it has sent, and how often it was closed."""
        self.end.set()
        return self.found.get()


def rate_under(name, port, honest, seconds):
    """Of honest calls, while the attack goes on against whoever is there."""
    attack = Attack(name, port)
    rate = honest.rate(seconds)
    attack.stop()
    return rate


def watch(server, seconds):
    """The highest that it grows to, over `seconds` or until it is enough."""
    highest, end = 0, time.time() + seconds
    while time.time() < end and highest < STOP_MB:
        highest = max(highest, server.rss_mb())
        time.sleep(0.02)
    return highest


def recovery(honest, rate_min):
    """Seconds until honest calls are as many, or None."""
    began = time.time()
    while time.time() - began < RECOVERY_MAX:
        if honest.rate(1) >= rate_min:
            return time.time() - began
    return None


def attack_it(name, server, honest, seconds, rate_min):
    before_mb, answered, began = (server.rss_mb(), honest.answered.value,
                                  time.time())
    attack = Attack(name, server.port)
    highest = watch(server, seconds)
    rate = (honest.answered.value - answered) / (time.time() - began)
    recovered = 0 if rate >= rate_min else recovery(honest, rate_min)
    sent, closed = attack.stop()
    highest = max(highest, watch(server, 0.2))
    return {"sent": sent, "closed": closed, "grew": highest - before_mb,
            "bounded": highest < STOP_MB, "rate": rate,
            "recovered": recovered}


def is_judged(name, steady):
    """Whether goodput is: not of those who wait for each answer beside callers
    who may call."""
    return steady or not isinstance(ATTACKS[name], Callers)


def try_out(name, steady, arguments):
    """One attack on a server of its own, with honest callers who go on as fast
    as it goes, or at a steady rate. With `measure`, first how many calls they
    make alone, and while the same attack is made on a sink: it costs the machine
    something, whoever is attacked."""
    with tempfile.TemporaryDirectory() as name_of_directory:
        directory = pathlib.Path(name_of_directory)
        directory.chmod(0o755)
        server = Server(arguments.bin, directory,
                        shlex.split(arguments.flags), arguments.nofile,
                        tls=isinstance(ATTACKS[name], Handshakes))
        honest = None
        try:
            server.create_allocations()
            honest = Honest(server.port, ALLOCATION, server.tls_ca,
                            **(STEADY if steady else {}))
            honest.rate(0.5)
            found = {"beside": 0}
            if arguments.measure:
                found["alone"] = honest.rate(arguments.seconds)
                sink = Sink()
                found["beside"] = rate_under(name, sink.port, honest,
                                             arguments.seconds)
                sink.stop()
            rate_min = (arguments.goodput_min * found["beside"]
                        if is_judged(name, steady) else 0)
            found.update(attack_it(name, server, honest, arguments.seconds,
                                   rate_min))
            honest.stop()
            found["failed"] = honest.failed.value
            found["answers"] = server.answers()
            found["lives"] = server.lives()
            return found
        finally:
            if honest is not None:
                honest.stop()
            server.stop()


def verdict(found, arguments):
    """What is wrong, if anything."""
    if not found["lives"]:
        return "DIED"
    if not found["answers"]:
        return "DOES NOT ANSWER NEW CLIENTS"
    if not found["bounded"]:
        return "GROWS WITHOUT BOUND"
    if arguments.grow_max is not None and found["grew"] > arguments.grow_max:
        return "GROWS TOO MUCH"
    if found["failed"]:
        return f"{found['failed']} HONEST CALLS FAILED"
    if found["recovered"] is None:
        return "HONEST CALLS SUFFER"
    return ""


def report(name, steady, found, wrong, measured):
    label = name + ", steady" * steady
    line = (f"{label:<31}{found['sent'] / 1e6:>7,.0f} MB  {found['closed']:>5}  "
            f"{found['grew']:>5} MB")
    if measured:
        line += (f"  {found['alone']:>6,.0f} {found['beside']:>6,.0f} "
                 f"{found['rate']:>6,.0f}  "
                 f"{found['rate'] / max(1, found['beside']):>5.2f}")
    again = (f"again after {found['recovered']:.0f} s"
             if found["recovered"] else "serves")
    if measured and not is_judged(name, steady):
        answer_ms = 1000 * Honest.CALLERS / max(1, found["rate"])
        again = f"answers in {answer_ms:.0f} ms"
    print(f"{line}  {wrong or again}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", choices=list(ATTACKS))
    parser.add_argument("--flags", default="", help="of budgetd")
    parser.add_argument("--nofile", type=int,
                        help="files that budgetd may have open")
    parser.add_argument("--grow-max", type=int, metavar="MB",
                        help="fails too where the server grows by more")
    parser.add_argument("--measure", action="store_true",
                        help="fails too where honest calls stay fewer than 80%% "
                             "of those beside an attack on a sink, for ten "
                             "seconds of attack")
    parser.add_argument("--goodput-min", type=float, metavar="PART",
                        default=GOODPUT_MIN,
                        help="with --measure, another part than 0.8")
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    columns = "  honest calls/s: alone, beside, under; under/beside"
    print(f"{'attack':<31}{'sent':>10}  {'cut':>5}  {'grew':>8}" +
          (columns if arguments.measure else ""))
    failed = 0
    for name in [arguments.only] if arguments.only else ATTACKS:
        twice = arguments.measure and isinstance(ATTACKS[name], Callers)
        for steady in (False, True) if twice else (False,):
            found = try_out(name, steady, arguments)
            wrong = verdict(found, arguments)
            report(name, steady, found, wrong, arguments.measure)
            failed += wrong != ""
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
