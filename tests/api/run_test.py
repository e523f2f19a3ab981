"""./run as a newcomer types it."""

import os
import signal
import subprocess

import pytest

from harness.daemon import BIN, Daemon
from harness.process import Process, accepts, eventually, free_port
from harness.servers import REPOSITORY

pytestmark = pytest.mark.release
REDIS_PORT = 6379


@pytest.fixture
def run(tmp_path):
    """run(*words): ./run serving on a free port; a daemon to ask."""
    started = []

    def start(*words):
        port = free_port()
        process = Process([os.path.join(REPOSITORY, "run"), *words, "--listen", f"127.0.0.1:{port}"],
                          tmp_path / "run.log")
        started.append(process)
        eventually(lambda: accepts(port) or not process.alive(), 900, "./run serving")
        assert process.alive(), process.output()
        daemon = Daemon(str(tmp_path), {})
        daemon.port, daemon.process = port, process
        return daemon

    yield start
    for process in started:
        process.end()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_run_serves_real_data_and_ends_what_it_started(run, number):
    redis_was_there = accepts(REDIS_PORT)
    daemon = run()
    daemon.invalidate({"all": True})
    assert daemon.context("cust_10000").status == 200
    # Its first look at the database, a moment after the start, invalidates everything once more.
    eventually(lambda: daemon.context().source == "l1")
    eventually(lambda: daemon.health()["status"] == "ok")
    assert "curl -i localhost:8000/api/v1/context/cust_123/support" in daemon.process.output()
    daemon.process.end(number)
    assert not accepts(daemon.port)
    assert accepts(REDIS_PORT) == redis_was_there


def test_run_beside_run_is_a_second_daemon_of_the_fleet(run):
    daemons = [run(), run()]
    for daemon in daemons:
        eventually(lambda one=daemon: one.health()["status"] == "ok")
    known = daemons[0].invalidate({"customer_id": "cust_1", "fence": True}).json["fence"]
    names = {daemon.health()["parts"]["fleet"]["member"] for daemon in daemons}
    assert names <= {one["id"] for one in known["members"]}


def test_what_run_serves_is_invalidated_without_redis_too(run):
    """Its journal is a file; that it is published when Redis is back is journal_test.py's."""
    nowhere = f"redis://127.0.0.1:{free_port()}"
    daemon = run("--redis-url", nowhere)
    assert daemon.invalidate({"customer_id": "cust_1"}).status == 202
    daemon.process.end()


def test_run_serves_from_postgres(run, postgres):
    daemon = run("--postgres", postgres.url)
    daemon.invalidate({"all": True})
    answer = daemon.context("cust_10000", "billing")
    assert (answer.status, answer.json["context"]["profile"]["id"]) == (200, "cust_10000")
    assert "postgres" in str(daemon.health()["parts"]["providers"]["crm"]["detail"])
    postgres.sql("update customers set company = 'Newly Named' where id = 'cust_10000'")
    eventually(lambda: "Newly Named" in str(daemon.context("cust_10000", "billing").json))


def test_run_build_leaves_the_binaries():
    assert os.path.samefile(BIN, os.path.join(REPOSITORY, "build/release/bin"))
    for name in ("ctxcached", "ctxcache"):
        ran = subprocess.run([os.path.join(BIN, name), "--version"], capture_output=True, text=True,
                             check=True)
        assert name in ran.stdout
