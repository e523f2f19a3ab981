"""The README's own commands, run, and what it prints beside them.

Every ```console block is a session: `$ command`, then the output. In an expected line `…` stands for
anything; a line that is only `…` stands for any lines, none too. The session talks to two daemons as ./run
makes them, wherever they listen: localhost:8000 and localhost:8001 become their addresses. run_test.py runs
`./run`, not this; after `./run --postgres URL` the session goes on with a daemon over a PostgreSQL.
"""

import os
import re
import subprocess

import pytest

from harness.daemon import BIN, clean_environment, demo_body
from harness.servers import REPOSITORY, demo_data

pytestmark = pytest.mark.release
README = os.path.join(REPOSITORY, "README.md")


def sessions(text):
    """[(command, expected lines)] of every console block, in order."""
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.M | re.S):
        steps = []
        for line in block.replace("\\\n", "").splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            elif steps:
                steps[-1][1].append(line)
        yield from steps


def pattern_of(expected):
    """What the output must match, whole."""
    lines = []
    for line in expected:
        if line.strip() == "…":
            lines.append(r"(?:[^\n]*\n)*?")
        else:
            lines.append(".*".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ \t]*\n")
    return "".join(lines)


def output_of(command, addresses, folder):
    """What a user would see, without curl's progress meter, which a terminal would overwrite. `addresses`: of
    what the README says, what listens where; the first is whom the client talks to."""
    with open(os.path.join(folder, ".curlrc"), "w", encoding="utf-8") as file:
        file.write("no-progress-meter\n")
    environment = {**clean_environment(), "CTXCACHE_URL": f"http://{next(iter(addresses.values()))}",
                   "CURL_HOME": str(folder), "PATH": BIN + ":" + os.environ["PATH"]}
    for said, real in addresses.items():
        command = command.replace(said, real)
    command = command.replace("build/release/bin/", BIN + "/")
    ran = subprocess.run(["bash", "-c", command], subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, cwd=REPOSITORY, env=environment, timeout=120, check=False)
    text = ran.stdout.decode().replace("\r\n", "\n")
    for said, real in addresses.items():
        text = text.replace(real, said)
    return text if text.endswith("\n") or not text else text + "\n"


def test_the_readmes_commands_print_what_it_says(make_daemon, postgres, redis, tmp_path):
    with open(README, encoding="utf-8") as file:
        steps = list(sessions(file.read()))
    assert len(steps) >= 5, "the README shows its commands in ```console blocks"
    demo_data("--sqlite", str(tmp_path / "demo.sqlite"))
    settings = {"enable_l2_cache": True, "redis_url": redis.url}
    body = demo_body("sqlite", str(tmp_path / "demo.sqlite"))
    daemons = [make_daemon(body, **settings).start() for _ in range(2)]
    wrong = []
    for command, expected in steps:
        if command.startswith("./run --postgres"):
            for daemon in daemons:
                daemon.stop()
            redis.cli("FLUSHALL")
            daemons = [make_daemon(demo_body("postgres", postgres.url), **settings).start()]
        if command.startswith("./run"):
            continue
        addresses = {f"localhost:{8000 + i}": f"127.0.0.1:{one.port}" for i, one in enumerate(daemons)}
        said = output_of(command, addresses, tmp_path)
        if not re.fullmatch(pattern_of(expected), said):
            wanted = "\n".join(expected)
            wrong.append(f"$ {command}\n--- the README says\n{wanted}\n--- it prints\n{said}")
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("expected, said, matches", [
    (["a"], "a\n", True), (["a"], "b\n", False), (["a"], "a\nb\n", False), ([], "", True), ([], "a\n", False),
    (["a … c"], "a b c\n", True), (["a … c"], "a b d\n", False), (["a", "…"], "a\nb\nc\n", True),
    (["a", "…"], "a\n", True), (["a", "…", "c"], "a\nb\nd\n", False), (["1.0 …"], "1x0 b\n", False),
])
def test_expected_lines_match_as_described(expected, said, matches):
    assert bool(re.fullmatch(pattern_of(expected), said)) == matches
