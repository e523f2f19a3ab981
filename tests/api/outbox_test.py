"""Changes come by themselves: whoever writes to the database, the next read is fresh."""

import contextlib
import shutil
import signal
import sqlite3

import pytest

from harness.daemon import client, demo_body
from harness.process import eventually
from harness.servers import CUSTOMERS, Postgres, demo_data

TABLES = ("customers:id", "subscriptions:customer_id", "tickets:customer_id", "payments:customer_id",
          "conversations:customer_id")
SOURCE = """
[source.changes]
type = "{}"
provider = "crm"
"""


def sql_of(*words):
    """What `ctxcache install-triggers` prints."""
    ran = client("install-triggers", *words)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


@pytest.fixture(scope="module")
def database():
    """The demo data with triggers; every test has it to itself."""
    cluster = Postgres()
    try:
        cluster.start()
        cluster.sql(demo_data("--customers", str(CUSTOMERS), "--sql"))
        cluster.sql(sql_of(*(word for table in TABLES for word in ("--table", table))))
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture
def consumer(make_daemon, database, redis):
    """consumer(): a running daemon that reads the outbox, or would, were it not for another one. Without
    changes, nothing that it has read becomes old."""

    def make(**settings):
        body = demo_body("postgres", database.url) + SOURCE.format("postgres_outbox")
        return make_daemon(body, enable_l2_cache=True, redis_url=redis.url, l1_cache_ttl="300s",
                           l1_cache_max_size=5000, **settings).start()

    return make


def outbox(database):
    return int(database.sql("select count(*) from ctxcache_outbox"))


def consumes(daemon):
    said = [line for line in daemon.process.output().splitlines() if "source changes: " in line]
    return bool(said) and said[-1].endswith("source changes: consumed here")


def name(daemon, customer="cust_1"):
    answer = daemon.context(customer)
    assert answer.status == 200, answer
    return answer.json["context"]["profile"]["name"]


def warm(daemons, customer="cust_1"):
    """Until all of them serve it out of L1."""
    for daemon in daemons:
        eventually(lambda one=daemon: one.context(customer).source == "l1")


def rename(database, to, customer="cust_1"):
    database.sql(f"update customers set name = '{to}' where id = '{customer}'")


def wait_for(name_, daemons, customer="cust_1"):
    for daemon in daemons:
        eventually(lambda one=daemon: name(one, customer) == name_, what=f"{name_} in every daemon")


def test_an_update_makes_the_next_reads_fresh_in_every_daemon(consumer, database):
    pair = [consumer(), consumer()]
    warm(pair)
    warm(pair, "cust_2")
    rename(database, "By hand")
    wait_for("By hand", pair)
    assert [one.context("cust_2").source for one in pair] == ["l1", "l1"], "another customer's stays"
    eventually(lambda: outbox(database) == 0, what="an empty outbox")


def tickets(daemon):
    return [one["id"] for one in daemon.context("cust_1").json["context"]["open_tickets"]]


def test_rows_of_other_tables_and_a_truncated_one_count_too(consumer, database):
    daemon = consumer()
    warm([daemon])
    database.sql("insert into tickets (id, customer_id, subject, priority, status, opened_at) select "
                 "'tick_new', 'cust_1', 'Help', priority, 'open', opened_at from tickets limit 1")
    eventually(lambda: "tick_new" in tickets(daemon))
    warm([daemon])
    database.sql("create table kept as select * from tickets; truncate tickets")
    eventually(lambda: tickets(daemon) == [], what="the tickets of everybody gone")
    database.sql("insert into tickets select * from kept; drop table kept")


def test_another_daemon_takes_over_when_the_one_that_consumes_is_killed(consumer, database):
    pair = [consumer(), consumer()]
    eventually(lambda: any(map(consumes, pair)), what="one that consumes")
    first, second = sorted(pair, key=consumes, reverse=True)
    assert not consumes(second)
    warm([second])
    first.process.end(signal.SIGKILL)
    rename(database, "After the kill")
    wait_for("After the kill", [second])
    assert consumes(second)


def test_a_thousand_changes_while_all_are_down_are_not_missed(consumer, database):
    pair = [consumer(), consumer()]
    customers = [f"cust_{n}" for n in range(1, CUSTOMERS + 1)]
    for customer in customers:
        name(pair[0], customer)  # all of them are in L2, which stays
    for daemon in pair:
        daemon.stop()
    assert outbox(database) == 0
    database.sql("update customers set name = 'Down ' || id")
    assert outbox(database) == CUSTOMERS
    for daemon in pair:
        daemon.start()
    eventually(lambda: outbox(database) == 0, what="an empty outbox")
    for n, customer in enumerate(customers):
        assert name(pair[n % 2], customer) == f"Down {customer}"


def test_changes_in_an_outage_of_the_database_are_taken_after_it(consumer, database):
    daemon = consumer()
    rename(database, "Before")
    wait_for("Before", [daemon])
    database.kill()
    eventually(lambda: "source changes" in daemon.process.output().rpartition("consumed here")[2])
    database.start()
    rename(database, "After the outage")
    wait_for("After the outage", [daemon])


def test_what_is_rolled_back_or_changes_nothing_is_no_change(consumer, database):
    daemon = consumer()
    eventually(lambda: consumes(daemon))
    warm([daemon])
    warm([daemon], "cust_3")
    database.sql("begin; update customers set name = 'Never' where id = 'cust_1'; rollback;"
                 "update customers set name = name where id = 'cust_1'")
    rename(database, "The next", "cust_3")
    wait_for("The next", [daemon], "cust_3")
    assert daemon.context("cust_1").source == "l1"


def test_a_missing_outbox_is_said_with_the_command_that_makes_it(consumer, database):
    database.sql(sql_of("--uninstall"))
    daemon = consumer()
    eventually(lambda: "ctxcache install-triggers" in daemon.process.output())
    database.sql(sql_of(*(word for table in TABLES for word in ("--table", table))))
    warm([daemon])
    rename(database, "Installed again")
    wait_for("Installed again", [daemon])


def test_the_tables_that_sections_read_are_listed_by_the_server(consumer, database):
    daemon = consumer()
    listed = database.sql(sql_of("--derive", daemon.file)).splitlines()
    tables = {line.split("|")[1] for line in listed}
    assert tables == {"customers", "subscriptions", "tickets", "payments", "conversations", "messages"}
    assert "open_tickets|tickets|id, customer_id, subject, priority, status, opened_at" in listed


def test_what_another_process_writes_to_a_sqlite_file_is_noticed(make_daemon, sqlite_file, redis, tmp_path):
    path = str(tmp_path / "crm.sqlite")
    shutil.copy(sqlite_file, path)
    body = demo_body("sqlite", path) + SOURCE.format("sqlite_watch")
    pair = [make_daemon(body, enable_l2_cache=True, redis_url=redis.url, l1_cache_ttl="300s").start()
            for _ in range(2)]
    warm(pair)
    write_name(path, "By another")
    wait_for("By another", pair)


def test_a_restart_over_a_sqlite_file_invalidates_only_if_somebody_wrote_meanwhile(
        make_daemon, sqlite_file, redis, tmp_path):
    path = str(tmp_path / "crm.sqlite")
    shutil.copy(sqlite_file, path)
    body = demo_body("sqlite", path) + SOURCE.format("sqlite_watch")
    daemon = make_daemon(body, enable_l2_cache=True, redis_url=redis.url, l1_cache_ttl="300s").start()
    eventually(lambda: any(redis.cli("keys", "*:source/crm/confirmed")), what="a note that all is confirmed")
    warm([daemon])

    def invalidations():
        return len(daemon.get("/api/v1/context/cache/invalidations").json["invalidations"])

    before = invalidations()
    daemon.stop()
    daemon.start()
    assert daemon.context("cust_1").source in ("l1", "l2")
    write_name(path, "While it watched")
    wait_for("While it watched", [daemon])
    assert invalidations() == before + 1, "only of that"
    daemon.stop()
    write_name(path, "While nobody watched")
    daemon.start()
    wait_for("While nobody watched", [daemon])


def write_name(path, name_of_cust_1):
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("update customers set name = ? where id = 'cust_1'", (name_of_cust_1,))
