"""Answers to the probes in a form that does not depend on where they ran.

Kept in tests/testdata/journald252: `entries.json`, one normalised entry per
line, and `short.txt`.  Process ids are replaced by the role of the process,
the fields of time and place are left out.  Run as a program it makes the
files anew:

    answers.py JSON SHORT PARENT CHILD NOBODY OBJECT DIRECTORY

from journalctl's `-o json` and `-o short` output and the four process ids.
"""

import json
import os
import re
import sys

DIRECTORY = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                         "../testdata/journald252")

# What is different in every run or on every machine.
VOLATILE = {
    "__CURSOR", "__REALTIME_TIMESTAMP", "__MONOTONIC_TIMESTAMP",
    "_SOURCE_REALTIME_TIMESTAMP", "_BOOT_ID", "_MACHINE_ID", "_HOSTNAME",
    "_STREAM_ID", "_CMDLINE", "_EXE", "OBJECT_CMDLINE", "OBJECT_EXE",
    "OBJECT_COMM", "_CAP_EFFECTIVE", "OBJECT_CAP_EFFECTIVE",
}
# What only a machine run by systemd or with these kernel options has.
_OF_THE_PLACE = re.compile(r"(OBJECT)?_(SYSTEMD|AUDIT|SELINUX)_\w+")

_PID_FIELDS = ("_PID", "SYSLOG_PID", "OBJECT_PID")


def normalise_entries(raw_entries, pids, comm, kept_fields=()):
    """Comparable forms of the entries, the daemon's own left out."""
    roles = {str(pid): role for role, pid in pids.items()}
    return [_normalise(raw, roles, comm, kept_fields) for raw in raw_entries
            if raw.get("_TRANSPORT") != "driver"]


def _normalise(raw, roles, comm, kept_fields):
    entry = {}
    for name, value in raw.items():
        if name not in kept_fields and (
                name in VOLATILE or _OF_THE_PLACE.fullmatch(name)):
            continue
        if name in _PID_FIELDS:
            value = roles.get(value, value)
        if name == "_COMM" and value == comm:
            value = "SENDER"
        if name == "SYSLOG_TIMESTAMP" and _by_libc(raw):
            value = "NOW"
        entry[name] = value
    return dict(sorted(entry.items()))


def _by_libc(raw):
    """Whether libc stamped the probe, with the time of sending."""
    return raw.get("SYSLOG_IDENTIFIER") == "pysl"


_SHORT_HEAD = re.compile(
    r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ (.*?)(?:\[(\d+)\])?: ?(.*)")


def normalise_short(text, pids, comm):
    """Lines as "identifier[ROLE]: message"; more lines as "| text".

    Raises ValueError where a further line is not indented by the width of
    the first one's prefix.
    """
    roles = {str(pid): role for role, pid in pids.items()}
    lines = []
    width = 0
    for line in text.splitlines():
        head = _SHORT_HEAD.fullmatch(line)
        if head:
            identifier, pid, message = head.groups()
            identifier = "SENDER" if identifier == comm else identifier
            lines.append(f"{identifier}[{roles.get(pid, pid)}]: {message}")
            width = head.start(3)
        elif line[:width].strip() or not line[width:]:
            raise ValueError(f"not indented by {width}: {line!r}")
        else:
            lines.append("| " + line[width:])
    return lines


def expected_entries():
    with open(os.path.join(DIRECTORY, "entries.json")) as file:
        return [json.loads(line) for line in file]


def expected_short():
    with open(os.path.join(DIRECTORY, "short.txt")) as file:
        return file.read().splitlines()


def main(json_path, short_path, *rest):
    *numbers, directory = rest
    pids = dict(zip(("PARENT", "CHILD", "NOBODY", "OBJECT"), numbers))
    with open(json_path) as file:
        raw = [json.loads(line) for line in file]
    with open(os.path.join(directory, "entries.json"), "w") as file:
        for entry in normalise_entries(raw, pids, "python3"):
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    with open(short_path) as file:
        lines = normalise_short(file.read(), pids, "python3")
    with open(os.path.join(directory, "short.txt"), "w") as file:
        file.writelines(line + "\n" for line in lines
                        if not line.startswith("systemd-journald["))


if __name__ == "__main__":
    main(*sys.argv[1:])
