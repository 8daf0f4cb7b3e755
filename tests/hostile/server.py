"""A budgetd that is to be attacked."""

import contextlib
import resource
import subprocess
import time

ALLOCATION = "acme/search"


class Server:
    """budgetd on its embedded database, with `flags`, and as many open files
    as `nofile`, if given."""

    def __init__(self, bin_dir, directory, flags=(), nofile=None):
        self.ctl = bin_dir / "budgetctl"
        port_file = directory / "port"
        self.log = directory / "log"

        def limit():
            if nofile is not None:
                resource.setrlimit(resource.RLIMIT_NOFILE, (nofile, nofile))

        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [bin_dir / "budgetd", "--listen", "127.0.0.1:0", "--port-file",
                 port_file, "--data-dir", directory / "data",
                 "--metrics-listen", "none", *flags],
                stdout=log, stderr=log, preexec_fn=limit)
        end = time.time() + 60
        while not port_file.exists() or not port_file.read_text():
            if self.process.poll() is not None or time.time() > end:
                raise RuntimeError("budgetd did not start:\n" +
                                   self.log.read_text())
            time.sleep(0.05)
        self.port = int(port_file.read_text())

    def run_ctl(self, *words):
        return subprocess.run(
            [self.ctl, "--endpoint", f"127.0.0.1:{self.port}", *words],
            capture_output=True, text=True)

    def create_allocation(self):
        for path in (ALLOCATION.split("/")[0], ALLOCATION):
            made = self.run_ctl("allocations", "create", path)
            if made.returncode != 0:
                raise RuntimeError(made.stderr)

    def lives(self):
        return self.process.poll() is None

    def answers(self):
        """Whether a client that comes now is answered."""
        return self.lives() and self.run_ctl(
            "wait-ready", "--timeout", "5s").returncode == 0

    def rss_mb(self):
        with contextlib.suppress(OSError):
            for line in open(f"/proc/{self.process.pid}/status"):
                if line.startswith("VmRSS"):
                    return int(line.split()[1]) // 1024
        return 0

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
