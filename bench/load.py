"""Starts loadgen, and knows the sockets that it sends to."""

import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../tests/e2e"))

import senders  # noqa: E402

PATHS = {"syslog": senders.SYSLOG, "native": senders.NATIVE,
         "stream": senders.STDOUT}
STREAMS = 16
_SEQUENCE = re.compile(rb"seq=(\d{9})$", re.MULTILINE)


class Lost(Exception):
    """Not every message was read back exactly once, or a tool failed."""


def start(options, mode, *more, path=None):
    """loadgen; its standard output is one line of JSON."""
    command = [f"{options.bin}/loadgen", f"--mode={mode}",
               f"--path={path or PATHS[mode]}", *more]
    if mode == "stream":
        command.append(f"--conns={STREAMS}")
    if options.tagged:
        command += [f"--corpus={options.tagged}", "--tagged"]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def report(process):
    """The line of JSON that it prints when it has done its work.

    To end takes loadgen a while longer: it has all messages in memory.
    """
    line = process.stdout.readline()
    if not line:
        raise Lost(f"{process.args[0]} ended with {process.wait()}")
    return json.loads(line)


def finished(process):
    """Its report, when it has ended."""
    with process:
        result = report(process)
    if process.returncode != 0:
        raise Lost(f"{process.args[0]} ended with {process.returncode}")
    return result


def check_complete(peer, count):
    """Raises Lost unless every number was stored once."""
    seen = bytearray(count)
    for match in _SEQUENCE.finditer(peer.everything()):
        number = int(match.group(1))
        if seen[number]:
            raise Lost(f"{peer.name}: message {number} is there twice")
        seen[number] = 1
    if sum(seen) != count:
        raise Lost(f"{peer.name}: {count - sum(seen)} of {count} messages "
                   "are missing")
