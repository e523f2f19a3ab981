"""Malformed, oversized and truncated requests, hostile ids, bodies that are not JSON: each gets its answer,
and changes nothing."""

import re
import socket

import pytest

from harness.daemon import percent
from harness.process import eventually

PUT = "/api/v1/context/cust_1/support"
JSON = {"Content-Type": "application/json"}


def talk(daemon, *pieces, end=False):
    """What a connection answers to these bytes until it is closed or idle for a moment; (bytes, closed)."""
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=15) as wire:
        for piece in pieces:
            try:
                wire.sendall(piece)
            except OSError:
                break  # closed already: the answer is what counts
        if end:
            wire.shutdown(socket.SHUT_WR)
        said = b""
        try:
            while chunk := wire.recv(65536):
                said += chunk
        except ConnectionResetError:
            pass
        except TimeoutError:
            return said, False
        return said, True


def still_well(daemon):
    assert daemon.process.alive()
    assert daemon.context("cust_2").status == 200


MALFORMED = {
    "no_http": b"hello\r\n\r\n",
    "no_version": b"GET /livez\r\n\r\n",
    "wrong_version": b"GET /livez HTTP/9.9\r\nHost: a\r\n\r\n",
    "binary": bytes(range(256)) + b"\r\n\r\n",
    "tls_hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64 + b"\r\n\r\n",
    "header_without_colon": b"GET /livez HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n",
    "header_with_space": b"GET /livez HTTP/1.1\r\nHost : a\r\n\r\n",
    "folded_header": b"GET /livez HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
    "bare_line_feed": b"GET /livez HTTP/1.1\nHost: a\n\n",
    "null_in_header": b"GET /livez HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n",
    "length_and_chunked": b"PUT " + PUT.encode() + b" HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                          b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two_lengths": b"PUT " + PUT.encode() + b" HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                   b"Content-Length: 3\r\n\r\n{}",
    "negative_length": b"PUT " + PUT.encode() + b" HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "length_that_overflows": b"PUT " + PUT.encode() + b" HTTP/1.1\r\nHost: a\r\nContent-Length: "
                             b"99999999999999999999999\r\n\r\n",
    "unknown_transfer_encoding": b"PUT " + PUT.encode() + b" HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip"
                                 b"\r\n\r\n",
    "bad_chunk": b"PUT " + PUT.encode() + b" HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_request_is_answered_400_and_closed(daemon, name):
    said, closed = talk(daemon, MALFORMED[name])
    assert closed
    status = said.split(b" ", 2)[1:2]
    assert status in ([b"400"], [b"413"], [b"501"], [b"505"]), said
    assert said.count(b"HTTP/1.1 ") == 1, "what follows a malformed request is not read as another"
    assert daemon.explain("cust_1")["l1"] is None
    still_well(daemon)


def test_a_request_smuggled_behind_a_malformed_one_is_not_executed(daemon):
    daemon.context("cust_1")
    talk(daemon, MALFORMED["length_and_chunked"] +
         b"DELETE /api/v1/context/cust_1 HTTP/1.1\r\nHost: a\r\n\r\n")
    assert daemon.context("cust_1").source == "l1"


def test_an_oversized_header_is_refused(daemon):
    said, closed = talk(daemon, b"GET /livez HTTP/1.1\r\nHost: a\r\n", b"X: " + b"x" * 20_000 + b"\r\n\r\n")
    assert closed
    assert said.split(b" ")[1] in (b"400", b"413", b"414", b"431"), said[:200]
    still_well(daemon)


def test_an_oversized_target_is_refused(daemon):
    said, closed = talk(daemon, b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    assert closed
    assert said.split(b" ")[1] in (b"400", b"413", b"414", b"431"), said[:200]
    still_well(daemon)


def test_a_body_over_the_limit_is_413_and_at_the_limit_is_stored(demo):
    daemon = demo(max_body_bytes=1000)

    def document(length):
        return b'{"a":"' + b"x" * (length - 8) + b'"}'

    daemon.request("PUT", PUT, document(1001), JSON).problem(413, "too_large")
    assert daemon.explain("cust_1")["l1"] is None
    assert daemon.request("PUT", PUT, document(1000), JSON).status == 200


def test_a_chunked_body_over_the_limit_is_413(demo):
    daemon = demo(max_body_bytes=1000)
    head = b"PUT " + PUT.encode() + b" HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    said, closed = talk(daemon, head, (b"200\r\n" + b"x" * 512 + b"\r\n") * 4)
    assert closed
    assert said.startswith(b"HTTP/1.1 413"), said[:200]
    still_well(daemon)


def test_a_giant_announced_body_is_refused_unread(daemon):
    said, closed = talk(daemon, b"PUT " + PUT.encode() + b" HTTP/1.1\r\nHost: a\r\nContent-Length: "
                        b"10000000000\r\n\r\n")
    assert closed
    assert said.startswith(b"HTTP/1.1 413"), said[:200]


@pytest.mark.parametrize("piece", [
    b"GET /liv", b"GET /livez HTTP/1.1\r\nHos",
    b"PUT " + PUT.encode() + b' HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{"a'])
def test_a_truncated_request_changes_nothing(daemon, piece):
    said, closed = talk(daemon, piece, end=True)
    assert closed
    assert not said.startswith(b"HTTP/1.1 2"), said
    assert daemon.explain("cust_1")["l1"] is None
    still_well(daemon)


def test_a_request_that_never_ends_is_closed_after_the_header_timeout(demo):
    daemon = demo(header_timeout="1s")
    _, closed = talk(daemon, b"GET /livez HTTP/1.1\r\nHost: a\r\nX: ")
    assert closed
    still_well(daemon)


def test_an_idle_connection_is_closed(demo):
    daemon = demo(idle_timeout="1s")
    said, closed = talk(daemon, b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
    assert closed
    assert said.startswith(b"HTTP/1.1 200")


def test_pipelined_requests_are_answered_in_order(daemon):
    paths = [b"/livez", b"/nowhere", b"/api/v1/context/cust_1/support", b"/livez"]
    said, _ = talk(daemon, b"".join(b"GET " + p + b" HTTP/1.1\r\nHost: a\r\n" +
                                    (b"Connection: close\r\n" if i == 3 else b"") + b"\r\n"
                                    for i, p in enumerate(paths)))
    statuses = re.findall(rb"HTTP/1\.1 (\d+) ", said)
    assert statuses == [b"200", b"404", b"200", b"200"]


def test_a_request_byte_by_byte_is_answered(daemon):
    text = b"GET /api/v1/context/cust_1/support HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    said, _ = talk(daemon, *(text[i:i + 1] for i in range(len(text))))
    assert said.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("body, status, code", [
    (b"", 400, None), (b"{", 400, None), (b"nonsense", 400, None), (b'{"a":1} x', 400, None),
    (b'{"a":\xff}', 400, None), (b"{'a':1}", 400, None), (b'{"a":NaN}', 400, None),
    (b"[" * 100_000, 400, None), (b"[]", 422, "invalid_document"), (b"1", 422, "invalid_document"),
    (b'"text"', 422, "invalid_document"), (b"null", 422, "invalid_document"),
])
def test_a_document_that_is_no_json_object_is_refused(daemon, body, status, code):
    answer = daemon.request("PUT", PUT, body, JSON)
    assert answer.status == status, answer
    problem = answer.problem(status, code or answer.json["code"])
    assert problem["detail"]
    assert daemon.explain("cust_1")["l1"] is None


@pytest.mark.parametrize("method, path", [("POST", "/api/v1/context/batch"),
                                          ("POST", "/api/v1/context/cache/invalidate")])
@pytest.mark.parametrize("body", [b"", b"{", b"\x00", b"nonsense"])
def test_a_body_that_is_not_json_is_400(daemon, method, path, body):
    answer = daemon.request(method, path, body, JSON)
    answer.problem(400, answer.json["code"])


def test_ids_of_every_byte_are_kept_apart(daemon, redis):
    """A single byte that is UTF-8 is an id like any other, and shares its key with nobody."""
    customers = [bytes([b]) for b in range(128)] + [f"a{chr(b)}b".encode() for b in range(128, 256)]
    for n, customer in enumerate(customers):
        answer = daemon.request("PUT", f"/api/v1/context/{percent(customer)}/support", {"n": n})
        assert answer.status == 200, (customer, answer)
    for n, customer in enumerate(customers):
        answer = daemon.get(f"/api/v1/context/{percent(customer)}/support")
        assert (answer.status, answer.json) == (200, {"n": n}), customer
    assert len(redis.keys()) == len(customers)
    assert not any(c in key for key in redis.keys() for c in "*?[]\\ ")


@pytest.mark.parametrize("raw", ["%FF", "%C3", "%C0%80", "%ED%A0%80", "%F5%80%80%80", "a" * 129,
                                 "%C3%A9" * 65, "%", "%1", "%zz"])
def test_an_id_that_is_no_id_is_400(daemon, raw):
    answer = daemon.get(f"/api/v1/context/{raw}/support")
    assert answer.status == 400, answer
    answer.problem(400, answer.json["code"])


def test_the_longest_id_is_accepted(daemon):
    for customer in ("a" * 128, "é" * 64):
        daemon.context(customer).problem(404, "customer_unknown")


def test_an_id_with_a_glob_invalidates_only_itself(daemon):
    for customer in ("*", "a", "cust_1"):
        put = daemon.request("PUT", f"/api/v1/context/{percent(customer)}/support", {"c": customer})
        assert put.status == 200
    assert daemon.request("DELETE", "/api/v1/context/%2A").json["matched_l1"] == 1
    assert [daemon.explain(c)["l1"] is None for c in ("*", "a", "cust_1")] == [True, False, False]


@pytest.mark.parametrize("path", ["/", "/nowhere", "/api/v1/context", "/api/v2/health",
                                  "/api/v1/context/a/support/b/c"])
def test_an_unknown_path_is_404(daemon, path):
    daemon.get(path).problem(404, "not_found")


@pytest.mark.parametrize("method, path, allowed", [
    ("POST", "/livez", "GET"), ("DELETE", "/metrics", "GET"), ("PATCH", PUT, "PUT"),
    ("GET", "/api/v1/context/batch", "POST"), ("PUT", "/api/v1/context/cache/invalidate", "POST"),
])
def test_another_method_is_405_and_names_the_right_ones(daemon, method, path, allowed):
    answer = daemon.request(method, path)
    answer.problem(405, answer.json["code"])
    assert allowed in answer.headers["Allow"]


def test_hostile_patterns_stay_quick(daemon):
    daemon.context("cust_1")
    pattern = "*a" * 128
    assert len(pattern) == 256
    assert daemon.invalidate({"pattern": pattern, "dry_run": True}).status == 200
    assert daemon.context("cust_1").source == "l1"


def test_connections_over_the_limit_do_not_end_the_others(demo):
    daemon = demo(max_connections=4)
    held = [socket.create_connection(("127.0.0.1", daemon.port)) for _ in range(20)]
    for one in held:
        one.close()
    eventually(lambda: daemon.process.alive() and daemon.context("cust_1").status == 200)


def test_a_thousand_random_customers_leave_the_negative_cache_bounded(demo):
    daemon = demo(negative_max_size=10)
    for begin in range(0, 1000, 100):
        keys = [{"customer_id": f"nobody_{n}", "agent_type": "support"} for n in range(begin, begin + 100)]
        results = daemon.request("POST", "/api/v1/context/batch", {"keys": keys}).json["results"]
        assert {one["status"] for one in results} == {404}
    assert daemon.stats()["l1_size"] == 0
    still_well(daemon)
