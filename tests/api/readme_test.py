"""The README's own commands, run, and what it prints beside them (harness/console.py).

The session talks to two daemons as ./run makes them, wherever they listen: localhost:8000 and localhost:8001
become their addresses. run_test.py runs `./run`, not this; after `./run --postgres URL` the session goes on
with a daemon over a PostgreSQL.
"""

import os
import re

import pytest

from harness.console import difference, pattern_of, sessions
from harness.daemon import OUTBOX, demo_body, install_demo_triggers
from harness.servers import REPOSITORY, demo_data

pytestmark = pytest.mark.release
README = os.path.join(REPOSITORY, "README.md")


def test_the_readmes_commands_print_what_it_says(make_daemon, postgres, redis, tmp_path):
    with open(README, encoding="utf-8") as file:
        steps = list(sessions(file.read()))
    assert len(steps) >= 5, "the README shows its commands in ```console blocks"
    demo_data("--sqlite", str(tmp_path / "demo.sqlite"))
    settings = {"enable_l2_cache": True, "redis_url": redis.url}
    body = demo_body("sqlite", str(tmp_path / "demo.sqlite"), schedules=True)
    daemons = [make_daemon(body, **settings).start() for _ in range(2)]
    wrong = []
    for command, expected in steps:
        if command.startswith("./run --postgres"):
            for daemon in daemons:
                daemon.stop()
            redis.cli("FLUSHALL")
            install_demo_triggers(postgres)
            body = demo_body("postgres", postgres.url, schedules=True) + OUTBOX
            daemons = [make_daemon(body, **settings).start()]
        if command.startswith("./run"):
            continue
        addresses = {f"localhost:{8000 + i}": f"127.0.0.1:{one.port}" for i, one in enumerate(daemons)}
        addresses["postgresql://localhost/crm"] = postgres.url
        wrong.append(difference((command, expected), addresses, tmp_path))
    wrong = [one for one in wrong if one]
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("expected, said, matches", [
    (["a"], "a\n", True), (["a"], "b\n", False), (["a"], "a\nb\n", False), ([], "", True), ([], "a\n", False),
    (["a … c"], "a b c\n", True), (["a … c"], "a b d\n", False), (["a", "…"], "a\nb\nc\n", True),
    (["a", "…"], "a\n", True), (["a", "…", "c"], "a\nb\nd\n", False), (["1.0 …"], "1x0 b\n", False),
])
def test_expected_lines_match_as_described(expected, said, matches):
    assert bool(re.fullmatch(pattern_of(expected), said)) == matches
