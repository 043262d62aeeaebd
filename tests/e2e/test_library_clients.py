"""Programs that log through libc, Python, Perl and libsystemd."""

import sys
import unittest

import clients
from case import DaemonCase

PYTHON = sys.executable
WAIT_IN_PYTHON = "\nimport sys; sys.stdin.read()"


class Python(DaemonCase):
    def test_syslog_module(self):
        with clients.Lingering(PYTHON, "-c", """
import syslog
syslog.openlog('py-syslog', syslog.LOG_PID, syslog.LOG_DAEMON)
syslog.syslog(syslog.LOG_WARNING, 'a warning')
syslog.syslog(syslog.LOG_INFO, 'two\\nlines')""" + WAIT_IN_PYTHON) as pid:
            found = self.daemon.wait_for(2, "-t", "py-syslog")
        self.assertEqual([(e["PRIORITY"], e["MESSAGE"]) for e in found],
                         [("4", "a warning"), ("6", "two\nlines")])
        for entry in found:
            self.assert_sender(entry, pid)
            self.assert_fields(entry, {
                "SYSLOG_FACILITY": "3", "SYSLOG_PID": str(pid),
                "_TRANSPORT": "syslog", "SYSLOG_RAW": None})
            self.assertIn("py-syslog", entry["_CMDLINE"])
            self.assertIn("python3", entry["_EXE"])

    def test_logging_handler(self):
        """It sends neither a time nor a tag, and a NUL at the end."""
        with clients.Lingering(PYTHON, "-c", """
import logging, logging.handlers
log = logging.getLogger()
log.addHandler(logging.handlers.SysLogHandler('/dev/log'))
log.warning('handled 8d1f')
log.error('tagged: text')""" + WAIT_IN_PYTHON) as pid:
            plain, tagged = self.daemon.wait_for(2, f"_PID={pid}")
        self.assert_sender(plain, pid)
        self.assert_fields(plain, {
            "PRIORITY": "4", "SYSLOG_FACILITY": "1",
            "MESSAGE": "handled 8d1f", "SYSLOG_IDENTIFIER": None,
            "SYSLOG_TIMESTAMP": None, "SYSLOG_RAW": "<12>handled 8d1f\0"})
        self.assert_fields(tagged, {
            "PRIORITY": "3", "SYSLOG_IDENTIFIER": "tagged",
            "MESSAGE": "text", "SYSLOG_RAW": "<11>tagged: text\0"})


class Perl(DaemonCase):
    def test_sys_syslog_over_the_unix_socket(self):
        with clients.Lingering("perl", "-MSys::Syslog=:standard,:macros",
                               "-e", """
Sys::Syslog::setlogsock('unix');
openlog('perl-tag', 'pid,ndelay', LOG_LOCAL0);
syslog(LOG_CRIT, 'number %d', 7);
syslog(LOG_INFO, "ends\\n");
closelog();
my @rest = <STDIN>;""") as pid:
            found = self.daemon.wait_for(2, "-t", "perl-tag")
        self.assertEqual([(e["PRIORITY"], e["MESSAGE"]) for e in found],
                         [("2", "number 7"), ("6", "ends")])
        for entry in found:
            self.assert_sender(entry, pid, _COMM="perl",
                               _EXE="/usr/bin/perl")
            self.assert_fields(entry, {
                "SYSLOG_FACILITY": "16", "SYSLOG_PID": str(pid),
                "_TRANSPORT": "syslog"})
            self.assertTrue(entry["SYSLOG_RAW"].endswith("\0"))


class Libc(DaemonCase):
    def test_syslog_after_openlog(self):
        client = clients.compiled("syslog_client")
        if not client:
            self.skipTest("the C clients are not built")
        with clients.Lingering(client) as pid:
            found = self.daemon.wait_for(4, "-t", "c-syslog")
        self.assertEqual(
            [(e["PRIORITY"], e["SYSLOG_FACILITY"], e["MESSAGE"])
             for e in found],
            [("3", "2", "plain text"), ("7", "19", "other facility"),
             ("6", "2", "two\nlines"), ("4", "2", "last")])
        for entry in found:
            self.assert_sender(entry, pid)
            self.assert_fields(entry, {
                "SYSLOG_PID": str(pid), "_COMM": "syslog_client",
                "_EXE": client, "_CMDLINE": client, "SYSLOG_RAW": None})


class Libsystemd(DaemonCase):
    def setUp(self):
        super().setUp()
        self.client = clients.compiled("journal_client")
        if not self.client:
            self.skipTest("the C clients are not built")

    def send(self, *mode):
        """The only entry that the client sends in this mode."""
        with clients.Lingering(self.client, *mode) as pid:
            entry = self.one(f"_PID={pid}")
        self.assert_sender(entry, pid)
        self.assert_fields(entry, {
            "_TRANSPORT": "journal", "_EXE": self.client,
            "SYSLOG_IDENTIFIER": "journal_client"})
        return entry

    def test_print(self):
        self.assert_fields(self.send("print"), {
            "MESSAGE": "printed 42", "PRIORITY": "5"})

    def test_binary_and_repeated_fields(self):
        self.assert_fields(self.send("binary"), {
            "MESSAGE": "with a binary field", "PRIORITY": "4",
            "TWICE": ["one", "two"], "BINARY": b"a\nb\0c\xff"})

    def check_big(self, size):
        entry = self.send("big", str(size))
        self.assertEqual(entry["MESSAGE"], "with a big field")
        self.assertEqual(len(entry["BIG"]), size)
        alphabet = "abcdefghijklmnopqrstuvwxyz"
        self.assertTrue(entry["BIG"] == (alphabet * (size // 26 + 1))[:size])

    def test_300_kilobytes(self):
        self.check_big(300_000)

    def test_5_megabytes_by_memory_file(self):
        self.check_big(5_000_000)

    def test_stream(self):
        with clients.Lingering(self.client, "stream") as pid:
            found = self.daemon.wait_for(3, "-t", "c-stream")
        self.assertEqual(
            [(e["PRIORITY"], e["MESSAGE"], e.get("_LINE_BREAK"))
             for e in found],
            [("4", "first", None), ("2", "second", None),
             ("4", "no end", "eof")])
        for entry in found:
            self.assert_sender(entry, pid)
            self.assertEqual(entry["_TRANSPORT"], "stdout")
        self.assertEqual(len({e["_STREAM_ID"] for e in found}), 1)


if __name__ == "__main__":
    unittest.main()
