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


def _missing(sender, arrived):
    return sorted(set(range(sender.accepted)) - set(arrived.numbers))


def _disorder(numbers):
    return sum(a > b for a, b in zip(numbers, numbers[1:]))


def _description(sender, arrived, counts):
    wrong = [f"{count} {what}" for what, count in counts.items() if count]
    if not wrong:
        return None
    missing = _missing(sender, arrived)
    first = f", missing from {missing[0]} on" if missing else ""
    return f"of {sender.accepted}: {', '.join(wrong)}{first}"


def _wrong(sender, arrived):
    """What is wrong with that which is there."""
    seen = set(arrived.numbers)
    invented = sum(number >= sender.accepted for number in seen)
    return {
        "twice": len(arrived.numbers) - len(seen),
        # Connections of their own have no order among them.
        "out of order": (0 if sender.kind == "brief"
                         else _disorder(arrived.numbers)),
        "not whole": arrived.not_whole,
        "of somebody else": arrived.of_others,
        "never accepted": max(invented - sender.unknown, 0),
        "calls failed": sender.failed,
    }


def faults(expected, answer):
    """{sender: what is wrong}; empty if all is there as it was sent."""
    found = {}
    for sender in expected:
        arrived = answer.senders[sender.name]
        counts = {"lost": len(_missing(sender, arrived)),
                  **_wrong(sender, arrived)}
        found[sender.name] = _description(sender, arrived, counts)
    return {name: wrong for name, wrong in found.items() if wrong}


def faults_with_drops(expected, answer):
    """As faults(), where what is missing was reported as dropped.

    All of it, and of no sender more than is missing; a report may be about
    several units.
    """
    found = {}
    all_missing = 0
    for sender in expected:
        arrived = answer.senders[sender.name]
        missing = len(_missing(sender, arrived))
        all_missing += missing
        counts = _wrong(sender, arrived)
        counts["reported as dropped, but there"] = max(
            answer.dropped_of(sender.name) - missing, 0)
        found[sender.name] = _description(sender, arrived, counts)
    dropped = sum(answer.dropped.values())
    if all_missing != dropped:
        found["all"] = f"{all_missing} missing, but {dropped} reported"
    return {name: wrong for name, wrong in found.items() if wrong}


def faults_with_eviction(expected, answer):
    """As faults(), where the oldest may have gone and drops were reported.

    Of each sender the numbers from its first one on are there, apart from as
    many as were reported.
    """
    found = {}
    holes = 0
    for sender in expected:
        arrived = answer.senders[sender.name]
        found[sender.name] = _description(sender, arrived,
                                          _wrong(sender, arrived))
        first = min(arrived.numbers, default=0)
        holes += sum(number > first for number in _missing(sender, arrived))
    dropped = sum(answer.dropped.values())
    if holes > dropped:
        found["all"] = f"{holes} missing, but {dropped} reported"
    return {name: wrong for name, wrong in found.items() if wrong}
