"""A query command that follows, and how long a message takes to be shown."""

import os
import select
import subprocess
import time

import senders


class Follower:
    def __init__(self, daemon, identifier):
        command = [*daemon.query_command(), "-f", "-n", "0", "-o", "cat",
                   "-t", identifier]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        self._identifier = identifier.encode()
        self._shown = b""
        while self.probe(b"begin", 0.2) is None:
            pass  # it does not follow yet

    def close(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def probe(self, text, seconds_max):
        """Sends a message; after how many seconds it is shown, or None."""
        begin = time.monotonic()
        senders.send_native(b"SYSLOG_IDENTIFIER=%s\nMESSAGE=%s\n"
                            % (self._identifier, text))
        while text not in self._shown.splitlines():
            left = begin + seconds_max - time.monotonic()
            ready, _, _ = select.select([self._process.stdout], [], [],
                                        max(left, 0))
            if not ready:
                return None
            self._shown += os.read(self._process.stdout.fileno(), 1 << 16)
        return time.monotonic() - begin
