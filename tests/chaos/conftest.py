"""Fixtures of the tests over real processes. CTX_BIN names the folder of the binaries under test."""

import pytest

from fleet import Fleet
from trial import REPORTS, qualifying


def pytest_terminal_summary(terminalreporter):
    total = sum(qualifying(report) for report in REPORTS)
    terminalreporter.write_line(f"{total} qualifying reads in {len(REPORTS)} trials without a violation")


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
