"""What those on call look at: statistics, health, metrics."""

import json
import os
import re
import subprocess

from harness.daemon import BIN
from harness.process import eventually
from harness.servers import REPOSITORY

COUNTS = """l1_hits l1_misses l2_hits l2_misses l1_size l1_bytes l1_evictions l1_expirations l2_errors
            l2_corrupt loads load_errors coalesced stale_served stale_rejected unknown_hits puts invalidations
            loads_running""".split()


def samples(daemon):
    """{'name{labels}': value} of the metrics page."""
    answer = daemon.get("/metrics")
    assert answer.status == 200
    lines = [line.rsplit(" ", 1) for line in answer.body.decode().splitlines() if line[:1] not in ("#", "")]
    return {name: float(value) for name, value in lines}


def test_statistics_begin_at_zero(daemon):
    stats = daemon.stats()
    assert {name: stats[name] for name in COUNTS} == {name: 0 for name in COUNTS}
    assert (stats["l1_hit_rate"], stats["l2_hit_rate"], stats["overall_hit_rate"]) == (0.0, 0.0, 0.0)
    assert (stats["l1_max_size"], stats["l1_max_bytes"]) == (1000, 256 << 20)
    assert stats["uptime_s"] >= 0
    assert re.fullmatch(r"[0-9a-f]{16}\.\d+", stats["position"])


def test_statistics_count_what_was_done(demo):
    one, other = demo(), demo()
    for n in (1, 2, 3):
        one.context(f"cust_{n}")  # three misses of both tiers
    other.context("cust_1")  # an L2 hit
    other.context("cust_9")  # a miss of both
    for _ in range(4):
        other.context("cust_1")  # L1 hits
    stats = other.stats()
    assert (stats["l1_hits"], stats["l1_misses"], stats["l2_hits"], stats["l2_misses"]) == (4, 2, 1, 1)
    assert (stats["l1_hit_rate"], stats["l2_hit_rate"], stats["overall_hit_rate"]) == (66.7, 50.0, 83.3)
    assert (stats["l1_size"], stats["loads"]) == (2, 1)
    other.request("PUT", "/api/v1/context/cust_5/support", {})
    other.invalidate({"customer_id": "cust_1"})
    stats = other.stats()
    assert stats["puts"] == 1
    assert stats["invalidations"] >= 1
    assert stats["l1_bytes"] > 0


def test_statistics_are_of_each_process(demo):
    one, other = demo(), demo()
    one.context()
    assert other.stats()["l1_misses"] == 0


def test_many_readers_of_one_key_load_it_once(demo, redis):
    """They are let in while L2 hangs, so that all of them wait for the same load."""
    daemon = demo(threads=2)
    redis.hang()
    keys = [{"customer_id": "cust_1", "agent_type": "support"}] * 50
    results = daemon.request("POST", "/api/v1/context/batch", {"keys": keys}).json["results"]
    redis.go_on()
    assert {one["status"] for one in results} == {200}
    assert daemon.stats()["loads"] == 1


def test_health_names_each_part(daemon):
    health = eventually(lambda: (lambda h: h if h["status"] == "ok" else None)(daemon.health()))
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", health["version"])
    assert health["uptime_s"] >= 0
    assert health["parts"]["l1"]["status"] == "up"
    assert health["parts"]["l2"]["status"] == "up"
    assert health["parts"]["fleet"]["status"] == "up"
    assert health["parts"]["providers"]["crm"]["status"] == "up"


def test_health_of_switched_off_tiers(demo):
    parts = demo(enable_l1_cache=False, enable_l2_cache=False).health()["parts"]
    assert {parts[name]["status"] for name in ("l1", "l2", "fleet")} == {"disabled"}


def test_probes(daemon):
    assert daemon.get("/livez").status == 200
    assert daemon.get("/readyz").status == 200


def test_metrics_agree_with_the_statistics(daemon):
    for customer in ("cust_1", "cust_2", "cust_1"):
        daemon.context(customer)
    found = samples(daemon)
    assert found['ctxcache_cache_requests_total{tier="l1",result="hit"}'] == 1
    assert found['ctxcache_cache_requests_total{tier="l1",result="miss"}'] == 2
    assert found['ctxcache_cache_entries{tier="l1"}'] == 2
    assert found["ctxcache_connections"] >= 1


def test_metrics_are_well_formed(daemon):
    daemon.context("cust_123")
    text = daemon.get("/metrics").body.decode()
    assert daemon.get("/metrics").headers["Content-Type"].startswith("text/plain; version=0.0.4")
    names = {re.match(r"[a-z_0-9]+", line)[0] for line in text.splitlines() if line and line[0] != "#"}
    helped = set(re.findall(r"^# HELP (\S+) \S", text, re.M))
    typed = set(re.findall(r"^# TYPE (\S+) (?:counter|gauge|histogram)$", text, re.M))
    stems = {name: re.sub(r"_(bucket|sum|count)$", "", name) for name in names}
    families = {stem if stem in typed else name for name, stem in stems.items()}
    assert families == helped == typed
    assert all(name.startswith("ctxcache_") for name in families)
    assert "cust_123" not in text, "no ids in labels"


def test_every_metric_is_documented(daemon):
    typed = re.findall(r"^# TYPE ctxcache_(\S+)", daemon.get("/metrics").body.decode(), re.M)
    with open(os.path.join(REPOSITORY, "docs", "observing.md"), encoding="utf-8") as file:
        documented = set(re.findall(r"`([a-z0-9_]+)`", file.read()))
    assert set(typed) <= documented, set(typed) - documented


def test_an_invalidation_is_listed_and_timed_in_every_daemon(demo):
    one, other = demo(), demo()
    other.context("cust_1")
    reason = {"customer_id": "cust_1", "reason": "plan changed"}
    position = one.invalidate(reason).json["position"]
    path = "/api/v1/context/cache/invalidations"
    before = f"{position.split('.')[0]}.{int(position.split('.')[1]) - 1}"
    said = other.get(f"{path}?after={before}&wait=10").json
    assert said["next"] == position
    (message,) = said["invalidations"]
    assert message["position"] == position
    assert message["scope"] == {"kind": "customer", "text": "context:cust_1"}
    assert message["reason"] == "plan changed"
    assert message["origin"] == one.health()["parts"]["fleet"]["member"]
    assert message["lag_ms"] >= 0
    assert other.get(f"{path}?after={position}").json == {"invalidations": [], "next": position}
    other.get(f"{path}?after=1").problem(400, "invalid_request")

    assert other.context("cust_1").source == "provider"
    found = samples(other)
    assert found["ctxcache_licensed"] == 1
    assert found["ctxcache_epochs_joined_total"] == 1
    assert found["ctxcache_log_position"] == int(position.split(".")[1])
    assert found["ctxcache_invalidation_lag_seconds_count"] == 1
    assert found['ctxcache_stale_rejected_total{tier="l1",scope="customer"}'] == 1
    stats = other.stats()
    assert stats["lag_ms"]["count"] == 1
    assert stats["stale_rejected_by_tier"]["l1"] == stats["stale_rejected"] == 1


def test_invalidations_are_printed_and_followed(demo):
    one = demo()
    one.invalidate({"customer_id": "cust_1", "reason": "plan changed"})
    said = one.client("invalidations")
    assert said.returncode == 0, said.stderr
    assert "customer context:cust_1  plan changed" in said.stdout
    words = ["invalidations", "--follow", "--json", "--url", one.url]
    following = subprocess.Popen([os.path.join(BIN, "ctxcache"), *words], stdout=subprocess.PIPE, text=True)
    try:
        assert json.loads(following.stdout.readline())["reason"] == "plan changed"
        one.invalidate({"all": True, "reason": "the next one"})
        assert json.loads(following.stdout.readline())["reason"] == "the next one"
    finally:
        following.kill()
        following.communicate()


def test_a_dry_run_says_what_would_be_hit(demo):
    one, other = demo(), demo()
    for n in (1, 2, 3):
        one.context(f"cust_{n}")
    other.context("cust_1")
    asked = {"pattern": "context:cust_*", "dry_run": True}
    found = other.invalidate(asked).json
    assert (found["matched_l1"], found["matched_l2"], found["expected_loads"]) == (1, 3, 3)
    assert one.context("cust_1").source == "l1"


def test_ids_are_not_logged_unless_asked_for(demo):
    quiet, open_one = demo(log_level="trace"), demo(log_level="trace", log_customer_ids=True)
    for daemon in (quiet, open_one):
        daemon.context("cust_777")
        daemon.request("PUT", "/api/v1/context/cust_777/support", {"canary": "value-of-a-customer"})
        daemon.invalidate({"customer_id": "cust_777"})
        daemon.stop()
        assert "value-of-a-customer" not in daemon.process.output()
    assert "cust_777" not in quiet.process.output()


def test_a_request_id_comes_back(daemon):
    given = daemon.get("/api/v1/context/nobody/support", X_Request_Id="abc-123")
    assert given.problem(404, "customer_unknown")["request_id"] == "abc-123"
    one, other = (daemon.get("/nowhere").problem(404, "not_found")["request_id"] for _ in range(2))
    assert one != other


def test_file_descriptors_do_not_leak(daemon):
    def open_files():
        return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))

    for n in range(20):
        daemon.context(f"cust_{n}")
    settled = open_files()
    for n in range(300):
        daemon.context(f"cust_{n}")
        daemon.get("/nowhere")
    eventually(lambda: open_files() <= settled + 2, what="as many open files as before")
