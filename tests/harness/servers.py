"""A real Redis and a real PostgreSQL, made to be killed."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile

from .process import Process, accepts, eventually, free_port

CUSTOMERS = 1000  # in the tests' demo data
PG_BIN = "/usr/lib/postgresql/15/bin"
REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Redis:
    """Keeps nothing on disk, so a restart comes back empty."""

    def __init__(self, folder, port=None, options=()):
        self.folder = folder
        self.port = port or free_port()
        self.options = options  # more of redis-server's words
        self.process = None

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def start(self):
        self.process = Process(["redis-server", "--bind", "127.0.0.1", "--port", self.port, "--save", "",
                                "--appendonly", "no", "--dir", self.folder, "--enable-debug-command", "yes",
                                *self.options],
                               os.path.join(self.folder, f"redis-{self.port}.log"))
        eventually(lambda: accepts(self.port), what="Redis accepting")
        return self

    def kill(self):
        self.process.end(signal.SIGKILL)

    def hang(self):
        """Connections stay open and are accepted by the kernel, but nothing is answered."""
        self.process.send(signal.SIGSTOP)

    def go_on(self):
        self.process.send(signal.SIGCONT)

    def stop(self):
        if self.process and self.process.alive():
            self.go_on()
            self.process.end(signal.SIGKILL)

    def cli(self, *words):
        """What redis-cli prints, in lines."""
        ran = subprocess.run(["redis-cli", "-p", str(self.port), *words], capture_output=True, check=True,
                             timeout=30)
        return ran.stdout.decode(errors="replace").splitlines()

    def keys(self):
        """The keys of contexts."""
        return sorted(line for line in self.cli("--scan", "--pattern", "context:*") if line)


class Postgres:
    """A cluster of its own; its server does not run as root, which it would refuse."""

    def __init__(self):
        self.port = free_port()
        self.user = "postgres" if os.getuid() == 0 else None
        self.folder = tempfile.mkdtemp(prefix="ctxcache-pg-")
        self.log = os.path.join(self.folder, "log")
        if self.user:
            account = pwd.getpwnam(self.user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self.cluster = os.path.join(self.folder, "cluster")
        subprocess.run([f"{PG_BIN}/initdb", "--pgdata", self.cluster, "--username", "ctxcache", "--auth",
                        "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"], user=self.user,
                       cwd="/", check=True, stdout=subprocess.DEVNULL)
        self.process = None

    @property
    def url(self):
        return f"postgresql://ctxcache@127.0.0.1:{self.port}/postgres"

    def start(self):
        self.process = Process([f"{PG_BIN}/postgres", "-D", self.cluster, "-p", self.port, "-k",
                                self.folder, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"],
                               self.log, user=self.user)
        ready = [f"{PG_BIN}/pg_isready", "--quiet", "--host", "127.0.0.1", "--port", str(self.port)]
        eventually(lambda: subprocess.run(ready, check=False).returncode == 0, what="PostgreSQL ready")
        return self

    def kill(self):
        """Ends all its processes at once, without a clean shutdown; it recovers at the next start."""
        self.process.end(signal.SIGQUIT)

    def remove(self):
        if self.process and self.process.alive():
            self.kill()
        shutil.rmtree(self.folder)

    def sql(self, text, *words):
        """What psql prints, unaligned, without headings."""
        ran = subprocess.run(["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set",
                              "ON_ERROR_STOP=1", *words, self.url], input=text.encode(), capture_output=True,
                             timeout=120, check=False)
        assert ran.returncode == 0, ran.stderr.decode()
        return ran.stdout.decode()


def demo_data(*words):
    """Runs tools/demo_data.py; what it prints."""
    ran = subprocess.run(["/usr/bin/python3", os.path.join(REPOSITORY, "tools", "demo_data.py"), *words],
                         capture_output=True, check=True, timeout=60)
    return ran.stdout.decode()
