"""The demo data: the same everywhere, and of the shape that the documentation promises."""

import io
import sqlite3

import demo_data


def test_a_customer_does_not_depend_on_how_many_there_are():
    few, many = demo_data.all_rows(150), demo_data.all_rows(300)
    for table in demo_data.TABLES:
        assert few[table] == many[table][:len(few[table])]


def test_keys_are_unique():
    rows = demo_data.all_rows(1000)
    for table in ("customers", "subscriptions", "tickets", "payments", "conversations"):
        keys = [row[0] for row in rows[table]]
        assert len(keys) == len(set(keys))
    assert len({row[:2] for row in rows["messages"]}) == len(rows["messages"])


def test_about_one_in_twenty_is_an_enterprise():
    plans = [row[6] for row in demo_data.all_rows(10_000)["customers"]]
    assert 0.04 < plans.count("enterprise") / len(plans) < 0.06


def test_cust_123_has_what_the_documentation_shows():
    rows = list(demo_data.customer_rows(123))
    tables = {table: [row for of, row in rows if of == table] for table in demo_data.TABLES}
    assert [row[4] for row in tables["tickets"]].count("closed") < len(tables["tickets"])
    assert tables["payments"]
    assert "conv_456" in {row[0] for row in tables["conversations"]}
    assert "conv_456" in {row[0] for row in tables["messages"]}


def test_both_forms_hold_the_same_rows(tmp_path):
    rows = demo_data.all_rows(50)
    file = str(tmp_path / "demo.sqlite")
    demo_data.write_sqlite(file, rows)
    text = io.StringIO()
    demo_data.write_sql(text, rows)
    with sqlite3.connect(file) as database:
        for table in demo_data.TABLES:
            stored = sorted(database.execute(f"select * from {table}"))
            assert stored == sorted(rows[table])
            copied = text.getvalue().split(f"(like {table})", 1)[1].split("stdin;\n", 1)[1]
            lines = [line.split("\t") for line in copied.split("\\.\n", 1)[0].splitlines()]
            assert sorted(lines) == sorted([demo_data.copy_field(value) for value in row] for row in stored)
