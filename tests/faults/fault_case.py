"""The test case of faults: a logd of its own for each test."""

import json
import os
import unittest

import daemon
import oracle
import sandbox
import steady

# Enough that nothing is evicted where that is not the subject.
ROOMY = {"store": {"max_use": "4G", "keep_free": "1M"}}


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

    def tearDown(self):
        if self.daemon is not None and self.daemon.alive():
            self.daemon.kill()

    def start(self, settings=None, environment=None):
        """Starts logd with an empty store."""
        self.daemon = daemon.Logd(settings=settings or ROOMY,
                                  environment=environment)
        self.daemon.wipe()
        self.daemon.start()
        return self.daemon

    def assert_all_stored(self, expected):
        """Nothing lost, twice, out of order, cut or misattributed."""
        answer = oracle.ask_for(self.daemon, steady.accepted_count(expected))
        self.assertEqual(oracle.faults(expected, answer), {})

    def store_files(self):
        return [entry for entry in os.scandir(self.daemon.store)
                if entry.is_file()]

    def report(self, **figures):
        """One line of JSON, for the documentation to quote."""
        print("\n" + json.dumps({"test": self.id(), **figures}), flush=True)
