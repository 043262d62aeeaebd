"""Keeper and worker die together, under a service manager that keeps
descriptors; and clean restarts.  Neither costs a stream or a datagram.

20 kills, or with LOGD_FAULTS_LONG=1 a thousand.
"""

import collections
import os
import random
import signal
import socket
import tempfile
import time
import unittest

import oracle
import senders
import steady
from daemon import wait_until
from fault_case import ROOMY, FaultCase, long_form
from service_manager import ManagedLogd, ServiceManager
from test_kills import wait_until_it_serves

DELAY_S_MAX = 0.02  # of a kill after something was stored
YOUNG_SHARE = 0.2  # are killed earlier
TOGETHER_SHARE = 0.7  # of the kills; else the worker lives a little longer
WORKER_LIVES_S_MAX = 0.01
BATCH = 64  # datagrams
YOUNG_CONNECTIONS = 16  # accepted in a round, and just before
KINDS = {"syslog": 2, "native": 2, "stream": 8, "large": 1}


class DescriptorStore(FaultCase):
    def start(self, settings=None, **changes):
        self.manager = ServiceManager()
        self.addCleanup(self.manager.close)
        self.daemon = ManagedLogd(self.manager, settings=settings or ROOMY,
                                  **changes)
        self.daemon.wipe()
        self.addCleanup(self.daemon.end)
        self.daemon.start()
        return self.daemon

    def kill_again_and_again(self, kills):
        """Returns for how long nobody received, in seconds."""
        chance = random.Random(kills)
        gaps = []
        for _ in range(kills):
            if chance.random() > YOUNG_SHARE:
                wait_until_it_serves(self.daemon)
            time.sleep(chance.uniform(0, DELAY_S_MAX))
            self.daemon.kill_all(
                None if chance.random() < TOGETHER_SHARE
                else chance.uniform(0, WORKER_LIVES_S_MAX))
            began = time.monotonic()
            self.daemon.start()
            gaps.append(time.monotonic() - began)
        return sorted(gaps)

    def restart_again_and_again(self, restarts):
        for _ in range(restarts):
            time.sleep(0.1)
            self.assertEqual(self.daemon.restart(), 0)

    def open_stream(self, text):
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(stream.close)
        stream.connect(senders.STDOUT)
        stream.sendall(b"waiter\n\n6\n0\n0\n0\n0\n" + text)
        return stream

    def messages(self, count, *selection):
        return [entry["MESSAGE"]
                for entry in self.daemon.wait_for(count, *selection)]


class KilledTogether(DescriptorStore):
    def test_no_datagram_and_no_line_is_lost(self):
        self.start()
        kills = 1000 if long_form() else 20
        with steady.Steady(KINDS) as load:
            time.sleep(0.2)
            gaps = self.kill_again_and_again(kills)
            expected = load.stop()
        self.assert_all_stored(expected)
        self.report(kinds=KINDS, kills=kills, lost=0, twice=0,
                    accepted=steady.accepted_count(expected),
                    start_ms_p50=round(gaps[len(gaps) // 2] * 1000, 1),
                    start_ms_max=round(gaps[-1] * 1000, 1),
                    blocked_s_max=steady.blocked_s_max(expected))
        self.assertFalse(self.manager.poll_was_asked)
        self.assertEqual(self.daemon.stop(), 0)

    def test_what_is_lost_of_memory_files_and_young_connections(self):
        """Not nothing: what the manager had not yet been sent.

        Of memory files at most those of one batch, and they are reported; of
        connections those of the last moment.
        """
        self.start()
        kills = 300 if long_form() else 20
        with steady.Steady({"memfd": 1, "brief": 2}, pause_us=0) as load:
            time.sleep(0.2)
            self.kill_again_and_again(kills)
            expected = load.stop()
        self.daemon.settle()
        unsaid, answer = self.ask_until_right(expected, self.unsaid_files)
        lost = collections.Counter()
        accepted = collections.Counter()
        for sender in expected:
            stored = set(answer.senders[sender.name].numbers)
            lost[sender.kind] += sender.accepted - len(stored)
            accepted[sender.kind] += sender.accepted
        twice = sum(len(arrived.numbers) - len(set(arrived.numbers))
                    for arrived in answer.senders.values())
        self.report(kills=kills, lost=lost, twice=twice,
                    accepted=accepted)
        self.assertEqual(twice, 0)
        self.assertEqual(unsaid, 0, "lost and not reported")
        self.assertLess(lost["memfd"], kills * BATCH)
        self.assertLess(lost["brief"], kills * YOUNG_CONNECTIONS)

    @staticmethod
    def unsaid_files(expected, answer):
        """How many memory files are missing beyond those reported."""
        files = next(one for one in expected if one.kind == "memfd")
        stored = len(set(answer.senders[files.name].numbers))
        reported = sum(count for (cause, _), count in answer.dropped.items()
                       if cause == "malformed")
        return files.accepted - stored - reported

    def test_half_a_line_is_completed_by_its_other_half(self):
        self.start()
        stream = self.open_stream(b"one\nha")
        self.assertEqual(self.messages(1, "-t", "waiter"), ["one"])
        self.daemon.kill_all()
        stream.sendall(b"lf\n")
        self.daemon.start()
        self.assertEqual(self.messages(2, "-t", "waiter"), ["one", "half"])

    def test_what_happened_is_an_entry(self):
        self.start()
        self.daemon.settle()
        self.daemon.kill_all()
        self.daemon.start()
        found = self.daemon.wait_for(1, "LOGD_EVENT=restarted")
        self.assertEqual([entry["CAUSE"] for entry in found], ["keeper"])


class CleanRestart(DescriptorStore):
    def test_costs_nothing(self):
        self.start()
        restarts = 200 if long_form() else 10
        kinds = {**KINDS, "memfd": 1, "brief": 1}
        with steady.Steady(kinds) as load:
            self.restart_again_and_again(restarts)
            expected = load.stop()
        self.assert_all_stored(expected)
        self.report(restarts=restarts, lost=0, twice=0,
                    accepted=steady.accepted_count(expected),
                    blocked_s_max=steady.blocked_s_max(expected))
        self.assertEqual(self.daemon.query("LOGD_EVENT=restarted"), b"")

    def test_a_stream_goes_on_and_its_open_line_is_stored(self):
        self.start()
        stream = self.open_stream(b"one\nprompt:")
        self.assertEqual(self.messages(1, "-t", "waiter"), ["one"])
        self.assertEqual(self.daemon.stop(), 0)
        stream.sendall(b"answer\n")
        self.manager.settle()
        self.daemon.start()
        self.assertEqual(self.messages(3, "-t", "waiter"),
                         ["one", "prompt:", "answer"])

    def test_a_stop_for_good_leaves_files_that_the_next_start_replaces(self):
        self.start()
        self.assertEqual(self.daemon.stop(), 0)
        self.manager.settle()
        self.manager.drop(lambda name: True)
        self.assertTrue(os.path.exists(senders.SYSLOG))
        self.daemon.start()
        self.daemon.settle()

    def test_another_configuration_counts(self):
        self.start()
        stream = self.open_stream(b"one\n")
        self.assertEqual(self.messages(1, "-t", "waiter"), ["one"])
        self.daemon.settings["intake"]["stdout"] = False
        self.daemon.sockets = self.daemon.sockets[:2]
        self.assertEqual(self.daemon.restart(), 0)
        self.manager.settle()
        with self.assertRaises(BrokenPipeError):
            for _ in range(100):
                stream.sendall(b"two\n")
                time.sleep(0.02)
        self.assertFalse(os.path.exists(senders.STDOUT))


class Store(DescriptorStore):
    def test_holds_streams_as_long_as_they_last(self):
        self.start()
        self.daemon.settle()
        self.manager.settle()
        before = len(self.manager.names())
        streams = [self.open_stream(b"%d\n" % i) for i in range(100)]
        wait_until(lambda: len(self.manager.names()) == before + 100,
                   "each stream is stored")
        self.assertEqual(len(set(self.manager.names())), before + 100)
        for stream in streams:
            stream.close()
        wait_until(lambda: len(self.manager.names()) == before,
                   "no stream is stored any more")

    def test_upgrade_goes_on_with_it(self):
        self.start()
        stream = self.open_stream(b"one\n")
        self.assertEqual(self.messages(1, "-t", "waiter"), ["one"])
        self.manager.settle()
        names = sorted(self.manager.names())
        ready = self.manager.ready_count
        self.daemon.process.send_signal(signal.SIGRTMIN + 2)
        wait_until(lambda: self.manager.ready_count > ready, "logd is ready")
        self.daemon.settle()
        wait_until(lambda: sorted(self.manager.names()) == names,
                   "the same is stored as before")
        stream.close()
        wait_until(lambda: len(self.manager.names()) == len(names) - 1,
                   "the stream is not stored any more")
        self.daemon.kill_all()
        self.daemon.start()
        self.daemon.settle()

    def test_that_loses_some_costs_only_those(self):
        self.start()
        streams = [self.open_stream(b"%d\nopen %d" % (i, i))
                   for i in range(20)]
        self.messages(20, "-t", "waiter")
        self.manager.settle()
        zone = self.zone_name()
        chance = random.Random(1)
        for _ in range(20 if long_form() else 3):
            lost = {name for name in self.manager.names()
                    if name != zone and chance.random() < 0.3}
            self.daemon.kill_all()
            self.manager.drop(lambda name: name in lost)
            self.daemon.start()
            self.daemon.settle()
        alive = 0
        for number, stream in enumerate(streams):
            try:
                stream.sendall(b" more %d\n" % number)
                alive += 1
            except BrokenPipeError:
                pass
        self.assertGreater(20 - alive, 3)
        found = self.messages(40, "-t", "waiter")
        self.assertEqual(len(found), 40, found)
        self.assertEqual(sum("more" in text for text in found), alive)

    def test_that_loses_all_but_the_zone_keeps_what_was_received(self):
        self.start()
        self.open_stream(b"one\nopen")
        self.assertEqual(self.messages(1, "-t", "waiter"), ["one"])
        zone = self.zone_name()
        self.daemon.kill_all()
        self.manager.drop(lambda name: name != zone)
        self.daemon.start()
        self.assertEqual(self.messages(2, "-t", "waiter"), ["one", "open"])

    def test_of_rubbish_is_closed_and_said(self):
        self.start()
        self.assertEqual(self.daemon.stop(), 0)
        self.manager.drop(lambda name: True)
        files = [tempfile.TemporaryFile() for _ in range(3)]
        for file in files:
            self.addCleanup(file.close)
        files[1].write(b"x" * 100_000)
        files[1].flush()
        files[2].truncate(1 << 30)
        ends = socket.socketpair()
        for end in ends:
            self.addCleanup(end.close)
        for name, one in [("logd-5", files[0]), ("logd-6", files[1]),
                          ("logd-4", files[2]), ("logd-7", ends[0]),
                          ("logd-5", ends[1]), ("somebody", self.pipe()),
                          ("logd-", self.pipe()), ("logd-1", self.pipe()),
                          ("logd-999999999", self.pipe())]:
            self.manager.keep(name, one if isinstance(one, int)
                              else one.fileno())
        self.daemon.start()
        self.daemon.settle()
        self.assertIn("somebody", self.daemon.said())
        self.manager.settle()
        wait_until(lambda: "logd-7" not in self.manager.names(),
                   "what is of no use is removed")
        self.daemon.kill_all()
        self.daemon.start()
        self.daemon.settle()

    def pipe(self):
        ends = os.pipe()
        for fd in ends:
            self.addCleanup(os.close, fd)
        return ends[0]

    def zone_name(self):
        """Under which the memory is kept that both share."""
        self.manager.settle()
        return next(name for name, fd in self.manager.copies()
                    if "logd-zone" in os.readlink(f"/proc/self/fd/{fd}"))


if __name__ == "__main__":
    unittest.main()
