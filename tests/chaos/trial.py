"""One fault under load, and what must hold of it."""

import contextlib
import re
import time

from fleet import SETTLED, check
from harness.process import eventually

AVAILABLE = 0.999
REPORTS = []  # of the checker, one for each trial
WARM_SECONDS, LOOK_SECONDS = 0.6, 0.3


class Trial:
    """What was seen while the fault lasted."""

    def __init__(self, history):
        self.history = history
        self.stats = None  # from the fault's begin to when all was well again
        self.report = ""   # of the checker

    @property
    def qualifying(self):
        return qualifying(self.report)


def qualifying(report):
    """Reads within 1 s after a fence, where the old value lay before."""
    return int(re.search(r"qualifying (\d+)", report)[1])


@contextlib.contextmanager
def trial(fleet, kind):
    """The body is the fault. Around it: no violation, at least 99.9 % of reads answered well, and all well
    again soon: licences, empty journals, hit rate."""
    one = Trial(fleet.record())
    time.sleep(LOOK_SECONDS)
    before = fleet.hit_rate(WARM_SECONDS)
    assert before > 0.2, f"hit rate {before} before the fault"
    fleet.stats()
    with fleet.fault(kind):
        yield one
    one.stats = fleet.stats()
    begin = time.monotonic()
    eventually(fleet.at_peace, SETTLED, f"peace after {kind}")

    def recovered():
        return fleet.hit_rate(LOOK_SECONDS) >= 0.9 * before

    eventually(recovered, SETTLED - (time.monotonic() - begin), f"90 % of the hit rate {before:.2f}")
    fleet.driver.order("stop")
    available = fleet.availability(one.stats)
    assert available >= AVAILABLE, f"{available:.5f} of the reads answered: {one.stats}"
    one.report = check(one.history)
    REPORTS.append(one.report)
    print(f"{kind}: {available:.3%} of reads answered; {one.report}")
