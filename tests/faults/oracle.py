"""Compares what logd shows with what its senders know to be accepted.

For each sender: every accepted message is there, once, in the order in which
it was sent, whole, and attributed to the process that sent it.  A message that
was being sent when its sender had to be killed may be there or not.
"""

import collections
import dataclasses
import json
import subprocess
import time
import zlib

STILL_S_MAX = 5  # without progress before what is missing is lost

_FIELDS = ("MESSAGE", "_PID", "SYSLOG_IDENTIFIER", "_SYSTEMD_UNIT",
           "_TRANSPORT", "LOGD_EVENT", "N_DROPPED", "OBJECT_UNIT", "CAUSE")


@dataclasses.dataclass
class Arrived:
    """What is stored of one sender."""

    numbers: list = dataclasses.field(default_factory=list)
    not_whole: int = 0
    of_others: int = 0  # attributed to another process, name or unit


class Answer:
    """What logd shows: by sender, and its own reports of drops."""

    def __init__(self):
        self.senders = collections.defaultdict(Arrived)
        self.dropped = collections.Counter()  # messages by (cause, unit)

    def count(self):
        return sum(len(arrived.numbers) for arrived in self.senders.values())

    def dropped_of(self, name):
        return sum(count for (_, unit), count in self.dropped.items()
                   if unit in (name, f"{name}.service"))

    def add(self, entry):
        if entry.get("_TRANSPORT") == "driver":
            if entry.get("N_DROPPED"):
                self.dropped[entry.get("CAUSE"), entry.get("OBJECT_UNIT")] += (
                    int(entry["N_DROPPED"]))
            return
        message = entry.get("MESSAGE")
        if not isinstance(message, str):
            return
        words = message.split(" ", 4)
        if len(words) == 5 and "-" in words[0] and words[1].isdigit():
            self._add_numbered(entry, *words)

    def _add_numbered(self, entry, sender, number, pid, checksum, filling):
        arrived = self.senders[sender]
        arrived.numbers.append(int(number))
        if f"{zlib.crc32(filling.encode()):08x}" != checksum:
            arrived.not_whole += 1
        is_stream = entry.get("_TRANSPORT") == "stdout"
        if (entry.get("_PID") != pid
                or entry.get("SYSLOG_IDENTIFIER") != sender
                or (is_stream
                    and entry.get("_SYSTEMD_UNIT") != f"{sender}.service")):
            arrived.of_others += 1


def ask(daemon, *selection):
    """All that logd shows now, by the query command."""
    answer = Answer()
    command = [*daemon.query_command(), "-a", "-o", "json",
               "--output-fields", ",".join(_FIELDS), *selection]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE) as query:
        for line in query.stdout:
            answer.add(json.loads(line))
    if query.returncode not in (0, 1):
        raise AssertionError(f"{' '.join(command)} ended with "
                             f"{query.returncode}: gaps, or a failure")
    return answer


def ask_for(daemon, count, *selection):
    """As ask(), as soon as `count` messages are there.

    Returns what there is when nothing more comes, for the caller to judge.
    """
    daemon.settle()
    answer = ask(daemon, *selection)
    deadline = time.monotonic() + STILL_S_MAX
    while answer.count() < count and time.monotonic() < deadline:
        time.sleep(0.2)
        newer = ask(daemon, *selection)
        if newer.count() > answer.count():
            deadline = time.monotonic() + STILL_S_MAX
        answer = newer
    return answer


def _disorder(numbers):
    return sum(a > b for a, b in zip(numbers, numbers[1:]))


def fault(expected, arrived, dropped=0):
    """What is wrong with one sender's messages, or None.

    As many as `dropped` may be missing, and then must be.
    """
    seen = set(arrived.numbers)
    missing = sorted(set(range(expected.accepted)) - seen)
    invented = len([number for number in seen if number >= expected.accepted])
    counts = {
        "lost": max(len(missing) - dropped, 0),
        "reported as dropped, but there": max(dropped - len(missing), 0),
        "twice": len(arrived.numbers) - len(seen),
        # Connections of their own have no order among them.
        "out of order": (0 if expected.kind == "brief"
                         else _disorder(arrived.numbers)),
        "not whole": arrived.not_whole,
        "of somebody else": arrived.of_others,
        "never accepted": max(invented - expected.unknown, 0),
        "calls failed": expected.failed,
    }
    wrong = [f"{count} {what}" for what, count in counts.items() if count]
    if not wrong:
        return None
    first = f", missing from {missing[0]} on" if missing else ""
    return f"of {expected.accepted}: {', '.join(wrong)}{first}"


def faults(expected, answer, with_drops=False):
    """{sender: what is wrong}; empty if all is as it was sent."""
    found = {}
    for sender in expected:
        dropped = answer.dropped_of(sender.name) if with_drops else 0
        wrong = fault(sender, answer.senders[sender.name], dropped)
        if wrong:
            found[sender.name] = wrong
    return found
