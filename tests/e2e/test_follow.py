"""`-f` shows every message once and in order, whatever the daemon does."""

import os
import subprocess
import time
import unittest

import numbered
import sandbox
import senders
from case import DaemonCase
from daemon import Gone, wait_until

MESSAGES = 10_000
ROTATIONS = 4
RESTARTS = 3
LATENCY_MESSAGES = 100
LATENCY_PAUSE_S = 0.01


class Follower:
    """A running `-f -n0 -o cat`, with its output in a file."""

    def __init__(self, daemon, identifier):
        self.path = os.path.join(sandbox.SCRATCH, f"follow-{identifier}")
        with open(self.path, "wb") as output:
            self._process = subprocess.Popen(
                [*daemon.query_command(), "-f", "-n0", "-o", "cat", "-t",
                 identifier], stdin=subprocess.DEVNULL, stdout=output)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()

    def output(self):
        if self._process.poll() is not None:
            raise Gone(f"-f ended with {self._process.returncode}")
        with open(self.path, "rb") as file:
            return file.read()

    def wait_until_it_watches(self, send):
        """Sends messages until one is seen; then forgets what was seen."""
        def seen():
            send()
            time.sleep(0.1)
            return self.output()

        wait_until(seen, "-f shows a first message")

    def wait_for_lines(self, count):
        """The output with `count` lines, or what there is of it in time."""
        try:
            wait_until(lambda: self.output().count(b"\n") >= count,
                       f"-f shows {count} lines")
        except Gone:
            pass
        return self.output()


class Follow(DaemonCase):
    def started(self, transport, identifier):
        """A follower that is known to watch, and its first lines' count."""
        follower = Follower(self.daemon, identifier)
        follower.wait_until_it_watches(
            lambda: numbered.send(transport, identifier, [0], sender=9))
        self.daemon.settle()
        time.sleep(0.3)
        return follower, follower.output().count(b"\n")

    def check(self, follower, first):
        output = follower.wait_for_lines(first + MESSAGES)
        self.assertIsNone(numbered.fault(numbered.arrived(output)[0],
                                         MESSAGES))

    def test_rotations_do_not_disturb(self):
        for transport in numbered.WRITERS:
            identifier = f"rotated-{transport}"
            follower, first = self.started(transport, identifier)
            with follower, self.subTest(transport=transport):
                child = senders.start_child(
                    lambda: numbered.send(transport, identifier,
                                          range(MESSAGES), pause_s=1e-5))
                for _ in range(ROTATIONS):
                    time.sleep(0.15)
                    self.daemon.rotate()
                senders.wait_child(child)
                self.check(follower, first)

    def test_restarts_of_the_daemon_do_not_disturb(self):
        for transport in numbered.WRITERS:
            identifier = f"restarted-{transport}"
            follower, first = self.started(transport, identifier)
            with follower, self.subTest(transport=transport):
                step = MESSAGES // (RESTARTS + 1)
                for begin in range(0, MESSAGES, step):
                    numbered.send(transport, identifier,
                                  range(begin, begin + step))
                    self.daemon.settle()
                    self.daemon.stop()
                    self.daemon.start()
                self.check(follower, first)

    def test_latency(self):
        """Reported; only a plainly broken wake-up fails."""
        identifier = "latency"
        follower, _ = self.started("syslog", identifier)
        delays = []
        with follower, open(follower.path, "rb") as output:
            output.seek(0, os.SEEK_END)
            for number in range(LATENCY_MESSAGES):
                numbered.send("syslog", identifier, [number])
                begin = time.monotonic()
                while not output.readline():
                    if time.monotonic() - begin > 10:
                        self.fail(f"message {number} is not shown")
                    time.sleep(0.0001)
                delays.append(1e3 * (time.monotonic() - begin))
                time.sleep(LATENCY_PAUSE_S)
        delays.sort()
        print(f"\n{self.daemon.name}: shown by -f after "
              f"p50 {delays[len(delays) // 2]:.2f} ms, "
              f"p99 {delays[len(delays) * 99 // 100]:.2f} ms")
        self.assertLess(delays[len(delays) // 2], 1000)


if __name__ == "__main__":
    unittest.main()
