"""What stands still: a stopped worker, a slow disk.  Nobody waits for it."""

import os
import signal
import time
import unittest

import oracle
import sandbox
import steady
from fault_case import ROOMY, FaultCase, long_form
from follower import Follower

REPLACED_S_MAX = 3  # killed after 2 s without a heartbeat
WAITED_S_MAX = 0.9  # less than one call of a slow disk
SHOWN_S_MAX = 5  # on a disk that takes a second for each call
FLOOD = {"syslog": 1, "native": 1, "stream": 4}


class Stopped(FaultCase):
    def test_a_stopped_worker_is_replaced_while_messages_wait(self):
        self.start()
        with steady.Steady({"syslog": 2, "native": 2, "stream": 8}) as load:
            time.sleep(0.5)
            stopped = self.daemon.worker_pid()
            begin = time.monotonic()
            os.kill(stopped, signal.SIGSTOP)
            self.daemon.worker_pid(other_than=stopped, seconds=10)
            seconds = time.monotonic() - begin
            time.sleep(0.5)
            expected = load.stop()
        self.assert_all_stored(expected)
        self.report(replaced_s=round(seconds, 2),
                    blocked_s_max=steady.blocked_s_max(expected))
        self.assertLess(seconds, REPLACED_S_MAX)
        self.assertLess(steady.blocked_s_max(expected), REPLACED_S_MAX)

    def test_a_stopped_worker_is_left_alone_while_nothing_waits(self):
        self.start()
        self.daemon.settle()
        stopped = self.daemon.worker_pid()
        os.kill(stopped, signal.SIGSTOP)
        time.sleep(10 if long_form() else 3)
        os.kill(stopped, signal.SIGCONT)
        self.daemon.settle()
        self.assertEqual(self.daemon.worker_pid(), stopped)


class SlowDisk(FaultCase):
    def start_with_switch(self):
        self.switch = os.path.join(sandbox.SCRATCH, "disk-is-slow")
        library = os.path.join(os.environ["LOGD_FAULTS_BIN"], "slow_disk.so")
        self.start(ROOMY, environment={
            "LD_PRELOAD": library, "SLOW_DISK_SWITCH": self.switch,
            "SLOW_DISK_STORE": "/var/log/logd",
            "ASAN_OPTIONS": "verify_asan_link_order=0"})
        self.addCleanup(self.set_slow, False)

    def set_slow(self, slow):
        if slow:
            with open(self.switch, "w"):
                pass
        elif os.path.exists(self.switch):
            os.unlink(self.switch)

    def test_no_sender_waits_for_a_slow_disk(self):
        self.start_with_switch()
        self.daemon.settle()
        worker = self.daemon.worker_pid()
        with steady.Steady(FLOOD, bytes_max=2000) as load:
            time.sleep(0.5)
            self.set_slow(True)
            time.sleep(20 if long_form() else 6)
            self.set_slow(False)
            time.sleep(0.5)
            expected = load.stop()
        found, answer = self.ask_until_right(expected,
                                             oracle.faults_with_drops)
        self.assertEqual(found, {})
        self.report(accepted=steady.accepted_count(expected),
                    dropped=sum(answer.dropped.values()),
                    blocked_s_max=steady.blocked_s_max(expected))
        self.assertLess(steady.blocked_s_max(expected), WAITED_S_MAX)
        self.assertEqual(self.daemon.worker_pid(), worker,
                         "the worker did not stand still")

    def test_a_follower_of_a_slow_disk_sees_what_comes(self):
        self.start_with_switch()
        follower = Follower(self.daemon, "probe")
        self.addCleanup(follower.close)
        with steady.Steady({"stream": 2}, pause_us=100_000) as load:
            self.set_slow(True)
            seconds = max(follower.probe(b"%d" % number, 20) or 20
                          for number in range(5))
            self.set_slow(False)
            expected = load.stop()
        self.assert_all_stored(expected)
        self.report(shown_s_max=round(seconds, 2))
        self.assertGreater(seconds, 1, "the disk was not slow")
        self.assertLess(seconds, SHOWN_S_MAX)


if __name__ == "__main__":
    unittest.main()
