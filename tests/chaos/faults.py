"""What goes wrong: each function harms the fleet for a while and mends it again."""

import time

from harness.process import eventually


def misbehave(fleet, slots, manner, seconds, *more):
    """The proxies between these daemons and Redis."""
    fleet.proxy(slots, manner, *more)
    time.sleep(seconds)
    fleet.proxy(slots, "pass")


def pause(fleet, slot, seconds):
    fleet.pause_daemon(slot)
    time.sleep(seconds)
    fleet.wake_daemon(slot)


def kill(fleet, slot, seconds):
    fleet.kill_daemon(slot)
    time.sleep(seconds)
    fleet.start_daemon(slot)


def restart_redis(fleet, seconds):
    """It comes back empty."""
    fleet.redis.kill()
    time.sleep(seconds)
    fleet.redis.start()
    for replica in fleet.servers[1:]:
        fleet.follow(replica, fleet.redis)


def lose(fleet, words, times=3):
    """Redis forgets something, again and again."""
    for _ in range(times):
        fleet.redis.cli(*words)
        time.sleep(0.3)


def fill_up(fleet, seconds):
    """Redis has no memory left, and evicts nothing."""
    fleet.redis.cli("config", "set", "maxmemory-policy", "noeviction", "maxmemory", "1mb")
    assert "OOM" in "".join(fleet.redis.cli("set", "probe", "x"))
    time.sleep(seconds)
    fleet.redis.cli("config", "set", "maxmemory", "0")


def fail_over(fleet, seconds):
    """The master dies, its replica takes over, and the old master comes back as the replica."""
    fleet.redis.kill()
    promote(fleet)
    fleet.lead([0, 1, 2], fleet.redis)
    time.sleep(seconds)
    fleet.servers[-1].start()
    fleet.follow(fleet.servers[-1], fleet.redis)


def split(fleet, seconds):
    """The replica takes over, with a new one of its own, but one daemon goes on with the old master."""
    old = fleet.redis
    promote(fleet)
    fleet.lead([1, 2], fleet.redis)
    fleet.add_replica()
    time.sleep(seconds)
    fleet.lead([0], fleet.redis)
    fleet.servers.remove(old)
    old.stop()


def promote(fleet):
    """The first replica becomes the master that the log lives in; the old master comes last."""
    fleet.servers.append(fleet.servers.pop(0))
    fleet.redis.cli("replicaof", "no", "one")
    eventually(lambda: "role:master" in fleet.redis.cli("info", "replication"), what="the new master")
