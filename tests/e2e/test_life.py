"""The ends and new beginnings of the daemon lose nothing that was accepted."""

import signal
import unittest

import entries
import numbered
import sandbox
import senders
from case import DaemonCase

QUEUED = 10_000
HEADS = {
    "syslog": (senders.SYSLOG, "<14>Nov 22 05:42:46 {}: "),
    "native": (senders.NATIVE, "SYSLOG_IDENTIFIER={}\nMESSAGE="),
}


class Termination(DaemonCase):
    @classmethod
    def setUpClass(cls):
        if sandbox.missing() is None:
            sandbox.enter()  # the sockets are made with room for all
            sandbox.set_datagram_queue_length(QUEUED)
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        if cls.daemon is not None:
            sandbox.set_datagram_queue_length(
                sandbox.DATAGRAM_QUEUE_LENGTH)

    def test_all_that_is_queued_is_stored_before_the_end(self):
        for transport, (path, head) in HEADS.items():
            identifier = f"queued-{transport}"
            self.daemon.settle()
            self.daemon.signal(signal.SIGSTOP)
            accepted = numbered.fill_queue(path, head.format(identifier),
                                           QUEUED)
            self.daemon.process.terminate()
            self.daemon.signal(signal.SIGCONT)
            status = self.daemon.stop()
            self.daemon.start()
            with self.subTest(transport=transport, accepted=accepted):
                self.assertEqual(accepted, QUEUED)
                self.assertEqual(status, 0)
                output = self.daemon.query("-o", "cat", "-t", identifier)
                arrived = numbered.arrived(output)
                self.assertIsNone(numbered.fault(arrived.get(0, []),
                                                 accepted))

    def test_bytes_queued_on_a_stream_are_stored_before_the_end(self):
        with senders.open_stream(senders.stream_header(b"queued")) as stream:
            stream.sendall(b"0 0 first\n")
            self.daemon.settle()
            self.daemon.signal(signal.SIGSTOP)
            stream.sendall(b"".join(b"0 %d queued line\n" % number
                                    for number in range(1, 1000)))
            self.daemon.process.terminate()
            self.daemon.signal(signal.SIGCONT)
            self.assertEqual(self.daemon.stop(), 0)
        self.daemon.start()
        output = self.daemon.query("-o", "cat", "-t", "queued")
        self.assertIsNone(numbered.fault(
            numbered.arrived(output).get(0, []), 1000))

    def test_sigint_is_a_clean_end_too(self):
        self.daemon.process.send_signal(signal.SIGINT)
        self.assertEqual(self.daemon.process.wait(20), 0)


class Restart(DaemonCase):
    def check(self, end):
        """Stores before, during and after three ends; all is there."""
        rounds = 4
        each = 500
        for number in range(rounds):
            for transport in numbered.WRITERS:
                begin = number * each
                numbered.send(transport, f"{end.__name__}-{transport}",
                              range(begin, begin + each))
            self.daemon.settle()
            if number + 1 < rounds:
                end()
                self.daemon.start()
        for transport in numbered.WRITERS:
            selection = ("-t", f"{end.__name__}-{transport}")
            output = self.daemon.query("-o", "cat", *selection)
            arrived = numbered.arrived(output)
            self.assertIsNone(numbered.fault(arrived.get(0, []),
                                             rounds * each), transport)

    def assert_one_sequence(self):
        """Sequence numbers grow and name one store, over all restarts."""
        found = self.daemon.entries()
        numbers = [int(entries.cursor_part(e, "i"), 16) for e in found]
        self.assertEqual(numbers, sorted(set(numbers)))
        stores = {entries.cursor_part(entry, "s") for entry in found}
        if self.is_logd:  # journald names a new one after a kill
            self.assertEqual(len(stores), 1)

    def test_clean_restarts_keep_everything(self):
        def stop():
            self.assertEqual(self.daemon.stop(), 0)

        self.check(stop)
        self.assert_one_sequence()

    def test_kills_keep_everything_that_was_stored(self):
        def kill():
            self.daemon.kill()

        self.check(kill)
        if self.is_logd:
            self.assert_one_sequence()

    def test_kill_during_rotation_keeps_everything_that_was_stored(self):
        def kill_in_rotation():
            self.daemon.rotate()
            self.daemon.kill()

        self.check(kill_in_rotation)


if __name__ == "__main__":
    unittest.main()
