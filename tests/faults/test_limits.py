"""Descriptors, connections, floods and hostile clients at their limits."""

import array
import os
import resource
import socket
import struct
import time
import unittest

import oracle
import senders
import steady
from daemon import wait_until
from fault_case import ROOMY, FaultCase, long_form

FEW_DESCRIPTORS = 64
STREAMS_SHORT, STREAMS_LONG = 2_000, 10_000
RATE = 10_000 if long_form() else 1_000
LIMITED = {**ROOMY, "limits": {"rate": RATE, "per": "30s"}}

RSS_BYTES_MAX = 120 << 20
IDLE_CPU_S_MAX = 0.3
MEMORY_FILES = 2000
MEMORY_FILE_BYTES = 1 << 20


def header(number):
    name = b"many-%d" % number
    return senders.stream_header(name, name + b".service")


class Descriptors(FaultCase):
    def connect_many(self, count):
        """Streams that sent their header; fewer where no more are taken."""
        connected = []
        for number in range(count):
            stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.addCleanup(stream.close)
            # Python's own time-outs do not wait for a listener.
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO,
                              struct.pack("ll", 1, 0))
            try:
                stream.connect(senders.STDOUT)
                stream.sendall(header(number))
            except OSError:
                break
            connected.append(stream)
        return connected

    def test_without_descriptors_for_streams_the_rest_works(self):
        self.start(wrapper=("prlimit", f"--nofile={FEW_DESCRIPTORS}"))
        fds = self.daemon.keeper_fd_count()
        worker = self.daemon.worker_pid()
        first = self.connect_many(1)
        self.daemon.settle()
        with steady.Steady({"syslog": 1, "native": 1}) as load:
            streams = self.connect_many(4 * FEW_DESCRIPTORS)
            time.sleep(1)
            expected = load.stop()
        first[0].sendall(b"the first still is heard\n")
        wait_until(lambda: self.daemon.query(
            "-o", "cat", "MESSAGE=the first still is heard"),
                   "a stream that was there before goes on")
        cpu_s = self.daemon.cpu_s()
        time.sleep(2)
        self.assertLess(self.daemon.cpu_s() - cpu_s, IDLE_CPU_S_MAX,
                        "it does not spin")
        for stream in first + streams:
            stream.close()
        self.assert_all_stored(expected)  # by way of a new stream
        self.assertEqual(self.daemon.worker_pid(), worker)
        wait_until(lambda: self.daemon.keeper_fd_count() <= fds,
                   "all descriptors are given back")

    def test_thousands_of_streams_are_heard(self):
        self.start()
        self.daemon.settle()
        fds = self.daemon.keeper_fd_count()
        count = STREAMS_LONG if long_form() else STREAMS_SHORT
        own = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        count = min(count, own - 500)
        begin = time.monotonic()
        streams = self.connect_many(count)
        seconds = time.monotonic() - begin
        self.assertEqual(len(streams), count)
        self.daemon.kill_worker()
        for number, stream in enumerate(streams):
            stream.sendall(b"line of %d\n" % number)
        found = self.daemon.wait_for(count, "_TRANSPORT=stdout",
                                     "-g", "^line of")
        self.report(streams=count, connected_s=round(seconds, 2),
                    rss_peak_mib=self.daemon.peak_rss_bytes() >> 20)
        self.assertEqual({entry["_SYSTEMD_UNIT"]: entry["MESSAGE"]
                          for entry in found},
                         {f"many-{number}.service": f"line of {number}"
                          for number in range(count)})
        self.assertLess(self.daemon.peak_rss_bytes(), RSS_BYTES_MAX)
        for stream in streams:
            stream.close()
        wait_until(lambda: self.daemon.keeper_fd_count() <= fds,
                   "all descriptors are given back")


class Flood(FaultCase):
    def test_a_hundred_flooders_cost_a_polite_unit_nothing(self):
        self.start(LIMITED)
        with steady.Steady({"stream": 50, "native": 50}, prefix="flood",
                           burst=100, pause_us=1000) as flood:
            with steady.Steady({"stream": 1, "native": 1, "syslog": 1},
                               prefix="polite", burst=1,
                               pause_us=20_000) as polite:
                time.sleep(60 if long_form() else 6)
                quiet = polite.stop()
            loud = flood.stop()
        found, answer = self.ask_until_right(loud, oracle.faults_with_drops)
        self.assertEqual(found, {})
        self.assertEqual(oracle.faults(quiet, answer), {})
        dropped = sum(answer.dropped.values())
        self.report(flooders=len(loud), sent=steady.accepted_count(loud),
                    dropped=dropped, polite_lost=0,
                    polite_sent=steady.accepted_count(quiet),
                    polite_blocked_s_max=steady.blocked_s_max(quiet))
        self.assertGreater(dropped, 0, "no flooder met its limit")
        self.assertEqual({cause for cause, _ in answer.dropped},
                         {"rate-limit"})


class Hostile(FaultCase):
    def setUp(self):
        super().setUp()
        self.start()
        self.daemon.settle()
        self.fds = self.daemon.keeper_fd_count()
        self.worker = self.daemon.worker_pid()

    def assert_unharmed(self):
        self.daemon.settle()
        self.assertEqual(self.daemon.worker_pid(), self.worker)
        self.assertLess(self.daemon.peak_rss_bytes(), RSS_BYTES_MAX)
        wait_until(lambda: self.daemon.keeper_fd_count() <= self.fds,
                   "all descriptors are given back")

    def test_memory_files_that_shrink_while_they_are_read_do_no_harm(self):
        text = b"MESSAGE=" + b"x" * MEMORY_FILE_BYTES + b"\n"
        for _ in range(MEMORY_FILES // (1 if long_form() else 10)):
            fd = senders.memfd(text, sealed=False)
            senders.send_native(b"", [fd])
            os.ftruncate(fd, 100)
            os.close(fd)
        self.assert_unharmed()

    def test_memory_files_far_too_large_do_no_harm(self):
        fd = os.memfd_create("large", os.MFD_ALLOW_SEALING)
        os.ftruncate(fd, 100 << 20)
        senders.seal(fd)
        for _ in range(MEMORY_FILES):
            senders.send_native(b"", [fd])
        os.close(fd)
        self.assert_unharmed()

    def test_descriptors_beside_every_message_are_closed(self):
        null = os.open("/dev/null", os.O_RDONLY)
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                   array.array("i", [null] * 250))]
        for path in (senders.SYSLOG, senders.NATIVE):
            with senders.datagram_socket(path) as connected:
                for _ in range(MEMORY_FILES):
                    connected.sendmsg([b"MESSAGE=spam"], rights)
        with senders.open_stream(header(0)) as stream:
            for _ in range(MEMORY_FILES):
                stream.sendmsg([b"spam\n"], rights)
        os.close(null)
        self.assert_unharmed()

    def test_many_kinds_of_nothing_do_no_harm(self):
        for path in (senders.SYSLOG, senders.NATIVE):
            with senders.datagram_socket(path) as connected:
                for data in (b"", b"\0", b"\n", b"=", b"=\n" * 1025):
                    connected.send(data)
        self.assert_unharmed()


if __name__ == "__main__":
    unittest.main()
