"""What keeps fresh and warm by itself, as configuration: mistakes, secrets, a file of customers, a reload."""

import json
import signal

from harness.daemon import client
from harness.process import eventually

PARTS = """
[provider.crm]
type = "sqlite"
url = "{database}"

[segment.few]
file = "{ids}"

[event."ticket.created"]
agent_types = ["support"]

[schedule.nightly]
cron = "0 2 * * *"
timezone = "Europe/Berlin"
segments = ["few"]

[signature.shop]
scheme = "hmac"
secrets = ["${{SHOP_SECRET}}", "canary-in-the-file"]
header = "X-Signature"

[source.crm]
type = "sqlite_watch"
provider = "crm"
"""


def body(tmp_path, database, ids="cust_1\n"):
    path = tmp_path / "ids.txt"
    path.write_bytes(ids.encode())
    return PARTS.format(database=database, ids=path)


def test_mistakes_stop_the_daemon_and_each_has_its_place(make_daemon, tmp_path, sqlite_file):
    text = body(tmp_path, sqlite_file).replace('"few"]', '"fwe"]').replace("0 2 * * *", "0 25 * * *")
    text = text.replace('"crm"\n', '"crn"\n').replace('"X-Signature"\n', '"X-Signature"\ntolerance = 1\n')
    daemon = make_daemon(text).spawn()
    assert daemon.process.wait() == 2
    said = daemon.process.output()
    for line in ('unknown segment "fwe"; did you mean "few"?', "cron: hour", 'did you mean "crm"?',
                 "neither SHOP_SECRET nor SHOP_SECRET_FILE is set", "tolerance: "):
        assert line in said, said
    with open(daemon.file, encoding="utf-8") as file:
        number = next(n for n, line in enumerate(file, 1) if "fwe" in line)
    assert f"{daemon.file}:{number}:13: unknown segment" in said


def test_secrets_are_not_shown(make_daemon, tmp_path, sqlite_file):
    daemon = make_daemon(body(tmp_path, sqlite_file))
    shown = client("config", "show", daemon.file, environment={"SHOP_SECRET": "canary-of-the-shell"})
    assert shown.returncode == 0, shown.stderr
    assert "canary" not in shown.stdout + shown.stderr
    assert "signature.shop.secrets" in shown.stdout


def test_bad_lines_of_a_segments_file_are_told_and_the_daemon_starts(make_daemon, tmp_path, sqlite_file):
    text = body(tmp_path, sqlite_file, "\ufeff# ours\r\ncust_1\r\n\r\n" + "x" * 129 + "\r\ncust_1\r\n")
    daemon = make_daemon(text).start(environment={"SHOP_SECRET": "s"})
    assert "ids.txt:4:1: is not an id" in daemon.process.output()
    said = daemon.client("warm", "--customers", "few", "--json").stdout
    assert json.loads(said)["customers"] == 1, said


def test_what_needs_a_restart_is_named_at_a_reload(make_daemon, tmp_path, sqlite_file):
    daemon = make_daemon(body(tmp_path, sqlite_file)).start(environment={"SHOP_SECRET": "s"})
    body(tmp_path, sqlite_file, "cust_1\ncust_2\n")
    changed = {"0 2 * * *": "0 3 * * *", "sqlite_watch": "redis_stream", 'provider = "crm"': 'stream = "x"'}
    for before, now in changed.items():
        daemon.body = daemon.body.replace(before, now)
    daemon.write_config()
    daemon.process.send(signal.SIGHUP)
    eventually(lambda: "configuration reloaded" in daemon.process.output())
    said = daemon.process.output()
    for name in ("segment", "schedule", "source"):
        assert f"{name} has changed and takes effect at the next start" in said
    for name in ("event", "signature"):
        assert f"{name} has changed" not in said
