"""The command line: its verbs, what goes to stdout and stderr, and its exit codes."""

import json
import re
import shutil
import subprocess

import pytest

from harness.daemon import client
from harness.process import eventually
from harness.verbs import FAILURE, NOT_FOUND, OK, PARTLY, UNREACHABLE, USAGE, on_a_terminal, ran


def test_get_prints_the_document_and_nothing_else(daemon):
    got = ran(daemon.client("get", "cust_123", "support"), OK)
    assert json.loads(got.stdout) == daemon.context().json
    of_it = ran(daemon.client("get", "cust_123", "support", "conv_456"), OK)
    assert json.loads(of_it.stdout)["conversation_id"] == "conv_456"


def test_get_of_an_unknown_customer_is_3(daemon):
    got = ran(daemon.client("get", "nobody", "support"), NOT_FOUND)
    assert got.stdout == ""
    assert "nobody" in got.stderr or "customer_unknown" in got.stderr


def test_put_from_stdin_and_from_a_file(daemon, tmp_path):
    ran(daemon.client("put", "cust_1", "support", text='{"a": 1}'), OK)
    assert daemon.context("cust_1").json == {"a": 1}
    file = tmp_path / "document.json"
    file.write_text('{"a": 2}')
    ran(daemon.client("put", "cust_1", "support", "--file", file), OK)
    assert daemon.context("cust_1").json == {"a": 2}
    ran(daemon.client("put", "cust_1", "support", text="nonsense"), FAILURE)
    assert daemon.context("cust_1").json == {"a": 2}


def test_stats_prints_the_statistics(daemon):
    daemon.context()
    daemon.context()
    said = ran(daemon.client("stats"), OK).stdout
    assert "50.0" in said
    assert json.loads(ran(daemon.client("stats", "--json"), OK).stdout)["l1_hits"] == 1


INVALIDATIONS = {
    "customer": ["--customer", "cust_1"],
    "agent_type": ["--customer", "cust_1", "--agent-type", "support"],
    "pattern": ["--pattern", "context:cust_1:*"],
    "all": ["--all", "--yes"],
}


@pytest.mark.parametrize("name", INVALIDATIONS)
def test_invalidate_takes_effect(daemon, name):
    daemon.context("cust_1")
    ran(daemon.client("invalidate", *INVALIDATIONS[name]), OK)
    assert daemon.context("cust_1").source == "provider"


def test_invalidate_from_a_file(daemon, tmp_path):
    for customer in ("cust_1", "cust_2", "cust_3"):
        daemon.context(customer)
    file = tmp_path / "customers.txt"
    file.write_text("# these two\ncust_1\n\n  cust_2  \n")
    ran(daemon.client("invalidate", "--file", file), OK)
    assert [daemon.context(f"cust_{n}").source for n in (1, 2, 3)] == ["provider", "provider", "l1"]


def test_invalidate_of_a_file_with_a_wrong_line_is_partly_done(daemon, tmp_path):
    daemon.context("cust_1")
    file = tmp_path / "customers.txt"
    file.write_text("cust_1\n" + "x" * 200 + "\n")
    ran(daemon.client("invalidate", "--file", file), PARTLY)
    assert daemon.context("cust_1").source == "provider"


def test_invalidate_of_a_file_sends_many_and_shows_how_far_it_is(demo, tmp_path):
    daemon = demo()
    for customer in ("cust_1", "cust_1000"):
        daemon.context(customer)
    file = tmp_path / "customers.txt"
    file.write_text("".join(f"cust_{n}\n" for n in range(1, 5001)))
    said = ran(daemon.client("invalidate", "--file", file), OK, "invalidated 5000 customers: 2 in L1, 2 in")
    assert said.stderr == "", "nothing to be seen where there is no terminal"
    assert [daemon.context(customer).source for customer in ("cust_1", "cust_1000")] == ["provider"] * 2
    assert daemon.stats()["invalidations"] == 5000
    screen, status = on_a_terminal(daemon, "invalidate", "--file", file)
    assert status == OK
    assert re.search(r"\[[#.]{30}\] \d+00 of 5000, \d+/s, \d+ s left", screen), screen
    assert screen.endswith("\r\x1b[K"), "it is gone when all is done"


def test_a_fence_says_who_confirmed_it(member):
    daemon, other = member(), member()
    said = ran(daemon.client("invalidate", "--customer", "cust_1", "--fence"), OK)
    assert re.search(r"^confirmed: no daemon serves it any more \(2 daemons, \d+ ms\)$", said.stdout, re.M)
    receipt = json.loads(ran(daemon.client("invalidate", "--all", "--yes", "--fence", "--json"), OK).stdout)
    assert {one["id"] for one in receipt["fence"]["members"]} == {
        one.health()["parts"]["fleet"]["member"] for one in (daemon, other)}


def test_a_fence_that_is_not_confirmed_is_1_and_says_how_to_ask_again(member):
    """In a young epoch a fence waits for longer than this request may take."""
    daemon = member(load_timeout="1s", request_timeout="1s")
    said = ran(daemon.client("invalidate", "--customer", "cust_1", "--fence"), FAILURE,
               "invalidated context:cust_1")
    assert said.stderr.startswith("error: not confirmed after ")
    (command,) = re.findall(r"^  curl (\S+)$", said.stderr, re.M)
    assert command.startswith(daemon.url + "/api/")
    eventually(lambda: daemon.get(command.removeprefix(daemon.url)).json["fence"]["confirmed"])


def test_the_fence_of_a_file_holds_for_all_of_it(member, tmp_path):
    daemon, other = member(), member()
    file = tmp_path / "customers.txt"
    file.write_text("".join(f"cust_{n}\n" for n in range(1, 301)))
    for n in (1, 150, 300):
        other.context(f"cust_{n}")
    said = ran(daemon.client("invalidate", "--file", file, "--fence", "--json"), OK).stdout
    assert [other.context(f"cust_{n}").source for n in (1, 150, 300)] == ["provider"] * 3
    summary = json.loads(said)
    assert (summary["done"], summary["failed"], summary["queued"]) == (300, [], 0)
    assert summary["fence"]["confirmed"] is True


def test_a_file_of_which_the_fence_is_not_confirmed_is_partly_done(member, tmp_path):
    daemon = member(load_timeout="1s", request_timeout="1s")
    file = tmp_path / "customers.txt"
    file.write_text("cust_1\ncust_2\n")
    said = ran(daemon.client("invalidate", "--file", file, "--fence"), PARTLY, "invalidated 2 customers")
    assert "not confirmed" in said.stderr


def test_get_with_what_it_wants_of_the_fleet(daemon):
    daemon.context("cust_1")
    ran(daemon.client("get", "cust_1", "support", "--strict"), OK)
    position = daemon.invalidate({"customer_id": "cust_1"}).json["position"]
    said = ran(daemon.client("get", "cust_1", "support", "-i", "--min-position", position), OK).stdout
    assert "fwd=miss" in said
    ran(daemon.client("get", "cust_1", "support", "--min-position", "soon"), USAGE)


def test_invalidate_all_asks_first(daemon):
    """Without a terminal to ask at, and without --yes, it does nothing."""
    daemon.context("cust_1")
    assert daemon.client("invalidate", "--all").returncode != OK
    assert daemon.context("cust_1").source == "l1"


def test_a_dry_run_counts_and_changes_nothing(daemon):
    daemon.context("cust_1")
    said = ran(daemon.client("invalidate", "--customer", "cust_1", "--dry-run", "--json"), OK).stdout
    assert json.loads(said)["matched_l1"] == 1
    assert daemon.context("cust_1").source == "l1"


def test_explain_and_health(daemon):
    daemon.context()
    ran(daemon.client("explain", "cust_123", "support"), OK, "context:cust_123:support")
    said = ran(daemon.client("explain", "cust_123", "support", "--json"), OK).stdout
    assert json.loads(said)["l1"]["valid"] is True
    ran(daemon.client("health"), OK, "ok")
    assert json.loads(ran(daemon.client("health", "--json"), OK).stdout)["status"] == "ok"


def test_top_prints_once_where_there_is_no_terminal(daemon):
    daemon.context()
    ran(daemon.client("top", "--once"), OK)


@pytest.mark.parametrize("words", [
    ["nonsense"], [], ["get"], ["get", "cust_1"], ["invalidate"], ["stats", "--nonsense"],
    ["invalidate", "--customer", "a", "--all"], ["invalidate", "--agent-type", "support"]])
def test_wrong_words_are_2(daemon, words):
    said = ran(daemon.client(*words), USAGE)
    assert said.stdout == ""
    assert said.stderr


@pytest.mark.parametrize("words", [["get", "a", "support"], ["stats"], ["health"],
                                   ["invalidate", "--customer", "a"]])
def test_a_daemon_that_is_not_there_is_5(words):
    said = ran(client(*words, "--url", "http://127.0.0.1:1"), UNREACHABLE)
    assert said.stdout == ""
    assert "127.0.0.1:1" in said.stderr


def test_url_by_flag_wins_over_the_environment(daemon):
    ran(client("health", "--url", daemon.url, environment={"CTXCACHE_URL": "http://127.0.0.1:1"}), OK)


def test_an_id_of_any_bytes_can_be_asked_for(daemon):
    ran(daemon.client("put", "a/b ?#é%", "support", text='{"a": 1}'), OK)
    assert json.loads(ran(daemon.client("get", "a/b ?#é%", "support"), OK).stdout) == {"a": 1}


def test_config_check_says_where_and_what(make_daemon):
    daemon = make_daemon(l1_cache_tll="30s")
    said = ran(client("config", "check", daemon.file), FAILURE)
    assert f"{daemon.file}:4:" in said.stdout + said.stderr
    assert "l1_cache_ttl" in said.stdout + said.stderr
    daemon.settings.pop("l1_cache_tll")
    daemon.write_config()
    ran(client("config", "check", daemon.file), OK)


def test_config_show_prints_every_value_and_its_origin(make_daemon):
    daemon = make_daemon(l1_cache_ttl="7s")
    said = ran(client("config", "show", daemon.file, environment={"CTXCACHE_L2_CACHE_TTL": "77s"}), OK).stdout
    rows = {line.split()[0]: line for line in said.splitlines() if line.split()}
    assert "7s" in rows["l1_cache_ttl"] and ":4" in rows["l1_cache_ttl"]
    assert "77s" in rows["l2_cache_ttl"] and "CTXCACHE_L2_CACHE_TTL" in rows["l2_cache_ttl"]
    assert "default" in rows["l1_cache_max_size"]


@pytest.mark.parametrize("shell, check", [("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]),
                                          ("fish", ["fish", "--no-execute"])])
def test_completions_know_the_verbs_and_are_well_formed(shell, check, tmp_path):
    said = ran(client("completion", shell), OK).stdout
    assert all(verb in said for verb in ("get", "invalidate", "explain", "agent-type"))
    file = tmp_path / "completion"
    file.write_text(said)
    if shutil.which(check[0]):
        subprocess.run([*check, file], check=True, timeout=20)


def test_the_man_page_names_every_verb():
    said = ran(client("man"), OK).stdout
    assert said.startswith(".TH")
    verbs = ("get", "put", "stats", "invalidate", "explain", "health", "top", "config")
    assert all(verb in said for verb in verbs)


def test_help_and_version():
    ran(client("--help"), OK, "invalidate")
    ran(client("--version"), OK, "ctxcache")
