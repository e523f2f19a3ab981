"""Bad days of a stream of events: what others have left behind, and a Redis that loses it, or hangs."""

import json

from event_stream_test import (STREAM, add, add_ticket, all_confirmed, consumer, holders,  # noqa: F401
                               receiver)
from events_test import EVENTS, letters
from harness.process import eventually


def outcomes(daemon):
    return [one["verdict"] for one in daemon.get(EVENTS + "?limit=1000").json["events"]]


def misses_redis(daemon):
    daemon.context()  # reads are what notices
    return daemon.health()["parts"]["l2"]["status"] == "down"


def test_what_another_consumer_has_left_behind_is_applied(consumer, redis):  # noqa: F811
    add_ticket(redis)
    redis.cli("XGROUP", "CREATE", STREAM, "ctxcache", "0")
    assert redis.cli("XREADGROUP", "GROUP", "ctxcache", "gone", "STREAMS", STREAM, ">")
    daemon = consumer()
    eventually(lambda: outcomes(daemon) == ["invalidated"], 30, "the entry taken over")
    all_confirmed(redis)


def test_a_stream_that_was_lost_is_read_from_its_new_beginning(consumer, redis):  # noqa: F811
    daemon = consumer()
    eventually(lambda: holders([daemon]), what="the daemon consuming")
    add_ticket(redis, "cust_1")
    eventually(lambda: outcomes(daemon) == ["invalidated"])
    redis.cli("FLUSHALL")
    add_ticket(redis, "cust_2")
    eventually(lambda: outcomes(daemon) == ["invalidated"] * 2, 30, "the first entry after FLUSHALL")
    redis.kill()
    redis.start()
    add_ticket(redis, "cust_3")
    eventually(lambda: outcomes(daemon) == ["invalidated"] * 3, 60, "the first entry after the restart")
    all_confirmed(redis)


def test_entries_wait_while_redis_hangs_and_none_is_lost(consumer, redis):  # noqa: F811
    daemon = consumer()
    eventually(lambda: holders([daemon]), what="the daemon consuming")
    redis.hang()
    eventually(lambda: misses_redis(daemon), 30, "the daemon noticing")
    redis.go_on()
    for number in range(100):
        add_ticket(redis, f"cust_{number}")
    eventually(lambda: outcomes(daemon).count("invalidated") >= 100, 60, "all entries taking effect")
    all_confirmed(redis)


def test_a_dead_letter_shows_the_entry_that_could_not_be_read(consumer, redis):  # noqa: F811
    daemon = consumer()
    add(redis, event="{nonsense")
    eventually(lambda: len(letters(daemon)) == 1, what="a dead letter")
    all_confirmed(redis)
    letter = json.dumps(letters(daemon)[0])
    assert "nonsense" in letter and "not a JSON object" in letter, letter
