"""SIGRTMIN+2: logd executes itself anew under load and loses nothing."""

import contextlib
import os
import shutil
import signal
import time
import unittest

import sandbox
import steady
from daemon import wait_until
from fault_case import FaultCase, long_form

_PROGRAMS = ("logd", "logq")


def sockets_of(pid):
    """The sockets that a process serves; connections come and go."""
    listens, datagram = "00010000", "0002"
    with open("/proc/net/unix") as table:
        named = {f"socket:[{words[6]}]" for words in map(str.split, table)
                 if len(words) == 8
                 and (words[3] == listens or words[4] == datagram)}
    held = set()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            held.add(os.readlink(f"/proc/{pid}/fd/{fd}"))
    return held & named


class Upgrade(FaultCase):
    def install(self):
        """Puts the programs where the next installation replaces them."""
        folder = os.path.join(sandbox.SCRATCH, "installed")
        os.makedirs(folder, exist_ok=True)
        for name in _PROGRAMS:
            shutil.copy(os.path.join(os.environ["LOGD_BIN"], name),
                        os.path.join(folder, name + ".part"))
            os.replace(os.path.join(folder, name + ".part"),
                       os.path.join(folder, name))
        return folder

    def test_loses_nothing_and_closes_no_socket(self):
        self.start(folder=self.install())
        pid = self.daemon.process.pid
        program = f"{self.daemon.bin}/logd"
        sockets = sockets_of(pid)
        self.assertGreater(len(sockets), 3)
        # Its sockets are served before it has opened all that it needs.
        wait_until(lambda: self.daemon.query("-t", "logd"), "logd has started")
        fds = self.daemon.keeper_fd_count()
        upgrades = 50 if long_form() else 5
        kinds = {"syslog": 2, "native": 2, "stream": 8, "large": 1,
                 "memfd": 1, "brief": 1}
        with steady.Steady(kinds) as load:
            for _ in range(upgrades):
                time.sleep(0.2)
                self.install()
                self.assertNotEqual(os.readlink(f"/proc/{pid}/exe"), program)
                self.daemon.process.send_signal(signal.SIGRTMIN + 2)
                wait_until(lambda: os.readlink(f"/proc/{pid}/exe") == program,
                           "logd executes what was installed")
            expected = load.stop()
        self.assert_all_stored(expected)
        self.report(upgrades=upgrades, lost=0, twice=0,
                    accepted=steady.accepted_count(expected),
                    blocked_s_max=steady.blocked_s_max(expected))
        self.assertEqual(sockets - sockets_of(pid), set())
        # The last stream may have been read and not yet closed.
        wait_until(lambda: self.daemon.keeper_fd_count() <= fds,
                   "no descriptor is left over")
        self.assertEqual(self.daemon.stop(), 0)

    def test_a_program_that_cannot_be_executed_leaves_the_old_one(self):
        folder = self.install()
        self.start(folder=folder)
        pid = self.daemon.process.pid
        with steady.Steady({"syslog": 1, "stream": 1}) as load:
            os.unlink(f"{folder}/logd")
            self.daemon.process.send_signal(signal.SIGRTMIN + 2)
            time.sleep(1)
            expected = load.stop()
        self.assertTrue(self.daemon.alive())
        self.assertEqual(self.daemon.process.pid, pid)
        self.assert_all_stored(expected)


if __name__ == "__main__":
    unittest.main()
