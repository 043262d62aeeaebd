"""The test case of faults: a logd of its own for each test."""

import contextlib
import json
import os
import time
import unittest

import daemon
import oracle
import sandbox
import steady

# Enough that nothing is evicted where that is not the subject.
ROOMY = {"store": {"max_use": "4G", "keep_free": "1M"}}

REPORT_S_MAX = 15  # a report is due 10 s after the first drop


def long_form():
    """Whether the tests shall take minutes rather than seconds."""
    return os.environ.get("LOGD_FAULTS_LONG") == "1"


class FaultCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        reason = sandbox.missing() or daemon.Logd.missing()
        if reason:
            self.skipTest(reason)
        sandbox.enter()
        self.daemon = None

    def start(self, settings=None, **changes):
        """Starts logd with an empty store; changes are of daemon.Logd."""
        self.daemon = daemon.Logd(settings=settings or ROOMY, **changes)
        self.daemon.wipe()
        self.addCleanup(self.daemon.end)
        self.daemon.start()
        return self.daemon

    def assert_all_stored(self, expected):
        """Nothing lost, twice, out of order, cut or misattributed."""
        answer = oracle.ask_for(self.daemon, steady.accepted_count(expected))
        self.assertEqual(oracle.faults(expected, answer), {})

    def ask_until_right(self, expected, faults):
        """What is still wrong once all drops were reported, and the answer."""
        deadline = time.monotonic() + REPORT_S_MAX
        while True:
            answer = oracle.ask(self.daemon)
            found = faults(expected, answer)
            if not found or time.monotonic() > deadline:
                return found, answer
            time.sleep(0.5)

    def store_file_count(self):
        return len(os.listdir(self.daemon.store))

    def store_bytes(self):
        """What the store's files take on the disk."""
        total = 0
        for entry in os.scandir(self.daemon.store):
            with contextlib.suppress(FileNotFoundError):  # sealed meanwhile
                total += entry.stat().st_blocks * 512
        return total

    def report(self, **figures):
        """One line of JSON, for the documentation to quote."""
        print("\n" + json.dumps({"test": self.id(), **figures}), flush=True)
