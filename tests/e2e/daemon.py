"""The log daemon under test: logd, or journald as its reference.

Both run as root in the sandbox and serve the same paths, so that a test is
written once.  LOGD_E2E_DAEMON=journald chooses journald; LOGD_BIN is the
folder of logd, logq and logrun.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import uuid

import entries
import sandbox
import senders

READY_S_MAX = 10
VISIBLE_S_MAX = 20
STOP_S_MAX = 60

# A sanitizer's own memory; the builds with one set it for ctest.
MEMORY_FACTOR = int(os.environ.get("LOGD_TEST_MEMORY_FACTOR", "1"))


class Gone(Exception):
    """The daemon did not start, did not stop, or does not answer."""


def wait_until(condition, what, seconds=VISIBLE_S_MAX, pause_s=0.02):
    """Polls until condition() is true; returns what it returned."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Gone(f"waited {seconds} s in vain: {what}")
        time.sleep(pause_s)


class Daemon:
    """A daemon's life and answers; the kinds say what they differ in."""

    name = ""
    store = ""
    sockets = ((senders.SYSLOG, socket.SOCK_DGRAM),
               (senders.NATIVE, socket.SOCK_DGRAM),
               (senders.STDOUT, socket.SOCK_STREAM))

    def __init__(self, line_max=None):
        self.line_max = line_max
        self.environment = {}
        self.process = None
        self.output = os.path.join(sandbox.SCRATCH, f"{self.name}.out")

    # What the two kinds of daemon differ in.
    def command(self):
        raise NotImplementedError

    def configure(self):
        raise NotImplementedError

    def query_command(self):
        raise NotImplementedError

    # Its life.
    def wipe(self):
        shutil.rmtree(self.store, ignore_errors=True)

    def start(self):
        self.configure()
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, env={**os.environ, **self.environment})
        wait_until(self._serves, f"{self.name} serves its sockets",
                   READY_S_MAX)

    def _serves(self):
        if self.process.poll() is not None:
            raise Gone(f"{self.name} ended with {self.process.returncode}: "
                       + self.said())
        return all(senders.reachable(path, kind)
                   for path, kind in self.sockets)

    def said(self):
        """The end of what the daemon printed, for error messages."""
        with open(self.output, "rb") as file:
            return file.read()[-2000:].decode(errors="replace")

    def signal(self, number):
        """To all its processes; one that has ended meanwhile needs none."""
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self):
        self.process.send_signal(signal.SIGSTOP)  # it starts nobody else
        pids = self.pids()
        self.signal(signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not any(map(running, pids)),
                   f"{self.name}'s processes are gone")

    def end(self):
        """Whatever state it is in."""
        if self.alive():
            self.kill()

    def stop(self):
        """A clean end; returns the exit status."""
        self.process.terminate()
        try:
            return self.process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Gone(f"{self.name} did not end {STOP_S_MAX} s after "
                       "SIGTERM") from None

    def rotate(self):
        self.process.send_signal(signal.SIGUSR2)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def pids(self):
        """The daemon's process and all its descendants."""
        found = [self.process.pid]
        for pid in found:
            found += _children(pid)
        return found

    def fd_count(self):
        """Open descriptors, apart from the store's files, which rotate."""
        return sum(not target.startswith(self.store)
                   for pid in self.pids() for target in _open_files(pid))

    def peak_rss_bytes(self):
        kb = sum(_status_kb(pid, "VmHWM") for pid in self.pids())
        return kb * 1024 // MEMORY_FACTOR

    def cpu_s(self):
        return sum(_cpu_s(pid) for pid in self.pids())

    # What it stored.
    def query(self, *arguments):
        """The bytes that the query command prints; fails as the command."""
        done = subprocess.run([*self.query_command(), *arguments],
                              stdin=subprocess.DEVNULL, capture_output=True)
        nothing_matched = done.returncode == 1 and not done.stderr
        if done.returncode != 0 and not nothing_matched:
            raise Gone(f"{' '.join(done.args)} ended with {done.returncode}: "
                       + done.stderr.decode(errors="replace"))
        return done.stdout

    def entries(self, *selection):
        return entries.parse_export(self.query("-o", "export", *selection))

    def settle(self):
        """Returns when all that was sent before this call can be queried.

        A marker goes through each socket; sockets keep their order.
        """
        token = uuid.uuid4().hex
        senders.send_syslog(f"<13>{token}: settled".encode())
        senders.send_native(f"SYSLOG_IDENTIFIER={token}\nMESSAGE=settled\n"
                            .encode())
        senders.send_stream(token.encode(), [b"settled\n"])
        wait_until(lambda: self.query("-o", "cat", "-t", token).count(b"\n")
                   == 3, "markers of the three sockets become visible")

    def wait_for(self, count, *selection):
        """The selected entries, as soon as there are `count` of them.

        Returns what there is when the time is over, for the test to judge.
        """
        self.settle()
        deadline = time.monotonic() + VISIBLE_S_MAX
        while True:
            found = self.entries(*selection)
            if len(found) >= count or time.monotonic() > deadline:
                return found
            time.sleep(0.05)


class Logd(Daemon):
    name = "logd"
    store = "/var/log/logd"
    runtime_directory = "/run/logd"

    def __init__(self, line_max=None, settings=None, environment=None,
                 wrapper=(), folder=None):
        """settings: {table: {key: value}} of the configuration file.

        wrapper: words before the command, of a program that becomes it;
        folder: where the programs are, if not in LOGD_BIN.
        """
        super().__init__(line_max)
        self.bin = folder or os.environ.get("LOGD_BIN", "")
        self.configuration = os.path.join(sandbox.SCRATCH, "logd.toml")
        self.environment.update(environment or {})
        self.wrapper = wrapper
        # Tests send as fast as they can.
        self.settings = {"intake": {"kmsg": False}, "limits": {"rate": 0}}
        if line_max:
            self.settings["intake"]["line_max"] = str(line_max)
        for table, values in (settings or {}).items():
            self.settings.setdefault(table, {}).update(values)

    @staticmethod
    def missing():
        program = os.path.join(os.environ.get("LOGD_BIN", ""), "logd")
        if not os.access(program, os.X_OK):
            return "LOGD_BIN does not name the folder of logd"
        return None

    def configure(self):
        with open(self.configuration, "w") as file:
            for table, values in self.settings.items():
                file.write(f"[{table}]\n")
                file.writelines(f"{key} = {json.dumps(value)}\n"
                                for key, value in values.items())

    def _serves(self):
        return super()._serves() and os.path.exists(f"{self.store}/STORE")

    def command(self):
        return [*self.wrapper, f"{self.bin}/logd", "--config",
                self.configuration]

    def query_command(self):
        return [f"{self.bin}/logq", "--no-pager", "-q"]

    # The keeper is the process that was started, the worker its only child.
    def worker_pid(self, other_than=None, seconds=VISIBLE_S_MAX):
        """The worker's pid, waiting for a worker where there is none."""
        deadline = time.monotonic() + seconds
        while True:
            for pid in _children(self.process.pid):
                if pid != other_than and running(pid):
                    return pid
            if time.monotonic() > deadline or not self.alive():
                raise Gone(f"logd has no worker: {self.said()}")
            time.sleep(0.0002)

    def kill_worker(self):
        """Returns the pid that was killed."""
        pid = self.worker_pid()
        os.kill(pid, signal.SIGKILL)
        return pid

    def keeper_fd_count(self):
        """Descriptors of the keeper and the worker, who share them."""
        return sum(not target.startswith(self.store)
                   for target in _open_files(self.process.pid))


class Journald(Daemon):
    name = "journald"
    program = "/lib/systemd/systemd-journald"

    def __init__(self, line_max=None):
        super().__init__(line_max)
        with open("/etc/machine-id") as file:
            self.store = f"/var/log/journal/{file.read().strip()}"

    @staticmethod
    def missing():
        if not os.access(Journald.program, os.X_OK):
            return "journald is not installed"
        return None

    def configure(self):
        os.makedirs("/run/systemd/journal", exist_ok=True)
        os.makedirs("/run/systemd/journald.conf.d", exist_ok=True)
        os.makedirs(self.store, exist_ok=True)
        with open("/run/systemd/journal/flushed", "w"):
            pass  # it then writes to /var/log from the first entry on
        for name in ("stdout", "socket", "dev-log"):
            if os.path.lexists(f"/run/systemd/journal/{name}"):
                os.unlink(f"/run/systemd/journal/{name}")
        if not os.path.lexists(senders.SYSLOG):
            os.symlink("/run/systemd/journal/dev-log", senders.SYSLOG)
        settings = {"Storage": "persistent", "RateLimitIntervalSec": "0",
                    "RateLimitBurst": "0", "SystemMaxUse": "20G",
                    "SystemKeepFree": "1M", "ForwardToWall": "no",
                    "ReadKMsg": "no", "Audit": "no"}
        if self.line_max:
            settings["LineMax"] = str(self.line_max)
        with open("/run/systemd/journald.conf.d/e2e.conf", "w") as file:
            file.write("[Journal]\n")
            file.writelines(f"{key}={value}\n"
                            for key, value in settings.items())

    def command(self):
        return [self.program]

    def query_command(self):
        return ["journalctl", "--no-pager", "-q"]


def chosen():
    """The class of daemon that LOGD_E2E_DAEMON names."""
    kinds = {kind.name: kind for kind in (Logd, Journald)}
    return kinds[os.environ.get("LOGD_E2E_DAEMON", Logd.name)]


def _children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(child) for child in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def running(pid):
    """Whether the process or a thread that outlives its first one is there."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            state = file.read().rpartition(")")[2].split()[0]
        return state not in "ZX" or len(os.listdir(f"/proc/{pid}/task")) > 1
    except (FileNotFoundError, ProcessLookupError):
        return False


def _open_files(pid):
    targets = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            targets.append(os.readlink(f"/proc/{pid}/fd/{fd}"))
        except FileNotFoundError:
            pass  # closed in the meantime
    return targets


def _status_kb(pid, name):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith(name + ":"):
                return int(line.split()[1])
    return 0


def _cpu_s(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
