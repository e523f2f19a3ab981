"""`ctxcache warm` and `ctxcache events`: what an operator types, and what it ends with."""

import json
import re
import select
import signal

from harness.daemon import client
from harness.process import eventually
from harness.verbs import FAILURE, NOT_FOUND, OK, PARTLY, UNREACHABLE, USAGE, on_a_terminal, ran, started

EVENTS = "/api/v1/events"
WARM = "/api/v1/context/cache/warm"


def test_warm_loads_a_segment_once(demo):
    daemon = demo()
    words = ("warm", "--customers", "enterprise", "--agent-types", "support,billing")
    said = ran(daemon.client(*words), OK)
    assert said.stderr == "", "nothing to be seen where there is no terminal"
    counts = re.fullmatch(r"warmed (\d+) customers: (\d+) loaded, 0 warm already\n", said.stdout)
    customers, loaded = counts.groups()
    assert int(loaded) == 2 * int(customers) > 0
    ran(daemon.client(*words), OK, f"0 loaded, {loaded} warm already")
    ran(daemon.client(*words, "--refresh"), OK, f"{loaded} loaded, 0 warm already")
    report = json.loads(ran(daemon.client(*words, "--json"), OK).stdout)
    assert (report["state"], report["customers_done"]) == ("done", int(customers))


def test_what_was_warmed_is_hit_and_credited(demo):
    daemon = demo()
    ran(daemon.client("warm", "--customer-ids", "cust_1,cust_2", "--agent-types", "support"), OK,
        "warmed 2 customers: 2 loaded")
    assert daemon.context("cust_1").source in ("l1", "l2")
    eventually(lambda: "1 (50.0 %)" in daemon.client("warm", "report").stdout, 30, "the hit being credited")


def test_warm_from_a_file_warms_the_good_lines(demo, tmp_path):
    daemon = demo()
    file = tmp_path / "customers.txt"
    good = b"\xef\xbb\xbf# ours\r\n\r\ncust_1\r\n  cust_2\r\ncust_1\r\n"
    file.write_bytes(good + b"x" * 129 + b"\r\n\xff\r\n")
    said = ran(daemon.client("warm", "--file", file, "--agent-types", "support"), PARTLY,
               "warmed 2 customers: 2 loaded")
    assert [line.split(":")[2] for line in said.stderr.splitlines()] == ["6", "7"], said.stderr
    assert daemon.context("cust_2").source in ("l1", "l2")


def test_warm_from_stdin_counts_who_is_unknown(demo):
    said = ran(demo().client("warm", "--file", "-", "--agent-types", "support", text="cust_1\nnobody\n"), OK)
    assert "1 loaded" in said.stdout and "1 unknown" in said.stdout, said.stdout


def test_warm_shows_how_far_it_is(demo):
    screen, status = on_a_terminal(demo(), "warm", "--customers", "all", "--agent-types", "support",
                                   "--loads-per-second", "400")
    assert status == OK
    assert re.search(r"\[[#.]{30}\] \d+ of \d+ customers, \d+ loads/s, \d+ s left", screen), screen
    assert screen.endswith("\r\x1b[K"), "it is gone when all is done"


def slow_job(daemon, *segments):
    """The id of a job that does not end by itself while a test runs."""
    said = ran(daemon.client("warm", "--customers", ",".join(segments), "--loads-per-second", "0.1",
                             "--detach", "--json"), OK)
    return json.loads(said.stdout)["id"]


def test_warm_detaches_shows_and_cancels(demo):
    daemon = demo()
    job = slow_job(daemon, "enterprise")
    assert re.search(r"^state +(running|paused)", ran(daemon.client("warm", "status", job), OK).stdout, re.M)
    ran(daemon.client("warm", "cancel", job), OK)
    eventually(lambda: "cancelled" in daemon.client("warm", "status", job).stdout, 30, "the job ending")
    assert job in ran(daemon.client("warm", "report"), OK).stdout
    ran(daemon.client("warm", "status", "none"), NOT_FOUND)
    ran(daemon.client("warm", "cancel", "none"), NOT_FOUND)


def test_two_operators_warm_a_segment_once(demo):
    one, other = demo(), demo()
    job = slow_job(one, "enterprise")
    answer = other.request("POST", WARM, {"segment": "enterprise"})
    assert (answer.status, answer.json["already_running"], answer.json["id"]) == (200, True, job)
    with started(other, "warm", "--customers", "enterprise") as second:
        # It has asked before the job is cancelled: else it would begin one of its own.
        assert select.select([second.stderr], [], [], 60)[0], "it says nothing"
        told = second.stderr.readline()
        ran(one.client("warm", "cancel", job), OK)
        _, rest = second.communicate(timeout=60)
    assert told.startswith(f"enterprise: is being warmed already, by job {job}"), (told, rest)
    assert "the job was cancelled" in rest and second.returncode in (PARTLY, FAILURE)


def test_ctrl_c_ends_the_following_only(demo):
    daemon = demo()
    with started(daemon, "warm", "--customers", "enterprise", "--loads-per-second", "0.1") as following:
        eventually(lambda: daemon.get(WARM).json["runs"], 30, "the job beginning")
        following.send_signal(signal.SIGINT)
        _, err = following.communicate(timeout=60)
    (job,) = re.findall(r"ctxcache warm cancel (\S+)", err)
    assert following.returncode == PARTLY
    assert daemon.get(f"{WARM}/{job}").json["state"] in ("running", "paused")
    ran(daemon.client("warm", "cancel", job), OK)


def test_warm_of_what_there_is_not(demo):
    daemon = demo()
    said = ran(daemon.client("warm", "--customers", "enterprize"), FAILURE)
    assert 'needs; there is no segment "enterprize", only ' in said.stderr, said.stderr
    assert "enterprise" in said.stderr, "it says which there are"
    ran(daemon.client("warm", "--customers", "enterprise", "--agent-types", "marketing"), FAILURE)
    ran(daemon.client("warm"), USAGE)
    ran(daemon.client("warm", "--customers", "enterprise", "--file", "x"), USAGE)
    ran(client("warm", "--customers", "enterprise", "--url", "http://127.0.0.1:1"), UNREACHABLE)


def test_events_are_listed_and_followed(demo):
    daemon = demo()
    with started(daemon, "events", "follow", "--json") as following:
        for customer in ("cust_1", "cust_2"):
            answer = daemon.request("POST", EVENTS, {"type": "ticket.created", "customer_id": customer})
            assert answer.status == 200, answer
            scope = json.loads(following.stdout.readline())["receipts"][0]["scope"]
            assert scope["text"] == f"context:{customer}:support"
        following.kill()
        following.communicate()
    said = ran(daemon.client("events", "list"), OK).stdout
    assert re.search(r"invalidated +ticket\.created .* context:cust_1:support$", said, re.M), said


def test_dead_letters_are_listed_and_replayed(demo):
    daemon = demo()
    answer = daemon.request("POST", EVENTS, {"type": "ticket.created", "ticket": 5})
    answer.problem(422, "invalid_request")
    (letter,) = ran(daemon.client("events", "list", "--dead", "--json"), OK).stdout.splitlines()
    letter = json.loads(letter)
    assert letter["event"]["ticket"] == 5
    assert letter["why"] in ran(daemon.client("events", "list", "--dead"), OK).stdout
    ran(daemon.client("events", "replay", letter["number"]), FAILURE)
    ran(daemon.client("events", "replay", "--all"), FAILURE)
    ran(daemon.client("events", "replay", "none"), NOT_FOUND)
