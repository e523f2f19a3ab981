"""Fixtures of the tests over real processes. CTX_BIN names the folder of the binaries under test."""

import pytest

from fleet import Fleet
from trial import REPORTS, qualifying


QUALIFYING = []  # reads, of each trial; of all processes that run tests


@pytest.fixture(autouse=True)
def report_of_trials(request):
    """What the checker said goes along with the test's result, to the process that sums up."""
    yield
    request.node.user_properties.append(("qualifying", [qualifying(one) for one in REPORTS]))
    REPORTS.clear()


def pytest_runtest_logreport(report):
    if report.when == "teardown":
        QUALIFYING.extend(dict(report.user_properties).get("qualifying", []))


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(
        f"{sum(QUALIFYING)} qualifying reads in {len(QUALIFYING)} trials without a violation")


@pytest.fixture
def make_fleet(tmp_path):
    """make_fleet(replicas=0): a running fleet. What runs at the end must end cleanly."""
    made = []

    def make(**how):
        made.append(Fleet(str(tmp_path), **how))
        return made[-1].start()

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def fleet(make_fleet):
    return make_fleet()
