"""Three daemons under load while one of them is cut off, paused or killed: no stale read, and no outage."""

import time

import pytest

import faults
from fleet import LICENCE, OWN_LOADS
from harness.process import eventually
from trial import trial

LONGER_THAN_ALLOWED = LICENCE + OWN_LOADS + 0.3  # seconds, after which the deaf serve nothing cached


def test_nothing_is_stale_while_all_is_well(fleet):
    with trial(fleet, "none") as seen:
        time.sleep(2)
    assert seen.qualifying > 1000
    assert sum(slot["broken"] for slot in seen.stats["slots"]) == 0
    assert seen.stats["confirmed"] > 50 and seen.stats["plain"] > 20 and seen.stats["puts"] > 5
    for what in ("unconfirmed", "queued", "refused", "broken"):
        assert seen.stats[what] == 0, seen.stats


@pytest.mark.parametrize("manner", ["refuse", "hang", "mute"])
def test_nothing_is_stale_when_a_daemon_is_cut_off(fleet, manner):
    with trial(fleet, manner) as seen:
        faults.misbehave(fleet, [0], manner, LONGER_THAN_ALLOWED)
    assert seen.stats["confirmed"] > 0  # the others' fences wait for its licence to run out, not for it
    assert seen.stats["queued"] > 0


@pytest.mark.parametrize("manner", ["truncate", "dribble"])
def test_nothing_is_stale_when_answers_of_redis_are_mutilated(fleet, manner):
    with trial(fleet, manner):
        faults.misbehave(fleet, [0, 1], manner, 1)


def test_nothing_is_stale_when_redis_is_slow_for_one_daemon(fleet):
    with trial(fleet, "delay"):
        faults.misbehave(fleet, [0], "delay", 1.5, 30)


def test_nothing_is_stale_at_a_daemon_that_was_paused(fleet):
    with trial(fleet, "pause"):
        faults.pause(fleet, 0, LONGER_THAN_ALLOWED)


def test_nothing_is_stale_when_a_daemon_is_killed_and_comes_back(fleet):
    with trial(fleet, "kill"):
        faults.kill(fleet, 0, 0.5)


def test_what_was_queued_when_a_daemon_was_killed_is_published_when_it_is_back(fleet):
    order = {"customer_id": "cust_0", "reason": "said during the outage"}

    def in_log():
        return order["reason"] in "\n".join(fleet.redis.cli("xrange", "{ctxcache}:log", "-", "+"))

    with trial(fleet, "kill in an outage"):
        fleet.proxy([0], "refuse")
        eventually(lambda: fleet.daemons[0].invalidate(order).status == 202, what="a queued invalidation")
        fleet.kill_daemon(0)
        assert not in_log()
        fleet.proxy([0], "pass")
        fleet.start_daemon(0)
        eventually(in_log, what="the invalidation in the log")
