"""Everything at once: senders, readers, commands, signals, kills, upgrades.

What one of them does to another is not foreseen here; a sanitizer sees it, and
the oracle what comes of it.
"""

import contextlib
import random
import signal
import subprocess
import threading
import time

import oracle
import steady
from fault_case import ROOMY, FaultCase, long_form

SECONDS = 300 if long_form() else 15
QUIET_S = 20 if long_form() else 0  # idle care begins after 5
KINDS = {"syslog": 2, "native": 2, "stream": 6, "large": 1, "memfd": 1,
         "brief": 1}
QUERIES = (("-n", "50"), ("-g", "[0-9]{3}x", "-n", "20"), ("-F", "_PID"),
           ("-o", "json", "-n", "2000", "-r"), ("--verify",),
           ("--disk-usage",))
COMMANDS = (("--sync",), ("--rotate",))  # whose worker may be killed
FOLLOWERS = ((), ("-u", "!storm-syslog-0"), ("-g", "x"))
SIGNALS = (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGRTMIN + 1)


class Storm(FaultCase):
    def during(self, pause_s, action):
        """Calls action() again and again, until the storm is over."""
        def run():
            chance = random.Random(len(self.threads))
            while not self.over.wait(chance.uniform(0.5, 1.5) * pause_s):
                action(chance)

        self.threads.append(threading.Thread(target=run))
        self.threads[-1].start()

    def query(self, arguments, answers=(0, 1)):
        done = subprocess.run([*self.daemon.query_command(), *arguments],
                              stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode not in answers:
            self.wrong.append((arguments, done.returncode, done.stderr))

    def signal(self, chance):
        self.daemon.process.send_signal(chance.choice(SIGNALS))

    def kill(self, chance):
        if chance.random() < 0.15:
            self.daemon.process.send_signal(signal.SIGRTMIN + 2)
        else:
            self.daemon.kill_worker()
        self.ends += 1

    def follow(self, arguments):
        follower = subprocess.Popen(
            [*self.daemon.query_command(), "-f", *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.addCleanup(follower.wait)
        self.addCleanup(follower.kill)
        return follower

    def end_storm(self):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def test_nothing_is_lost_nor_reported_lost(self):
        self.over = threading.Event()
        self.threads, self.wrong, self.ends = [], [], 0
        self.start()
        followers = [self.follow(arguments) for arguments in FOLLOWERS]
        with (contextlib.ExitStack() as storm,
              steady.Steady(KINDS, prefix="storm", pause_us=2000) as load):
            storm.callback(self.end_storm)
            for query in QUERIES:
                self.during(2, lambda _, query=query: self.query(query))
            for command in COMMANDS:
                self.during(3, lambda _, command=command:
                            self.query(command, (0, 2)))
            self.during(0.6, self.signal)
            self.during(2.5, self.kill)
            time.sleep(SECONDS)
            self.end_storm()
            expected = load.stop()
        self.assert_all_stored(expected)
        time.sleep(QUIET_S)
        self.assert_all_stored(expected)
        self.report(seconds=SECONDS, ends_of_workers=self.ends,
                    accepted=steady.accepted_count(expected))
        self.assertEqual(self.wrong, [])
        self.assertEqual(oracle.ask(self.daemon).dropped, {})
        self.assertEqual([f.poll() for f in followers], [None] * 3)
        self.assertEqual(self.daemon.query("LOGD_EVENT=damaged"), b"")
