"""Schedules in real daemons. Their times, missed runs and clocks: src/schedule and src/warming."""

import json
import re

import pytest

from harness.daemon import demo_body
from harness.process import eventually

WARM = "/api/v1/context/cache/warm"
EVERY_MINUTE = """
[schedule.each-minute]
cron = "* * * * *"
segments = ["at_risk"]
agent_types = ["support"]
"""
AFTER_IMPORTS = """
[schedule.imported]
on_event = "import.*"
segments = ["at_risk"]
agent_types = ["support"]
"""


@pytest.fixture
def start(make_daemon, sqlite_file, redis):
    """start(TOML): a running daemon over SQLite and Redis with these schedules."""

    def make(schedules):
        return make_daemon(demo_body("sqlite", sqlite_file) + schedules, enable_l2_cache=True,
                           redis_url=redis.url).start()

    return make


def runs(daemon, asked_by):
    answer = daemon.get(WARM)
    assert answer.status == 200, answer
    return [run for run in answer.json["runs"] if run["order"]["asked_by"] == asked_by]


def begun(daemons):
    """The times of the runs that daemons say they have begun."""
    logs = []
    for daemon in daemons:
        with open(daemon.log, encoding="utf-8") as file:
            logs.append(file.read())
    return re.findall(r"schedule each-minute: warms as job \w+, planned for (\S+)", "".join(logs))


@pytest.mark.minute
def test_one_daemon_of_the_fleet_begins_each_run(start):
    fleet = [start(EVERY_MINUTE) for _ in range(3)]
    eventually(lambda: runs(fleet[0], "schedule each-minute"), 70, "a run")
    eventually(lambda: runs(fleet[0], "schedule each-minute")[-1].get("ended_at"), 30, "its end")
    assert len(begun(fleet)) == len(set(begun(fleet))) > 0
    assert all(runs(daemon, "schedule each-minute")[-1]["state"] == "done" for daemon in fleet)


def test_event_of_a_matching_type_warms(start):
    daemon = start(AFTER_IMPORTS)
    for number, event_type in enumerate(("export.completed", "import.completed")):
        event = {"specversion": "1.0", "id": str(number), "source": "/etl", "type": event_type}
        answer = daemon.request("POST", "/api/v1/events", json.dumps(event),
                                {"Content-Type": "application/cloudevents+json"})
        assert answer.status in (200, 202), answer
    eventually(lambda: runs(daemon, "event import.completed"), 10, "a job")
    eventually(lambda: runs(daemon, "event import.completed")[0].get("ended_at"), 30, "its end")
    job = runs(daemon, "event import.completed")[0]
    assert (job["state"], job["failed"]) == ("done", 0), job
    assert job["loaded"] == job["customers"] > 0
    assert not runs(daemon, "event export.completed")
