"""The worker is killed again and again; no accepted message is lost.

60 kills, or with LOGD_FAULTS_LONG=1 a thousand for each kind of sender.
"""

import contextlib
import os
import random
import signal
import time
import unittest

import steady
from fault_case import FaultCase, long_form
from follower import Follower

# After its birth or, mostly, after it has stored something.
DELAY_S_MIN, DELAY_S_MAX = 0.0005, 0.006
SERVES_S_MAX = 2
YOUNG_SHARE = 0.2

ACCEPTS_S_MAX = 0.1
QUIET_S = 0.3  # between two measurements


def stored_bytes(daemon):
    total = 0
    for file in os.scandir(daemon.store):
        with contextlib.suppress(FileNotFoundError):  # sealed meanwhile
            total += file.stat().st_size
    return total


def wait_until_it_serves(daemon):
    """Returns after how many seconds something more was stored."""
    before = stored_bytes(daemon)
    begin = time.monotonic()
    while stored_bytes(daemon) == before:
        if time.monotonic() > begin + SERVES_S_MAX:
            break
        time.sleep(0.0002)
    return time.monotonic() - begin


def kill_workers(daemon, count, seed):
    """Kills `count` workers; returns how long each took to store something.

    Some die while they take over what the one before left, most a few
    milliseconds after they began to serve.
    """
    chance = random.Random(seed)
    killed = None
    times = []
    for _ in range(count):
        pid = daemon.worker_pid(other_than=killed)
        if chance.random() > YOUNG_SHARE:
            times.append(wait_until_it_serves(daemon))
        time.sleep(chance.uniform(DELAY_S_MIN, DELAY_S_MAX))
        os.kill(pid, signal.SIGKILL)
        killed = pid
    return sorted(times)


class Kills(FaultCase):
    def check(self, kinds, kills, **options):
        self.start()
        self.daemon.settle()
        fds = self.daemon.keeper_fd_count()
        begin = time.monotonic()
        with steady.Steady(kinds, **options) as load:
            serves = kill_workers(self.daemon, kills, seed=kills)
            expected = load.stop()
        seconds = time.monotonic() - begin
        self.assert_all_stored(expected)
        files = self.store_file_count()
        disk_bytes = self.store_bytes()
        self.report(kinds=kinds, kills=kills, seconds=round(seconds, 1),
                    accepted=steady.accepted_count(expected), lost=0, twice=0,
                    files=files, disk_bytes=disk_bytes,
                    serves_ms_p50=round(serves[len(serves) // 2] * 1000, 1),
                    serves_ms_max=round(serves[-1] * 1000, 1))
        # What one WAL and one segment hold, not one file for each kill.
        self.assertLess(files, 8 + disk_bytes // (4 << 20))
        self.assertLessEqual(self.daemon.keeper_fd_count(), fds)
        self.assertEqual(self.daemon.stop(), 0)

    def test_no_kind_of_sender_loses_a_message(self):
        kinds = {"syslog": 2, "native": 2, "stream": 8, "large": 1,
                 "memfd": 1, "brief": 1}
        self.check(kinds, kills=60)

    @unittest.skipUnless(long_form(), "long form only")
    def test_a_thousand_kills_lose_no_syslog_message(self):
        self.check({"syslog": 2}, kills=1000)

    @unittest.skipUnless(long_form(), "long form only")
    def test_a_thousand_kills_lose_no_native_message(self):
        self.check({"native": 2}, kills=1000)

    @unittest.skipUnless(long_form(), "long form only")
    def test_a_thousand_kills_lose_no_line_of_a_hundred_streams(self):
        self.check({"stream": 100}, kills=1000, pause_us=10_000)

    @unittest.skipUnless(long_form(), "long form only")
    def test_a_thousand_kills_lose_no_large_or_brief_message(self):
        self.check({"large": 2, "memfd": 2, "brief": 2}, kills=1000,
                   pause_us=5_000)


class Restart(FaultCase):
    def test_a_killed_worker_is_replaced_within_100_ms(self):
        self.start()
        follower = Follower(self.daemon, "probe")
        self.addCleanup(follower.close)
        times = []
        for number in range(200 if long_form() else 20):
            time.sleep(QUIET_S)
            self.daemon.kill_worker()
            seconds = follower.probe(b"%d" % number, 10)
            self.assertIsNotNone(seconds, "not shown within 10 s")
            times.append(seconds)
        times.sort()
        self.report(restarts=len(times),
                    p50_ms=round(times[len(times) // 2] * 1000, 1),
                    max_ms=round(times[-1] * 1000, 1))
        self.assertLess(times[-1], ACCEPTS_S_MAX)

    def test_a_replaced_worker_is_an_entry(self):
        self.start()
        self.daemon.settle()
        self.daemon.kill_worker()
        found = self.daemon.wait_for(1, "LOGD_EVENT=restarted")
        self.assertEqual([entry["_TRANSPORT"] for entry in found],
                         ["driver"])


if __name__ == "__main__":
    unittest.main()
