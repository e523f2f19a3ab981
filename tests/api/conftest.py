"""Fixtures of the black-box tests. CTX_BIN names the folder of the binaries under test."""

import pytest

from harness.daemon import PATIENT, Daemon, demo_body
from harness.faults import Origin, Proxy
from harness.servers import CUSTOMERS, Postgres, Redis, demo_data


def pytest_configure(config):
    config.addinivalue_line("markers", "release: what a newcomer does, with the release build")
    config.addinivalue_line("markers", "minute: waits for a minute to begin")


def pytest_collection_modifyitems(items):
    """What waits for a minute to begin goes first: at the end all others would wait for it."""
    items.sort(key=lambda item: item.get_closest_marker("minute") is None)


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory):
    """The demo data; to be read only."""
    path = str(tmp_path_factory.mktemp("demo") / "demo.sqlite")
    demo_data("--customers", str(CUSTOMERS), "--sqlite", path)
    return path


@pytest.fixture(scope="session")
def postgres():
    """The demo data in a PostgreSQL of our own. A test that kills it starts it again."""
    cluster = Postgres()
    try:
        cluster.start()
        cluster.sql(demo_data("--customers", str(CUSTOMERS), "--sql"))
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture
def redis(tmp_path):
    server = Redis(str(tmp_path)).start()
    yield server
    server.stop()


@pytest.fixture
def redis_proxy(redis):
    proxy = Proxy(redis.port)
    yield proxy
    proxy.close()


@pytest.fixture
def origin():
    service = Origin()
    yield service
    service.close()


@pytest.fixture
def make_daemon(tmp_path):
    """make_daemon(body, **settings): a daemon, not yet started. What runs at the end must end cleanly."""
    made = []

    def make(body="", **settings):
        made.append(Daemon(str(tmp_path), {"enable_l2_cache": False, **settings}, body))
        return made[-1]

    yield make
    running = [one for one in made if one.process and not one.process.reaped]
    try:
        for one in running:
            one.stop()
    finally:
        for one in running:
            if one.process.alive():
                one.process.end(9)


@pytest.fixture
def demo(make_daemon, sqlite_file, redis):
    """demo(**settings): a running daemon over SQLite and Redis."""

    def make(**settings):
        body = demo_body("sqlite", sqlite_file)
        return make_daemon(body, **{"enable_l2_cache": True, "redis_url": redis.url, **PATIENT,
                                    **settings}).start()

    return make


TRUTH = """
[provider.truth]
type = "http"
url = "{url}"

[section.tickets]
provider = "truth"
path = "/{{customer_id}}"
shape = "rows"
required = true
timeout = "1s"
"""


@pytest.fixture
def member(make_daemon, origin, redis):
    """member({constant: value}, **settings): a running daemon of a fleet over one Redis and the origin's
    tickets. Its caches outlive the test; licence, grace and own loads are a second each."""

    def make(coherence=None, **settings):
        constants = {"licence": "1s", "grace": "1s", "own_loads": "1s", **(coherence or {})}
        return make_daemon(TRUTH.format(url=origin.url),
                           **{"enable_l2_cache": True, "redis_url": redis.url, "l1_cache_ttl": "300s",
                              **{f"coherence.{name}": value for name, value in constants.items()},
                              **settings}).start()

    return make


@pytest.fixture
def proxied(redis, member):
    """proxied(constants, **settings): a daemon and the proxy between it and Redis."""
    proxies = []

    def make(coherence=None, **settings):
        proxies.append(Proxy(redis.port))
        return member(coherence, redis_url=f"redis://127.0.0.1:{proxies[-1].port}", **settings), proxies[-1]

    yield make
    for one in proxies:
        one.close()


@pytest.fixture
def daemon(demo):
    return demo()
