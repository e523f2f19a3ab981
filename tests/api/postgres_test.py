"""The main job on real input: PostgreSQL behind, a real Redis between, two daemons on it."""

import json
import subprocess

import pytest

from harness.daemon import PATIENT, demo_body
from harness.servers import CUSTOMERS, demo_data

# What the demo's sections must say, asked of the database in one question for each agent type.
TRUTH = """
select json_object_agg(c.id, json_build_object(
  'profile', (select row_to_json(p) from (select c.id, c.name, c.company, c.email, c.country, c.language,
              c.plan, c.customer_since, c.account_manager) p),
  'subscription', (select row_to_json(s) from (select plan, status, mrr, seats, started_on, renews_on,
                   cancelled_on from subscriptions where customer_id = c.id) s),
  'conversation', '[]'::json, {sections}))
from customers c
"""
SECTIONS = {
    "support": """
  'open_tickets', coalesce((select json_agg(t) from (select id, subject, priority, status, opened_at
                            from tickets where customer_id = c.id and status <> 'closed'
                            order by opened_at desc, id) t), '[]')""",
    "billing": """
  'payments', coalesce((select json_agg(p) from (select id, amount_cents, currency, status, method, paid_at
                        from payments where customer_id = c.id order by paid_at desc, id limit 12) p), '[]'),
  'paid_cents', (select coalesce(sum(amount_cents), 0) from payments where customer_id = c.id
                 and status = 'paid')""",
}
BATCH = 100


def read_all(daemon, agent_type):
    """{customer: (source, document)} of all customers, half of them one by one, the rest in batches."""
    read = {}
    customers = [f"cust_{n}" for n in range(1, CUSTOMERS + 1)]
    for customer in customers[::2]:
        answer = daemon.context(customer, agent_type)
        assert answer.status == 200, answer
        read[customer] = answer.source, answer.json
    rest = customers[1::2]
    for begin in range(0, len(rest), BATCH):
        keys = [{"customer_id": c, "agent_type": agent_type} for c in rest[begin:begin + BATCH]]
        answer = daemon.request("POST", "/api/v1/context/batch", {"keys": keys})
        assert answer.status == 200, answer
        for one in answer.json["results"]:
            assert one["status"] == 200, one
            read[one["customer_id"]] = one["source"], one["document"]
    return read


@pytest.fixture
def pair(make_daemon, postgres, redis):
    """Two daemons over one PostgreSQL and one Redis."""
    settings = {"enable_l2_cache": True, "redis_url": redis.url, "l1_cache_max_size": 5000, **PATIENT}
    return [make_daemon(demo_body("postgres", postgres.url), **settings).start() for _ in range(2)]


@pytest.mark.parametrize("agent_type", SECTIONS)
def test_every_context_is_what_the_database_says(pair, postgres, agent_type):
    truth = json.loads(postgres.sql(TRUTH.format(sections=SECTIONS[agent_type])))
    assert len(truth) == CUSTOMERS
    for daemon, source in ((pair[0], "provider"), (pair[1], "l2"), (pair[1], "l1")):
        read = read_all(daemon, agent_type)
        assert len(read) == CUSTOMERS
        assert {where for where, _ in read.values()} == {source}
        for customer, (_, document) in read.items():
            assert document["context"] == truth[customer]
            assert (document["customer_id"], document["agent_type"]) == (customer, agent_type)
            assert document["partial"] is False
    assert pair[0].stats()["loads"] == CUSTOMERS
    assert pair[1].stats()["loads"] == 0


def test_conversations_are_what_the_database_says(pair, postgres):
    rows = postgres.sql("""
        select c.customer_id, c.id, json_agg(json_build_object(
          'number', m.number, 'author', m.author, 'body', m.body, 'sent_at', m.sent_at) order by m.number)
        from conversations c join messages m on m.conversation_id = c.id
        group by 1, 2 order by 1, 2 limit 100""", "--field-separator=\t")
    for line in rows.splitlines():
        customer, conversation, messages = line.split("\t", 2)
        document = pair[0].context(customer, "support", conversation).json
        assert document["context"]["conversation"] == json.loads(messages)


def test_a_changed_row_shows_after_the_invalidation_and_not_before(pair, postgres):
    def name():
        return pair[0].context("cust_7", "legal").json["context"]["profile"]["name"]

    before = name()
    postgres.sql("update customers set name = 'New Name' where id = 'cust_7'")
    try:
        assert name() == before
        pair[0].invalidate({"customer_id": "cust_7"})
        assert name() == "New Name"
    finally:
        postgres.sql(f"update customers set name = $name${before}$name$ where id = 'cust_7'")


def test_hostile_ids_reach_postgres_as_values(pair, postgres):
    for customer in ("x' or '1'='1", "cust_1'; drop table messages; --", "$1", "cust_1\\", "%", "\x01", '"'):
        pair[0].context(customer).problem(404, "customer_unknown")
    assert int(postgres.sql("select count(*) from messages")) > 0


def test_an_id_of_a_null_byte_is_nobody_and_no_failure(pair):
    pair[0].context("cust_1\0").problem(404, "customer_unknown")


def test_both_databases_give_equal_contexts(pair, demo):
    over_sqlite = demo(enable_l2_cache=False)
    for customer in ("cust_1", "cust_2", "cust_3", "cust_123", "cust_1000"):
        for agent_type in ("support", "billing", "success", "sales", "legal", "product", "operations"):
            assert (pair[0].context(customer, agent_type).json["context"] ==
                    over_sqlite.context(customer, agent_type).json["context"])


def test_loading_the_demo_data_twice_changes_nothing(postgres):
    before = postgres.sql("select count(*) from payments")
    ran = subprocess.run(["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", postgres.url],
                         input=demo_data("--customers", "50", "--sql").encode(), check=False, timeout=60)
    assert ran.returncode == 0
    assert postgres.sql("select count(*) from payments") == before
