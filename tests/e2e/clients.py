"""Starts real clients and tells their process ids."""

import os
import subprocess


def run(*command, stdin=b"", check=True):
    """Runs a client to its end; returns its pid."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE,
                               stdout=subprocess.DEVNULL)
    process.communicate(stdin)
    if check and process.returncode != 0:
        raise ChildProcessError(f"{command} ended with {process.returncode}")
    return process.pid


class Lingering:
    """A client that stays until the `with` block ends.

    It waits for the end of its standard input after it has logged, so that
    the daemon can read about it in /proc whenever it gets to it.
    """

    def __init__(self, *command):
        self._command = command

    def __enter__(self):
        self._process = subprocess.Popen(self._command,
                                         stdin=subprocess.PIPE)
        return self._process.pid

    def __exit__(self, *_):
        self._process.communicate()
        if self._process.returncode != 0:
            raise ChildProcessError(
                f"{self._command} ended with {self._process.returncode}")


def compiled(name):
    """The path of a C client of clients/, or None where it is not built."""
    path = os.path.join(os.environ.get("LOGD_E2E_CLIENTS", ""), name)
    return path if os.access(path, os.X_OK) else None
