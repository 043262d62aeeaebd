"""Wrong, hostile and huge input is stored or refused as it should be.

After each case the daemon is alive, has no descriptor more than before, and
another sender's messages arrive as ever.
"""

import array
import os
import random
import socket
import struct
import subprocess
import sys
import time
import unittest
import uuid

import senders
from case import DaemonCase
from daemon import wait_until
from senders import binary_field, stream_header, text_field

STREAMS = 5000
STREAMS_SERVED_MIN = 4096
ENTRY_BYTES_MAX = 16 << 20  # logd's limit of one entry
RSS_BYTES_MAX = 256 << 20


class BadInput(DaemonCase):
    def setUp(self):
        super().setUp()
        self.daemon.settle()
        self.fds_before = self.daemon.fd_count()
        self.polite = senders.open_stream(stream_header(b"polite"))
        self.polite.sendall(b"before\n")
        self.tag = "bad-" + uuid.uuid4().hex[:12]

    def tearDown(self):
        with self.polite:
            self.polite.sendall(f"after {self.tag}\n".encode())
        found = self.daemon.wait_for(1, "-t", "polite",
                                     f"MESSAGE=after {self.tag}")
        self.assertEqual(len(found), 1)
        self.assertTrue(self.daemon.alive())
        wait_until(lambda: self.daemon.fd_count() <= self.fds_before,
                   "all descriptors are closed again")

    def native(self, rest, uid=0):
        """Sends a native datagram with this test's tag; returns the pid."""
        head = text_field(b"SYSLOG_IDENTIFIER", self.tag.encode())
        return senders.in_child(
            lambda: senders.send_native(head + rest), uid)

    def assert_nothing_stored(self, pid):
        self.daemon.settle()
        self.assertEqual(self.daemon.entries(f"_PID={pid}"), [])

    def assert_stored_after(self):
        """Whatever came before, the next native message is stored."""
        pid = self.native(b"MESSAGE=good\n")
        self.assertEqual(self.one(f"_PID={pid}")["MESSAGE"], "good")


class Native(BadInput):
    def test_forged_trusted_fields_are_dropped_and_the_rest_is_kept(self):
        pid = self.native(
            b"_PID=1\n_UID=0\n_TRANSPORT=kernel\n_SYSTEMD_UNIT=x.service\n"
            b"__CURSOR=x\nMESSAGE=forged\n_BOOT_ID=0\n" +
            binary_field(b"_COMM", b"init"), senders.NOBODY)
        entry = self.one("-t", self.tag)
        self.assert_sender(entry, pid, senders.NOBODY)
        self.assert_fields(entry, {"_TRANSPORT": "journal",
                                   "MESSAGE": "forged"})
        self.assertNotEqual(entry.get("_SYSTEMD_UNIT"), "x.service")
        self.assertNotEqual(entry["_COMM"], "init")

    def test_credentials_of_another_process_are_refused_by_the_kernel(self):
        credentials = struct.pack("iII", 1, 0, 0)

        def forge():
            with senders.datagram_socket(senders.NATIVE) as connected:
                try:
                    connected.sendmsg(
                        [b"MESSAGE=x\n"],
                        [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS,
                          credentials)])
                except PermissionError:
                    return
                raise AssertionError("forged credentials were sent")

        self.assert_nothing_stored(senders.in_child(forge, senders.NOBODY))

    def test_more_than_1024_fields_drop_the_entry(self):
        pid = self.native(b"MESSAGE=many\n" + b"".join(
            text_field(b"F%d" % i, b"x") for i in range(1030)))
        self.assert_nothing_stored(pid)
        self.assert_stored_after()

    def test_a_million_fields_do_no_harm(self):
        self.native(b"MESSAGE=many\n")
        datagram = b"".join(b"F%d=\n" % i for i in range(1_000_000))
        senders.send_memfd(datagram)
        self.assert_stored_after()

    def test_bad_binary_length_keeps_the_fields_before_it(self):
        lengths = [9, 9999, 2**29]
        if self.is_logd:  # journald drops the entry when the value's size
            lengths += [2**31, 2**32, 2**63, 2**64 - 1]  # is above 768 MiB
        for length in lengths:
            with self.subTest(length=length):
                pid = self.native(b"MESSAGE=kept\nBAD\n" +
                                  length.to_bytes(8, "little") + b"x\n")
                entry = self.one(f"_PID={pid}")
                self.assert_fields(entry, {"MESSAGE": "kept", "BAD": None})

    def test_truncated_binary_length_keeps_the_fields_before_it(self):
        for rest in (b"", b"\x01", b"\x01\0\0\0\0\0\0"):
            with self.subTest(rest=rest):
                pid = self.native(b"MESSAGE=kept\nBAD\n" + rest)
                entry = self.one(f"_PID={pid}")
                self.assert_fields(entry, {"MESSAGE": "kept", "BAD": None})

    def test_empty_datagrams_are_ignored(self):
        def send():
            senders.send_native(b"")
            senders.send_syslog(b"")

        self.assert_nothing_stored(senders.in_child(send))


class PassedFiles(BadInput):
    def send_fds(self, make_fds, payload=b"", uid=senders.NOBODY):
        """Passes the descriptors that make_fds() returns; returns the pid."""
        return senders.in_child(
            lambda: senders.send_native(payload, make_fds()), uid)

    def entry(self, text=b"x"):
        return (text_field(b"SYSLOG_IDENTIFIER", self.tag.encode())
                + text_field(b"MESSAGE", text))

    def test_unsealed_memory_file_of_nobody_is_refused(self):
        self.assert_nothing_stored(self.send_fds(
            lambda: [senders.memfd(self.entry(), sealed=False)]))

    def test_sealed_memory_file_of_nobody_is_stored(self):
        pid = self.send_fds(lambda: [senders.memfd(self.entry(b"sealed"))])
        entry = self.one("-t", self.tag)
        self.assert_sender(entry, pid, senders.NOBODY)
        self.assertEqual(entry["MESSAGE"], "sealed")

    def test_payload_beside_a_descriptor_is_refused(self):
        self.assert_nothing_stored(self.send_fds(
            lambda: [senders.memfd(self.entry())], self.entry()))

    def test_two_descriptors_are_refused(self):
        self.assert_nothing_stored(self.send_fds(
            lambda: [senders.memfd(self.entry()) for _ in range(2)]))

    def test_as_many_descriptors_as_the_kernel_passes_are_refused(self):
        self.assert_nothing_stored(self.send_fds(
            lambda: [senders.memfd(self.entry()) for _ in range(253)]))

    def test_a_descriptor_on_the_syslog_socket_is_closed(self):
        def send():
            with senders.datagram_socket(senders.SYSLOG) as connected:
                fd = senders.memfd(self.entry())
                connected.sendmsg([b"<13>x: y"], [(
                    socket.SOL_SOCKET, socket.SCM_RIGHTS,
                    array.array("i", [fd]))])

        senders.in_child(send, senders.NOBODY)
        self.daemon.settle()

    def test_what_is_no_regular_file_is_refused(self):
        makers = {
            "pipe": lambda: [os.pipe()[0]],
            "directory": lambda: [os.open("/tmp", os.O_RDONLY)],
            "device": lambda: [os.open("/dev/zero", os.O_RDONLY)],
            "socket": lambda: [socket.socket(socket.AF_UNIX).detach()],
        }
        for name, make in makers.items():
            with self.subTest(kind=name):
                self.assert_nothing_stored(self.send_fds(make))

    def test_huge_memory_file_is_refused_without_being_read(self):
        def make():
            fd = senders.memfd(self.entry(), sealed=False)
            os.ftruncate(fd, 1 << 30)
            senders.seal(fd)
            return [fd]

        self.assert_nothing_stored(self.send_fds(make))
        self.assertLess(self.daemon.peak_rss_bytes(), RSS_BYTES_MAX)

    def test_entry_above_the_limit_is_refused_and_below_is_stored(self):
        self.needs_logd("journald takes 768 MiB from anyone")

        def make(size):
            return lambda: [senders.memfd(
                self.entry() + text_field(b"BIG", b"x" * size))]

        pid = self.send_fds(make(ENTRY_BYTES_MAX + 1))
        self.assert_nothing_stored(pid)
        pid = self.send_fds(make(ENTRY_BYTES_MAX - 1000))
        entry = self.one(f"_PID={pid}")
        self.assertEqual(len(entry["BIG"]), ENTRY_BYTES_MAX - 1000)
        self.assertLess(self.daemon.peak_rss_bytes(), RSS_BYTES_MAX)


class Syslog(BadInput):
    def test_64_kib_of_digits_as_pri_are_text(self):
        text = "<" + "1" * 65536 + f">{self.tag}"
        pid = senders.in_child(lambda: senders.send_syslog(text.encode()))
        entry = self.one(f"_PID={pid}")
        self.assertTrue(entry["MESSAGE"] == text)
        self.assert_fields(entry, {
            "PRIORITY": "5" if self.is_logd else "6",
            "SYSLOG_FACILITY": "1"})

    def test_message_may_end_anywhere(self):
        whole = f"<13>Nov 22 05:42:46 {self.tag}[12]: text".encode()
        pid = senders.in_child(lambda: [
            senders.send_syslog(whole[:end])
            for end in range(1, len(whole) + 1)])
        found = self.daemon.wait_for(len(whole), f"_PID={pid}")
        self.assertEqual(len(found), len(whole))
        self.assertEqual(found[-1]["MESSAGE"], "text")

    def test_largest_datagram_is_stored_whole(self):
        text = self.tag + ": " + "y" * 200_000
        senders.in_child(
            lambda: senders.send_syslog(b"<13>" + text.encode()))
        self.assertEqual(len(self.one("-t", self.tag)["MESSAGE"]), 200_000)

    def test_sender_with_a_huge_command_line_does_no_harm(self):
        arguments = ["x" * 100_000] * 15
        done = subprocess.run(
            [sys.executable, "-c",
             "import syslog, time; syslog.openlog('%s');"
             "syslog.syslog('x'); time.sleep(0.3)" % self.tag, *arguments],
            check=True)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(self.one("-t", self.tag)["MESSAGE"], "x")


class Streams(BadInput):
    def assert_closed(self, header):
        """The daemon closes a connection that begins so."""
        with senders.open_stream(header) as connected:
            def refused():
                try:
                    connected.sendall(b"more\n")
                except (BrokenPipeError, ConnectionResetError):
                    return True
                return False

            wait_until(refused, "the connection is closed", 10)
            time.sleep(0.1)
        self.daemon.settle()
        self.assertEqual(self.daemon.entries("-t", self.tag), [])

    def test_bad_header_lines_close_the_connection(self):
        tag = self.tag.encode()
        headers = {
            "priority is a word": stream_header(tag, priority=b"abc"),
            "priority is too large": stream_header(tag, priority=b"1000"),
            "priority is negative": stream_header(tag, priority=b"-1"),
            "priority is empty": stream_header(tag, priority=b""),
            "prefix is no boolean": stream_header(tag, level_prefix=b"maybe"),
            "line of 255 bytes": stream_header(tag.ljust(255, b"x")),
            "line without an end": b"x" * 100_000,
            "NUL in a line": stream_header(tag[:4] + b"\0" + tag[4:]),
        }
        for name, header in headers.items():
            with self.subTest(name):
                self.assert_closed(header)

    def test_end_within_the_header_stores_nothing(self):
        header = stream_header(self.tag.encode())
        pid = senders.in_child(lambda: [
            senders.open_stream(header[:end]).close()
            for end in range(len(header))])
        self.assert_nothing_stored(pid)

    def test_header_may_come_byte_by_byte(self):
        header = stream_header(self.tag.encode(), priority=b"3")
        with senders.open_stream(b"") as connected:
            for byte in header + b"slow\n":
                connected.send(bytes([byte]))
                time.sleep(0.005)
        self.assert_fields(self.one("-t", self.tag),
                           {"MESSAGE": "slow", "PRIORITY": "3"})

    def test_unit_of_another_user_is_not_a_system_unit(self):
        header = stream_header(self.tag.encode(), unit=b"bot.service")

        def send():
            with senders.open_stream(header) as connected:
                connected.sendall(b"x\n")

        senders.in_child(send, senders.NOBODY)
        entry = self.one("-t", self.tag)
        self.assertNotEqual(entry.get("_SYSTEMD_UNIT"), "bot.service")
        if self.is_logd:
            self.assertEqual(entry.get("_SYSTEMD_USER_UNIT"), "bot.service")

    def test_thousands_of_connections_are_served(self):
        def send():
            connections = []
            for _ in range(STREAMS):
                try:
                    connections.append(senders.open_stream(
                        stream_header(self.tag.encode())))
                except (BrokenPipeError, ConnectionResetError):
                    pass  # more than the daemon serves
            for number, connected in enumerate(connections):
                try:
                    connected.sendall(b"%d\n" % number)
                except (BrokenPipeError, ConnectionResetError):
                    pass

        senders.in_child(send)
        self.daemon.settle()
        texts = self.daemon.query("-o", "cat", "-t", self.tag).splitlines()
        self.assertEqual(len(texts), len(set(texts)))
        if self.is_logd:  # journald's last ones: as many as it has room for
            self.assertGreaterEqual(len(texts), STREAMS_SERVED_MIN)


class Noise(BadInput):
    def test_random_bytes_disturb_nobody(self):
        noise = random.Random(20261122)
        alphabet = b"<>0123456789=\n\0:[] AZ_az\xff"

        def text():
            return bytes(noise.choice(alphabet)
                         for _ in range(noise.randrange(300)))

        def send():
            for _ in range(2000):
                senders.send_native(text())
                senders.send_syslog(text())
            for _ in range(200):
                with senders.open_stream(b"") as connected:
                    try:
                        connected.sendall(text())
                    except OSError:
                        pass

        senders.in_child(send)
        self.assert_stored_after()


if __name__ == "__main__":
    unittest.main()
