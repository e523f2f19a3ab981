"""Bad days of Redis: reads go on from L1 within the grace and from the providers, none waits for it long, and
service is whole again by itself. What cannot be said in the fleet's log is refused, unless there is a journal
(journal_test.py). The budget of 50 ms is not measured here, where the machine may be slow: waits are bounded
far below what a client that hangs would show."""

import functools
import threading
import time

import pytest

from harness.process import eventually
from harness.servers import Redis

LIMIT = 5  # seconds: a hundred L2 budgets, and far less than a client that waits for a hung Redis


@pytest.fixture
def demo(demo):
    """With the times of production, which are the subject."""
    return functools.partial(demo, l2_budget="50ms", load_timeout="2s")


def timed(daemon, customer="cust_123", **headers):
    begin = time.monotonic()
    answer = daemon.context(customer, **headers)
    assert time.monotonic() - begin < LIMIT
    assert answer.status == 200, answer
    return answer


def l2_status(daemon):
    return daemon.health()["parts"]["l2"]["status"]


def epoch(daemon):
    return daemon.stats()["position"].split(".")[0]


def whole_again(daemon):
    """Nothing is missing, and L2 serves again on every thread: what reads store is there. Reads are what
    probes it."""
    customers = [f"cust_{n}" for n in range(900, 910)]

    def serves():
        for customer in customers:
            daemon.context(customer, Cache_Control="no-cache")
        stored = all(daemon.explain(customer)["l2"] for customer in customers)
        return stored and daemon.health()["status"] == "ok"

    eventually(serves, limit=30, what="L2 serving")


def test_redis_absent_at_the_start_and_started_later(demo, tmp_path):
    absent = Redis(str(tmp_path))
    daemon = demo(redis_url=absent.url)
    assert [timed(daemon).source for _ in range(2)] == ["provider"] * 2, "it may have missed anything"
    assert daemon.health()["status"] == "degraded"
    assert daemon.get("/readyz").status == 200, "a Redis outage does not unready it"
    absent.start()
    try:
        whole_again(daemon)
        assert daemon.health()["status"] == "ok"
        assert [timed(daemon).source for _ in range(2)] == ["provider", "l1"]
    finally:
        absent.stop()


def test_redis_killed_and_started_again_empty(daemon, redis):
    assert timed(daemon, "cust_1").source == "provider"
    redis.kill()
    assert timed(daemon, "cust_1").source == "l1"
    for n in range(2, 30):
        assert timed(daemon, f"cust_{n}").source == "provider"
    eventually(lambda: l2_status(daemon) == "down")
    assert daemon.stats()["l2_errors"] > 0
    lost = epoch(daemon)
    redis.start()
    eventually(lambda: epoch(daemon) != lost, what="a new epoch of the log that was lost")
    whole_again(daemon)
    assert [timed(daemon, "cust_1").source for _ in range(2)] == ["provider", "l1"]


def test_redis_restarted_between_two_reads_goes_unnoticed(daemon, redis):
    timed(daemon, "cust_1")
    redis.kill()
    redis.start()
    assert timed(daemon, "cust_2").status == 200
    whole_again(daemon)


def test_a_hung_redis_bounds_every_request(daemon, redis):
    timed(daemon, "cust_1")
    redis.hang()
    for n in range(1, 60):
        assert timed(daemon, f"cust_{n}").source == ("l1" if n == 1 else "provider")
    answer = daemon.request("PUT", "/api/v1/context/cust_1/support", {"a": 1}, timeout=LIMIT)
    answer.problem(503, "log_unavailable")
    keys = [{"customer_id": f"cust_{n}", "agent_type": "billing"} for n in range(50)]
    assert daemon.request("POST", "/api/v1/context/batch", {"keys": keys}, timeout=LIMIT).status == 200
    assert l2_status(daemon) == "down"
    redis.go_on()
    whole_again(daemon)


def test_an_invalidation_while_redis_is_down_holds_in_this_process(demo, redis, tmp_path):
    daemon = demo(l1_cache_ttl="1s", **{"coherence.journal": str(tmp_path / "journal")})
    timed(daemon, "cust_1")
    redis.hang()
    receipt = daemon.invalidate({"customer_id": "cust_1"})
    assert receipt.status == 202, receipt
    assert receipt.json["l2_reached"] is False
    assert timed(daemon, "cust_1").source == "provider"
    redis.go_on()
    whole_again(daemon)
    # What was loaded before the call is still in Redis, and is not served.
    assert daemon.context("cust_1").headers["Ctx-Position"] == daemon.explain("cust_1")["position"]
    assert int(daemon.context("cust_1").headers["Age"]) < 60


@pytest.mark.parametrize("fault", ["hang", "truncate", "dribble", "refuse"])
def test_a_bad_connection_to_redis(demo, redis_proxy, fault):
    daemon = demo(redis_url=f"redis://127.0.0.1:{redis_proxy.port}", l1_cache_ttl="1s")
    bodies = {n: timed(daemon, f"cust_{n}").json["context"] for n in range(1, 11)}
    redis_proxy.set(fault)
    if fault == "refuse":
        redis_proxy.cut()
    for _ in range(5):
        for n, context in bodies.items():
            assert timed(daemon, f"cust_{n}", Cache_Control="max-age=0").json["context"] == context
    redis_proxy.set("pass")
    whole_again(daemon)
    for n, context in bodies.items():
        assert timed(daemon, f"cust_{n}").json["context"] == context


def test_answers_are_never_of_another_request_while_connections_break(demo, redis_proxy):
    """Many readers, connections cut and stalled under them: every answer is of its own customer."""
    daemon = demo(redis_url=f"redis://127.0.0.1:{redis_proxy.port}", l1_cache_ttl="1s")
    stop = threading.Event()
    wrong = []

    def read(first):
        n = first
        while not stop.is_set():
            n = n % 200 + 1
            answer = daemon.context(f"cust_{n}", Cache_Control="max-age=0" if n % 3 else "max-age=60")
            if answer.status != 200 or answer.json["customer_id"] != f"cust_{n}":
                wrong.append(answer)

    readers = [threading.Thread(target=read, args=(25 * i,)) for i in range(6)]
    for one in readers:
        one.start()
    for fault in ["hang", "pass", "truncate", "pass", "dribble", "pass", "refuse", "pass"] * 2:
        redis_proxy.set(fault)
        redis_proxy.cut()
        enough = daemon.stats()["l1_misses"] + 100
        while daemon.stats()["l1_misses"] < enough and all(one.is_alive() for one in readers):
            time.sleep(0.02)
    stop.set()
    for one in readers:
        one.join()
    assert not wrong, wrong[:3]
    whole_again(daemon)


def test_a_value_in_redis_that_is_not_ours_is_a_miss(daemon, redis):
    timed(daemon, "cust_1")
    stored = daemon.explain("cust_1")["l2"]
    assert stored is not None
    redis.cli("SET", "context:cust_2:support", "nonsense")
    redis.cli("COPY", "context:cust_1:support", "context:cust_3:support")
    redis.cli("LPUSH", "context:cust_4:support", "a list")
    for n in (2, 3, 4):
        answer = timed(daemon, f"cust_{n}")
        assert (answer.source, answer.json["customer_id"]) == ("provider", f"cust_{n}")
    assert daemon.stats()["l2_corrupt"] >= 2
    assert timed(daemon, "cust_2").source == "l1"


def test_redis_out_of_memory(daemon, redis):
    redis.cli("CONFIG", "SET", "maxmemory", "1")
    assert [timed(daemon).source for _ in range(2)] == ["provider", "l1"]
    receipt = daemon.request("PUT", "/api/v1/context/cust_1/support", {"a": 1})
    assert (receipt.status, receipt.json["stored"]) == (200, {"l1": True, "l2": False})
    redis.cli("CONFIG", "SET", "maxmemory", "0")
    whole_again(daemon)


def test_a_redis_that_wants_a_password(demo, redis):
    redis.cli("CONFIG", "SET", "requirepass", "open sesame")
    locked_out = demo()
    assert timed(locked_out).status == 200
    assert l2_status(locked_out) == "down"
    let_in = demo(redis_url=f"redis://:open%20sesame@127.0.0.1:{redis.port}")
    assert timed(let_in).source == "provider"
    assert let_in.explain()["l2"] is not None
    for daemon in (locked_out, let_in):
        assert "sesame" not in daemon.process.output()
        assert "sesame" not in str(daemon.health())
