"""Three real daemons on one real Redis, each through a proxy of its own, under a recorded load."""

import contextlib
import json
import os
import re
import signal
import subprocess
import time

from driver import Driver
from harness.daemon import BIN, Daemon
from harness.process import eventually
from harness.servers import Redis

SIZE = 3
LICENCE, GRACE, OWN_LOADS, LOAD_DEADLINE, L2_TTL = 0.4, 0.6, 1.5, 2.0, 2.0  # seconds
SETTLED = 3 * (LICENCE + GRACE)  # within which all is well again after the last fault
CUSTOMERS, QUIET = 14, 2
RATE = int(os.environ.get("CTX_CHAOS_RATE", "2000"))  # reads a second at each daemon

BODY = """
[coherence]
licence = "{licence}ms"
grace = "{grace}ms"
own_loads = "{own_loads}ms"
load_deadline = "{load_deadline}ms"
replicas = {replicas}
journal = "{journal}"

[provider.truth]
type = "http"
url = "http://127.0.0.1:{origin}"

[section.register]
provider = "truth"
path = "/{process}/{{customer_id}}/{{agent_type}}"
agent_types = ["support", "billing"]
required = true
timeout = "1s"

[section.thread]
provider = "truth"
path = "/{process}/{{customer_id}}/{{agent_type}}/{{conversation_id}}"
agent_types = ["sales"]
required = true
timeout = "1s"
"""


def ms(seconds):
    return round(seconds * 1000)


def redis_server(folder, **how):
    return Redis(folder, options=("--repl-diskless-sync-delay", "0", "--repl-timeout", "5"), **how).start()


class Fleet:
    def __init__(self, folder, replicas=0, direct=False):
        self.folder = folder
        self.replicas = replicas
        self.direct = direct  # to Redis, without proxies
        self.servers = [redis_server(folder)]
        self.driver = Driver(os.path.join(folder, "driver.log"))
        self.daemons = [None] * SIZE
        self.starts = [0] * SIZE
        self.files = 0
        self.absent = set()   # slots of daemons that are dead or stopped
        self.excused = set()  # that were so since the load began: only their answers count, not their silence

    @property
    def redis(self):
        """The one that the log lives in."""
        return self.servers[0]

    def start(self):
        for _ in range(self.replicas):
            self.add_replica()
        for slot in range(SIZE):
            self.driver.order("target", slot, self.redis.port)
            self.start_daemon(slot)
        eventually(self.fences_quickly, what="an epoch old enough for its registry to be trusted")
        return self

    def fences_quickly(self):
        answer = self.daemons[0].invalidate({"customer_id": "nobody", "fence": True})
        return answer.status == 200 and answer.json["fence"]["waited_ms"] < ms(LICENCE)

    def add_replica(self):
        self.servers.append(redis_server(self.folder))
        self.follow(self.servers[-1], self.redis)

    @staticmethod
    def follow(replica, master):
        replica.cli("replicaof", "127.0.0.1", str(master.port))
        eventually(lambda: "master_link_status:up" in replica.cli("info", "replication"), what="the replica")

    def start_daemon(self, slot):
        self.starts[slot] += 1
        process = f"{'abc'[slot]}.{self.starts[slot]}"
        daemon = self.daemons[slot] or Daemon(self.folder, self.settings(slot))
        self.daemons[slot] = daemon
        daemon.body = BODY.format(licence=ms(LICENCE), grace=ms(GRACE), own_loads=ms(OWN_LOADS),
                                  load_deadline=ms(LOAD_DEADLINE), replicas=self.replicas, process=process,
                                  origin=self.driver.origin, journal=f"{self.folder}/journal-{slot}")
        daemon.write_config()
        daemon.start()
        self.driver.order("daemon", slot, daemon.port, process)
        self.absent.discard(slot)

    def settings(self, slot):
        port = self.redis.port if self.direct else self.driver.proxies[slot]
        return {"enable_l2_cache": True, "redis_url": f"redis://127.0.0.1:{port}",
                "l1_cache_ttl": "1s", "l2_cache_ttl": f"{ms(L2_TTL)}ms", "load_timeout": "2s",
                "log_level": "warn"}

    # What can be done to it.

    def kill_daemon(self, slot):
        self.excuse(slot)
        self.daemons[slot].process.end(signal.SIGKILL)
        self.driver.order("down", slot)

    def pause_daemon(self, slot):
        self.excuse(slot)
        self.daemons[slot].process.send(signal.SIGSTOP)

    def wake_daemon(self, slot):
        self.daemons[slot].process.send(signal.SIGCONT)
        self.absent.discard(slot)

    def excuse(self, slot):
        self.absent.add(slot)
        self.excused.add(slot)

    def proxy(self, slots, manner, *more):
        for slot in slots:
            self.driver.order("manner", slot, manner, *more)

    def lead(self, slots, server):
        """Ends the connections of these daemons; the next ones go to that server."""
        for slot in slots:
            self.driver.order("target", slot, server.port)
            self.driver.order("cut", slot)

    @contextlib.contextmanager
    def fault(self, kind):
        begin = self.driver.order("now")["now"]
        yield
        self.driver.order("fault", kind.replace(" ", "-"), begin, self.driver.order("now")["now"])

    # What is seen of it.

    def record(self, rate=RATE):
        """Begins the load and a history of it."""
        self.files += 1
        self.excused = set(self.absent)
        path = os.path.join(self.folder, f"history-{self.files}.jsonl")
        constants = {"licence_ms": ms(LICENCE), "grace_ms": ms(GRACE), "own_loads_ms": ms(OWN_LOADS),
                     "l2_ttl_ms": ms(L2_TTL), "load_deadline_ms": ms(LOAD_DEADLINE), "wait_all": True}
        self.driver.order("record", path, json.dumps(constants)[1:-1])
        self.driver.order("start", CUSTOMERS, QUIET, rate, 1)
        return path

    def stats(self):
        """What became of the load since this was last asked for."""
        return self.driver.order("stats")

    def hit_rate(self, seconds):
        self.stats()
        time.sleep(seconds)
        slots = self.stats()["slots"]
        return sum(s["hits"] for s in slots) / max(1, sum(s["good"] + s["refused"] for s in slots))

    def availability(self, stats):
        """Of the reads at daemons that were there."""
        good = sum(s["good"] for s in stats["slots"])
        bad = sum(s["refused"] for s in stats["slots"])
        bad += sum(s["broken"] for i, s in enumerate(stats["slots"]) if i not in self.excused)
        return good / max(1, good + bad)

    def at_peace(self):
        """Whether every daemon is licensed and owes nobody an invalidation."""
        parts = [one.health()["parts"]["fleet"] for one in self.daemons]
        return all(part["licensed"] and part["queued"] == 0 for part in parts)

    def resident_bytes(self, slot):
        with open(f"/proc/{self.daemons[slot].process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1]) * 1024

    def stop(self):
        try:
            for slot, daemon in enumerate(self.daemons):
                if daemon and slot not in self.absent:
                    daemon.stop()
        finally:
            for daemon in self.daemons:
                if daemon and daemon.process.alive():
                    daemon.process.end(signal.SIGKILL)
            self.driver.end()
            for server in self.servers:
                server.stop()


def check(*files):
    """Runs the checker over one history; what it prints. Fails on any violation."""
    ran = subprocess.run([os.path.join(BIN, "ctx_check_history"), *files], capture_output=True, text=True,
                         timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]
    return ran.stdout
