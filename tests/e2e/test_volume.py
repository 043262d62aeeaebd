"""Nothing is lost, doubled or reordered under full load, on any socket.

100,000 messages per socket, a million with LOGD_E2E_LONG=1.
"""

import time
import unittest

import numbered
from case import DaemonCase, long_form
from daemon import wait_until

SENDERS = 4


class Volume(DaemonCase):
    def check(self, transport):
        count = 1_000_000 if long_form() else 100_000
        each = count // SENDERS
        identifier = f"volume-{transport}"
        begin = time.monotonic()
        numbered.send_from_many(transport, identifier, SENDERS, each)
        output = b""

        def complete():
            nonlocal output
            output = self.daemon.query("-o", "cat", "-t", identifier)
            return output.count(b"\n") >= count

        self.daemon.settle()
        wait_until(complete, f"{count} {transport} messages are readable",
                   60)
        seconds = time.monotonic() - begin
        print(f"\n{self.daemon.name} {transport}: {count} messages readable "
              f"after {seconds:.1f} s")
        arrived = numbered.arrived(output)
        self.assertEqual(
            {sender: numbered.fault(numbers, each)
             for sender, numbers in arrived.items()},
            {sender: None for sender in range(SENDERS)})

    def test_syslog_keeps_every_message_once_and_in_order(self):
        self.check("syslog")

    def test_native_keeps_every_message_once_and_in_order(self):
        self.check("native")

    def test_stream_keeps_every_message_once_and_in_order(self):
        self.check("stream")


if __name__ == "__main__":
    unittest.main()
