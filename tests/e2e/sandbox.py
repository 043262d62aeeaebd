"""A private corner of the machine in which a log daemon can be root.

enter() gives this process, and all that it starts, its own /run, /dev and
/var/log, and its own network namespace.  Clients then reach the daemon under
test by the paths that are compiled into them (/dev/log,
/run/systemd/journal/*), and nothing outside is touched.  It needs root.
"""

import ctypes
import os
import resource

SCRATCH = "/run/e2e"  # for files of a test; gone when the test's process ends

# What systemd sets at boot; the kernel's own 10 would measure the default.
DATAGRAM_QUEUE_LENGTH = 512

_DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "kmsg")

_MS_BIND = 0x1000
_MS_MOVE = 0x2000
_MS_REC = 0x4000
_MS_PRIVATE = 0x40000
_CLONE_NEWNS = 0x00020000
_CLONE_NEWNET = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)
_entered = False


def missing():
    """Why the sandbox cannot be had here, or None."""
    if os.geteuid() != 0:
        return "needs root: the test makes its own mount and network namespace"
    return None


def _check(result, what):
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def _mount(source, target, kind=None, flags=0, data=None):
    def encoded(text):
        return None if text is None else text.encode()

    _check(_libc.mount(encoded(source), encoded(target), encoded(kind),
                       ctypes.c_ulong(flags), encoded(data)),
           f"mount {source} on {target}")


def _mount_tmpfs(target, mode="0755"):
    _mount("tmpfs", target, "tmpfs", 0, f"mode={mode}")


def _replace_dev():
    """Puts a /dev with a handful of devices and no /dev/log in place."""
    new = "/run/new-dev"
    os.mkdir(new)
    _mount_tmpfs(new)
    for name in _DEVICES:
        if os.path.exists(f"/dev/{name}"):
            with open(f"{new}/{name}", "wb"):
                pass
            _mount(f"/dev/{name}", f"{new}/{name}", None, _MS_BIND)
    os.mkdir(f"{new}/pts")
    _mount("devpts", f"{new}/pts", "devpts", 0,
           "newinstance,mode=620,ptmxmode=666")
    os.symlink("pts/ptmx", f"{new}/ptmx")
    os.mkdir(f"{new}/shm")
    _mount_tmpfs(f"{new}/shm", "1777")
    os.symlink("/proc/self/fd", f"{new}/fd")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.symlink(f"/proc/self/fd/{number}", f"{new}/{name}")
    _mount(new, "/dev", None, _MS_MOVE)
    os.rmdir(new)


def enter(log_directory=None):
    """Moves this process into the sandbox; later calls do nothing.

    /var/log is memory, or log_directory where the disk is what is measured.
    """
    global _entered
    if _entered:
        return
    _check(_libc.unshare(_CLONE_NEWNS | _CLONE_NEWNET), "unshare")
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    _mount_tmpfs("/run")
    os.mkdir(SCRATCH)
    _replace_dev()
    if log_directory:
        _mount(log_directory, "/var/log", None, _MS_BIND)
    else:
        _mount_tmpfs("/var/log")
    for directory in ("/etc/systemd", "/etc/logd"):  # the host's settings
        if os.path.isdir(directory):
            _mount_tmpfs(directory)
    set_datagram_queue_length(DATAGRAM_QUEUE_LENGTH)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.environ.update(LC_ALL="C.UTF-8", TZ="UTC")
    _entered = True


def set_datagram_queue_length(count):
    """Holds for sockets that are made from now on, in the sandbox only."""
    with open("/proc/sys/net/unix/max_dgram_qlen", "w") as file:
        file.write(str(count))
