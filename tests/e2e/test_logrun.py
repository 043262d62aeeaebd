"""A bot that is put under logd from a terminal and left alone."""

import os
import pty
import signal
import subprocess
import sys
import time
import unittest

import sandbox
from case import DaemonCase
from daemon import wait_until

BOT = """
import os, sys, time
print(f"<5>bot {os.getpid()} begins")
print("<3>cannot reach the server")
print("to stderr", file=sys.stderr)
number = 0
while True:
    print(f"tick {number}")
    number += 1
    time.sleep(0.05)
"""


def process_is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Bot(DaemonCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.reason or not cls.is_logd:
            return
        cls.bot = os.path.join(sandbox.SCRATCH, "bot.py")
        with open(cls.bot, "w") as file:
            file.write(BOT)

    def setUp(self):
        super().setUp()
        self.needs_logd("logrun belongs to it")
        self.logrun = os.path.join(os.environ["LOGD_BIN"], "logrun")
        self.pidfile = os.path.join(sandbox.SCRATCH, "bot.pid")

    def start_from_a_terminal(self):
        """Starts the bot in a session whose terminal then hangs up."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(self.logrun, [
                self.logrun, "-u", "bot", "-d", "--restart", "always",
                "--restart-sec", "1s", "--pidfile", self.pidfile, "--",
                sys.executable, self.bot])
        said = b""
        try:
            while chunk := os.read(terminal, 4096):
                said += chunk
        except OSError:
            pass  # a terminal ends in EIO
        os.close(terminal)
        _, status = os.waitpid(pid, 0)
        self.assertEqual(status, 0, said.decode(errors="replace"))

    def test_start_is_before_the_first_line_and_end_behind_the_last(self):
        runs = 20
        for _ in range(runs):
            subprocess.run([self.logrun, "-u", "once", "--", "echo", "line"],
                           check=True)
        self.daemon.wait_for(3 * runs, "-u", "once")
        entries = self.daemon.entries("-u", "once")
        said = ["line" if entry["MESSAGE"] == "line"
                else entry["MESSAGE"].split()[1] for entry in entries]
        self.assertEqual(said, ["started", "line", "main"] * runs)
        stamps = [int(entry["__REALTIME_TIMESTAMP"]) for entry in entries]
        self.assertEqual(stamps, sorted(stamps))

    def begun(self):
        """The pids of the bot's runs, as the bot said them."""
        found = self.daemon.entries("-u", "bot", "PRIORITY=5")
        return [int(entry["MESSAGE"].split()[1]) for entry in found
                if entry["MESSAGE"].endswith("begins")]

    def lines_from(self, pid):
        output = self.daemon.query("-o", "cat", "-u", "bot", f"_PID={pid}")
        return output.count(b"tick")

    def test_bot_survives_and_is_restarted_and_can_be_asked_for(self):
        self.start_from_a_terminal()
        first, = wait_until(self.begun, "the bot's first words")
        time.sleep(0.5)
        self.assertTrue(process_is_there(first))
        wait_until(lambda: self.lines_from(first) > 5,
                   "lines after the hang-up")

        os.kill(first, signal.SIGKILL)
        wait_until(lambda: len(self.begun()) == 2, "a second run")
        second = self.begun()[1]
        self.assertNotEqual(first, second)
        wait_until(lambda: self.lines_from(second) > 5,
                   "lines of the second run")

        self.check_fields(first)
        self.check_exit_entry()
        self.check_queries()
        self.check_stop(second)

    def check_fields(self, pid):
        found = self.daemon.entries("-u", "bot", f"_PID={pid}")
        streams = {entry["MESSAGE"]: entry["_STREAM"] for entry in found}
        self.assertEqual(streams["cannot reach the server"], "stdout")
        self.assertEqual(streams["to stderr"], "stderr")
        for entry in found:
            self.assert_fields(entry, {
                "_SYSTEMD_UNIT": "bot.service", "_UNIT_FROM": "stream",
                "_TRANSPORT": "stdout"})
        levels = {entry["MESSAGE"]: entry["PRIORITY"] for entry in found}
        self.assertEqual(levels["cannot reach the server"], "3")
        self.assertEqual(levels["to stderr"], "6")

    def check_exit_entry(self):
        entry, = self.daemon.entries("EXIT_CODE=killed")
        self.assert_fields(entry, {
            "EXIT_STATUS": "SIGKILL", "PRIORITY": "3",
            "SYSLOG_IDENTIFIER": "logrun", "UNIT": "bot.service"})

    def check_queries(self):
        errors = self.daemon.query("-u", "bot", "-p", "err", "-o", "cat")
        self.assertEqual(errors.count(b"cannot reach the server"), 2)
        self.assertNotIn(b"tick", errors)
        newest = self.daemon.query("-u", "bot", "-n", "20", "-o", "cat")
        self.assertEqual(newest.count(b"\n"), 20)
        self.check_follow()

    def check_follow(self):
        path = os.path.join(sandbox.SCRATCH, "bot.follow")
        with open(path, "wb") as output:
            follower = subprocess.Popen(
                [*self.daemon.query_command(), "-u", "bot", "--since",
                 "today", "-f", "-o", "cat"], stdout=output)
        try:
            def ticks():
                with open(path, "rb") as file:
                    return file.read().count(b"tick")

            shown = wait_until(ticks, "-f shows ticks")
            wait_until(lambda: ticks() > shown + 5, "-f shows new ticks")
        finally:
            follower.terminate()
            follower.wait()

    def check_stop(self, bot):
        with open(self.pidfile) as file:
            logrun = int(file.read())
        os.kill(logrun, signal.SIGTERM)
        wait_until(lambda: not process_is_there(logrun), "logrun ends")
        self.assertFalse(process_is_there(bot))
        self.assertEqual(len(self.begun()), 2)


if __name__ == "__main__":
    unittest.main()
