"""The read path: L1, then L2, then the providers, and what a caller may ask of one read."""

import json
import re
import sqlite3

import pytest

from harness.process import eventually


def counts(daemon):
    stats = daemon.stats()
    return {name: stats[name] for name in ("l1_hits", "l1_misses", "l2_hits", "l2_misses", "loads")}


def test_first_read_comes_from_the_provider_and_the_second_from_l1(daemon):
    first, second = daemon.context(), daemon.context()
    assert (first.status, first.source) == (200, "provider")
    assert (second.status, second.source) == (200, "l1")
    assert first.body == second.body
    assert first.headers["ETag"] == second.headers["ETag"]
    assert re.fullmatch(r"ctxcache-l1; fwd=miss, ctxcache-l2; fwd=miss(; .*)?; stored", first.cache_status)
    assert re.fullmatch(r"ctxcache-l1; hit; ttl=(2\d|30)", second.cache_status)
    assert counts(daemon) == {"l1_hits": 1, "l1_misses": 1, "l2_hits": 0, "l2_misses": 1, "loads": 1}


def test_document_is_what_the_contract_says(daemon, sqlite_file):
    document = daemon.context().json
    assert document["customer_id"] == "cust_123"
    assert document["agent_type"] == "support"
    assert "conversation_id" not in document
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", document["generated_at"])
    assert document["partial"] is False
    assert set(document["context"]) == {"profile", "subscription", "open_tickets", "conversation"}
    assert document["providers"]["crm"]["status"] == "ok"
    assert document["providers"]["crm"]["latency_ms"] >= 0
    with sqlite3.connect(sqlite_file) as database:
        name, plan = database.execute("select name, plan from customers where id = 'cust_123'").fetchone()
    assert document["context"]["profile"]["name"] == name
    assert document["context"]["profile"]["plan"] == plan


def test_headers_of_an_answer(daemon):
    answer = daemon.context()
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Age"] == "0"
    assert re.fullmatch(r'"[0-9a-f]{32}"', answer.headers["ETag"])
    assert re.fullmatch(r"[0-9a-f]{16}\.\d+", answer.headers["Ctx-Position"])


def test_after_the_l1_ttl_a_read_is_an_l2_hit(demo):
    daemon = demo(l1_cache_ttl="1s")
    body = daemon.context().body
    later = eventually(lambda: (lambda a: a if a.source != "l1" else None)(daemon.context()))
    assert later.source == "l2"
    assert later.body == body
    assert re.fullmatch(r"ctxcache-l1; fwd=miss, ctxcache-l2; hit; ttl=2\d\d", later.cache_status)
    assert daemon.context().source == "l1", "an L2 hit is promoted"
    # Its age goes on in Redis, to some milliseconds; begun anew there, it would never be a second.
    eventually(lambda: int(daemon.context().headers["Age"]) >= 1)
    assert counts(daemon)["loads"] == 1


def test_after_the_l2_ttl_the_provider_is_asked_again(demo):
    daemon = demo(l1_cache_ttl="1s", l2_cache_ttl="1s")
    daemon.context()
    eventually(lambda: daemon.context().source == "provider")
    assert counts(daemon)["loads"] == 2


def test_the_first_read_of_another_daemon_is_an_l2_hit(demo):
    one, other = demo(), demo()
    body = one.context().body
    answer = other.context()
    assert (answer.source, answer.body) == ("l2", body)
    assert counts(other) == {"l1_hits": 0, "l1_misses": 1, "l2_hits": 1, "l2_misses": 0, "loads": 0}


def test_without_l2_the_providers_stand_behind_l1(demo, redis):
    daemon = demo(enable_l2_cache=False)
    first = daemon.context()
    assert re.fullmatch(r"ctxcache-l1; fwd=miss; stored", first.cache_status)
    assert daemon.context().source == "l1"
    assert redis.keys() == []


def test_without_l1_every_read_goes_to_l2(demo):
    daemon = demo(enable_l1_cache=False)
    assert [daemon.context().source for _ in range(3)] == ["provider", "l2", "l2"]


def test_keys_in_redis_are_those_of_the_contract(daemon, redis):
    for ids in (("cust_123", "support"), ("cust_123", "billing"), ("cust_123", "support", "conv_456")):
        assert daemon.context(*ids).status == 200
    assert redis.keys() == ["context:cust_123:billing", "context:cust_123:support",
                            "context:cust_123:support:conv_456"]


def test_a_conversation_is_a_context_of_its_own(daemon):
    without, of_it = daemon.context(), daemon.context(conversation="conv_456")
    assert of_it.source == "provider", "no fallback to the key without a conversation"
    assert of_it.json["conversation_id"] == "conv_456"
    assert without.json["context"]["conversation"] == []
    messages = of_it.json["context"]["conversation"]
    assert [m["number"] for m in messages] == list(range(1, len(messages) + 1))
    assert messages[0]["author"] == "customer"


def test_a_conversation_of_somebody_else_is_empty(daemon):
    assert daemon.context("cust_124", "support", "conv_456").json["context"]["conversation"] == []


def test_if_none_match_is_answered_304_without_a_body(daemon):
    etag = daemon.context().headers["ETag"]
    for candidate in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        answer = daemon.context(If_None_Match=candidate)
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["ETag"] == etag
    assert daemon.context(If_None_Match='"other"').status == 200


@pytest.mark.parametrize("asked, source", [("max-age=100", "l1"), ("no-cache", "provider"),
                                           ("no-store", "provider"), ("only-if-cached", "l1"),
                                           ('foo="no-cache", max-age=100', "l1")])
def test_request_cache_control(daemon, asked, source):
    daemon.context()
    assert daemon.context(Cache_Control=asked).source == source


def test_no_cache_stores_what_it_loaded_and_no_store_does_not(daemon, redis):
    assert daemon.context("cust_1", Cache_Control="no-store").status == 200
    assert redis.keys() == []
    assert daemon.context("cust_1", Cache_Control="only-if-cached").status == 504
    assert daemon.context("cust_1", Cache_Control="no-cache").source == "provider"
    assert daemon.context("cust_1").source == "l1"


def test_max_age_refuses_what_is_older(daemon):
    daemon.context()
    eventually(lambda: int(daemon.context().headers["Age"]) >= 1)
    loads = counts(daemon)["loads"]
    assert daemon.context(Cache_Control="max-age=0").source == "provider"
    assert counts(daemon)["loads"] == loads + 1, "what it loads for this read is fresh enough"


def test_only_if_cached_is_504_on_a_miss(daemon):
    daemon.context(Cache_Control="only-if-cached").problem(504, "not_cached")
    assert counts(daemon)["loads"] == 0


def test_an_unknown_customer_is_404_and_remembered(demo):
    daemon = demo(negative_ttl="2s")
    daemon.context("nobody").problem(404, "customer_unknown")
    daemon.context("nobody").problem(404, "customer_unknown")
    assert counts(daemon)["loads"] == 1
    assert daemon.stats()["unknown_hits"] == 1
    eventually(lambda: daemon.context("nobody").status == 404 and counts(daemon)["loads"] == 2)


def test_an_unknown_agent_type_is_422_and_names_the_known_ones(daemon):
    problem = daemon.context(agent_type="suport").problem(422, "unknown_agent_type")
    assert "support" in json.dumps(problem)


def test_agent_types_are_a_setting(demo):
    types = ["support", "billing", "success", "sales", "legal", "product", "operations", "robots"]
    daemon = demo(agent_types=types)
    assert set(daemon.context(agent_type="robots").json["context"]) == {"profile", "conversation"}


def test_the_least_recently_used_context_leaves_l1_when_it_is_full(demo):
    daemon = demo(l1_cache_max_size=3)
    for customer in ("cust_1", "cust_2", "cust_3", "cust_1", "cust_4"):
        daemon.context(customer)
    assert daemon.explain("cust_2")["l1"] is None
    assert all(daemon.explain(customer)["l1"] for customer in ("cust_1", "cust_3", "cust_4"))
    stats = daemon.stats()
    assert (stats["l1_size"], stats["l1_evictions"]) == (3, 1)


def test_a_customer_called_cache_works(daemon):
    daemon.context("cache").problem(404, "customer_unknown")
    assert daemon.request("PUT", "/api/v1/context/cache/support", {"a": 1}).status == 200
    assert daemon.context("cache").json == {"a": 1}


def test_head_answers_the_headers_of_get(daemon):
    get = daemon.context()
    head = daemon.request("HEAD", "/api/v1/context/cust_123/support")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["ETag"] == get.headers["ETag"]
    assert head.headers["Content-Length"] == str(len(get.body))
