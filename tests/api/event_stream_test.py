"""Change events out of a stream in Redis: read by one daemon of the fleet, lost by none."""

import json
import signal

import pytest

from events_test import fresh, letters, receiver, warm  # noqa: F401
from harness.process import eventually

STREAM = "changes"
SOURCE = f"""
[source.orders]
type = "redis_stream"
stream = "{STREAM}"
"""


@pytest.fixture
def consumer(receiver):  # noqa: F811
    return lambda: receiver(SOURCE)


def add(redis, **fields):
    redis.cli("XADD", STREAM, "*", *(word for pair in fields.items() for word in pair))


def add_ticket(redis, customer="cust_1"):
    add(redis, type="ticket.created", customer_id=customer)


def unconfirmed(redis):
    """Entries that were given to a daemon and not acknowledged, and those given to none."""
    groups = redis.cli("XINFO", "GROUPS", STREAM)
    return [groups[groups.index(name) + 1] for name in ("pending", "lag")]


def all_confirmed(redis):
    eventually(lambda: unconfirmed(redis) == ["0", "0"], 30, "all entries being confirmed")


def holders(daemons):
    return [one for one in daemons if one.health()["parts"]["sources"]["orders"]["held"]]


def test_an_entry_makes_the_next_read_fresh_in_every_daemon(consumer, redis, origin):
    daemons = [consumer(), consumer()]
    for daemon in daemons:
        warm(daemon)
    origin.tickets = [{"id": "new"}]
    add_ticket(redis)
    for daemon in daemons:
        eventually(lambda one=daemon: one.context("cust_1").json["context"]["tickets"] == origin.tickets,
                   what="a fresh read")
        assert daemon.context("cust_1", "billing").json["context"]["tickets"] != origin.tickets
    all_confirmed(redis)


def test_a_cloud_event_may_be_one_field(consumer, redis):
    daemon = consumer()
    warm(daemon)
    add(redis, event=json.dumps({"specversion": "1.0", "id": "1", "source": "/shop", "subject": "cust_1",
                                 "type": "com.example.subscription.renewed"}))
    eventually(lambda: len(fresh(daemon)) == 3, what="a fresh read")


def test_entries_that_cannot_be_applied_do_not_stop_the_others(consumer, redis):
    daemon = consumer()
    warm(daemon)
    add(redis, nonsense="1")
    add(redis, type="ticket.created", who="cust_1")
    add(redis, type="of.no.rule")
    add_ticket(redis)
    eventually(lambda: "support" in fresh(daemon), what="a fresh read")
    all_confirmed(redis)
    assert sorted(one["type"] for one in letters(daemon)) == ["", "ticket.created"]


def test_nothing_is_missed_that_was_written_while_all_were_down(consumer, redis):
    daemon = consumer()
    add_ticket(redis)
    all_confirmed(redis)
    customers = [f"cust_{n}" for n in range(2, 50)]
    for customer in customers:
        warm(daemon, customer)
    daemon.stop()
    for customer in customers:
        add_ticket(redis, customer)
    daemon.start()
    all_confirmed(redis)
    for customer in customers:
        assert daemon.context(customer).source == "provider", "L2 has what is older than the entry"
        assert daemon.context(customer, "billing").source in ("l1", "l2")


def test_another_daemon_takes_over_when_the_one_that_consumes_is_killed(consumer, redis):
    daemons = [consumer(), consumer()]
    eventually(lambda: len(holders(daemons)) == 1, what="one daemon consuming")
    consuming, = holders(daemons)
    other, = (one for one in daemons if one is not consuming)
    consuming.process.end(signal.SIGKILL)
    warm(other)
    add_ticket(redis)
    eventually(lambda: "support" in fresh(other), 30, "the other daemon consuming")
    all_confirmed(redis)
