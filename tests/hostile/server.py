"""A budgetd that is to be attacked."""

import argparse
import contextlib
import pathlib
import resource
import subprocess
import tempfile
import time

ALLOCATION = "acme/search"
# Of whoever attacks with calls that are valid: in nearly every lane.
OTHER_ROOTS = tuple(f"globex-{i}" for i in range(50))


def make_certificate(directory):
    """For this machine, and trusted by who trusts it itself."""
    certificate, key = directory / "server.crt", directory / "server.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=x",
         "-addext", "subjectAltName=IP:127.0.0.1", "-out", certificate,
         "-keyout", key], check=True, capture_output=True)
    return certificate, key


class Server:
    """budgetd on its embedded database, with `flags`, as many open files as
    `nofile`, if given, and TLS, if asked for."""

    def __init__(self, bin_dir, directory, flags=(), nofile=None, tls=False):
        self.ctl = bin_dir / "budgetctl"
        self.tls_ca = None
        if tls:
            self.tls_ca, key = make_certificate(directory)
            flags = (*flags, "--tls-cert", self.tls_ca, "--tls-key", key,
                     "--auth", "off", "--insecure-listen-any")
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
            [self.ctl, "--endpoint", f"127.0.0.1:{self.port}",
             *(["--tls-ca", self.tls_ca] if self.tls_ca else []), *words],
            capture_output=True, text=True)

    def create_allocations(self):
        for path in (ALLOCATION.split("/")[0], ALLOCATION, *OTHER_ROOTS):
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


def try_on_a_server(what, check):
    """What check(server) says of one that --bin has, started for it alone."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name_of_directory:
        directory = pathlib.Path(name_of_directory)
        directory.chmod(0o755)
        server = Server(arguments.bin, directory)
        try:
            return check(server)
        finally:
            server.stop()
