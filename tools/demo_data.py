#!/usr/bin/python3
"""Makes the demo data: the same customers, always, as a SQLite file or as SQL for psql.

    tools/demo_data.py --sqlite build/demo/demo.sqlite
    tools/demo_data.py --sql | psql postgresql://localhost/crm

Every row follows from the seed and the customer's number alone, so cust_123 is the same among 200 customers
as among 10,000. Both databases get the same schema, with only text and integer columns (dates are ISO 8601
text, money is whole dollars or cents), so the same queries give equal JSON from either. Loading twice changes
nothing.
"""

import argparse
import datetime
import os
import random
import sqlite3
import sys

SEED = 1331
TODAY = datetime.datetime(2026, 1, 1)

SCHEMA = """\
create table if not exists customers (
  id text primary key, name text not null, company text not null, email text not null, country text not null,
  language text not null, plan text not null, customer_since text not null, churn_risk integer not null,
  health text not null, account_manager text);
create table if not exists subscriptions (
  customer_id text primary key, plan text not null, status text not null, mrr integer not null,
  seats integer not null, started_on text not null, renews_on text, cancelled_on text);
create table if not exists tickets (
  id text primary key, customer_id text not null, subject text not null, priority text not null,
  status text not null, opened_at text not null, closed_at text);
create table if not exists payments (
  id text primary key, customer_id text not null, amount_cents integer not null, currency text not null,
  status text not null, method text not null, paid_at text not null);
create table if not exists conversations (
  id text primary key, customer_id text not null, channel text not null, started_at text not null);
create table if not exists messages (
  conversation_id text not null, number integer not null, author text not null, body text not null,
  sent_at text not null, primary key (conversation_id, number));
create index if not exists tickets_by_customer on tickets (customer_id);
create index if not exists payments_by_customer on payments (customer_id);
create index if not exists conversations_by_customer on conversations (customer_id);
"""
TABLES = ("customers", "subscriptions", "tickets", "payments", "conversations", "messages")

FIRST = ("Ada", "Björn", "Chiara", "Dmitri", "Élodie", "Fatima", "Grace", "Haruki", "Inês", "Jamal",
         "Kateřina", "Li", "Moira", "Ngozi", "Óscar", "Priya", "Quentin", "Ruth", "Søren", "Tomasz", "Uma",
         "Vera", "Wei", "Zoë")
LAST = ("Almeida", "Bernard", "Costa", "Dvořák", "Eriksen", "Fischer", "García", "Haddad", "Ivanov", "Jansen",
        "Kim", "Lindqvist", "Müller", "Nakamura", "O'Brien", "Petrov", "Rossi", "Singh", "Tanaka", "陳")
COMPANY = ("Acme", "Blue Harbor", "Cobalt", 'Delta "D" Labs', "Evergreen", "Fjord & Sons", "Helix")
KIND = ("Ltd", "GmbH", "Inc.", "S.A.", "AB", "Oy")
COUNTRY = (("US", "en"), ("GB", "en"), ("DE", "de"), ("FR", "fr"), ("ES", "es"), ("JP", "ja"), ("BR", "pt"))
# Name, percent, price in dollars.
PLANS = (("free", 30, 0), ("starter", 35, 29), ("pro", 30, 99), ("enterprise", 5, 900))
SUBJECTS = ("Cannot log in after the update", "Invoice shows the wrong address", "Export stops early",
            "How do I add a seat?", "Webhook answers 500", "Slow dashboard on Mondays", "Refund for May")
QUESTIONS = ("Hello, is somebody there?", 'It says "access denied" since this morning.', "That did not help.",
             "Could you look at my last invoice?", "Grüße aus Köln – es klappt jetzt.",
             "Thank you!\nThat is all.")
REPLIES = ("Let me look at that for you.", "Please try again now.", "I have passed this on to billing.",
           "Your account is active again.", "Is there anything else?")


class Dice(random.Random):
    """Draws made of random() alone: the one method whose sequence Python promises to keep."""

    def below(self, n):
        return int(self.random() * n)

    def pick(self, options):
        return options[self.below(len(options))]

    def weighted(self, options):
        """Of tuples whose second field is a percentage."""
        left = self.random() * 100
        for option in options:
            left -= option[1]
            if left < 0:
                return option
        return options[-1]


def moment(dice, days_ago_max):
    when = TODAY - datetime.timedelta(minutes=1 + dice.below(days_ago_max * 1440))
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def customer_rows(n):
    """(table, row) of everything that belongs to customer number n."""
    dice = Dice(f"{SEED}:{n}")
    customer = f"cust_{n}"
    first, last = dice.pick(FIRST), dice.pick(LAST)
    company = f"{dice.pick(COMPANY)} {dice.pick(KIND)}"
    country, language = dice.pick(COUNTRY)
    plan, _, price = dice.weighted(PLANS)
    since = moment(dice, 2000)[:10]
    risk = int(100 * dice.random() ** 3)
    health = "poor" if risk >= 70 else "fair" if risk >= 40 else "good"
    manager = f"{dice.pick(FIRST)} {dice.pick(LAST)}" if plan == "enterprise" else None
    yield "customers", (customer, f"{first} {last}", company, f"user{n}@example.com", country, language, plan,
                        since, risk, health, manager)
    yield from subscription_rows(dice, customer, plan, price, since)
    for k in range(dice.below(5)):
        opened = moment(dice, 90)
        status = dice.pick(("open", "open", "pending", "closed"))
        priority = dice.pick(("low", "normal", "high"))
        yield "tickets", (f"tick_{n}_{k + 1}", customer, dice.pick(SUBJECTS), priority, status, opened,
                          "2026-01-01T00:00:00Z" if status == "closed" else None)
    yield from conversation_rows(dice, customer, n)


def subscription_rows(dice, customer, plan, price, since):
    cancelled = moment(dice, 30)[:10] if plan != "free" and dice.below(20) == 0 else None
    seats = 1 + dice.below(200 if plan == "enterprise" else 10)
    mrr = 0 if cancelled else price + (seats - 1) * (price // 10)
    renews = None if cancelled or plan == "free" else f"2026-{1 + dice.below(12):02}-{1 + dice.below(28):02}"
    yield "subscriptions", (customer, plan, "cancelled" if cancelled else "active", mrr, seats, since, renews,
                            cancelled)
    for k in range(0 if plan == "free" else 1 + dice.below(12)):
        status = "failed" if dice.below(25) == 0 else "paid"
        yield "payments", (f"pay_{customer[5:]}_{k + 1}", customer, 100 * mrr, "USD", status,
                           dice.pick(("card", "card", "invoice")), moment(dice, 365))


def conversation_rows(dice, customer, n):
    for k in range(1 + dice.below(3)):
        conversation = f"conv_{3 * n + 87 + k}"  # at most three each; the first of cust_123 is conv_456
        started = datetime.datetime.strptime(moment(dice, 60), "%Y-%m-%dT%H:%M:%SZ")
        yield "conversations", (conversation, customer, dice.pick(("chat", "email", "phone")),
                                started.strftime("%Y-%m-%dT%H:%M:%SZ"))
        for number in range(1, 2 + dice.below(4)):
            sent = started + datetime.timedelta(minutes=3 * number)
            asks = number % 2 == 1
            yield "messages", (conversation, number, "customer" if asks else "agent",
                               dice.pick(QUESTIONS if asks else REPLIES), sent.strftime("%Y-%m-%dT%H:%M:%SZ"))


def all_rows(customers):
    """Rows by table."""
    rows = {table: [] for table in TABLES}
    for n in range(1, customers + 1):
        for table, row in customer_rows(n):
            rows[table].append(row)
    return rows


def write_sqlite(path, rows):
    """The file appears whole or not at all."""
    unfinished = f"{path}.{os.getpid()}.tmp"
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    database = sqlite3.connect(unfinished)
    try:
        database.executescript(SCHEMA)
        for table in TABLES:
            marks = ",".join("?" * len(rows[table][0]))
            database.executemany(f"insert into {table} values ({marks})", rows[table])
        database.execute("analyze")
        database.commit()
        database.close()
        os.replace(unfinished, path)
    finally:
        database.close()
        if os.path.exists(unfinished):
            os.remove(unfinished)


def copy_field(value):
    if value is None:
        return "\\N"
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def write_sql(out, rows):
    """Rows that are there already stay as they are: COPY fills a temporary table first."""
    out.write("begin;\nset local client_min_messages = warning;\nset local client_encoding = 'UTF8';\n")
    out.write(SCHEMA)
    for table in TABLES:
        out.write(f"create temporary table incoming (like {table}) on commit drop;\n")
        out.write("copy incoming from stdin;\n")
        out.writelines("\t".join(map(copy_field, row)) + "\n" for row in rows[table])
        out.write(f"\\.\ninsert into {table} select * from incoming on conflict do nothing;\n")
        out.write("drop table incoming;\n")
    out.write("commit;\n" + "".join(f"analyze {table};\n" for table in TABLES))


def main():
    parser = argparse.ArgumentParser(description="Makes the demo data.")
    parser.add_argument("--customers", type=int, default=10_000, metavar="N", help="cust_1 to cust_N (10000)")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--sqlite", metavar="FILE", help="write this SQLite file, replacing it")
    where.add_argument("--sql", action="store_true", help="print SQL for psql")
    words = parser.parse_args()
    if words.customers < 1:
        parser.error("--customers: at least 1")
    rows = all_rows(words.customers)
    if words.sql:
        sys.stdout.reconfigure(encoding="utf-8")
        write_sql(sys.stdout, rows)
    else:
        write_sqlite(words.sqlite, rows)


if __name__ == "__main__":
    main()
