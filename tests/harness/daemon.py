"""ctxcached as a child, and how its answers are read."""

import http.client
import json
import os
import re
import signal
import subprocess

from .process import Process, eventually, free_port
from .servers import REPOSITORY

BIN = os.path.join(REPOSITORY, os.environ.get("CTX_BIN", "build/asan/bin"))


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # case-insensitive
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def cache_status(self):
        return self.headers["Cache-Status"]

    @property
    def source(self):
        """l1, l2, provider or stale, as Cache-Status says."""
        if "fwd=stale" in self.cache_status:
            return "stale"
        found = re.search(r"ctxcache-(l1|l2); hit", self.cache_status)
        return found[1] if found else "provider"

    def problem(self, status, code):
        """Checks that this is that problem, whole (RFC 9457), and gives it."""
        assert self.status == status, self.body
        assert self.headers["Content-Type"] == "application/problem+json"
        problem = self.json
        assert problem["code"] == code, problem
        assert problem["status"] == status
        assert problem["type"] and problem["title"] and problem["request_id"], problem
        return problem

    def __repr__(self):
        return f"Answer({self.status}, {dict(self.headers)}, {self.body[:300]!r})"


def toml(settings):
    """Top-level settings as TOML; JSON's strings, numbers, truths and lists are TOML's too."""
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())


# Of a daemon that has time for Redis and its providers, where a busy machine is not the subject.
PATIENT = {"l2_budget": "2s", "load_timeout": "5s"}


def demo_body(kind, url, schedules=False, timeout="2s"):
    """The demo's configuration over that database. Its schedules only when they are asked for, so that tests
    go the same way at two in the night; and as much time for each query as a load has by default."""
    with open(os.path.join(REPOSITORY, "tools", "demo.toml"), encoding="utf-8") as file:
        body = re.sub(r"^(\[section\..*)$", rf'\1\ntimeout = "{timeout}"', file.read(), flags=re.MULTILINE)
    return f'\n[provider.crm]\ntype = "{kind}"\nurl = "{url}"\n\n' + (
        body if schedules else body.partition("[schedule.")[0])


# The changes of that database, once its triggers are installed.
OUTBOX = """
[source.crm]
type = "postgres_outbox"
provider = "crm"
"""


def install_demo_triggers(postgres):
    """As ./run does."""
    with open(os.path.join(REPOSITORY, "run"), encoding="utf-8") as file:
        tables = re.findall(r"--table (\S+)", file.read())
    words = [word for table in tables for word in ("--table", table)]
    made = client("install-triggers", *words)
    assert tables and made.returncode == 0, made.stderr
    postgres.sql(made.stdout)


class Daemon:
    """Its port stays the same when it is started again."""

    def __init__(self, folder, settings, body=""):
        self.port = free_port()
        self.folder = folder
        self.file = os.path.join(folder, f"ctxcache-{self.port}.toml")
        self.log = os.path.join(folder, f"ctxcached-{self.port}.log")
        self.settings = {"listen": f"127.0.0.1:{self.port}", "threads": 2, **settings}
        self.body = body
        self.process = None
        self.write_config()

    def write_config(self, **changed):
        self.settings.update(changed)
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(toml(self.settings) + self.body)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def spawn(self, *flags, environment=None):
        self.process = Process([os.path.join(BIN, "ctxcached"), "--config", self.file, *flags], self.log,
                               environment={**clean_environment(), **(environment or {})})
        return self

    def start(self, *flags, environment=None):
        self.spawn(*flags, environment=environment)
        eventually(lambda: self.answers() or not self.process.alive(), 60, "the daemon answering")
        assert self.process.alive(), self.process.output()
        return self

    def answers(self):
        """It listens before it has joined its fleet, and answers after."""
        try:
            return self.get("/livez").status == 200
        except (OSError, http.client.HTTPException):
            return False

    def stop(self, number=signal.SIGTERM):
        """A clean end: status 0, and nothing that a sanitizer has to say."""
        assert self.process.alive(), f"it ended by itself:\n{self.process.output()}"
        status = self.process.end(number)
        said = self.process.output()
        assert "Sanitizer" not in said and "runtime error" not in said, said
        assert status == 0, f"status {status}:\n{said}"

    def request(self, method, path, body=None, headers=None, timeout=60):
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers = {"Content-Type": "application/json", **(headers or {})}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path, **headers):
        """Underscores of header names stand for hyphens."""
        return self.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def context(self, customer="cust_123", agent_type="support", conversation=None, **headers):
        return self.get(context_path(customer, agent_type, conversation), **headers)

    def invalidate(self, body):
        return self.request("POST", "/api/v1/context/cache/invalidate", body)

    def stats(self):
        return self.get("/api/v1/context/cache/stats").json

    def explain(self, customer="cust_123", agent_type="support", conversation=None):
        path = context_path(customer, agent_type, conversation)
        return self.get(path.replace("/context/", "/context/cache/entries/", 1)).json

    def health(self):
        return self.get("/api/v1/health").json

    def client(self, *words, text=None, environment=None):
        """Runs ctxcache against this daemon."""
        return client(*words, text=text, environment={"CTXCACHE_URL": self.url, **(environment or {})})


def context_path(customer, agent_type, conversation=None):
    parts = [customer, agent_type] + ([] if conversation is None else [conversation])
    return "/api/v1/context/" + "/".join(percent(part) for part in parts)


def percent(text):
    """Every byte that is not unreserved, encoded; text may be bytes."""
    raw = text.encode() if isinstance(text, str) else text
    plain = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~"
    return "".join(chr(b) if b in plain else f"%{b:02X}" for b in raw)


def clean_environment():
    """The machine's environment without settings of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CTXCACHE_")}


def client(*words, text=None, environment=None):
    return subprocess.run([os.path.join(BIN, "ctxcache"), *map(str, words)], input=text or "",
                          capture_output=True, text=True, timeout=120, check=False,
                          env={**clean_environment(), **(environment or {})})
