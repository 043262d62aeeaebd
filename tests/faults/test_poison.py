"""A message that crashes the worker costs neither itself nor its neighbours.

Builds with LOGD_TESTS=ON crash on the text that LOGD_TEST_CRASH_TEXT names.
"""

import contextlib
import os
import resource
import signal
import time
import unittest

import senders
from daemon import wait_until
from fault_case import ROOMY, FaultCase

POISON = b"this text crashes the parser"
MESSAGES = 40  # fewer than a batch
POISONED = 17


def text_of(number):
    return b"message %d." % number + (POISON if number == POISONED else b"")


class Poison(FaultCase):
    def setUp(self):
        super().setUp()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        self.start(ROOMY,
                   environment={"LOGD_TEST_CRASH_TEXT": POISON.decode()})
        self.daemon.settle()

    @contextlib.contextmanager
    def all_in_one_batch(self):
        """What is sent meanwhile waits in the socket."""
        self.daemon.signal(signal.SIGSTOP)
        yield
        self.daemon.signal(signal.SIGCONT)

    def check(self):
        """Each text is there once and in order, the poison as it came."""
        stopped = self.worker
        wait_until(lambda: self.daemon.worker_pid() != stopped,
                   "the worker crashes: the build honours "
                   "LOGD_TEST_CRASH_TEXT", 5)
        self.daemon.settle()
        numbers = []
        for entry in self.daemon.entries():
            text = str(entry.get("MESSAGE"))
            here = [number for number in range(MESSAGES)
                    if text_of(number).decode() in text]
            numbers += here
            if POISONED in here:
                self.assertEqual(entry.get("LOGD_UNPARSED"), "1")
        self.assertEqual(numbers, list(range(MESSAGES)))

    def assert_parses_again(self):
        senders.send_syslog(b"<14>after: it goes on")
        found = self.daemon.wait_for(1, "-t", "after")
        self.assertEqual([entry["MESSAGE"] for entry in found],
                         ["it goes on"])

    def test_a_poisoned_datagram_is_stored_raw(self):
        forms = {"syslog": (senders.SYSLOG, b"<14>poison: %s"),
                 "native": (senders.NATIVE, b"MESSAGE=%s\n")}
        for transport, (path, form) in forms.items():
            with self.subTest(transport):
                self.daemon.stop()
                self.daemon.wipe()
                self.daemon.start()
                self.daemon.settle()
                self.worker = self.daemon.worker_pid()
                with self.all_in_one_batch(), senders.datagram_socket(
                        path) as connected:
                    for number in range(MESSAGES):
                        connected.send(form % text_of(number))
                self.check()
                self.assert_parses_again()

    def test_a_poisoned_line_is_stored_raw(self):
        self.worker = self.daemon.worker_pid()
        with senders.open_stream(senders.stream_header(b"poison")) as stream:
            stream.sendall(text_of(0) + b"\n")
            self.daemon.settle()
            with self.all_in_one_batch():
                for number in range(1, MESSAGES):
                    stream.sendall(text_of(number) + b"\n")
            self.check()
            stream.sendall(b"the same stream goes on\n")
            found = self.daemon.wait_for(1, "MESSAGE=the same stream goes on")
        self.assertEqual([entry["SYSLOG_IDENTIFIER"] for entry in found],
                         ["poison"])

    def test_a_crash_loop_is_short(self):
        self.worker = self.daemon.worker_pid()
        senders.send_syslog(b"<14>poison: " + POISON)
        self.daemon.settle()
        time.sleep(0.5)
        worker = self.daemon.worker_pid()
        self.assertNotEqual(worker, self.worker)
        found = self.daemon.entries("LOGD_EVENT=restarted")
        self.assertEqual(len(found), 2)
        self.assertTrue(os.path.exists(f"/proc/{worker}"))


if __name__ == "__main__":
    unittest.main()
