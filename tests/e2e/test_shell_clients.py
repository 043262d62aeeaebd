"""logger(1) and systemd-cat(1) reach the daemon and get the right fields."""

import socket
import subprocess
import unittest

import clients
from case import DaemonCase

# Above the kernel's limit. As root, logger puts the id of a process that does
# exist into the credentials, where the kernel then vouches for it.
NO_PROCESS = "4194305"

BSD_STAMP = r"^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d $"


class Logger(DaemonCase):
    def check(self, pid, expected, *selection):
        entry = self.one(*selection)
        self.assert_sender(entry, pid, _COMM="logger", _EXE="/usr/bin/logger")
        self.assert_fields(entry, {"_TRANSPORT": "syslog", **expected})
        return entry

    def test_plain_message_is_user_notice_tagged_with_the_user(self):
        pid = clients.run("logger", "just a line")
        entry = self.check(pid, {
            "PRIORITY": "5", "SYSLOG_FACILITY": "1", "SYSLOG_PID": None,
            "MESSAGE": "just a line", "SYSLOG_RAW": None},
            "SYSLOG_IDENTIFIER=root", f"_PID={pid}")
        self.assertRegex(entry["SYSLOG_TIMESTAMP"], BSD_STAMP)

    def test_tag_and_priority_are_kept(self):
        pid = clients.run("logger", "-t", "tagged", "-p", "user.err", "x y")
        self.check(pid, {
            "PRIORITY": "3", "SYSLOG_FACILITY": "1", "MESSAGE": "x y",
            "SYSLOG_IDENTIFIER": "tagged", "SYSLOG_RAW": None},
            "-t", "tagged")

    def test_every_priority_is_kept(self):
        names = ("emerg", "alert", "crit", "err", "warning", "notice", "info",
                 "debug")
        for name in names:
            clients.run("logger", "-t", "levels", "-p", f"local5.{name}", name)
        found = self.daemon.wait_for(len(names), "-t", "levels")
        self.assertEqual(
            [(e["PRIORITY"], e["SYSLOG_FACILITY"], e["MESSAGE"])
             for e in found],
            [(str(level), "21", name) for level, name in enumerate(names)])

    def test_kern_facility_of_a_user_becomes_user(self):
        pid = clients.run("logger", "-t", "kernlike", "-p", "kern.err", "x")
        self.check(pid, {"PRIORITY": "3", "SYSLOG_FACILITY": "1"},
                   "-t", "kernlike")

    def test_claimed_pid_does_not_replace_the_real_one(self):
        pid = clients.run("logger", "-t", "claims", f"--id={NO_PROCESS}",
                          "x")
        self.check(pid, {"SYSLOG_PID": NO_PROCESS, "MESSAGE": "x"},
                   "-t", "claims")
        short = self.daemon.query("-o", "short", "-t", "claims").decode()
        self.assertIn(f" claims[{pid}]: x\n", short)

    def test_own_pid_is_claimed_with_plain_id(self):
        pid = clients.run("logger", "-i", "-t", "ownpid", "x")
        self.check(pid, {"SYSLOG_PID": str(pid)}, "-t", "ownpid")

    def test_rfc5424_is_parsed(self):
        pid = clients.run("logger", "--rfc5424", "-u", "/dev/log", "-t",
                          "new-form", "-p", "daemon.warning",
                          f"--id={NO_PROCESS}", "--msgid", "M17",
                          "structured text")
        if not self.is_logd:  # journald keeps the header in the text
            entry = self.one(f"_PID={pid}")
            self.assertRegex(entry["MESSAGE"], r"^1 .* structured text$")
            return
        entry = self.check(pid, {
            "PRIORITY": "4", "SYSLOG_FACILITY": "3", "SYSLOG_PID": NO_PROCESS,
            "SYSLOG_HOSTNAME": socket.gethostname(), "SYSLOG_MSGID": "M17",
            "MESSAGE": "structured text"}, "-t", "new-form")
        self.assertRegex(entry["SYSLOG_TIMESTAMP"], r"^\d{4}-\d\d-\d\dT")
        self.assertIn("timeQuality", entry["SYSLOG_STRUCTURED_DATA"])

    def test_rfc3164_with_host_keeps_the_host_in_the_text(self):
        pid = clients.run("logger", "--rfc3164", "-u", "/dev/log", "-t",
                          "old-form", "some text")
        host = socket.gethostname()
        self.check(pid, {
            "PRIORITY": "5", "SYSLOG_IDENTIFIER": None,
            "MESSAGE": f"{host} old-form: some text"}, f"_PID={pid}")

    def test_socket_option_with_the_usual_path_is_the_local_form(self):
        pid = clients.run("logger", "--socket", "/dev/log", "-t", "by-path",
                          "x")
        self.check(pid, {"MESSAGE": "x", "SYSLOG_RAW": None}, "-t", "by-path")

    def test_journald_form_keeps_all_fields(self):
        message_id = "67feb6ffbaf24c5cbec13c008dd72304"
        pid = clients.run(
            "logger", "--journald", stdin=(
                f"MESSAGE_ID={message_id}\nMESSAGE=The dogs bark\n"
                "DOGS=bark\nCARAVAN=goes on\nSYSLOG_IDENTIFIER=caravan\n"
                "PRIORITY=2\n").encode())
        entry = self.one(f"MESSAGE_ID={message_id}")
        self.assert_sender(entry, pid, _COMM="logger")
        self.assert_fields(entry, {
            "_TRANSPORT": "journal", "MESSAGE": "The dogs bark",
            "DOGS": "bark", "CARAVAN": "goes on", "PRIORITY": "2",
            "SYSLOG_IDENTIFIER": "caravan", "SYSLOG_FACILITY": None})

    def test_each_piped_line_is_an_entry(self):
        pid = clients.run("logger", "-t", "piped",
                          stdin=b"one\n\n  three\nfour without an end")
        found = self.daemon.wait_for(3, "-t", "piped")
        self.assertEqual([e["MESSAGE"] for e in found if e["MESSAGE"]],
                         ["one", "  three", "four without an end"])
        self.assertEqual({e["_PID"] for e in found}, {str(pid)})

    def test_five_thousand_bytes_stay_one_message(self):
        text = "".join(chr(ord("a") + i % 26) for i in range(5000))
        clients.run("logger", "--size", "6000", "-t", "long", text)
        self.assertEqual(self.one("-t", "long")["MESSAGE"], text)

    def test_short_lived_senders_are_told_apart(self):
        """Pid and uid always; what they ran as often as there is a chance."""
        senders = 50
        pids = []
        for _ in range(senders):
            shell = subprocess.Popen(
                ["sh", "-c", "logger -t brief $$; true"])
            shell.wait()
            pids.append(shell.pid)
        found = self.daemon.wait_for(senders, "-t", "brief")
        self.assertEqual([e["MESSAGE"] for e in found],
                         [str(pid) for pid in pids])
        for entry in found:
            self.assertNotEqual(entry["_PID"], entry["MESSAGE"])
            self.assertEqual((entry["_UID"], entry["_GID"]), ("0", "0"))
            self.assertIn(entry.get("_EXE"), (None, "/usr/bin/logger"))
            self.assertIn(entry.get("_COMM"), (None, "logger"))
        known = {name: sum(name in entry for entry in found)
                 for name in ("_COMM", "_EXE", "_CMDLINE")}
        print(f"\n{self.daemon.name}, of {senders} short-lived senders: "
              f"{known}")
        if self.is_logd:  # journald got 8 when its answers were recorded
            self.assertGreaterEqual(known["_EXE"], 8)


class SystemdCat(DaemonCase):
    def lines(self, count, identifier):
        found = self.daemon.wait_for(count, "-t", identifier)
        for entry in found:
            self.assertEqual(entry["_TRANSPORT"], "stdout")
            self.assertEqual(len(entry["_STREAM_ID"]), 32)
        return [(e["PRIORITY"], e["MESSAGE"], e.get("_LINE_BREAK"))
                for e in found]

    def test_both_outputs_are_logged_and_the_partial_line_at_the_end(self):
        clients.run("systemd-cat", "-t", "cat", "-p", "warning", "sh", "-c",
                    "echo out; echo err >&2; printf partial")
        self.assertEqual(self.lines(3, "cat"), [
            ("4", "out", None), ("4", "err", None), ("4", "partial", "eof")])

    def test_priority_applies_to_lines_without_a_prefix(self):
        for level, name in enumerate(("emerg", "alert", "crit", "err",
                                      "warning", "notice", "info", "debug")):
            clients.run("systemd-cat", "-t", f"cat-{name}", "-p", name, "sh",
                        "-c", "echo own; echo '<5>prefixed'")
            with self.subTest(priority=name):
                self.assertEqual(
                    self.lines(2, f"cat-{name}"),
                    [(str(level), "own", None), ("5", "prefixed", None)])

    def test_level_prefix_stays_in_the_text_when_switched_off(self):
        clients.run("systemd-cat", "-t", "raw-prefix", "--level-prefix=false",
                    "echo", "<2>raw")
        self.assertEqual(self.lines(1, "raw-prefix"), [("6", "<2>raw", None)])

    def test_stderr_has_its_own_priority(self):
        clients.run("systemd-cat", "-t", "split", "-p", "info",
                    "--stderr-priority=err", "sh", "-c",
                    "echo to-out; echo to-err >&2")
        self.assertEqual(sorted(self.lines(2, "split")),
                         [("3", "to-err", None), ("6", "to-out", None)])

    def test_identifier_is_optional(self):
        clients.run("systemd-cat", "echo", "nameless-c7a1")
        found = self.daemon.wait_for(1, "_TRANSPORT=stdout",
                                     "MESSAGE=nameless-c7a1")
        self.assertEqual(len(found), 1)
        self.assertNotIn("SYSLOG_IDENTIFIER", found[0])

    def test_standard_input_is_logged_line_by_line(self):
        text = b"a\nb\n\n   \n  c  \n"
        clients.run("systemd-cat", "-t", "stdin", stdin=text)
        self.assertEqual([line[1] for line in self.lines(4, "stdin")],
                         ["a", "b", "   ", "  c"])


if __name__ == "__main__":
    unittest.main()
