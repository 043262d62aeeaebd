"""Where logd's answers to the probes are meant to differ from journald's.

Anything that differs and is not said here fails the test; so does a deviation
that is said here and is not there any more.
"""

import dataclasses

ABSENT = object()

# Fields that logd adds, with values of its own.
ADDED_FIELDS = {
    "_UNIT_FROM": "says which source of the unit name was believed",
    "_STREAM": "tells stdout from stderr, which is not a priority",
}

# Fields that depend on the kernel and are left out of the comparison.
KERNEL_FIELDS = {
    "_CAP_EFFECTIVE": "which capabilities there are differs by kernel",
}


@dataclasses.dataclass(frozen=True)
class Deviation:
    name: str
    why: str
    # The journald entry it is about: the value of each of these fields.
    probe: dict
    # What logd has instead, ABSENT for a field it does not have.
    fields: dict
    # The lines of `-o short`: journald's one line, logd's.
    short: tuple = ()

    def concerns(self, entry):
        return all(entry.get(name) == value
                   for name, value in self.probe.items())

    def applied_to(self, entry):
        changed = {**entry, **self.fields}
        return dict(sorted((name, value) for name, value in changed.items()
                           if value is not ABSENT))


DEVIATIONS = (
    Deviation(
        "RFC 5424 is parsed",
        "journald leaves the header in the text, where neither -t nor the "
        "reader finds the program that spoke",
        probe={"SYSLOG_FACILITY": "20"},
        fields={
            "MESSAGE": "rfc5424 msg",
            "SYSLOG_IDENTIFIER": "evntslog",
            "SYSLOG_TIMESTAMP": "2003-10-11T22:14:15.003Z",
            "SYSLOG_HOSTNAME": "mymachine.example.com",
            "SYSLOG_MSGID": "ID47",
            "SYSLOG_STRUCTURED_DATA": '[exampleSDID@32473 iut="3"]',
            "SYSLOG_RAW": ABSENT,
        },
        short=('SENDER[PARENT]: 1 2003-10-11T22:14:15.003Z mymachine.example'
               '.com evntslog - ID47 [exampleSDID@32473 iut="3"] rfc5424 msg',
               "evntslog[PARENT]: rfc5424 msg")),
    Deviation(
        "a NUL inside a message is kept",
        "journald ends the message there; what follows is then only in "
        "SYSLOG_RAW, which no search looks at",
        probe={"SYSLOG_IDENTIFIER": "id9"},
        fields={"MESSAGE": list(b"nul\0after")},
        short=("id9[PARENT]: nul", "id9[PARENT]: [9B blob data]")),
    Deviation(
        "a PRI above 191 is not believed",
        "it names no facility that exists; journald stores facility 124",
        probe={"SYSLOG_IDENTIFIER": "id11"},
        fields={"PRIORITY": "5", "SYSLOG_FACILITY": "1"}),
    Deviation(
        "a message without PRI is user.notice",
        "RFC 3164 section 4.3.3 says so; journald takes user.info",
        probe={"MESSAGE": "no pri id3: x"},
        fields={"PRIORITY": "5"}),
    Deviation(
        "a blank message without PRI is user.notice",
        "as above",
        probe={"SYSLOG_RAW": "   "},
        fields={"PRIORITY": "5"}),
    Deviation(
        "an empty PRI is text",
        "as above, and the identifier must not begin with what is no tag",
        probe={"SYSLOG_IDENTIFIER": "<>id13"},
        fields={"PRIORITY": "5", "SYSLOG_IDENTIFIER": ABSENT,
                "MESSAGE": "<>id13: empty pri"},
        short=("<>id13[PARENT]: empty pri",
               "SENDER[PARENT]: <>id13: empty pri")),
    Deviation(
        "an RFC 3339 time stamp is a time stamp",
        "rsyslog and its libraries write it; journald leaves it in the text",
        probe={"SYSLOG_RAW": "<13>2024-01-01T00:00:00.123456+00:00 host "
                             "id18: iso ts"},
        fields={"MESSAGE": "host id18: iso ts", "SYSLOG_RAW": ABSENT,
                "SYSLOG_TIMESTAMP": "2024-01-01T00:00:00.123456+00:00 "},
        short=("SENDER[PARENT]: 2024-01-01T00:00:00.123456+00:00 host id18: "
               "iso ts", "SENDER[PARENT]: host id18: iso ts")),
    Deviation(
        "a unit that root declares on a stream is honoured",
        "journald ignores it when it already knows the sender's pid, so that "
        "it depends on what the process did before",
        probe={"SYSLOG_IDENTIFIER": "s6"},
        fields={"_SYSTEMD_UNIT": "bot.service"}),
)
