"""The long run: rounds of load and random faults, each with a history that is checked and thrown away."""

import collections
import os
import random
import re
import subprocess
import time

import faults
from fleet import SETTLED, SIZE, Fleet
from harness.daemon import BIN
from harness.process import eventually

ROUND_SECONDS = 60
KINDS = {
    "refuse": lambda fleet, dice: faults.misbehave(fleet, some(dice), "refuse", dice.uniform(0.1, 4)),
    "hang": lambda fleet, dice: faults.misbehave(fleet, some(dice), "hang", dice.uniform(0.1, 4)),
    "mute": lambda fleet, dice: faults.misbehave(fleet, some(dice), "mute", dice.uniform(0.1, 4)),
    "truncate": lambda fleet, dice: faults.misbehave(fleet, some(dice), "truncate", dice.uniform(0.1, 2)),
    "dribble": lambda fleet, dice: faults.misbehave(fleet, some(dice), "dribble", dice.uniform(0.1, 2)),
    "delay": lambda fleet, dice: faults.misbehave(fleet, some(dice), "delay", dice.uniform(0.1, 4),
                                                  dice.randrange(1, 300)),
    "pause": lambda fleet, dice: faults.pause(fleet, dice.randrange(SIZE), dice.uniform(0.1, 4)),
    # Never the others, so that their memory can be watched all along.
    "kill": lambda fleet, dice: faults.kill(fleet, 0, dice.uniform(0.1, 2)),
    "redis killed": lambda fleet, dice: faults.restart_redis(fleet, dice.uniform(0.1, 4)),
    "flushall": lambda fleet, dice: faults.lose(fleet, ("flushall",), dice.randrange(1, 4)),
    "log lost": lambda fleet, dice: faults.lose(fleet, ("del", "{ctxcache}:log"), dice.randrange(1, 4)),
    "meta lost": lambda fleet, dice: faults.lose(fleet, ("del", "{ctxcache}:meta"), dice.randrange(1, 4)),
    "out of memory": lambda fleet, dice: faults.fill_up(fleet, dice.uniform(0.1, 4)),
    "failover": lambda fleet, dice: faults.fail_over(fleet, dice.uniform(0.1, 2)),
    "split": lambda fleet, dice: faults.split(fleet, dice.uniform(0.1, 3)),
}


def some(dice):
    return dice.sample(range(SIZE), dice.randrange(1, SIZE + 1))


class Soak:
    def __init__(self, folder, seed):
        self.dice = random.Random(seed)
        self.fleet = Fleet(folder, replicas=1).start()
        self.carry = os.path.join(folder, "carry.jsonl")  # what was written before this history began
        with open(self.carry, "w", encoding="utf-8"):
            pass
        self.rounds = 0
        self.reads = 0
        self.qualifying = 0
        self.answered = collections.Counter()
        self.faults = collections.Counter()
        self.violations = collections.Counter()
        self.memory = collections.defaultdict(list)  # by start of a daemon: (seconds, bytes)

    def round(self):
        history = self.fleet.record()
        self.fleet.stats()
        end = time.monotonic() + ROUND_SECONDS
        while time.monotonic() < end:
            time.sleep(self.dice.uniform(0.5, 3))
            kind = self.dice.choice(list(KINDS))
            with self.fleet.fault(kind):
                KINDS[kind](self.fleet, self.dice)
            self.faults[kind] += 1
            self.note_memory()
        try:
            eventually(self.fleet.at_peace, SETTLED)
        except AssertionError as error:
            self.violations["V7"] += 1
            print(f"V7 after {kind}: {error}; {[one.health()['parts'] for one in self.fleet.daemons]}")
        stats = self.fleet.stats()
        self.answered["2xx"] += sum(slot["good"] for slot in stats["slots"])
        self.answered.update(stats["statuses"])
        self.fleet.driver.order("stop")
        self.check(history)
        self.rounds += 1
        print(f"round {self.rounds}: {self.summary_line()}", flush=True)

    def check(self, history):
        ran = subprocess.run([os.path.join(BIN, "ctx_check_history"), self.carry, history],
                             capture_output=True, text=True, timeout=600, check=False)
        self.reads += int(re.search(r"reads (\d+)", ran.stdout)[1])
        self.qualifying += int(re.search(r"qualifying (\d+)", ran.stdout)[1])
        if ran.returncode != 0:
            print(ran.stdout[:4000] + ran.stderr[:4000])
            self.violations.update(re.findall(r"^(V\d)", ran.stdout, re.M) or ["checker"])
            os.rename(self.carry, history + ".carry")
        with open(history, encoding="utf-8") as lines, open(self.carry, "w", encoding="utf-8") as carry:
            carry.writelines(line for line in lines if not re.match(r'{"t": "(read|load|constants)"', line))
        if ran.returncode == 0:
            os.remove(history)

    def note_memory(self):
        for slot in range(SIZE):
            start = (slot, self.fleet.starts[slot])
            self.memory[start].append((time.monotonic(), self.fleet.resident_bytes(slot)))

    def end(self):
        self.fleet.stop()

    def summary_line(self):
        return (f"reads {self.reads}, qualifying {self.qualifying}, violations "
                f"{dict(self.violations) or 0}, faults {sum(self.faults.values())}")

    def summary(self):
        lines = [self.summary_line()]
        lines += [f"  fault {kind}: {count}" for kind, count in sorted(self.faults.items())]
        lines += [f"  answers {status}: {count}" for status, count in sorted(self.answered.items())]
        for slot in range(SIZE):
            samples = max((s for start, s in self.memory.items() if start[0] == slot), key=len)
            lines.append(f"  memory of daemon {slot}: {samples[-1][1] / 2**20:.1f} MB, {slope(samples):+.2f} "
                         f"MB/h over {(samples[-1][0] - samples[0][0]) / 60:.0f} min")
        return "\n".join(lines)


def slope(samples):
    """MB an hour by least squares, over the second half: the first fills caches."""
    late = samples[len(samples) // 2:]
    mean_time = sum(t for t, _ in late) / len(late)
    mean_size = sum(b for _, b in late) / len(late)
    spread = sum((t - mean_time)**2 for t, _ in late)
    if spread == 0:
        return 0.0
    return sum((t - mean_time) * (b - mean_size) for t, b in late) / spread * 3600 / 2**20
