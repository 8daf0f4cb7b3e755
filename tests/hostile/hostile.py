"""Attacks a budgetd of its own, afresh for each attack, and says what became
of it: tests/hostile/run."""

import argparse
import contextlib
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

from attacks import ATTACKS

STOP_MB = 1500  # an attack has done enough once the server has grown so far


class Server:
    """budgetd on its embedded database."""

    def __init__(self, bin_dir, directory):
        self.ctl = bin_dir / "budgetctl"
        port_file = directory / "port"
        self.log = directory / "log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [bin_dir / "budgetd", "--listen", "127.0.0.1:0", "--port-file",
                 port_file, "--data-dir", directory / "data",
                 "--metrics-listen", "none"], stdout=log, stderr=log)
        end = time.time() + 60
        while not port_file.exists() or not port_file.read_text():
            if self.process.poll() is not None or time.time() > end:
                raise RuntimeError("budgetd did not start:\n" +
                                   self.log.read_text())
            time.sleep(0.05)
        self.port = int(port_file.read_text())

    def lives(self):
        return self.process.poll() is None

    def rss_mb(self):
        with contextlib.suppress(OSError):
            for line in open(f"/proc/{self.process.pid}/status"):
                if line.startswith("VmRSS"):
                    return int(line.split()[1]) // 1024
        return 0

    def answers(self):
        """Whether an honest client is answered."""
        return self.lives() and subprocess.run(
            [self.ctl, "--endpoint", f"127.0.0.1:{self.port}", "wait-ready",
             "--timeout", "5s"], capture_output=True).returncode == 0

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def attack(name, bin_dir, seconds):
    with tempfile.TemporaryDirectory() as name_of_directory:
        directory = pathlib.Path(name_of_directory)
        directory.chmod(0o755)
        server = Server(bin_dir, directory)
        try:
            before, highest = server.rss_mb(), 0
            end = time.time() + seconds

            def go_on():
                nonlocal highest
                highest = max(highest, server.rss_mb())
                return time.time() < end and highest < STOP_MB

            sent, closed = ATTACKS[name].run(server.port, go_on)
            time.sleep(0.2)
            highest = max(highest, server.rss_mb())
            return {"sent": sent, "closed": closed, "grew": highest - before,
                    "answers": server.answers(), "lives": server.lives(),
                    "bounded": highest < STOP_MB}
        finally:
            server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", choices=list(ATTACKS))
    parser.add_argument("--grow-max", type=int, metavar="MB",
                        help="fails too where the server grows by more")
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(f"{'attack':<22}{'sent':>14}  {'grew':>8}  what became of it")
    failed = 0
    for name in [arguments.only] if arguments.only else ATTACKS:
        found = attack(name, arguments.bin, arguments.seconds)
        if not found["lives"]:
            verdict = "DIED"
        elif not found["answers"]:
            verdict = "DOES NOT ANSWER"
        elif not found["bounded"]:
            verdict = "serves, but GROWS WITHOUT BOUND"
        else:
            verdict = "serves" + ("; closed" if found["closed"] else "")
        failed += not found["answers"] or (
            arguments.grow_max is not None and
            found["grew"] > arguments.grow_max)
        print(f"{name:<22}{found['sent']:>14,}  {found['grew']:>5} MB  "
              f"{verdict}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
