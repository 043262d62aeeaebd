"""Raw messages at the edges of the three protocols.

journald 252's answers to them are kept in tests/testdata/journald252.  Run as
a program it sends them all by the usual paths and prints, as JSON, its comm
and its process ids by role.  Both the order and the bytes are part of the
recorded answers.
"""

import json
import os
import subprocess
import sys
import syslog
import time

import senders
from senders import binary_field, stream_header, text_field

PAUSE_S = 0.05
LINE_MAX = 79  # the daemon must be configured so


def _stream(identifier, *chunks, **header):
    return stream_header(identifier, **header), chunks


STREAMS = (
    # Level prefixes, empty and blank lines.
    _stream(b"s1", b"plain\n<3>err lvl\n<30>with facility\n<8>too big\n<7>\n"
                   b"<x>bad\n\n   \n  lead and trail  \t\n<4> spaced\n"),
    _stream(b"s2", b"prio30 facility3\n<3>fac kept\n", priority=b"30"),
    _stream(b"s3", b"<3>no level prefix\n", level_prefix=b"0"),
    # Line ends.
    _stream(b"s4", b"a\0b\0\0c\n", b"no newline at eof"),
    _stream(b"s5", b"X" * 79 + b"\n", b"Y" * 78 + b"\n", b"Z" * 200 + b"\n"),
    # Headers.
    _stream(b"s6", b"with unit\n", unit=b"bot.service"),
    _stream(b"", b"empty ident\n"),
    _stream(b"s7", b"bad prio\n", priority=b"abc"),
    _stream(b"s8", b"bad prio 1000\n", priority=b"1000"),
    _stream(b"s9", b"bad bool\n", level_prefix=b"maybe"),
    _stream(b"i" * 254, b"ident 254\n"),
    _stream(b"i" * 255, b"ident 255\n"),
    _stream(b"s10", b"<5>lp yes\n", level_prefix=b"yes"),
    (b"  s11  \n\n 6 \n 1 \n0\n0\n0\n", (b"stripped header\n",)),
    # Bytes.
    _stream(b"s12", b"\x1b[31mred\x1b[0m\n", b"utf8 \xc3\xa9 bad \xff\n",
            b"cr line\r\n", b"tab\there\n"),
)


def _native(identifier, message, rest=b""):
    return (text_field(b"MESSAGE", message)
            + text_field(b"SYSLOG_IDENTIFIER", identifier) + rest)


def _numbered_fields(count):
    return b"".join(text_field(b"F%d" % i, b"%d" % i) for i in range(count))


NATIVES = (
    # Field names: only the good ones stay.
    b"MESSAGE=n1 fields\nlower=x\n_PID=1\n_FOO=y\n1DIG=z\nOK_1=v\n"
    + text_field(b"A" * 64, b"64ok") + text_field(b"B" * 65, b"65bad")
    + b"HAS-DASH=x\nSYSLOG_IDENTIFIER=nat1\nPRIORITY=3\n=emptyname\n",
    # Framing.
    _native(b"nat2", b"n2a") + b"\n"
    + _native(b"nat2", b"n2b second entry same datagram"),
    _native(b"nat3", b"n3 trailing noise", b"NOISE=without newline"),
    b"SYSLOG_IDENTIFIER=nat4\n" + binary_field(b"MESSAGE", b"foo\nbar")
    + binary_field(b"BIN", b"\x00\x01\xff\x02"),
    b"MESSAGE=n5 first\nMESSAGE=n5 second\nSYSLOG_IDENTIFIER=nat5\n"
    b"X=1\nX=2\nX=1\n",
    b".control\n#comment\n" + _native(b"nat6", b"n6 comments"),
    b"SYSLOG_IDENTIFIER=nat7\nFOO=no message\n",
    _native(b"nat8", b"n8 prio9", b"PRIORITY=9\n"),
    _native(b"nat9", b"n9 object", b"OBJECT_PID=%d\n" % os.getppid()),
    _native(b"nat10-emptymsg", b""),
    _native(b"nat11", b"n11 binlen too long",
            b"BAD\n" + (9999).to_bytes(8, "little") + b"x\n"),
    # Limits.
    _native(b"nat12", b"n12 many", _numbered_fields(1030)),
    _native(b"nat13", b"n13 1000 fields", _numbered_fields(1000)),
)

SYSLOGS = (
    b"<13>Nov 22 05:42:46 id1: msg ts ident",
    b"<13>id2: no ts",
    b"no pri id3: x",
    b"<13>Nov 22 05:42:46 id4[123]: with pid",
    b"<13>Nov 22 05:42:46 host id5[1]: with host",
    b"<13>  id6: leading ws ",
    b"<13>Nov 22 05:42:46 id7:nospace",
    b"<13>Nov  2 05:42:46 id8:  two spaces trailing  \n",
    b"<13>Nov 22 05:42:46 id9: nul\0after",
    b"<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47"
    b' [exampleSDID@32473 iut="3"] rfc5424 msg',
    b"<999>id11: big pri",
    b"<191>Nov 22 05:42:46 id12: local7.debug",
    b"<>id13: empty pri",
    b"<0>id14: kern emerg",
    b"   ",
    b"<13>Nov 22 05:42:46 id15[abc]: nonnum pid",
    b"<13>Nov 22 05:42:46 id16[12: no close",
    b"<13>Nov 22 05:42:46 [55]: only pid",
    b"<13>Nov 22 05:42:46 two words: x",
    b"<13>Nov 22 05:42:46 id17: multi\nline",
    b"<13>2024-01-01T00:00:00.123456+00:00 host id18: iso ts",
    b"<13>Nov 22 05:42:46 id19:",
    b"<13>",
    b"<13>\nid20: nl",
    b"<13>id21: caf\xc3\xa9 \xff",
)


def _send_streams():
    for header, chunks in STREAMS:
        try:
            with senders.open_stream(header) as connected:
                for chunk in chunks:
                    time.sleep(PAUSE_S)
                    connected.sendall(chunk)
                time.sleep(PAUSE_S)
        except OSError:
            pass  # a header that is refused


def _send_stream_from_two_processes():
    """One connection, written by a parent and its child in turn."""
    with senders.open_stream(stream_header(b"s13")) as connected:
        time.sleep(2 * PAUSE_S)
        connected.sendall(b"parent partial ")
        time.sleep(2 * PAUSE_S)
        child = senders.in_child(
            lambda: connected.sendall(b"child line\nchild tail"))
        connected.sendall(b" parent again\n")
        time.sleep(2 * PAUSE_S)
    return child


def _send_memory_files_of_nobody():
    senders.send_memfd(_native(b"nat16", b"n16 unsealed memfd nobody"),
                       sealed=False)
    senders.send_memfd(_native(b"nat17", b"n17 sealed memfd nobody"))
    fd = os.open("/dev/shm/probe", os.O_RDWR | os.O_CREAT, 0o600)
    os.write(fd, _native(b"nat18", b"n18 shm file nobody",
                         b"OBJECT_PID=1\n"))
    senders.send_native(b"", [fd])


def _send_natives():
    for datagram in NATIVES:
        senders.send_native(datagram)
    senders.send_memfd(_native(b"nat14", b"n14 sealed memfd"))
    senders.send_memfd(_native(b"nat15", b"n15 unsealed memfd root"),
                       sealed=False)
    child = senders.in_child(_send_memory_files_of_nobody, senders.NOBODY)
    both = senders.memfd(b"MESSAGE=n19 both\n")
    senders.send_native(b"payload", [both])
    os.close(both)
    senders.send_native(b"")
    senders.send_native(_native(b"nat20", b"n20 big",
                                text_field(b"BIG", b"x" * 100_000)))
    senders.send_memfd(_native(b"nat21", b"n21 big memfd",
                               text_field(b"BIG", b"y" * 5_000_000)))
    return child


def _send_syslogs():
    for datagram in SYSLOGS:
        senders.send_syslog(datagram)
    syslog.openlog("pysl", syslog.LOG_PID, syslog.LOG_DAEMON)
    syslog.syslog(syslog.LOG_WARNING, "python syslog msg")
    syslog.syslog(syslog.LOG_INFO, "multi\nline from syslog(3)")


def send():
    """Sends all from a process of its own; returns what it says of itself."""
    done = subprocess.run([sys.executable, os.path.abspath(__file__)],
                          check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def main():
    roles = {"PARENT": os.getpid(), "OBJECT": os.getppid()}
    _send_streams()
    roles["CHILD"] = _send_stream_from_two_processes()
    roles["NOBODY"] = _send_natives()
    _send_syslogs()
    with open("/proc/self/comm") as file:
        comm = file.read().strip()
    print(json.dumps({"pids": roles, "comm": comm}), flush=True)
    time.sleep(1)  # to be found in /proc by a daemon that is behind


if __name__ == "__main__":
    main()
