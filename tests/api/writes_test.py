"""PUT, DELETE and invalidation: they take effect at once, in both tiers, for exactly their scope."""

import pytest

from harness.process import eventually

KEYS = [("cust_1", "support"), ("cust_1", "support", "conv_90"), ("cust_1", "billing"), ("cust_2", "support"),
        ("cust_10", "support")]


@pytest.fixture
def two(demo):
    """Two daemons over one Redis, with all KEYS in the L1 of the first and in L2."""
    one, other = demo(), demo()
    for ids in KEYS:
        assert one.context(*ids).status == 200
    return one, other


# What is asked, the kind of its scope, and the keys that it must take away.
SCOPES = {
    "customer": ({"customer_id": "cust_1"}, "customer", KEYS[:3]),
    "agent_type": ({"customer_id": "cust_1", "agent_type": "support"}, "agent_type", KEYS[:2]),
    "conversation": ({"customer_id": "cust_1", "agent_type": "support", "conversation_id": "conv_90"}, "key",
                     KEYS[1:2]),
    "pattern": ({"pattern": "context:*:support"}, "pattern", [KEYS[0], KEYS[3], KEYS[4]]),
    "pattern_of_one_character": ({"pattern": "context:cust_?:*"}, "pattern", KEYS[:4]),
    "all": ({"all": True}, "all", KEYS),
}


def gone(daemon, keys):
    """Which of the keys no tier serves any more."""
    return [ids for ids in keys if daemon.context(*ids, Cache_Control="only-if-cached").status == 504]


@pytest.mark.parametrize("name", SCOPES)
def test_an_invalidation_takes_its_scope_from_both_tiers_at_once(two, name):
    body, kind, covered = SCOPES[name]
    receipt = two[0].invalidate(body)
    assert receipt.status == 200, receipt
    assert receipt.json["scope"]["kind"] == kind
    assert receipt.json["matched_l1"] == len(covered)
    assert receipt.json["l2_reached"] is True
    assert receipt.json["queued"] is False
    assert receipt.json["fence"] is None
    assert gone(two[0], KEYS) == covered
    for ids in KEYS:
        assert two[0].context(*ids).source == ("provider" if ids in covered else "l1")


@pytest.mark.parametrize("name", SCOPES)
def test_an_invalidation_leaves_redis_for_the_others_too(two, redis, name):
    """Keys that the scope names are unlinked before the answer; those that must be looked for follow."""
    body, _, covered = SCOPES[name]
    receipt = two[0].invalidate(body).json
    named = [ids for ids in covered if name == "conversation" or (body.get("customer_id") and len(ids) == 2)]
    assert receipt["unlinked_l2"] == len(named)
    assert gone(two[1], named) == named
    eventually(lambda: len(redis.keys()) == len(KEYS) - len(covered))
    assert gone(two[1], KEYS) == covered


@pytest.mark.parametrize("name, path", [("customer", "cust_1"), ("agent_type", "cust_1/support"),
                                        ("conversation", "cust_1/support/conv_90")])
def test_delete_invalidates_the_scope_of_its_path(two, name, path):
    _, kind, covered = SCOPES[name]
    receipt = two[0].request("DELETE", f"/api/v1/context/{path}")
    assert receipt.status == 200, receipt
    assert receipt.json["scope"]["kind"] == kind
    assert gone(two[0], KEYS) == covered


def test_a_list_invalidates_each_and_answers_in_order(two):
    answer = two[0].invalidate([{"customer_id": "cust_2"},
                                {"customer_id": "cust_10", "agent_type": "support"}])
    assert [one["scope"]["kind"] for one in answer.json["results"]] == ["customer", "agent_type"]
    assert gone(two[0], KEYS) == KEYS[3:]


def test_a_dry_run_counts_and_changes_nothing(two):
    before = two[0].explain()["position"]
    answer = two[0].invalidate({"customer_id": "cust_1", "dry_run": True}).json
    assert answer["dry_run"] is True
    assert (answer["matched_l1"], answer["matched_l2"]) == (3, 3)
    assert gone(two[0], KEYS) == []
    assert two[0].explain()["position"] == before


def test_an_invalidation_of_nothing_is_no_error(daemon):
    receipt = daemon.invalidate({"customer_id": "nobody"})
    assert receipt.status == 200
    assert (receipt.json["matched_l1"], receipt.json["unlinked_l2"]) == (0, 0)


def test_positions_rise_with_every_invalidation(daemon):
    def sequence(answer):
        return int(answer.json["position"].split(".")[1])

    assert sequence(daemon.invalidate({"all": True})) < sequence(daemon.invalidate({"customer_id": "cust_1"}))


@pytest.mark.parametrize("body", [
    {}, [], {"customer": "cust_1"}, {"agent_type": "support"}, {"conversation_id": "conv_1"},
    {"customer_id": "cust_1", "conversation_id": "conv_1"}, {"customer_id": 1}, {"customer_id": ""},
    {"customer_id": "x" * 129}, {"all": False}, {"all": "yes"}, {"all": True, "customer_id": "cust_1"},
    {"pattern": ""}, {"pattern": "x" * 257}, {"pattern": "context:*", "all": True}, "cust_1", 1, None,
    [{"customer_id": "cust_1"}, {"nonsense": 1}],
])
def test_a_wrong_invalidation_changes_nothing(two, body):
    answer = two[0].invalidate(body)
    assert answer.status in (400, 422), answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert gone(two[0], KEYS) == []


def test_put_stores_in_both_tiers_and_get_serves_its_bytes(demo):
    one, other = demo(), demo()
    document = '{"b": 1,  "a": ["Grüße", 1.50, null]}'.encode()
    headers = {"Content-Type": "application/json"}
    receipt = one.request("PUT", "/api/v1/context/cust_5/support/conv_1", document, headers)
    assert receipt.status == 200, receipt
    assert receipt.json["stored"] == {"l1": True, "l2": True}
    assert (receipt.json["customer_id"], receipt.json["conversation_id"]) == ("cust_5", "conv_1")
    read = one.context("cust_5", "support", "conv_1")
    assert (read.source, read.body, read.headers["ETag"]) == ("l1", document, receipt.json["etag"])
    read = other.context("cust_5", "support", "conv_1")
    assert (read.source, read.body) == ("l2", document)


def test_put_replaces_what_was_there_and_nothing_else(two):
    assert two[0].request("PUT", "/api/v1/context/cust_1/support", {"mine": 1}).status == 200
    assert two[0].context("cust_1").json == {"mine": 1}
    assert gone(two[0], KEYS) == [], "its conversations and its neighbours stay"
    assert two[0].context("cust_1", "support", "conv_90").json["customer_id"] == "cust_1"


def test_put_then_delete_then_get_loads_again(daemon):
    daemon.request("PUT", "/api/v1/context/cust_1/support", {"mine": 1})
    assert daemon.request("DELETE", "/api/v1/context/cust_1/support").status == 200
    answer = daemon.context("cust_1")
    assert (answer.source, answer.json["customer_id"]) == ("provider", "cust_1")


def test_explain_tells_where_a_key_is_and_counts_as_nothing(two):
    one, other = two
    before = one.stats()
    here = one.explain("cust_1")
    assert here["key"] == "context:cust_1:support"
    assert here["l1"]["valid"] is True and here["l2"]["valid"] is True
    assert 0 < here["l1"]["remaining_ttl_s"] <= 30 < here["l2"]["remaining_ttl_s"] <= 300
    assert here["l1"]["bytes"] > 0 and here["l1"]["etag"] == one.context("cust_1").headers["ETag"]
    assert here["l1"]["partial"] is False
    assert (here["l2_error"], here["last_invalidated"], here["loading"]) == (None, None, False)
    assert other.explain("cust_1")["l1"] is None
    after = one.stats()
    assert (after["l1_hits"], after["l1_misses"]) == (before["l1_hits"] + 1, before["l1_misses"])


def test_explain_names_what_last_invalidated_a_key(two):
    position = two[0].invalidate({"customer_id": "cust_1"}).json["position"]
    gone_one = two[0].explain("cust_1")
    assert (gone_one["l1"], gone_one["l2"]) == (None, None)
    assert gone_one["last_invalidated"] == position
    assert two[0].explain("cust_2")["last_invalidated"] is None
