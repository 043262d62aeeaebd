"""A service manager with a store of descriptors, as systemd's (sd_notify(3)).

It keeps what logd sends by name, and gives all of it back at the next start,
from descriptor 3 on.  As systemd it stores nothing twice, and closes what a
name stands for when it is told to.
"""

import array
import contextlib
import fcntl
import os
import resource
import signal
import socket
import subprocess
import threading
import time

import sandbox
from daemon import READY_S_MAX, Gone, Logd, running, wait_until

_FIRST_LISTEN_FD = 3
_FD_MIN = 4096  # of what is kept: out of the way of what a start gives out
_KEPT_MAX = 8192
_MESSAGE_BYTES_MAX = 4096


def _same(one, other):
    """Whether two descriptors are of one open file, as far as that matters."""
    a, b = os.fstat(one), os.fstat(other)
    return (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino)


class ServiceManager:
    """Listens from its construction until close(), in a thread of its own."""

    def __init__(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.path = os.path.join(sandbox.SCRATCH, "notify")
        self.kept = []  # (name, descriptor)
        self.ready_count = 0
        self.stored_count = 0
        self.poll_was_asked = False
        self._lock = threading.Lock()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        self._socket.bind(self.path)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self):
        sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        sender.sendto(b"TEST_END=1", self.path)
        self._thread.join()
        self._socket.close()
        sender.close()
        self.drop(lambda name: True)

    def names(self):
        with self._lock:
            return [name for name, _ in self.kept]

    def drop(self, condition):
        """Loses what condition(name) holds for."""
        with self._lock:
            for name, fd in self.kept:
                if condition(name):
                    os.close(fd)
            self.kept = [pair for pair in self.kept if not condition(pair[0])]

    def keep(self, name, fd):
        with self._lock:
            self._keep(name, fd)

    def settle(self):
        """Returns when all that was sent before this call is known."""
        seen = threading.Event()
        self._seen = seen
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"TEST_SETTLE=1", self.path)
        seen.wait()

    def copies(self):
        """Of what is kept, for a start to give out."""
        with self._lock:
            return list(self.kept)

    def _keep(self, name, fd):
        if len(self.kept) >= _KEPT_MAX or any(_same(fd, other)
                                              for _, other in self.kept):
            return
        self.kept.append((name, fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC,
                                            _FD_MIN)))
        self.stored_count += 1

    def _listen(self):
        room = socket.CMSG_SPACE(64 * array.array("i").itemsize)
        while True:
            text, control, _, _ = self._socket.recvmsg(_MESSAGE_BYTES_MAX,
                                                       room)
            fds = array.array("i")
            for level, kind, data in control:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    fds.frombytes(data)
            lines = dict(line.split("=", 1)
                         for line in text.decode().splitlines())
            if "TEST_END" in lines:
                return
            if "TEST_SETTLE" in lines:
                self._seen.set()
            self._take(lines, fds)
            for fd in fds:
                os.close(fd)

    def _take(self, lines, fds):
        if lines.get("READY") == "1":
            self.ready_count += 1
        name = lines.get("FDNAME", "stored")
        if lines.get("FDSTOREREMOVE") == "1":
            self.drop(lambda other: other == name)
        elif lines.get("FDSTORE") == "1":
            self.poll_was_asked |= lines.get("FDPOLL") != "0"
            for fd in fds:
                self.keep(name, fd)


class ManagedLogd(Logd):
    """A logd that a service manager starts, again and again."""

    def __init__(self, manager, **changes):
        super().__init__(**changes)
        self.manager = manager
        # The shell becomes logd, so that its pid is that of logd.
        self.wrapper = ("/bin/sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh")

    def start(self):
        self.configure()
        ready = self.manager.ready_count
        self._launch()
        wait_until(lambda: (self.manager.ready_count > ready
                            or self.process.poll() is not None),
                   "logd says that it is ready", READY_S_MAX)
        self._serves()

    def _launch(self):
        kept = self.manager.copies()
        environment = {**os.environ, **self.environment,
                       "NOTIFY_SOCKET": self.manager.path}
        if kept:
            environment["LISTEN_FDS"] = str(len(kept))
            environment["LISTEN_FDNAMES"] = ":".join(name for name, _ in kept)

        def put_in_place():
            for target, (_, fd) in enumerate(kept, _FIRST_LISTEN_FD):
                os.dup2(fd, target)

        with open(self.output, "ab") as output:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, env=environment, close_fds=False,
                preexec_fn=put_in_place)

    def kill_all(self, worker_lives_s=None):
        """kill -9 of both; the manager waits until there is nobody left.

        worker_lives_s: for how long the worker outlives the keeper; it begins
        to stop then.
        """
        self.process.send_signal(signal.SIGSTOP)  # it starts nobody else
        if not self.alive():
            raise Gone(f"logd ended with {self.process.returncode}: "
                       + self.said())
        workers = self.pids()[1:]  # none, where one is just being replaced
        if worker_lives_s is not None:
            self.process.kill()
            time.sleep(worker_lives_s)
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        wait_until(lambda: not any(map(running, workers)),
                   "logd's processes are gone")
        self.manager.settle()

    def restart(self):
        """As systemctl restart: a clean end, then a start."""
        status = self.stop()
        self.manager.settle()
        self.start()
        return status
