"""Raw senders for the three sockets, by their hard-coded paths."""

import array
import fcntl
import os
import socket
import struct
import time
import traceback
import warnings

SYSLOG = "/dev/log"
NATIVE = "/run/systemd/journal/socket"
STDOUT = "/run/systemd/journal/stdout"

NOBODY = 65534

_F_ADD_SEALS = 1033
_ALL_SEALS = 0xF


def reachable(path, kind):
    with socket.socket(socket.AF_UNIX, kind) as probe:
        try:
            probe.connect(path)
        except OSError:
            return False
        return True


def datagram_socket(path):
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    connected.connect(path)
    return connected


def send_syslog(data):
    with datagram_socket(SYSLOG) as connected:
        connected.send(data)


def send_native(data, fds=()):
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                  array.array("i", fds))] if fds else []
    with datagram_socket(NATIVE) as connected:
        connected.sendmsg([data], ancillary)


def text_field(name, value):
    return name + b"=" + value + b"\n"


def binary_field(name, value):
    return name + b"\n" + struct.pack("<Q", len(value)) + value + b"\n"


def memfd(data, sealed=True):
    fd = os.memfd_create("entry", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
    with open(fd, "wb", closefd=False) as file:
        file.write(data)
    if sealed:
        seal(fd)
    return fd


def seal(fd):
    fcntl.fcntl(fd, _F_ADD_SEALS, _ALL_SEALS)


def send_memfd(data, sealed=True):
    fd = memfd(data, sealed)
    try:
        send_native(b"", [fd])
    finally:
        os.close(fd)


def stream_header(identifier, unit=b"", priority=b"6", level_prefix=b"1"):
    return b"\n".join([identifier, unit, priority, level_prefix,
                       b"0", b"0", b"0", b""])


def open_stream(header):
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connected.connect(STDOUT)
    connected.sendall(header)
    return connected


def send_stream(identifier, chunks, pause_s=0.0, **header):
    """One connection from its header to its end."""
    with open_stream(stream_header(identifier, **header)) as connected:
        for chunk in chunks:
            time.sleep(pause_s)
            connected.sendall(chunk)
        time.sleep(pause_s)


def start_child(action, uid=0, linger_s=0.3):
    """Forks a child that runs action() as uid; returns its pid.

    The child lingers until its messages had time to be read, so that what
    the daemon finds out about it does not depend on luck.
    """
    pid = os.fork()
    if pid != 0:
        return pid
    try:
        warnings.simplefilter("ignore")  # its end closes what it opened
        if uid:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
        action()
        time.sleep(linger_s)
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def wait_child(pid):
    _, status = os.waitpid(pid, 0)
    if status != 0:
        raise ChildProcessError(f"sender ended with status {status}")
    return pid


def in_child(action, uid=0):
    """Runs action() in a child to its end; returns the child's pid."""
    return wait_child(start_child(action, uid))
