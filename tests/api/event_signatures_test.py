"""Signed change events: each scheme, forged, late, early and replayed ones, and the change of a secret."""

import base64
import datetime
import hashlib
import hmac
import json
import time
import uuid

import pytest

from events_test import EVENTS, PLAIN, fresh, receiver, warm  # noqa: F401 (a fixture)

NEW, OLD, FOREIGN = b"of today, for tests only", b"of yesterday, for tests", b"of somebody else"
CANARY = base64.b64encode(NEW).decode()
CONFIG = f"""
[signature.partner]
scheme = "standard-webhooks"
secrets = ["whsec_{CANARY}", "${{OLD_SECRET}}"]

[signature.billing]
scheme = "stripe"
secrets = ["{NEW.decode()}", "{OLD.decode()}"]

[signature.desk]
scheme = "zendesk"
secrets = ["{NEW.decode()}", "{OLD.decode()}"]
tolerance = "1m"

[signature.forge]
scheme = "hmac"
header = "X-Hub-Signature-256"
secrets = ["{NEW.decode()}", "{OLD.decode()}"]
"""
EVENT = json.dumps({"type": "ticket.created", "customer_id": "cust_1"}).encode()


def mac(key, message):
    return hmac.new(key, message, hashlib.sha256)


def standard(body, key=NEW, at=0):
    number, stamp = f"msg_{uuid.uuid4()}", str(int(time.time() + at))
    digest = mac(key, f"{number}.{stamp}.".encode() + body).digest()
    return {"webhook-id": number, "webhook-timestamp": stamp,
            "webhook-signature": "v1," + base64.b64encode(digest).decode()}


def stripe(body, key=NEW, at=0):
    stamp = str(int(time.time() + at))
    return {"Stripe-Signature": f"t={stamp},v1={mac(key, stamp.encode() + b'.' + body).hexdigest()}"}


def zendesk(body, key=NEW, at=0):
    when = datetime.datetime.fromtimestamp(int(time.time() + at), datetime.timezone.utc)
    stamp = when.strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = mac(key, stamp.encode() + body).digest()
    return {"X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
            "X-Zendesk-Webhook-Signature-Timestamp": stamp,
            "X-Zendesk-Webhook-Invocation-Id": str(uuid.uuid4())}


def forge(body, key=NEW):
    return {"X-Hub-Signature-256": "sha256=" + mac(key, body).hexdigest()}


TIMED = {"partner": (standard, 300), "billing": (stripe, 300), "desk": (zendesk, 60)}
SCHEMES = {"forge": forge, **{name: scheme for name, (scheme, _) in TIMED.items()}}


@pytest.fixture
def daemon(receiver, monkeypatch):  # noqa: F811
    monkeypatch.setenv("OLD_SECRET", "whsec_" + base64.b64encode(OLD).decode())
    return receiver(CONFIG)


def post(daemon, headers, body=EVENT):
    return daemon.request("POST", EVENTS, body, {**PLAIN, **headers})


def refused(daemon, headers, why, body=EVENT):
    assert why in post(daemon, headers, body).problem(401, "unauthorized")["detail"]


@pytest.mark.parametrize("name", SCHEMES)
def test_a_signed_event_is_believed_by_the_new_secret_and_by_the_old(daemon, name):
    for key in (NEW, OLD):
        warm(daemon)
        answer = post(daemon, SCHEMES[name](EVENT, key))
        assert (answer.status, answer.json["verdict"]) == (200, "invalidated"), answer
        assert fresh(daemon) == ("support",)


def test_unsigned_events_change_nothing(daemon):
    warm(daemon)
    refused(daemon, {}, "not signed")
    refused(daemon, {"X-Other-Signature": "sha256=00"}, "not signed")
    assert fresh(daemon) == ()


@pytest.mark.parametrize("name", SCHEMES)
def test_forged_events_change_nothing(daemon, name):
    warm(daemon)
    scheme = SCHEMES[name]
    refused(daemon, scheme(EVENT, FOREIGN), "bad signature")
    refused(daemon, scheme(EVENT), "bad signature", EVENT.replace(b"cust_1", b"cust_2"))
    refused(daemon, scheme(b""), "bad signature")
    assert fresh(daemon) == ()


@pytest.mark.parametrize("name", TIMED)
def test_late_and_early_events_change_nothing(daemon, name):
    scheme, tolerance = TIMED[name]
    warm(daemon)
    refused(daemon, scheme(EVENT, at=-tolerance - 30), "too old")
    refused(daemon, scheme(EVENT, at=tolerance + 30), "too new")
    assert fresh(daemon) == ()


def test_signatures_that_cannot_be_read_change_nothing(daemon):
    warm(daemon)
    for headers in ({"Stripe-Signature": "t=now,v1=zz"}, {"X-Hub-Signature-256": "sha256=no digits!"},
                    {"webhook-id": "a", "webhook-timestamp": "b", "webhook-signature": "c"},
                    {"X-Zendesk-Webhook-Signature": "!"}):
        refused(daemon, headers, "malformed")
    assert fresh(daemon) == ()


def test_a_replayed_event_is_recognised(daemon):
    for name in ("partner", "desk"):
        headers = SCHEMES[name](EVENT)
        assert post(daemon, headers).json["verdict"] == "invalidated"
        replayed = post(daemon, headers)
        assert (replayed.status, replayed.json["verdict"]) == (200, "duplicate"), name
        assert replayed.json["source"] == name


def test_secrets_are_never_shown(daemon):
    post(daemon, standard(EVENT, FOREIGN))
    post(daemon, standard(EVENT))
    said = daemon.process.output() + daemon.client("config", "show", "--config", daemon.file).stdout
    assert CANARY not in said
    assert NEW.decode() not in said
