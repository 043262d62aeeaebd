"""No space, no disk, and the limits of size.

Whatever the disk refuses, what was sent is stored or reported as dropped, and
logd goes on by itself as soon as it can.
"""

import contextlib
import threading
import time
import unittest

import oracle
import senders
import steady
import volumes
from daemon import Gone
from fault_case import FaultCase, long_form

MIB = 1 << 20
TIGHT = {"store": {"max_use": "32M", "keep_free": "0"}}
MAX_USE_BYTES = 32 * MIB
# Room for all that is sent while the neighbour is not there.
LARGE = {"store": {"max_use": "400M", "keep_free": "0"}}
LARGE_BYTES = 512 * MIB

RESUMES_S_MAX = 2
GIVE_UP_S = 20
BLOCKED_S_MAX = 2
FLOOD = {"syslog": 1, "native": 1, "stream": 4}


class SpaceCase(FaultCase):
    def start_on(self, kind, size_bytes, settings=None):
        try:
            self.volume = volumes.Volume(kind, "/var/log/logd", size_bytes)
        except volumes.Missing as error:
            self.skipTest(str(error))
        self.addCleanup(self.volume.close)
        return self.start(settings or TIGHT)

    def wait_until_it_resumes(self):
        """Seconds until a new message is shown."""
        begin = time.monotonic()
        sent = []
        output = b""
        while time.monotonic() < begin + GIVE_UP_S:
            sent.append(b"probe %d" % len(sent))
            senders.send_native(b"SYSLOG_IDENTIFIER=probe\nPRIORITY=3\n"
                                b"MESSAGE=%s\n" % sent[-1])
            with contextlib.suppress(Gone):  # a gap, for the moment
                output = self.daemon.query("-o", "cat", "-t", "probe")
            if any(line in sent for line in output.splitlines()):
                return time.monotonic() - begin
            time.sleep(0.05)
        raise Gone("logd did not resume")


class Full(SpaceCase):
    def check_neighbour(self, kind):
        """Another file takes the space and gives it back."""
        self.start_on(kind, LARGE_BYTES, LARGE)
        self.daemon.settle()
        self.volume.fill(leaving_bytes=MIB)
        with steady.Steady(FLOOD, bytes_max=2000) as flood, steady.Steady(
                {"stream": 1}, prefix="urgent", priority=3,
                pause_us=20_000) as urgent:
            time.sleep(10 if long_form() else 4)
            self.assertTrue(self.daemon.alive())
            self.volume.free()
            seconds = self.wait_until_it_resumes()
            time.sleep(1)
            expected = flood.stop() + urgent.stop()
        found, answer = self.ask_until_right(
            expected, oracle.faults_with_drops)
        self.assertEqual(found, {})
        dropped = sum(answer.dropped.values())
        self.report(volume=kind, resumed_s=round(seconds, 2),
                    accepted=steady.accepted_count(expected),
                    stored=answer.count(), dropped=dropped,
                    blocked_s_max=steady.blocked_s_max(expected))
        self.assertGreater(dropped, 0, "the disk was never full")
        self.assertEqual(answer.dropped_of("urgent-stream-0"), 0)
        self.assertLess(seconds, RESUMES_S_MAX)
        self.assertLess(steady.blocked_s_max(expected), BLOCKED_S_MAX)

    def test_what_a_full_tmpfs_does_not_take_is_reported(self):
        self.check_neighbour("tmpfs")

    def test_what_a_full_ext4_does_not_take_is_reported(self):
        self.check_neighbour("ext4")

    def test_a_volume_smaller_than_the_limit_keeps_the_newest(self):
        self.start_on("tmpfs", 20 * MIB)
        with steady.Steady(FLOOD, bytes_max=2000) as flood:
            time.sleep(10 if long_form() else 4)
            seconds = self.wait_until_it_resumes()
            expected = flood.stop()
        found, answer = self.ask_until_right(
            expected, oracle.faults_with_eviction)
        self.assertEqual(found, {})
        self.report(accepted=steady.accepted_count(expected),
                    stored=answer.count(),
                    dropped=sum(answer.dropped.values()))
        self.assertLess(seconds, RESUMES_S_MAX)


class Limit(SpaceCase):
    def watch_size(self):
        """Samples the store every 10 ms; returns a function that ends it."""
        sizes = []
        end = threading.Event()

        def sample():
            while not end.wait(0.01):
                sizes.append(self.store_bytes())

        thread = threading.Thread(target=sample)
        thread.start()

        def stop():
            end.set()
            thread.join()
            return sizes

        return stop

    def test_the_store_is_never_larger_than_max_use(self):
        self.start(TIGHT)
        stop_watching = self.watch_size()
        try:
            with steady.Steady(FLOOD, bytes_max=2000, burst=50) as flood:
                time.sleep(60 if long_form() else 10)
                expected = flood.stop()
        finally:
            sizes = stop_watching()
        found, answer = self.ask_until_right(
            expected, oracle.faults_with_eviction)
        self.assertEqual(found, {})
        self.report(samples=len(sizes), bytes_max=max(sizes),
                    accepted=steady.accepted_count(expected),
                    stored=answer.count())
        self.assertLess(answer.count(), steady.accepted_count(expected),
                        "the limit was never reached")
        self.assertLessEqual(max(sizes), MAX_USE_BYTES)
        self.assertGreater(sizes[-1], MAX_USE_BYTES // 4)


class NoDisk(SpaceCase):
    def check(self, end):
        """The store's file system fails, and is repaired for the next logd."""
        self.start_on("ext4", 64 * MIB)
        with steady.Steady(FLOOD) as flood:
            time.sleep(1)
            end(self.volume)
            time.sleep(6 if long_form() else 3)
            self.assertTrue(self.daemon.alive())
            expected = flood.stop()
        self.assertLess(steady.blocked_s_max(expected), BLOCKED_S_MAX)
        self.assertEqual([sender.failed for sender in expected],
                         [0] * len(expected))
        self.daemon.kill()
        self.volume.unmount()
        self.volume.mount()
        self.daemon.start()
        self.daemon.settle()
        answer = oracle.ask(self.daemon)
        for name, arrived in answer.senders.items():
            with self.subTest(name):
                numbers = list(range(len(arrived.numbers)))
                self.assertEqual(arrived.numbers, numbers)
                self.assertEqual(arrived.not_whole + arrived.of_others, 0)

    def test_a_disk_that_goes_away_stops_neither_logd_nor_senders(self):
        self.check(volumes.Volume.shut_down)

    def test_a_disk_that_turns_read_only_stops_neither_logd_nor_senders(self):
        self.check(volumes.Volume.turn_read_only)


if __name__ == "__main__":
    unittest.main()
