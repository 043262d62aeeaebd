"""Runs the commands of compare and checks what they print."""

import dataclasses
import json
import os
import statistics
import subprocess

# The same answers from every tool, and from each its fastest.
ENVIRONMENT = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
# A command that takes longer is run once.
PATIENCE_MS = 10_000


class Disagreement(Exception):
    """A command failed, or printed another number of lines than it should."""


@dataclasses.dataclass
class Run:
    wall_ms: float
    cpu_ms: float
    rss_bytes: int
    lines: int


@dataclasses.dataclass
class Command:
    """One cell of a table: a command, the lines it prints, what it took."""

    arguments: list
    lines: int | None  # None: any number
    runs: list = dataclasses.field(default_factory=list)

    def text(self):
        return " ".join(self.arguments)

    def median(self, what):
        return statistics.median(getattr(run, what) for run in self.runs)


def shell(command):
    return ["sh", "-c", command]


def run_once(binaries, command):
    done = subprocess.run([f"{binaries}/run_timed", *command.arguments],
                          env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise Disagreement(f"{command.text()}: {done.stderr.strip()}")
    result = json.loads(done.stdout)
    nothing_to_find = command.lines == 0  # is status 1, as grep's
    if result.pop("status") > nothing_to_find:
        raise Disagreement(f"{command.text()} failed: "
                           f"{done.stderr.strip() or 'no reason given'}")
    if command.lines is not None and result["lines"] != command.lines:
        raise Disagreement(f"{command.text()} printed {result['lines']:,} "
                           f"lines; {command.lines:,} are right")
    result.pop("bytes")
    return Run(**result)


def time_commands(binaries, commands, runs):
    """Runs each once to check it, then all of them in turn, `runs` times.

    The complaints about those that went wrong, which have no runs then."""
    complaints = []
    for command in commands:
        try:
            command.runs = [run_once(binaries, command)]
        except Disagreement as problem:
            complaints.append(str(problem))
    quick = [command for command in commands
             if command.runs and command.runs[0].wall_ms <= PATIENCE_MS]
    for command in quick:
        command.runs.clear()  # that one may have read from the disk
    for _ in range(runs):
        for command in quick:
            command.runs.append(run_once(binaries, command))
    return complaints
