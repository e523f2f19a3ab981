"""Change events in a fleet, followed, repeated, and while Redis is down."""

from events_test import (EVENTS, STRUCTURED, cloud_event, daemon, fresh, letters, post,  # noqa: F401
                         receiver, warm)
from harness.process import eventually


def test_an_event_is_taken_once_by_a_fleet(receiver):
    one, other = receiver(), receiver()
    assert post(one, cloud_event(1), STRUCTURED).json["verdict"] == "invalidated"
    assert post(other, cloud_event(1), STRUCTURED).json["verdict"] == "duplicate"
    assert post(other, cloud_event(2), STRUCTURED).json["verdict"] == "invalidated"


def test_an_event_reaches_the_l1_of_the_others(receiver):
    one, other = receiver(), receiver()
    warm(other)
    assert post(one, cloud_event(1), STRUCTURED).status == 200
    eventually(lambda: "support" in fresh(other), what="the other daemon to hear of it")


def test_outcomes_can_be_followed(daemon):
    for number in range(3):
        post(daemon, cloud_event(number), STRUCTURED)
    page = daemon.get(EVENTS + "?limit=2").json
    assert [one["id"] for one in page["events"]] == ["1", "2"]
    rest = daemon.get(f"{EVENTS}?after={page['events'][0]['number']}&wait=10").json
    assert [one["id"] for one in rest["events"]] == ["2"]
    assert daemon.get(f"{EVENTS}?after={rest['next']}").json["events"] == []


def test_events_wait_in_the_journal_while_redis_is_down(receiver, redis, tmp_path):
    daemon = receiver(**{"coherence.journal": str(tmp_path / "journal")})
    warm(daemon)
    redis.kill()
    answer = post(daemon, cloud_event(1), STRUCTURED)
    assert answer.status == 202, answer
    assert answer.json["receipts"][0]["queued"] is True
    assert fresh(daemon) == ("support",)
    assert post(daemon, cloud_event(1), STRUCTURED).json["verdict"] == "duplicate"
    redis.start()


def test_an_event_that_failed_while_redis_was_down_may_be_sent_again(receiver, redis):
    daemon = receiver()
    redis.kill()
    failed = post(daemon, cloud_event(1), STRUCTURED)
    assert failed.status == 503, failed
    assert failed.headers["Retry-After"]
    redis.start()
    eventually(lambda: post(daemon, cloud_event(1), STRUCTURED).status == 200, limit=30)
    assert post(daemon, cloud_event(1), STRUCTURED).json["verdict"] == "duplicate"


def test_a_dead_letter_that_cannot_be_kept_is_not_acknowledged(receiver, redis):
    daemon = receiver()
    redis.kill()
    assert post(daemon, {"type": "ticket.created"}).status == 503
    redis.start()
    eventually(lambda: post(daemon, {"type": "ticket.created"}).status == 422, limit=30)
    assert len(letters(daemon)) >= 1
