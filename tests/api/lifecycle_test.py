"""Starting, reloading, draining."""

import signal
import socket
import threading

import pytest

from harness.daemon import BIN, Daemon, clean_environment, percent
from harness.process import Process, accepts, eventually, free_port
from provider_days_test import http_body

CTXCACHED = f"{BIN}/ctxcached"


def test_no_file_at_all_is_a_working_setup(tmp_path, redis):
    port = free_port()
    process = Process([CTXCACHED], tmp_path / "log",
                      environment={**clean_environment(), "CTXCACHE_LISTEN": f"127.0.0.1:{port}",
                                   "CTXCACHE_REDIS_URL": redis.url})
    try:
        eventually(lambda: accepts(port) or not process.alive(), 60)
        daemon = Daemon(str(tmp_path), {})
        daemon.port = port
        assert daemon.request("PUT", "/api/v1/context/a/support", {"b": 1}).status == 200
        assert daemon.context("a").json == {"b": 1}
    finally:
        assert process.end() == 0, process.output()


def test_flags_win_over_the_environment_and_that_over_the_file(make_daemon):
    def sizes(*flags, environment=None):
        daemon = make_daemon(l1_cache_max_size=10).start(*flags, environment=environment)
        size = daemon.stats()["l1_max_size"]
        daemon.stop()
        return size

    assert sizes() == 10
    assert sizes(environment={"CTXCACHE_L1_CACHE_MAX_SIZE": "20"}) == 20
    assert sizes("--l1-cache-max-size=30", environment={"CTXCACHE_L1_CACHE_MAX_SIZE": "20"}) == 30


@pytest.mark.parametrize("profile, size", [("dev", 500), ("staging", 1000), ("production", 5000)])
def test_profiles_set_the_size_of_l1(make_daemon, profile, size):
    assert make_daemon(profile=profile).start().stats()["l1_max_size"] == size


def test_a_wrong_file_is_refused_with_all_that_is_wrong(make_daemon):
    daemon = make_daemon(l1_cache_tll="30s", l2_cache_ttl=True, l1_cache_max_size=0)
    daemon.body = '\n[provider.a]\ntype = "oracle"\n'
    daemon.write_config()
    assert daemon.spawn().process.wait() == 2
    said = daemon.process.output()
    for line, part in ((4, "l1_cache_ttl"), (5, "l2_cache_ttl"), (6, "l1_cache_max_size"), (9, "oracle")):
        found = [text for text in said.splitlines() if f"{daemon.file}:{line}:" in text]
        assert found and part in found[0], said


def test_a_file_that_is_missing_or_no_toml_is_refused(make_daemon, tmp_path):
    daemon = make_daemon(body="\n[section\n")
    assert daemon.spawn().process.wait() == 2
    assert f"{daemon.file}:5:" in daemon.process.output()
    daemon.file = str(tmp_path / "nowhere.toml")
    assert daemon.spawn().process.wait() == 2
    assert "nowhere.toml" in daemon.process.output()


def test_an_address_that_others_reach_is_refused_without_authentication(make_daemon):
    daemon = make_daemon(listen=f"0.0.0.0:{free_port()}")
    assert daemon.spawn().process.wait() != 0


def test_a_port_that_is_taken_is_said(make_daemon):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        daemon = make_daemon(listen=f"127.0.0.1:{taken.getsockname()[1]}")
        assert daemon.spawn().process.wait() == 1
        assert str(taken.getsockname()[1]) in daemon.process.output()


def test_sighup_reloads_and_a_bad_file_changes_nothing(demo):
    daemon = demo(l1_cache_max_size=10)
    daemon.context("cust_1")
    daemon.write_config(l1_cache_max_size=20)
    daemon.process.send(signal.SIGHUP)
    eventually(lambda: daemon.stats()["l1_max_size"] == 20)
    assert daemon.context("cust_1").source == "l1", "what is cached stays"
    daemon.write_config(l1_cache_max_size=-1)
    daemon.process.send(signal.SIGHUP)
    eventually(lambda: f"{daemon.file}:" in daemon.process.output())
    assert daemon.stats()["l1_max_size"] == 20
    daemon.write_config(l1_cache_max_size=30)
    daemon.process.send(signal.SIGHUP)
    eventually(lambda: daemon.stats()["l1_max_size"] == 30)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains(make_daemon, origin, number):
    """The request under way gets its answer; no new connection is taken; then the process ends."""
    body = http_body(origin, True).replace("300ms", "20s")
    daemon = make_daemon(body, load_timeout="20s", request_timeout="30s", drain_timeout="30s")
    daemon.start(environment={"TICKETS_TOKEN": "x"})
    origin.mode = "slow"
    answers = []
    reader = threading.Thread(target=lambda: answers.append(daemon.context()))
    reader.start()
    eventually(lambda: origin.paths)
    with socket.create_connection(("127.0.0.1", daemon.port)) as idle:
        idle.settimeout(20)
        idle.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
        assert idle.recv(65536).startswith(b"HTTP/1.1 200"), "it is past the listener's backlog"
        daemon.process.send(number)
        eventually(lambda: not accepts(daemon.port), what="no new connections")
        assert idle.recv(1) == b"", "an idle connection is closed"
        assert daemon.process.alive()
        origin.release.set()
        reader.join()
    assert answers[0].status == 200
    assert daemon.process.wait() == 0
    assert "Sanitizer" not in daemon.process.output()


def test_what_does_not_end_in_time_is_cut_off(make_daemon, origin):
    body = http_body(origin, True).replace("300ms", "50s")
    daemon = make_daemon(body, load_timeout="50s", request_timeout="50s", drain_timeout="1s")
    daemon.start(environment={"TICKETS_TOKEN": "x"})
    origin.mode = "slow"

    def read():
        try:
            daemon.context()
        except (OSError, EOFError):
            pass
        except Exception as failure:  # http.client's own
            assert "RemoteDisconnected" in type(failure).__name__

    reader = threading.Thread(target=read)
    reader.start()
    eventually(lambda: origin.paths)
    daemon.process.send(signal.SIGTERM)
    assert daemon.process.wait(30) == 0
    reader.join()


def test_draining_under_load_loses_no_answer_that_began(demo):
    daemon = demo()
    broken = []

    def read():
        while True:
            try:
                wire = socket.create_connection(("127.0.0.1", daemon.port), timeout=30)
            except OSError:
                return
            with wire:
                said = b""
                try:
                    wire.sendall(b"GET /api/v1/context/" + percent("cust_1").encode() +
                                 b"/support HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    while chunk := wire.recv(65536):
                        said += chunk
                except OSError:
                    pass  # not accepted any more
                if said and not (said.startswith(b"HTTP/1.1 ") and said.rstrip().endswith(b"}")):
                    broken.append(said)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for one in readers:
        one.start()
    eventually(lambda: daemon.stats()["l1_hits"] > 200)
    daemon.stop()
    for one in readers:
        one.join()
    assert not broken, broken[:2]
