"""Several daemons on one Redis: what one of them invalidates, none of them serves; fences, positions, strict
reads."""

import signal

import pytest

from harness.process import eventually
from redis_days_test import epoch, whole_again
from writes_test import KEYS, SCOPES, gone

FENCES = "/api/v1/context/cache/fences/"
LICENCE_AND_GRACE_MS = 2 * 1000  # less than what a fence waits for who is silent: clocks may err


def cut_off(proxy):
    proxy.set("refuse")
    proxy.cut()


def fleet_part(daemon):
    return daemon.health()["parts"]["fleet"]


def fence(daemon, body=None):
    return daemon.invalidate({**(body or {"customer_id": "cust_1"}), "fence": True})


def quickly(daemon):
    """Waits until the log's epoch is old enough for its registry to be relied on."""
    def is_quick():
        answer = fence(daemon, {"customer_id": "nobody"})
        return answer.status == 200 and answer.json["fence"]["waited_ms"] < LICENCE_AND_GRACE_MS / 2
    eventually(is_quick, what="a fence that need not wait")


def tickets(answer):
    assert answer.status == 200, answer
    return answer.json["context"]["tickets"]


def sequence(position):
    return int(position.split(".")[1])


@pytest.mark.parametrize("name", SCOPES)
def test_an_invalidation_reaches_the_l1_of_the_others(member, name):
    daemons = [member() for _ in range(3)]
    for daemon in daemons:
        for ids in KEYS:
            daemon.context(*ids)
            assert daemon.context(*ids).source == "l1"
    body, _, covered = SCOPES[name]
    assert daemons[0].invalidate(body).status == 200
    for daemon in daemons:
        eventually(lambda one=daemon: gone(one, covered) == covered, what="the others to hear of it")
        for ids in KEYS:
            if ids not in covered:
                assert daemon.context(*ids).source == "l1"


def test_delete_and_put_reach_the_others_too(member):
    one, other = member(), member()
    other.context("cust_1")
    other.context("cust_2")
    assert one.request("DELETE", "/api/v1/context/cust_1").json["queued"] is False
    eventually(lambda: other.context("cust_1").source == "provider")
    assert one.request("PUT", "/api/v1/context/cust_2/support", {"mine": 1}).json["queued"] is False
    eventually(lambda: other.context("cust_2").json == {"mine": 1})


def test_after_a_fence_no_daemon_serves_the_old_value(member, origin):
    daemons = [member() for _ in range(3)]
    names = {fleet_part(daemon)["member"] for daemon in daemons}
    for n in range(30):
        asked = daemons[n % 3]
        for daemon in daemons:
            daemon.context("cust_1")
        origin.tickets = [{"id": n}]
        receipt = fence(asked)
        assert [tickets(daemon.context("cust_1")) for daemon in daemons] == [[{"id": n}]] * 3
        assert receipt.status == 200, receipt
        known = receipt.json["fence"]
        assert known["confirmed"] is True and known["waited_ms"] >= 0
        assert {one["id"] for one in known["members"]} == names
        assert all(one["applied"] >= sequence(receipt.json["position"]) for one in known["members"])


def test_a_fence_in_an_old_epoch_waits_for_nobody(member):
    daemons = [member() for _ in range(2)]
    quickly(daemons[0])
    daemons[1].stop()
    receipt = fence(daemons[0]).json["fence"]
    assert receipt["waited_ms"] < LICENCE_AND_GRACE_MS, "who is stopped leaves the registry"
    assert len(receipt["members"]) == 1


def test_a_fence_over_a_daemon_that_hangs_waits_until_it_may_serve_nothing(member, origin):
    one, other = (member({"own_loads": "3s"}) for _ in range(2))
    name = fleet_part(other)["member"]
    quickly(one)
    other.context("cust_1")
    origin.tickets = [{"id": "new"}]
    other.process.send(signal.SIGSTOP)
    try:
        receipt = fence(one)
    finally:
        other.process.send(signal.SIGCONT)
    assert tickets(other.context("cust_1")) == [{"id": "new"}]
    assert (receipt.status, receipt.json["fence"]["confirmed"]) == (200, True)
    assert receipt.json["fence"]["waited_ms"] >= LICENCE_AND_GRACE_MS
    applied = {m["id"]: m["applied"] for m in receipt.json["fence"]["members"]}
    assert applied[name] < sequence(receipt.json["position"])


def test_an_unconfirmed_fence_is_503_with_a_receipt_and_can_be_asked_for_again(member):
    one, other = (member({"own_loads": "3s"}, load_timeout="1s", request_timeout="1s") for _ in range(2))
    quickly(one)
    other.process.send(signal.SIGSTOP)
    try:
        answer = fence(one)
        assert answer.status == 503, answer
        receipt = answer.json
        assert receipt["fence"]["confirmed"] is False
        assert (receipt["queued"], receipt["scope"]["text"]) == (False, "context:cust_1")
        asked = one.get(FENCES + receipt["position"])
        assert (asked.status, asked.json["position"]) == (200, receipt["position"])
        assert asked.json["fence"]["confirmed"] is False
        eventually(lambda: one.get(FENCES + receipt["position"]).json["fence"]["confirmed"])
    finally:
        other.process.send(signal.SIGCONT)


def entries_by_daemon(answer):
    assert answer.status == 200, answer
    return {one["id"]: one["entries"] for one in answer.json["l1"]}


def test_a_dry_run_counts_in_every_daemon_and_changes_nothing(member):
    daemons = [member() for _ in range(3)]
    names = [fleet_part(daemon)["member"] for daemon in daemons]
    for count, daemon in enumerate(daemons):
        for n in range(count):
            daemon.context(f"cust_{n}")
    answer = daemons[0].invalidate({"pattern": "context:cust_*", "dry_run": True})
    assert entries_by_daemon(answer) == dict(zip(names, range(3)))
    assert answer.json["l1"][0] == {"id": names[0], "entries": 0}
    assert (answer.json["matched_l1"], answer.json["matched_l2"]) == (0, 2)
    asked = [{"customer_id": "cust_0", "dry_run": True}, {"customer_id": "cust_1", "dry_run": True}]
    both = daemons[1].invalidate(asked).json["results"]
    assert [sum(one["entries"] for one in each["l1"]) for each in both] == [2, 1]
    assert [daemons[2].context(f"cust_{n}").source for n in range(2)] == ["l1", "l1"]


def test_a_dry_run_names_who_does_not_answer(member):
    one, other = member(), member()
    name = fleet_part(other)["member"]
    other.context("cust_1")
    dry_run = {"customer_id": "cust_1", "dry_run": True}
    other.process.send(signal.SIGSTOP)
    try:
        assert entries_by_daemon(one.invalidate(dry_run)) == {fleet_part(one)["member"]: 0, name: None}
    finally:
        other.process.send(signal.SIGCONT)
    eventually(lambda: entries_by_daemon(one.invalidate(dry_run)).get(name) == 1, what="its answer")


def test_a_list_has_one_fence_for_all_of_it(member):
    one, other = member(), member()
    customers = ["cust_1", "cust_2", "cust_3"]
    for customer in customers:
        other.context(customer)
    answer = one.invalidate({"scopes": [{"customer_id": customer} for customer in customers], "fence": True})
    assert [other.context(customer).source for customer in customers] == ["provider"] * 3
    assert answer.status == 200, answer
    first, *others = [each["fence"] for each in answer.json["results"]]
    assert first["confirmed"] is True and others == [first, first]


def test_a_list_is_207_when_its_fence_is_not_confirmed(member):
    one, other = (member({"own_loads": "3s"}, load_timeout="1s", request_timeout="1s") for _ in range(2))
    other.process.send(signal.SIGSTOP)
    try:
        answer = one.invalidate({"scopes": [{"customer_id": "a"}, {"customer_id": "b"}], "fence": True})
    finally:
        other.process.send(signal.SIGCONT)
    assert answer.status == 207, answer
    assert [each["fence"]["confirmed"] for each in answer.json["results"]] == [False, False]


def test_the_fence_of_a_lost_position_is_410(member, redis):
    daemon = member()
    lost = fence(daemon).json["position"]
    redis.cli("FLUSHALL")
    eventually(lambda: epoch(daemon) != lost.split(".")[0], what="a new epoch")
    daemon.get(FENCES + lost).problem(410, "position_lost")
    assert fence(daemon).status == 200


@pytest.mark.parametrize("path", ["nonsense", "1.1", "0123456789abcdef", "0123456789abcdef.", ".1",
                                  "0123456789abcdef.1x", "0123456789abcdeg.1", "%00"])
def test_the_fence_of_what_is_no_position_is_400(daemon, path):
    daemon.get(FENCES + path).problem(400, "invalid_request")


@pytest.mark.parametrize("headers", [{"Ctx_Min_Position": "soon"}, {"Ctx_Min_Position": "1.1"},
                                     {"Ctx_Min_Position": "0123456789abcdef.-1"},
                                     {"Ctx_Consistency": "eventual"}, {"Ctx_Consistency": "strict,bounded"}])
def test_a_wish_that_is_none_is_400(daemon, headers):
    daemon.context(**headers).problem(400, "invalid_request")
    assert daemon.stats()["loads"] == 0


def test_a_read_at_a_position_sees_what_it_names_in_every_daemon(member, origin):
    one, other = member(), member()
    for n in range(30):
        other.context("cust_1")
        origin.tickets = [{"id": n}]
        position = one.invalidate({"customer_id": "cust_1"}).json["position"]
        assert tickets(other.context("cust_1", Ctx_Min_Position=position)) == [{"id": n}]
    assert other.context("cust_1", Ctx_Min_Position=position).source == "l1"
    assert sequence(other.context("cust_1").headers["Ctx-Position"]) >= sequence(position)


def test_a_read_at_a_position_that_cannot_be_reached_asks_the_providers(proxied, origin):
    other, proxy = proxied({"grace": "60s"})
    other.context("cust_1")
    here = other.stats()["position"]
    cut_off(proxy)
    origin.tickets = [{"id": "new"}]
    later = f"{here.split('.')[0]}.{sequence(here) + 1}"
    assert tickets(other.context("cust_1", Ctx_Min_Position=later)) == [{"id": "new"}]
    elsewhere = other.context("cust_1", Ctx_Min_Position="0123456789abcdef.1")
    assert elsewhere.source == "provider"
    assert other.context("cust_1", Ctx_Min_Position=here).source == "l1"


def test_a_strict_read_takes_nothing_from_the_grace(proxied):
    daemon, proxy = proxied({"grace": "60s"})
    daemon.context("cust_1")
    assert daemon.context("cust_1", Ctx_Consistency="strict").source == "l1"
    cut_off(proxy)
    eventually(lambda: daemon.context("cust_1", Ctx_Consistency="strict").source == "provider")
    assert daemon.context("cust_1", Ctx_Consistency="bounded").source == "l1"
    assert daemon.context("cust_1").source == "l1"
    proxy.set("pass")
    eventually(lambda: daemon.context("cust_1", Ctx_Consistency="strict").source == "l1")


def test_what_is_served_without_a_licence_ends(proxied, origin):
    """The grace, then own loads, then the providers at each read; and all again when Redis is back."""
    daemon, proxy = proxied()
    daemon.context("cust_1")
    cut_off(proxy)
    eventually(lambda: fleet_part(daemon)["status"] == "down", what="health that says so")
    eventually(lambda: [daemon.context("cust_1").source for _ in range(2)] == ["provider"] * 2)
    origin.tickets = [{"id": "new"}]
    assert tickets(daemon.context("cust_1")) == [{"id": "new"}]
    proxy.set("pass")
    whole_again(daemon)
    assert [daemon.context("cust_1").source for _ in range(2)][1] == "l1"


def test_a_daemon_that_was_cut_off_hears_of_what_it_missed(member, proxied):
    one, (other, proxy) = member({"grace": "60s"}), proxied({"grace": "60s"})
    other.context("cust_1")
    other.context("cust_2")
    cut_off(proxy)
    assert one.invalidate({"customer_id": "cust_1"}).status == 200
    assert other.context("cust_1").source == "l1", "it cannot know, and the grace lets it serve"
    proxy.set("pass")
    eventually(lambda: other.context("cust_1").source == "provider")
    assert other.context("cust_2").source == "l1", "what was not invalidated stays"


def test_a_new_epoch_empties_every_cache(member, redis):
    daemons = [member() for _ in range(2)]
    for daemon in daemons:
        daemon.context("cust_1")
    lost = epoch(daemons[0])
    redis.kill()
    redis.start()
    for daemon in daemons:
        eventually(lambda one=daemon: epoch(one) != lost, what="a new epoch")
        whole_again(daemon)
    assert [daemon.context("cust_1").source for daemon in daemons] == ["provider", "l2"]
    assert epoch(daemons[0]) == epoch(daemons[1])
