"""Invalidations while Redis is away: refused without a journal; with one they are queued, hold here at once,
and reach the others when Redis is back, whatever happens to the daemon meanwhile."""

import json
import os
import signal

import pytest

from harness.process import eventually

ORDER = {"customer_id": "cust_1", "reason": "said in the outage"}
LONG = {"grace": "120s", "own_loads": "120s"}  # what is cached outlives the outage


@pytest.fixture
def journal(tmp_path):
    return str(tmp_path / "journal")


@pytest.fixture
def outage(member, redis, redis_proxy, journal):
    """(a daemon without Redis, another one with it): both have cust_1 in L1."""
    del redis
    away = member({**LONG, "journal": journal}, redis_url=f"redis://127.0.0.1:{redis_proxy.port}")
    other = member(LONG)
    for daemon in (away, other):
        daemon.context("cust_1")
        assert daemon.context("cust_1").source == "l1"
    redis_proxy.set("refuse")
    redis_proxy.cut()
    return away, other


def queued(daemon):
    return daemon.health()["parts"]["fleet"]["queued"]


def in_log(redis):
    return ORDER["reason"] in "\n".join(redis.cli("XRANGE", "{ctxcache}:log", "-", "+"))


def test_without_a_journal_an_outage_refuses_what_it_cannot_say(member, redis):
    daemon = member(LONG)
    daemon.context("cust_1")
    redis.hang()
    refused = daemon.invalidate({"customer_id": "cust_1"})
    refused.problem(503, "log_unavailable")
    assert int(refused.headers["Retry-After"]) >= 1
    daemon.request("DELETE", "/api/v1/context/cust_1").problem(503, "log_unavailable")
    put = daemon.request("PUT", "/api/v1/context/cust_1/support", {"mine": 1})
    put.problem(503, "log_unavailable")
    answer = daemon.invalidate([{"customer_id": "cust_1"}, {"all": True}])
    assert answer.status == 207
    assert [one["code"] for one in answer.json["results"]] == ["log_unavailable"] * 2
    assert daemon.context("cust_1").source == "l1", "nothing was done"
    said = daemon.client("invalidate", "--customer", "cust_1")
    assert (said.returncode, said.stdout) == (1, "")
    assert "log_unavailable" in said.stderr
    redis.go_on()
    eventually(lambda: daemon.invalidate({"customer_id": "cust_1"}).status == 200)


def test_what_is_queued_holds_here_at_once_and_elsewhere_when_redis_is_back(outage, redis, redis_proxy):
    away, other = outage
    answer = away.invalidate(ORDER)
    assert answer.status == 202, answer
    receipt = answer.json
    assert (receipt["queued"], receipt["position"], receipt["l2_reached"]) == (True, None, False)
    assert "0000000000000000" not in str(answer.headers)
    assert queued(away) == 1
    assert away.context("cust_1").source == "provider"
    assert other.context("cust_1").source == "l1", "it cannot know yet"
    assert not in_log(redis)
    redis_proxy.set("pass")
    eventually(lambda: other.context("cust_1").source == "provider")
    eventually(lambda: queued(away) == 0)
    assert in_log(redis)
    assert away.invalidate(ORDER).status == 200


def test_delete_and_put_are_queued_too(outage, redis_proxy):
    away, other = outage
    assert away.request("DELETE", "/api/v1/context/cust_9").status == 202
    put = away.request("PUT", "/api/v1/context/cust_1/support", {"mine": 1})
    assert (put.status, put.json["queued"], put.json["position"]) == (202, True, None)
    assert put.json["stored"]["l2"] is False
    assert queued(away) == 2
    redis_proxy.set("pass")
    eventually(lambda: queued(away) == 0)
    eventually(lambda: other.context("cust_1").source != "l1")


def test_a_fence_of_what_is_queued_is_not_confirmed(outage):
    away, _ = outage
    answer = away.invalidate({**ORDER, "fence": True})
    assert answer.status == 503, answer
    assert (answer.json["queued"], answer.json["fence"]["confirmed"]) == (True, False)


def test_what_is_queued_survives_a_kill(outage, redis, redis_proxy):
    away, other = outage
    assert away.invalidate(ORDER).status == 202
    away.process.end(signal.SIGKILL)
    away.start()
    assert queued(away) == 1
    assert not in_log(redis)
    redis_proxy.set("pass")
    eventually(lambda: other.context("cust_1").source == "provider")
    eventually(lambda: queued(away) == 0)
    assert in_log(redis)


def test_what_is_queued_survives_a_clean_end(outage, redis_proxy):
    away, other = outage
    assert away.invalidate(ORDER).status == 202
    away.stop()
    redis_proxy.set("pass")
    away.start()
    eventually(lambda: other.context("cust_1").source == "provider")


def test_a_torn_journal_forgets_the_append_that_was_cut_short(outage, redis, redis_proxy, journal):
    away, other = outage
    assert away.invalidate(ORDER).status == 202
    assert away.invalidate({"customer_id": "cust_2"}).status == 202
    away.process.end(signal.SIGKILL)
    os.truncate(journal, os.path.getsize(journal) - 1)
    away.start()
    assert queued(away) == 1
    assert "cut short" in away.process.output()
    redis_proxy.set("pass")
    eventually(lambda: in_log(redis))
    eventually(lambda: other.context("cust_1").source == "provider")


def test_a_full_journal_refuses_and_never_says_queued(outage, redis_proxy, journal):
    away, _ = outage
    away.stop()
    away.write_config(**{"coherence.journal_max_bytes": "64KiB"})
    away.start()
    results = []
    for begin in range(0, 500, 100):
        scopes = [{"customer_id": f"cust_{n}"} for n in range(begin, begin + 100)]
        results += away.invalidate({"scopes": scopes, "reason": "x" * 200}).json["results"]
    kept = sum(one.get("queued", False) for one in results)
    assert 0 < kept < 500
    assert [one.get("code") for one in results] == [None] * kept + ["overloaded"] * (500 - kept)
    away.invalidate({"customer_id": "cust_1", "reason": "x" * 200}).problem(503, "overloaded")
    assert queued(away) == kept
    assert os.path.getsize(journal) <= 65536
    redis_proxy.set("pass")
    eventually(lambda: queued(away) == 0)
    assert away.invalidate({"customer_id": "cust_1"}).status == 200


@pytest.mark.parametrize("kind", ["in_no_folder", "a_folder", "something_else"])
def test_a_journal_that_cannot_be_used_ends_the_daemon(make_daemon, redis, tmp_path, kind):
    path = tmp_path / "journal"
    if kind == "in_no_folder":
        path = tmp_path / "nowhere" / "journal"
    elif kind == "a_folder":
        path.mkdir()
    else:
        path.write_text("Dear diary, " * 100)
    daemon = make_daemon(enable_l2_cache=True, redis_url=redis.url, **{"coherence.journal": str(path)})
    assert daemon.spawn().process.wait() == 1
    said = daemon.process.output()
    assert f"journal {path} cannot be used" in said, said
    if kind == "something_else":
        assert path.read_text().startswith("Dear diary"), "what is not ours is left alone"


def test_two_daemons_do_not_share_a_journal(outage, make_daemon, redis, journal):
    del outage
    second = make_daemon(enable_l2_cache=True, redis_url=redis.url, **{"coherence.journal": journal})
    assert second.spawn().process.wait() == 1
    assert "another process" in second.process.output()


def test_the_client_says_what_queued_means(outage, redis_proxy, tmp_path):
    away, _ = outage
    said = away.client("invalidate", "--customer", "cust_1")
    assert (said.returncode, said.stdout) == (0, "invalidated context:cust_1 here: 1 in L1 (queued)\n")
    assert said.stderr.startswith("queued: Redis cannot be reached")
    as_json = away.client("invalidate", "--customer", "cust_1", "--json")
    assert (as_json.returncode, json.loads(as_json.stdout)["queued"]) == (0, True)
    assert "2 invalidations queued" in away.client("health").stdout
    fenced = away.client("invalidate", "--customer", "cust_1", "--fence")
    assert fenced.returncode == 1
    assert "not confirmed" in fenced.stderr
    file = tmp_path / "customers"
    file.write_text("cust_1\ncust_2\n")
    of_file = away.client("invalidate", "--file", file)
    assert (of_file.returncode, "queued: 2" in of_file.stdout) == (0, True), of_file
    assert away.client("invalidate", "--file", file, "--fence").returncode == 6
    redis_proxy.set("pass")
    eventually(lambda: queued(away) == 0)
    # L2 has connections of its own, which come back in their own time.
    eventually(lambda: away.client("invalidate", "--file", file).stderr == "")
