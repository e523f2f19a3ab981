"""Who takes part in the fleet, who is kept out of it, and how one hears of it."""

import re

import pytest

from fleet_test import cut_off, fence, fleet_part
from harness.daemon import client
from harness.process import eventually


def test_other_constants_keep_a_daemon_out_of_the_fleet(member):
    one = member()
    other = member({"grace": "2s"})
    part = fleet_part(other)
    assert (part["status"], part["joined"], part["licensed"]) == ("down", False, False)
    assert "grace 1000 ms" in part["detail"], part
    assert [other.context("cust_1").source for _ in range(2)] == ["provider", "provider"]
    assert other.health()["status"] == "degraded"
    assert other.get("/readyz").status == 200
    assert "grace 1000 ms" in other.client("health").stdout
    assert [m["id"] for m in fence(one).json["fence"]["members"]] == [fleet_part(one)["member"]]


def test_strict_refuses_a_redis_that_may_evict_the_log(member, redis):
    redis.cli("CONFIG", "SET", "maxmemory", "1gb")
    redis.cli("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    bounded, strict = member(), member({"consistency": "strict"})
    assert fleet_part(bounded)["status"] == "up"
    assert "allkeys-lru" in bounded.process.output()
    part = fleet_part(strict)
    assert (part["joined"], "allkeys-lru" in part["detail"]) == (False, True), part
    assert [strict.context("cust_1").source for _ in range(2)] == ["provider", "provider"]
    redis.cli("CONFIG", "SET", "maxmemory-policy", "volatile-lru")
    eventually(lambda: fleet_part(strict)["status"] == "up", what="joining a Redis that was put right")


def test_a_daemon_with_consistency_strict_serves_nothing_without_a_licence(proxied):
    daemon, proxy = proxied({"consistency": "strict", "grace": "60s"})
    daemon.context("cust_1")
    assert daemon.context("cust_1").source == "l1"
    cut_off(proxy)
    eventually(lambda: [daemon.context("cust_1").source for _ in range(2)] == ["provider"] * 2)


def test_health_says_how_a_daemon_stands_in_its_fleet(member, demo):
    one, other = member(), member()
    parts = [fleet_part(one), fleet_part(other)]
    for part in parts:
        assert re.fullmatch("[0-9a-f]{16}", part["member"])
        assert {**part, "member": ""} == {"status": "up", "member": "", "joined": True, "licensed": True,
                                          "queued": 0, "detail": ""}
    assert parts[0]["member"] != parts[1]["member"]
    assert f"member {parts[0]['member']}" in one.client("health").stdout
    assert fleet_part(demo(enable_l2_cache=False))["status"] == "disabled"


@pytest.mark.parametrize("word", ["fences", "invalidations", "stats", "invalidate", "warm", "entries"])
def test_words_of_the_api_are_no_agent_types(make_daemon, word):
    daemon = make_daemon(agent_types=["support", word])
    said = client("config", "check", daemon.file)
    assert said.returncode == 1
    assert f"{daemon.file}:4:" in said.stdout + said.stderr and word in said.stdout + said.stderr
