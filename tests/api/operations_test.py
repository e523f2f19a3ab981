"""The sessions of docs/operations.md, run, and what it prints beside them (harness/console.py), with a daemon
as `./run --postgres` makes it. Numbers and times are any."""

import os

import pytest

from harness.console import difference, sessions, shape
from harness.daemon import OUTBOX, demo_body, install_demo_triggers
from harness.servers import REPOSITORY

pytestmark = pytest.mark.release


def test_the_operators_commands_print_what_the_page_says(make_daemon, postgres, redis, tmp_path):
    with open(os.path.join(REPOSITORY, "docs", "operations.md"), encoding="utf-8") as file:
        steps = list(sessions(file.read()))
    assert len(steps) >= 20, "the page shows its commands in ```console blocks"
    install_demo_triggers(postgres)
    daemon = make_daemon(demo_body("postgres", postgres.url, schedules=True) + OUTBOX,
                         enable_l2_cache=True, redis_url=redis.url).start()
    addresses = {"localhost:8000": f"127.0.0.1:{daemon.port}", "postgresql://localhost/crm": postgres.url,
                 "redis-cli": f"redis-cli -p {redis.port}"}
    wrong = [difference(step, addresses, tmp_path, shape) for step in steps]
    assert not any(wrong), "\n\n".join(one for one in wrong if one)
