"""The test case that has a running daemon."""

import os
import unittest

import daemon
import sandbox


class DaemonCase(unittest.TestCase):
    """Each test class has one daemon, started with an empty store."""

    line_max = None
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        kind = daemon.chosen()
        cls.is_logd = kind is daemon.Logd
        cls.daemon = None
        cls.reason = sandbox.missing() or kind.missing()
        if cls.reason:
            return
        sandbox.enter()
        cls.daemon = kind(cls.line_max)
        cls.daemon.wipe()
        cls.daemon.start()

    @classmethod
    def tearDownClass(cls):
        if cls.daemon is not None and cls.daemon.alive():
            cls.daemon.stop()

    def setUp(self):
        if self.reason:
            self.skipTest(self.reason)
        if not self.daemon.alive():
            self.daemon.start()

    def needs_logd(self, why):
        if not self.is_logd:
            self.skipTest(f"of logd only: {why}")

    def one(self, *selection):
        """The only entry that is selected."""
        found = self.daemon.wait_for(1, *selection)
        self.assertEqual(len(found), 1, found)
        return found[0]

    def assert_fields(self, entry, expected):
        """Compares field by field; None says that the field is absent."""
        got = {name: entry.get(name) for name in expected}
        self.assertEqual(got, expected)

    def assert_sender(self, entry, pid, uid=0, **facts):
        """Checks who said it.

        pid, uid and gid come with the message and are always right.  The
        facts (_COMM, _EXE) are read from /proc: a sender that is gone by
        then has none, but never wrong ones.
        """
        self.assert_fields(entry, {"_PID": str(pid), "_UID": str(uid),
                                   "_GID": str(uid)})
        for name, value in facts.items():
            if name in entry:
                self.assertEqual(entry[name], value, name)


def long_form():
    """Whether the tests shall take minutes rather than seconds."""
    return os.environ.get("LOGD_E2E_LONG") == "1"
