"""Many keys in one request."""

import pytest

BATCH = "/api/v1/context/batch"


def keys(*ids):
    names = ("customer_id", "agent_type", "conversation_id")
    return {"keys": [dict(zip(names, one)) for one in ids]}


def test_each_key_has_its_own_answer_in_order(daemon):
    daemon.context("cust_1")
    answer = daemon.request("POST", BATCH, keys(("cust_1", "support"), ("cust_2", "billing"),
                                                ("nobody", "support"), ("cust_3", "suport"),
                                                ("cust_4", "support", "conv_99"), ("", "support")))
    assert answer.status == 200, answer
    results = answer.json["results"]
    assert [one["status"] for one in results] == [200, 200, 404, 422, 200, 400]
    assert [one.get("source") for one in results] == ["l1", "provider", None, None, "provider", None]
    assert [one.get("code") for one in results] == [None, None, "customer_unknown", "unknown_agent_type",
                                                    None, "invalid_key"]
    assert results[4]["conversation_id"] == "conv_99"
    single = daemon.context("cust_2", "billing")
    assert results[1]["document"] == single.json
    assert results[1]["etag"] == single.headers["ETag"]


def test_what_l1_lacks_comes_from_l2(demo):
    one, other = demo(), demo()
    ids = [(f"cust_{n}", "support") for n in range(1, 51)]
    first = one.request("POST", BATCH, keys(*ids)).json["results"]
    assert {r["source"] for r in first} == {"provider"}
    second = other.request("POST", BATCH, keys(*ids)).json["results"]
    assert {r["source"] for r in second} == {"l2"}
    assert [r["document"] for r in first] == [r["document"] for r in second]
    stats = other.stats()
    assert (stats["l1_misses"], stats["l2_hits"], stats["loads"]) == (50, 50, 0)


def test_a_key_asked_for_twice_is_loaded_once(daemon):
    twice = keys(("cust_1", "support"), ("cust_1", "support"))
    results = daemon.request("POST", BATCH, twice).json["results"]
    assert [r["status"] for r in results] == [200, 200]
    assert results[0]["document"] == results[1]["document"]
    assert daemon.stats()["loads"] == 1


@pytest.mark.parametrize("body", [{}, [], {"keys": {}}, {"keys": "cust_1"}, {"keys": [1]}, {"keys": [{}]},
                                  {"keys": [{"customer_id": "cust_1"}]},
                                  {"keys": [{"customer_id": 1, "agent_type": "support"}]}])
def test_a_wrong_batch_is_refused_whole(daemon, body):
    answer = daemon.request("POST", BATCH, body)
    assert answer.status in (400, 422), answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert daemon.stats()["loads"] == 0
