"""The worker is killed at the entry of each system call of what it does.

Every 17th call of each operation; all of them with LOGD_FAULTS_LONG=1.
"""

import os
import signal
import subprocess
import time
import unittest

import numbered
from daemon import Gone
from fault_case import ROOMY, FaultCase, long_form

STEP = 1 if long_form() else 17
CALLS_MAX = 5000
CALLS_OF_A_START = 500  # more than it makes
MESSAGES = 20
NOT_REACHED = 3
OLD_S = 1.5  # longer than entries live in OLD_GO

OLD_GO = {**ROOMY, "store": {**ROOMY["store"], "max_age": "1s"}}


def program():
    return os.path.join(os.environ["LOGD_FAULTS_BIN"], "kill_at_call")


class Killing:
    """Watches a process; ended() says whether its call was reached."""

    def __init__(self, call, mode, pid):
        self._tool = subprocess.Popen([program(), str(call), mode, str(pid)],
                                      stdout=subprocess.PIPE)
        if self._tool.stdout.readline() != b"ready\n":
            raise ChildProcessError("kill_at_call cannot watch logd")

    def ended(self):
        status = self._tool.wait()
        self._tool.stdout.close()
        if status not in (0, NOT_REACHED):
            raise ChildProcessError(f"kill_at_call ended with {status}")
        return status == 0


class EveryCall(FaultCase):
    def send_all(self, identifier):
        for transport in numbered.WRITERS:
            numbered.send(transport, f"{identifier}-{transport}",
                          range(MESSAGES))

    def assert_all_there(self, identifier):
        for transport in numbered.WRITERS:
            name = f"{identifier}-{transport}"
            arrived = numbered.arrived(
                self.daemon.query("-o", "cat", "-t", name))
            self.assertIsNone(numbered.fault(arrived.get(0, []), MESSAGES),
                              name)

    def check_running(self, operation, before=lambda: None):
        """Kills at call 1, 1 + STEP and so on of what operation() starts."""
        reached = True
        call = 1
        while reached and call < CALLS_MAX:
            with self.subTest(call=call):
                before()
                self.send_all(f"before-{call}")
                self.daemon.settle()
                killing = Killing(call, "now", self.daemon.worker_pid())
                operation()
                self.send_all(f"after-{call}")
                reached = killing.ended()
                self.daemon.settle()
                self.assert_all_there(f"before-{call}")
                self.assert_all_there(f"after-{call}")
            call += STEP
        self.report(calls=call, step=STEP)

    def start_killed_at(self, call):
        """A first start that fails as a whole is tried once more."""
        try:
            self.start(wrapper=(program(), str(call), "first"))
        except Gone:
            self.daemon.wrapper = ()
            self.daemon.start()

    def test_of_the_first_start(self):
        call = 1
        while call < CALLS_OF_A_START:
            with self.subTest(call=call):
                self.start_killed_at(call)
                self.send_all("first")
                self.daemon.settle()
                self.assert_all_there("first")
                self.assertEqual(self.daemon.stop(), 0)
            call += STEP
        self.report(calls=call, step=STEP)

    def test_of_a_restart(self):
        self.start()
        self.daemon.settle()
        reached = True
        call = 1
        while reached and call < CALLS_MAX:
            with self.subTest(call=call):
                killing = Killing(call, "next", self.daemon.process.pid)
                self.daemon.kill_worker()
                self.send_all(f"restart-{call}")
                reached = killing.ended()
                self.daemon.settle()
                self.assert_all_there(f"restart-{call}")
            call += STEP
        self.report(calls=call, step=STEP)

    def test_of_storing(self):
        self.start()
        self.check_running(lambda: None)

    def test_of_rotating_and_sealing(self):
        self.start()
        self.check_running(self.daemon.rotate)

    def test_of_reloading(self):
        self.start()
        self.check_running(
            lambda: self.daemon.process.send_signal(signal.SIGHUP))

    def test_of_removing_the_oldest(self):
        def grow_old():
            self.daemon.rotate()
            time.sleep(OLD_S)

        self.start(OLD_GO)
        self.check_running(self.daemon.rotate, before=grow_old)


if __name__ == "__main__":
    unittest.main()
