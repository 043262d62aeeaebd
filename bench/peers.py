"""The daemons that intake_compare measures: logd, and its peers."""

import os
import re
import shutil
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../tests/e2e"))

import daemon  # noqa: E402
import sandbox  # noqa: E402
import senders  # noqa: E402


class Peer:
    """What the table needs of a daemon beside what tests need of it."""

    modes = ("syslog", "native", "stream")

    def newest(self):
        """The newest messages, as a user would look for them."""
        return self.query("-n", "3", "-o", "cat")

    def everything(self):
        return self.query("-o", "cat")

    def follow_command(self):
        """Prints the message of each new entry, at once."""
        return [*self.query_command(), "-f", "-n", "0", "-o", "cat"]

    def finish_work(self):
        """Returns when nothing of what was taken in is left to be done."""

    def set_idle_care(self, wanted):
        """Before its start: whether there is work for idle times."""

    def wait_for_idle_care(self):
        """Returns when what is done in idle times has been done."""

    def disk_bytes(self):
        return sum(os.lstat(os.path.join(folder, name)).st_blocks * 512
                   for folder, _, names in os.walk(self.store)
                   for name in names)

    def wakeups(self):
        """How often the threads of all its processes were given up."""
        return sum(_switches(f"/proc/{pid}/task/{task}/status")
                   for pid in self.pids()
                   for task in os.listdir(f"/proc/{pid}/task"))

    def pss_bytes(self):
        return sum(_pss_kb(pid) for pid in self.pids()) * 1024


class Logd(Peer, daemon.Logd):
    def __init__(self):
        super().__init__(
            settings={"store": {"max_use": "20G", "keep_free": "1M"}})

    def finish_work(self):
        self.query("--rotate")  # answers when all is in sealed segments

    def set_idle_care(self, wanted):
        self.settings["store"]["recompress"] = wanted

    def wait_for_idle_care(self):
        daemon.wait_until(self._recompressed, "idle care is through", 600)
        time.sleep(1)

    def _recompressed(self):
        time.sleep(0.5)
        headers = self.query("--header").decode()
        return (len(re.findall(r"^\w+\.seg: ", headers, re.MULTILINE))
                == headers.count("level 19"))

    def text(self):
        """All entries as lines with stamps to the microsecond."""
        return self.query("-o", "short-iso-precise")


class Journald(Peer, daemon.Journald):
    pass


class Rsyslog(Peer, daemon.Daemon):
    """rsyslogd that writes text with microseconds, without fsync."""

    name = "rsyslog"
    store = "/var/log/rsyslog"
    modes = ("syslog",)
    sockets = ((senders.SYSLOG, senders.socket.SOCK_DGRAM),)

    @staticmethod
    def missing():
        return None if shutil.which("rsyslogd") else "it is not installed"

    def configure(self):
        os.makedirs(self.store, exist_ok=True)
        self.configuration = os.path.join(sandbox.SCRATCH, "rsyslog.conf")
        with open(self.configuration, "w") as file:
            file.write(
                f'global(workDirectory="{self.store}")\n'
                'module(load="imuxsock" SysSock.Use="off")\n'
                f'input(type="imuxsock" Socket="{senders.SYSLOG}" '
                'RateLimit.Interval="0" usePidFromSystem="on")\n'
                f'action(type="omfile" file="{self.store}/messages" '
                'template="RSYSLOG_FileFormat")\n')

    def command(self):
        return ["rsyslogd", "-n", "-f", self.configuration, "-i",
                os.path.join(sandbox.SCRATCH, "rsyslog.pid")]

    def newest(self):
        try:
            with open(f"{self.store}/messages", "rb") as file:
                file.seek(max(0, os.path.getsize(file.name) - 1000))
                return file.read()
        except FileNotFoundError:
            return b""

    def everything(self):
        with open(f"{self.store}/messages", "rb") as file:
            return file.read()

    def follow_command(self):
        return ["tail", "-n", "0", "-F", f"{self.store}/messages"]


def installed():
    """The kinds that are here; says which are not."""
    kinds = []
    for kind in (Logd, Journald, Rsyslog):
        if kind.missing():
            print(f"no {kind.name}: {kind.missing()}", file=sys.stderr)
        else:
            kinds.append(kind)
    return kinds


def _switches(path):
    try:
        with open(path) as file:
            return sum(int(line.split()[1]) for line in file
                       if "ctxt_switches" in line)
    except (FileNotFoundError, ProcessLookupError):
        return 0  # the thread has ended


def _pss_kb(pid):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return next(int(line.split()[1]) for line in file
                    if line.startswith("Pss:"))
