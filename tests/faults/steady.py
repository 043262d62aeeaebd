"""Steady senders: a load that knows what of it was accepted.

The program steady_senders runs one process per sender; each message says who
sent it, its number, its pid and the checksum of the rest.  What send() said
is the truth against which oracle.py compares what logd shows.
"""

import dataclasses
import json
import os
import signal
import subprocess

import sandbox

STOP_S_MAX = 60


@dataclasses.dataclass
class Expected:
    """One sender's record."""

    name: str
    kind: str
    accepted: int
    unknown: bool
    failed: int
    blocked_us_max: int


class Steady:
    """Senders that go on until stop(), or for `count` messages each.

    kinds: {"syslog": 2, "stream": 8}; options as steady_senders has them,
    e.g. pause_us=0.
    """

    def __init__(self, kinds, prefix="steady", **options):
        self.state = os.path.join(sandbox.SCRATCH, f"{prefix}.state")
        command = [os.path.join(os.environ["LOGD_FAULTS_BIN"],
                                "steady_senders"),
                   "--state", self.state, "--prefix", prefix]
        for kind, count in kinds.items():
            command += ["--sender", f"{kind}={count}"]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        self.process = subprocess.Popen(command)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self):
        """Ends the senders; returns their records."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self):
        status = self.process.wait(STOP_S_MAX)
        if status != 0:
            raise ChildProcessError(f"steady_senders ended with {status}")
        with open(self.state) as file:
            return [Expected(**json.loads(line)) for line in file]


def accepted_count(expected):
    return sum(sender.accepted for sender in expected)


def blocked_s_max(expected):
    return max(sender.blocked_us_max for sender in expected) / 1e6
