"""Warming over HTTP, and what becomes of its jobs in a fleet. The verbs: warm_and_events_verbs_test."""

import contextlib
import signal
import sqlite3

import pytest

from harness.daemon import PATIENT, demo_body
from harness.process import eventually

WARM = "/api/v1/context/cache/warm"
BOTH = ["support", "billing"]


def order(daemon, status=202, **what):
    answer = daemon.request("POST", WARM, what)
    assert answer.status == status, answer
    job = answer.json
    assert answer.headers["Location"] == f"{WARM}/{job['id']}"
    assert job["already_running"] is (status == 200)
    return job


def show(daemon, job):
    answer = daemon.get(f"{WARM}/{job['id']}")
    assert answer.status == 200, answer
    return answer.json


def ended(daemon, job, limit=60):
    eventually(lambda: "ended_at" in show(daemon, job), limit, "the job's end")
    return show(daemon, job)


def loaded_more_than(daemon, job, count):
    eventually(lambda: show(daemon, job)["loaded"] > count, 30, f"more than {count} loads")


@pytest.fixture
def pair(make_daemon, postgres, redis):
    """Two daemons over one PostgreSQL and one Redis."""
    settings = {"enable_l2_cache": True, "redis_url": redis.url, **PATIENT}
    return [make_daemon(demo_body("postgres", postgres.url), **settings).start() for _ in range(2)]


def test_segment_in_sqlite_is_warm_for_all_agent_types_asked_for(daemon, sqlite_file):
    with contextlib.closing(sqlite3.connect(sqlite_file)) as file:
        customers = [row[0] for row in file.execute("select id from customers where plan = 'enterprise'")]
    job = ended(daemon, order(daemon, segment="enterprise", agent_types=BOTH))
    assert job["state"] == "done", job
    assert (job["customers"], job["customers_done"]) == (len(customers), len(customers))
    assert (job["loaded"], job["already_warm"], job["failed"]) == (2 * len(customers), 0, 0)
    before = daemon.stats()["loads"]
    for customer in customers:
        for agent_type in BOTH:
            assert daemon.context(customer, agent_type).source in ("l1", "l2")
    assert daemon.stats()["loads"] == before
    assert daemon.context(customers[0], "legal").source == "provider"


def test_segments_in_postgres_are_warmed_once_for_the_fleet(pair, postgres):
    wanted = postgres.sql("""
        select id from customers where plan = 'enterprise' or churn_risk >= 70""").split()
    job = ended(pair[1], order(pair[0], segments=["enterprise", "at_risk"], agent_types=BOTH))
    assert (job["state"], job["failed"], job["unknown"]) == ("done", 0, 0), job
    assert job["loaded"] == 2 * len(wanted), "who is in both segments is loaded once"
    for customer in wanted:
        assert pair[1].context(customer, "billing").source in ("l1", "l2")
    assert pair[1].stats()["loads"] == 0
    again = ended(pair[1], order(pair[1], segments=["at_risk"], agent_types=BOTH))
    assert again["loaded"] == 0
    assert again["already_warm"] == 2 * again["customers"]


def test_ids_of_which_some_are_unknown(daemon):
    ids = ["cust_1", "cust_2", "cust_1", "nobody"]
    job = ended(daemon, order(daemon, customer_ids=ids, agent_types=["support"]))
    assert (job["loaded"], job["unknown"], job["order"]["ids"]) == (2, 1, 3), job


def test_second_order_for_a_segment_gets_the_job_that_runs(pair):
    job = order(pair[0], segment="all", loads_per_second=5)
    theirs = order(pair[1], status=200, segments=["enterprise", "all"])
    assert theirs["id"] == job["id"]
    other = order(pair[1], segment="enterprise", agent_types=["support"])
    assert ended(pair[0], other)["state"] == "done"
    assert pair[1].request("DELETE", f"{WARM}/{job['id']}").status == 200
    assert ended(pair[1], job)["state"] == "cancelled"
    assert order(pair[1], segment="all", loads_per_second=5)["id"] != job["id"]


def test_job_of_a_killed_daemon_is_ended_by_another(pair):
    job = order(pair[0], segment="all", agent_types=["support"], loads_per_second=200)
    loaded_more_than(pair[1], job, 100)
    pair[0].process.end(signal.SIGKILL)
    done = ended(pair[1], job, 90)
    assert (done["state"], done["failed"]) == ("done", 0), done
    assert done["customers_done"] == done["customers"] == done["loaded"] + done["already_warm"]
    assert pair[1].context("cust_1").source in ("l1", "l2")


def test_job_of_a_daemon_that_stops_goes_on_elsewhere_at_once(pair):
    job = order(pair[0], segment="all", agent_types=["support"], loads_per_second=200)
    loaded_more_than(pair[1], job, 50)
    pair[0].stop()
    assert ended(pair[1], job)["state"] == "done"


def test_job_outlives_a_redis_that_comes_back_empty(pair, redis):
    job = order(pair[0], segment="all", agent_types=["support"], loads_per_second=100)
    loaded_more_than(pair[0], job, 50)
    redis.kill()
    redis.start()
    done = ended(pair[0], job, 90)
    assert done["state"] == "done", done
    assert done["customers_done"] == done["customers"]


def test_job_outlives_its_provider(pair, postgres):
    job = order(pair[0], segment="all", agent_types=["support"], loads_per_second=200)
    loaded_more_than(pair[0], job, 50)
    postgres.kill()
    # It tries again now and then, and does not wait meanwhile.
    eventually(lambda: show(pair[0], job).get("why", "").startswith("the providers fail: provider_"), 30,
               "the job waiting, and saying why")
    postgres.start()
    done = ended(pair[0], job, 90)
    assert done["state"] == "done", done
    assert done["loaded"] >= done["customers"] - 30


def test_daemon_that_starts_again_answers_from_memory(demo):
    daemon = demo()
    customers = [f"cust_{n}" for n in range(1, 101)]
    for customer in customers:
        assert daemon.context(customer).source == "provider"
    daemon.stop()
    daemon.start()
    sources = [daemon.context(customer).source for customer in customers]
    assert sources.count("l1") >= 95, sources  # L2 may have missed one while the machine was busy


def test_daemon_starts_within_its_budget_when_redis_hangs(demo, redis):
    daemon = demo(**{"warming.warm_start_budget": "500ms"})
    daemon.context()
    daemon.stop()
    redis.hang()
    try:
        daemon.start()
        assert daemon.context().status == 200
    finally:
        redis.go_on()


@pytest.mark.parametrize("what", [{}, {"segment": "nonesuch"}, {"customer_ids": []},
                                  {"segment": "all", "agent_types": ["nonesuch"]},
                                  {"segment": "all", "hold": "25h"}, {"segment": "all", "concurrency": 5000}])
def test_order_that_cannot_be_carried_out_is_refused(daemon, what):
    answer = daemon.request("POST", WARM, what)
    assert 400 <= answer.status < 500, answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert daemon.get(WARM).json == {"runs": []}


def test_job_that_there_is_not(daemon):
    daemon.get(f"{WARM}/nonesuch").problem(404, "not_found")
    daemon.request("DELETE", f"{WARM}/nonesuch").problem(404, "not_found")
