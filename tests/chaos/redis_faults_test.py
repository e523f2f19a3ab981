"""Three daemons under load while the Redis that their log lives in dies, forgets, fills up or is replaced."""

import time

import pytest

import faults
from trial import trial


def test_nothing_is_stale_when_redis_is_killed_and_comes_back_empty(fleet):
    with trial(fleet, "redis killed"):
        faults.restart_redis(fleet, 0.7)


@pytest.mark.parametrize("words", [("flushall",), ("del", "{ctxcache}:log"), ("del", "{ctxcache}:meta")],
                         ids=["flushall", "log", "meta"])
def test_nothing_is_stale_when_redis_loses_the_log(fleet, words):
    with trial(fleet, "lost"):
        faults.lose(fleet, words)


def test_invalidations_work_while_redis_is_out_of_memory(fleet):
    with trial(fleet, "out of memory") as seen:
        faults.fill_up(fleet, 1.5)
    assert seen.stats["confirmed"] > 20
    assert seen.stats["queued"] == seen.stats["refused"] == seen.stats["unconfirmed"] == 0


def test_nothing_is_stale_over_a_failover(make_fleet):
    fleet = make_fleet(replicas=1)
    with trial(fleet, "failover"):
        faults.fail_over(fleet, 0.5)


def test_nothing_is_stale_when_the_old_master_lives_on_for_one_daemon(make_fleet):
    fleet = make_fleet(replicas=1)
    with trial(fleet, "split"):
        faults.split(fleet, 1.5)


def test_nothing_is_stale_while_the_replica_is_dead(make_fleet):
    fleet = make_fleet(replicas=1)
    with trial(fleet, "replica killed"):
        fleet.servers[1].kill()
        time.sleep(2)
        fleet.servers[1].start()
        fleet.follow(fleet.servers[1], fleet.redis)
