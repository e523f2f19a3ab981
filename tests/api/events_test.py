"""Change events over HTTP: their formats, the default rules, bad input and dead letters."""

import json

import pytest

from conftest import TRUTH
from harness.daemon import percent

EVENTS = "/api/v1/events"
DEAD = EVENTS + "/dead"
AGENT_TYPES = ("support", "billing", "sales")
PLAIN = {"Content-Type": "application/json"}
STRUCTURED = {"Content-Type": "application/cloudevents+json"}
BATCH = {"Content-Type": "application/cloudevents-batch+json"}


@pytest.fixture
def receiver(make_daemon, origin, redis):
    """receiver(more TOML, **settings): a running daemon over Redis and the origin's tickets."""

    def make(body="", **settings):
        return make_daemon(TRUTH.format(url=origin.url) + body,
                           **{"enable_l2_cache": True, "redis_url": redis.url, "l1_cache_ttl": "300s",
                              **settings}).start()

    return make


@pytest.fixture
def daemon(receiver):
    return receiver()


def post(daemon, event, headers=None):
    body = event if isinstance(event, (bytes, str)) else json.dumps(event)
    return daemon.request("POST", EVENTS, body, headers or PLAIN)


def cloud_event(number, event_type="ticket.created", customer="cust_1", **more):
    return {"specversion": "1.0", "id": str(number), "source": "/desk", "type": event_type,
            "data": {"customer_id": customer}, **more}


def warm(daemon, customer="cust_1"):
    for agent_type in AGENT_TYPES:
        daemon.context(customer, agent_type)
        assert daemon.context(customer, agent_type).source == "l1"


def fresh(daemon, customer="cust_1"):
    """The agent types whose context is loaded again."""
    return tuple(one for one in AGENT_TYPES if daemon.context(customer, one).source == "provider")


def letters(daemon):
    answer = daemon.get(DEAD)
    assert answer.status == 200, answer
    return answer.json["dead_letters"]


DEFAULT_RULES = {
    "customer.updated": AGENT_TYPES,
    "profile.updated": AGENT_TYPES,
    "plan.changed": AGENT_TYPES,
    "subscription.cancelled": AGENT_TYPES,
    "com.example.subscription.renewed": AGENT_TYPES,
    "ticket.created": ("support",),
    "payment.received": ("billing",),
    "invoice.paid": ("billing",),
}


@pytest.mark.parametrize("event_type", DEFAULT_RULES)
def test_a_change_drops_what_the_default_rules_say(daemon, event_type):
    warm(daemon)
    warm(daemon, "cust_2")
    answer = post(daemon, {"type": event_type, "customer_id": "cust_1"})
    assert answer.status == 200, answer
    assert answer.json["verdict"] == "invalidated"
    receipt, = answer.json["receipts"]
    assert receipt["position"] and receipt["queued"] is False
    assert fresh(daemon) == DEFAULT_RULES[event_type]
    assert fresh(daemon, "cust_2") == ()


def test_a_rule_of_the_configuration_comes_before_the_default_ones(receiver):
    daemon = receiver('[event."ticket.*"]\ncustomer_id = "/who"\nagent_types = ["sales"]\n')
    warm(daemon)
    assert post(daemon, {"type": "ticket.created", "who": "cust_1"}).status == 200
    assert fresh(daemon) == ("sales",)
    assert post(daemon, {"type": "payment.received", "customer_id": "cust_1"}).json["receipts"]


def test_without_default_rules_there_are_none(receiver):
    daemon = receiver(**{"intake.default_rules": False})
    assert post(daemon, {"type": "ticket.created", "customer_id": "cust_1"}).json["verdict"] == "ignored"


def test_cloud_events_come_in_each_mode(daemon):
    modes = {
        "structured": lambda n: post(daemon, cloud_event(n), STRUCTURED),
        "binary": lambda n: post(daemon, {"customer_id": "cust_1"},
                                 {**PLAIN, "ce-specversion": "1.0", "ce-id": str(n), "ce-source": "/desk",
                                  "ce-type": "ticket.created", "ce-subject": percent("Müller & Söhne")}),
        "plain": lambda n: post(daemon, {"type": "ticket.created", "id": n, "source": "/desk",
                                         "customer_id": "cust_1"}),
    }
    for number, (mode, send) in enumerate(modes.items()):
        warm(daemon)
        first = send(number)
        assert (first.status, first.json["verdict"]) == (200, "invalidated"), mode
        assert (first.json["source"], first.json["id"]) == ("/desk", str(number)), mode
        assert fresh(daemon) == ("support",), mode
        assert send(number).json["verdict"] == "duplicate", mode


def test_a_batch_answers_for_each_of_its_events(daemon):
    warm(daemon)
    warm(daemon, "cust_2")
    batch = [cloud_event(1), {"specversion": "1.0"}, cloud_event(2, "of.no.rule"),
             cloud_event(3, "plan.changed", "cust_2")]
    answer = post(daemon, batch, BATCH)
    assert answer.status == 207, answer
    verdicts = [one["verdict"] for one in answer.json["results"]]
    assert verdicts == ["invalidated", "rejected", "ignored", "invalidated"]
    assert fresh(daemon) == ("support",)
    assert fresh(daemon, "cust_2") == AGENT_TYPES
    again = post(daemon, [batch[0], batch[3]], BATCH)
    assert again.status == 200
    assert [one["verdict"] for one in again.json["results"]] == ["duplicate"] * 2


def test_events_for_one_scope_share_an_invalidation(receiver):
    daemon = receiver(**{"intake.merge_window": "50ms"})
    answer = post(daemon, [cloud_event(n) for n in range(100)], BATCH)
    assert answer.status == 200, answer
    positions = {one["receipts"][0]["position"] for one in answer.json["results"]}
    assert len(positions) < 100


def test_webhooks_of_stripe_and_others_are_read_as_they_are(daemon):
    warm(daemon)
    stripe = {"id": "evt_1", "object": "event", "type": "invoice.paid",
              "data": {"object": {"id": "in_1", "customer": "cust_1"}}}
    assert post(daemon, stripe).json["verdict"] == "invalidated"
    assert fresh(daemon) == ("billing",)
    assert post(daemon, stripe).json["verdict"] == "duplicate"


def test_the_second_change_of_the_same_thing_is_no_repetition(daemon):
    event = {"type": "customer.updated", "id": "cust_1", "customer_id": "cust_1"}
    assert [post(daemon, event).json["verdict"] for _ in range(2)] == ["invalidated"] * 2


# Bad input


def test_an_unknown_type_is_ignored_and_counted(daemon):
    warm(daemon)
    answer = post(daemon, {"type": "coffee.brewed", "customer_id": "cust_1"})
    assert (answer.status, answer.json["verdict"]) == (202, "ignored")
    assert fresh(daemon) == ()
    assert letters(daemon) == []


MALFORMED = {
    "nothing": (b"", PLAIN),
    "no_json": (b"type=ticket.created", PLAIN),
    "half": (b'{"type":"ticket.created"', PLAIN),
    "no_utf8": (b'{"type":"ticket.created","customer_id":"\xff"}', PLAIN),
    "too_deep": (b'{"type":"ticket.created","x":' + b"[" * 10_000 + b"]" * 10_000 + b"}", PLAIN),
    "no_object": (b'"ticket.created"', PLAIN),
    "no_type": (b'{"customer_id":"cust_1"}', PLAIN),
    "type_no_text": (b'{"type":7,"customer_id":"cust_1"}', PLAIN),
    "no_id": (b'{"specversion":"1.0","source":"s","type":"ticket.created"}', STRUCTURED),
    "other_version": (b'{"specversion":"0.3","id":"1","source":"s","type":"ticket.created"}', STRUCTURED),
    "batch_no_list": (b"{}", BATCH),
    "header_badly_encoded": (b"", {"ce-specversion": "1.0", "ce-id": "%zz", "ce-source": "s",
                                   "ce-type": "ticket.created"}),
    "header_missing": (b"{}", {**PLAIN, "ce-type": "ticket.created"}),
}


def test_malformed_events_change_nothing(daemon):
    warm(daemon)
    for name, (body, headers) in MALFORMED.items():
        answer = post(daemon, body, headers)
        assert answer.status == 400, (name, answer)
        answer.problem(400, "invalid_request")
    post(daemon, b"<a/>", {"Content-Type": "text/xml"}).problem(415, "unsupported_media_type")
    post(daemon, b"", {"Content-Type": "application/cloudevents+avro"}).problem(415, "unsupported_media_type")
    assert fresh(daemon) == ()
    assert letters(daemon) == []


def test_oversized_events_change_nothing(daemon):
    warm(daemon)
    large = {"type": "ticket.created", "customer_id": "cust_1", "x": "x" * (256 << 10)}
    assert "256 KiB" in post(daemon, large).problem(422, "invalid_request")["detail"]
    large["x"] *= 5
    assert post(daemon, large).status == 413
    many = [cloud_event(n) for n in range(1_001)]
    assert "1000" in post(daemon, many, BATCH).problem(413, "too_large")["detail"]
    assert fresh(daemon) == ()
    assert len(letters(daemon)) == 1


def test_an_event_that_does_not_say_whose_it_is_becomes_a_dead_letter(daemon):
    event = cloud_event(1)
    event["data"] = {"ticket": 7}
    said = post(daemon, event, STRUCTURED).problem(422, "invalid_request")
    assert "/data/customer_id" in said["detail"]
    assert post(daemon, event, STRUCTURED).json["verdict"] == "duplicate"
    letter, = letters(daemon)
    assert (letter["type"], letter["source"], letter["id"]) == ("ticket.created", "/desk", "1")
    assert letter["why"] == said["detail"]
    assert letter["event"]["data"] == {"ticket": 7}


@pytest.mark.parametrize("customer", ["", "x" * 129])
def test_an_event_with_an_id_that_cannot_be_becomes_a_dead_letter(daemon, customer):
    post(daemon, {"type": "ticket.created", "customer_id": customer}).problem(422, "invalid_request")
    assert len(letters(daemon)) == 1


def test_ids_of_events_invalidate_themselves_only(daemon):
    warm(daemon)
    for hostile in ("*", "cust_1:support", "cust_?", "../cust_1", "[a-z]*"):
        assert post(daemon, {"type": "profile.updated", "customer_id": hostile}).status == 200
    assert fresh(daemon) == ()


def test_a_dead_letter_is_replayed_by_the_rules_of_now(receiver):
    daemon = receiver()
    post(daemon, {"type": "ticket.created", "who": "cust_1"})
    letter, = letters(daemon)
    replay = f"{DEAD}/{letter['number']}/replay"
    daemon.request("POST", replay).problem(422, "invalid_request")
    assert len(letters(daemon)) == 1
    other = receiver('[event."ticket.*"]\ncustomer_id = "/who"\nagent_types = ["support"]\n')
    warm(other)
    assert other.request("POST", replay).json["verdict"] == "invalidated"
    assert fresh(other) == ("support",)
    assert letters(daemon) == []
    daemon.request("POST", replay).problem(404, "not_found")
