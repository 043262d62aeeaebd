"""Daemons that intake_compare measures beside logd and journald."""

import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../tests/e2e"))

import daemon  # noqa: E402
import sandbox  # noqa: E402
import senders  # noqa: E402


class Rsyslog(daemon.Daemon):
    """rsyslogd that writes text with microseconds, without fsync."""

    name = "rsyslog"
    store = "/var/log/rsyslog"
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
