"""Bad days of the providers: optional sections go missing, required ones are stood in for by what is stale,
and service is whole again by itself."""

import os
import shutil
import sqlite3
import time

import pytest

from harness.daemon import demo_body as patient_body
from harness.process import eventually

TICKETS = """
[provider.tickets]
type = "http"
url = "{url}"
headers = {{ Authorization = "Bearer ${{TICKETS_TOKEN}}" }}

[section.open_tickets]
provider = "tickets"
path = "/customers/{{customer_id}}/tickets?state=open"
shape = "rows"
required = {required}
timeout = "300ms"
"""
LIMIT = 10  # seconds: far above a section's timeout, far below what an origin that hangs would take


def demo_body(kind, url):
    """With the timeouts of production, which are the subject."""
    return patient_body(kind, url, timeout="500ms")


def http_body(origin, required):
    return TICKETS.format(url=origin.url, required=str(required).lower())


@pytest.fixture
def over_http(make_daemon, origin):
    """over_http(required, **settings): a daemon whose tickets come from the origin."""

    def make(required, **settings):
        daemon = make_daemon(http_body(origin, required), partial_ttl="1s", l1_cache_ttl="1s",
                             l2_cache_ttl="1s", **settings)
        return daemon.start(environment={"TICKETS_TOKEN": "canary-token"})

    return make


def quick(daemon, *ids, **headers):
    begin = time.monotonic()
    answer = daemon.context(*ids, **headers)
    assert time.monotonic() - begin < LIMIT
    return answer


def test_http_provider_serves_a_section(over_http, origin):
    daemon = over_http(True)
    assert daemon.context().json["context"]["open_tickets"] == origin.tickets
    assert origin.paths == ["/customers/cust_123/tickets?state=open"]


def test_hostile_ids_stay_in_their_segment_of_the_url(over_http, origin):
    daemon = over_http(True)
    for customer in ("../admin", "a/b", "a?b=c", "a#b", "@evil", "%2f", "a\r\nX: y", "é"):
        origin.paths.clear()
        assert daemon.context(customer).status == 200
        (path,) = origin.paths
        assert path.count("/") == 3 and path.count("?") == 1 and "#" not in path, path
        assert path.startswith("/customers/") and path.endswith("/tickets?state=open")
    origin.paths.clear()
    for customer in (".", ".."):  # no URL can carry them as a segment
        daemon.context(customer).problem(404, "customer_unknown")
    assert not origin.paths


FAULTS = ["slow", "error", "hang_up", "huge", "not_json", "truncated", "redirect"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_required_section_that_fails_is_503_and_heals(over_http, origin, fault):
    daemon = over_http(True)
    origin.mode = fault
    answer = quick(daemon)
    problem = answer.problem(503, answer.json["code"])
    assert problem["code"] in ("provider_unavailable", "provider_timeout", "provider_failed", "too_large")
    assert int(answer.headers["Retry-After"]) >= 1
    assert "secret-of-the-origin" not in answer.body.decode()
    assert daemon.stats()["load_errors"] >= 1
    assert daemon.get("/readyz").status == 200
    origin.mode = "ok"
    origin.release.set()
    eventually(lambda: daemon.context().status == 200)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_provider_that_fails_is_stood_in_for_by_the_stale_value(over_http, origin, fault):
    daemon = over_http(True)
    before = daemon.context()
    origin.mode = fault

    def stale():
        answer = quick(daemon)
        assert answer.status == 200, answer
        assert answer.body == before.body
        return answer if answer.source == "stale" else None

    answer = eventually(stale)
    assert "fwd=stale" in answer.cache_status and "detail=" in answer.cache_status
    assert daemon.stats()["stale_served"] >= 1
    origin.mode = "ok"
    origin.release.set()
    eventually(lambda: daemon.context().source == "provider")


def test_what_was_invalidated_never_stands_in(over_http, origin):
    daemon = over_http(True)
    daemon.context()
    origin.mode = "error"
    daemon.invalidate({"customer_id": "cust_123"})
    assert quick(daemon).status == 503


def test_past_its_grace_a_stale_value_no_longer_stands_in(over_http, origin):
    daemon = over_http(True, stale_grace="1s")
    daemon.context()
    origin.mode = "error"
    eventually(lambda: quick(daemon).status == 503)


@pytest.mark.parametrize("fault", FAULTS)
def test_an_optional_section_that_fails_leaves_a_partial_context(over_http, origin, fault):
    daemon = over_http(False)
    origin.mode = fault
    document = quick(daemon).json
    assert document["partial"] is True
    assert document["context"].get("open_tickets") is None
    assert document["providers"]["tickets"]["status"] != "ok"
    assert daemon.explain()["l1"]["partial"] is True
    origin.mode = "ok"
    origin.release.set()
    eventually(lambda: daemon.context().json["partial"] is False)


def test_404_of_a_required_section_is_an_unknown_customer(over_http, origin):
    daemon = over_http(True)
    origin.mode = "missing"
    daemon.context("nobody").problem(404, "customer_unknown")


def test_an_origin_that_is_gone_and_comes_back(make_daemon, origin):
    daemon = make_daemon(http_body(origin, True).replace(origin.url, "http://127.0.0.1:1")).start(
        environment={"TICKETS_TOKEN": "canary-token"})
    quick(daemon).problem(503, "provider_unavailable")
    assert daemon.health()["parts"]["providers"]["tickets"]["status"] == "down"


def test_secrets_of_providers_show_nowhere(over_http, origin):
    daemon = over_http(True)
    origin.mode = "error"
    shown = [quick(daemon).body.decode(), str(daemon.health()), daemon.get("/metrics").body.decode()]
    shown.append(daemon.process.output())
    assert not [text for text in shown if "canary-token" in text]


def test_an_origin_that_keeps_hanging_is_not_asked_by_more_than_the_cap(make_daemon, origin):
    body = http_body(origin, True).replace('url =', 'max_concurrency = 2\nurl =')
    daemon = make_daemon(body).start(environment={"TICKETS_TOKEN": "x"})
    origin.mode = "slow"
    keys = [{"customer_id": f"c{n}", "agent_type": "support"} for n in range(20)]
    results = daemon.request("POST", "/api/v1/context/batch", {"keys": keys}, timeout=LIMIT).json["results"]
    assert {one["status"] for one in results} == {503}
    assert len(origin.paths) < 20
    origin.mode = "ok"
    origin.release.set()
    eventually(lambda: daemon.context().status == 200)


def test_postgres_killed_and_started_again(make_daemon, postgres):
    daemon = make_daemon(demo_body("postgres", postgres.url), l1_cache_ttl="1s", negative_ttl="1s").start()
    before = daemon.context("cust_1")
    assert before.source == "provider"
    postgres.kill()
    try:
        answer = quick(daemon, "cust_2")
        answer.problem(503, "provider_unavailable")
        assert answer.headers["Retry-After"]
        stale = eventually(lambda: (lambda a: a if a.source == "stale" else None)(quick(daemon, "cust_1")))
        assert (stale.status, stale.body) == (200, before.body)
        assert daemon.health()["parts"]["providers"]["crm"]["status"] == "down"
    finally:
        postgres.start()
    eventually(lambda: daemon.context("cust_2").status == 200)
    eventually(lambda: daemon.context("cust_1").source == "provider")
    eventually(lambda: daemon.health()["status"] == "ok")


def test_postgres_absent_at_the_start(make_daemon, postgres):
    postgres.kill()
    try:
        daemon = make_daemon(demo_body("postgres", postgres.url)).start()
        quick(daemon).problem(503, "provider_unavailable")
    finally:
        postgres.start()
    eventually(lambda: daemon.context().status == 200)


def test_a_row_locked_in_postgres_ends_with_the_sections_timeout(make_daemon, postgres):
    slow = demo_body("postgres", postgres.url).replace(
        'from customers where id = $1"""', 'from customers where id = $1 and pg_sleep(30) is not null"""', 1)
    daemon = make_daemon(slow).start()
    quick(daemon).problem(503, "provider_timeout")
    running = "select count(*) from pg_stat_activity where query like '%pg_sleep(30)%' and state = 'active'" \
              " and pid <> pg_backend_pid()"
    eventually(lambda: int(postgres.sql(running)) == 0, what="the statement cancelled in the server")


def test_sqlite_file_missing_and_made_later(make_daemon, sqlite_file, tmp_path):
    path = str(tmp_path / "later.sqlite")
    daemon = make_daemon(demo_body("sqlite", path), negative_ttl="1s").start()
    quick(daemon).problem(503, "provider_unavailable")
    assert not os.path.exists(path), "a read-only provider makes no file"
    shutil.copy(sqlite_file, path)
    eventually(lambda: daemon.context().status == 200)


def test_sqlite_locked_by_a_writer(make_daemon, sqlite_file, tmp_path):
    path = str(tmp_path / "locked.sqlite")
    shutil.copy(sqlite_file, path)
    daemon = make_daemon(demo_body("sqlite", path)).start()
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("begin exclusive")
    answer = quick(daemon)
    answer.problem(503, answer.json["code"])
    writer.execute("rollback")
    writer.close()
    eventually(lambda: daemon.context().status == 200)


def test_a_file_that_is_no_sqlite(make_daemon, tmp_path):
    path = tmp_path / "text.sqlite"
    path.write_text("not a database\n" * 100)
    daemon = make_daemon(demo_body("sqlite", str(path))).start()
    answer = quick(daemon)
    answer.problem(503, answer.json["code"])
