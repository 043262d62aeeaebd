"""The query table: the same questions to logq, journalctl and text tools.

One stream of entries is written as a store, as a text log and, if wanted, as
a journal.  How many lines each answer has is counted from the corpus here,
not by any of the tools.
"""

import collections
import dataclasses
import datetime
import json
import os
import shutil
import subprocess
import sys

from timing import Command, shell, time_commands

RATE = 70_000  # entries per second
RARE = "rareunit"
RARE_WORD = "RARENEEDLE"
COMMON_WORD = "error"
IDENTIFIER = "sshd"
WORST_PRIORITY = 3  # err
JOURNAL_REMOTE = "/usr/lib/systemd/systemd-journal-remote"
TEXT_COLUMNS = ("rg", "grep", "zstdgrep")


@dataclasses.dataclass
class Question:
    name: str
    lines: int | None
    logq: list
    journalctl: list | None = None
    text: dict = dataclasses.field(default_factory=dict)  # tool -> command


@dataclasses.dataclass
class Row:
    question: Question
    logq: Command
    journalctl: Command | None
    text: dict  # tool -> Command


def count_lines(corpus, entries):
    """What the answers must have, from the corpus alone."""
    with open(corpus, encoding="utf-8", errors="surrogateescape") as file:
        lines = [line.rstrip("\n").split("\t", 2) for line in file]
    counts = collections.Counter()
    identifiers = {RARE}
    passes, rest = divmod(entries, len(lines))
    for number, (identifier, priority, message) in enumerate(lines):
        times = passes + (number < rest)
        if times:
            identifiers.add(identifier)
        counts["identifier"] += times * (identifier == IDENTIFIER)
        counts["priority"] += times * (int(priority) <= WORST_PRIORITY)
        counts["rare word"] += times * (RARE_WORD in message)
        counts["common word"] += times * (COMMON_WORD in message.lower())
    # The entry in the middle is under another name.
    replaced = lines[entries // 2 % len(lines)][0]
    counts["identifier"] -= replaced == IDENTIFIER
    counts["identifiers"] = len(identifiers)
    return counts


def iso(second):
    return datetime.datetime.fromtimestamp(
        second, datetime.timezone.utc).strftime("%FT%T")


def questions(counts, entries, second, window_lines):
    since, until = f"@{second}", f"@{second}.999999"
    in_window = f'$1 >= "{iso(second)}" && $1 < "{iso(second + 1)}"'
    tag = f"^[^ ]+ [^ ]+ {IDENTIFIER}\\["
    tags = '{sub(/\\[.*/,"",$3); t[$3]} END{for(k in t) print k}'

    def both(*arguments):
        return {"logq": list(arguments), "journalctl": list(arguments)}

    return [
        Question(f"-t {IDENTIFIER} -n 100", 100,
                 **both("-t", IDENTIFIER, "-n", "100"),
                 text={"tac": f"tac $T | grep -m 100 -E '{tag}'"}),
        Question("-n 10", 10, **both("-n", "10"),
                 text={"tail": "tail -n 10 $T"}),
        Question("-u RARE", 1, ["-u", RARE], ["-t", RARE],
                 text={"rg": f"rg ' {RARE}\\[' $T",
                       "grep": f"grep -F ' {RARE}[' $T"}),
        Question(f"-t {IDENTIFIER}", counts["identifier"],
                 **both("-t", IDENTIFIER),
                 text={"rg": f"rg '{tag}' $T", "grep": f"grep -E '{tag}' $T",
                       "awk": f"awk '$3 ~ /^{IDENTIFIER}\\[/' $T"}),
        Question("-p err", counts["priority"], **both("-p", "err")),
        Question("one second", window_lines,
                 **both("--since", since, "--until", until),
                 text={"awk": f"awk '{in_window}' $T"}),
        Question(f"-g {RARE_WORD}", counts["rare word"],
                 **both("--grep", RARE_WORD),
                 text={"rg": f"rg {RARE_WORD} $T",
                       "grep": f"grep -F {RARE_WORD} $T",
                       "zstdgrep": f"zstdgrep {RARE_WORD} $T.zst"}),
        Question(f"-g {COMMON_WORD}", counts["common word"],
                 **both("--grep", COMMON_WORD),
                 text={"rg": f"rg -i {COMMON_WORD} $T",
                       "grep": f"grep -i {COMMON_WORD} $T",
                       "zstdgrep": f"zstdgrep -i {COMMON_WORD} $T.zst"}),
        Question("everything, short", entries, **both("-o", "short"),
                 text={"wc": "cat $T | wc -l"}),
        Question("everything, json", entries, **both("-o", "json")),
        Question("-F SYSLOG_IDENTIFIER", counts["identifiers"],
                 **both("-F", "SYSLOG_IDENTIFIER"),
                 text={"awk": f"awk '{tags}' $T"}),
        Question("--verify", None, **both("--verify")),
    ]


class Stores:
    """The same entries in every form that is asked."""

    def __init__(self, options, directory, entries):
        self.options = options
        self.store = os.path.join(directory, "store")
        self.text = os.path.join(directory, "text.log")
        self.journal = None
        filled = subprocess.run(
            [f"{options.bin}/fill", "--store", self.store, "--corpus",
             options.tagged, "--tagged", "--entries", str(entries), "--rate",
             str(RATE), "--numbered", "--rare", RARE, "--text", self.text],
            stdout=subprocess.PIPE, check=True)
        self.totals = json.loads(filled.stdout)
        subprocess.run(["zstd", "-q", "-3", "-k", self.text], check=True)
        if options.journald:
            self._fill_journal(os.path.join(directory, "journal"))

    def _fill_journal(self, directory):
        if not os.path.exists(JOURNAL_REMOTE) or not shutil.which(
                "journalctl"):
            print(f"no journalctl column: it needs journalctl and "
                  f"{JOURNAL_REMOTE}", file=sys.stderr)
            return
        os.mkdir(directory)
        with subprocess.Popen(
                [f"{self.options.bin}/logq", "-D", self.store, "-o",
                 "export"], stdout=subprocess.PIPE) as export:
            subprocess.run(
                [JOURNAL_REMOTE, "-o", f"{directory}/made.journal", "-"],
                stdin=export.stdout, stderr=subprocess.DEVNULL, check=True)
        self.journal = directory

    def window(self):
        """The second in the middle, and how many text lines are of it."""
        second = (self.totals["first_us"] + self.totals["last_us"]) // 2_000_000
        prefix = iso(second).encode()
        with open(self.text, "rb") as file:
            return second, sum(line.startswith(prefix) for line in file)

    def row(self, question):
        logq = [f"{self.options.bin}/logq", "-q", "--no-pager", "-D",
                self.store, *question.logq]
        journalctl = None
        if self.journal and question.journalctl:
            journalctl = Command(
                shell("journalctl -q --no-pager -D " + self.journal + " " +
                      " ".join(question.journalctl) +
                      (" 2>/dev/null" if question.lines is None else "")),
                question.lines)
        text = {tool: Command(shell(f"T={self.text}; {command}"),
                              1 if tool == "wc" else question.lines)
                for tool, command in question.text.items()
                if shutil.which(tool)}
        return Row(question, Command(logq, question.lines), journalctl, text)


def folder_bytes(folder):
    return sum(file.stat().st_size for file in os.scandir(folder))


def times(command):
    """Wall time and processor time; the latter holds on a busy machine."""
    if command is None:
        return ""
    if not command.runs:
        return "failed"
    return (f"{command.median('wall_ms'):,.1f} "
            f"({command.median('cpu_ms'):,.1f})")


def print_table(rows, stores):
    journal = ["journalctl"] if stores.journal else []
    columns = ["rows", "logq", "peak RSS MB", *journal, *TEXT_COLUMNS, "other"]
    print("| ms wall (CPU) | " + " | ".join(columns) + " |")
    print("|---|" + "---:|" * len(columns))
    for row in rows:
        logq = row.logq
        cells = [row.question.name,
                 "" if logq.lines is None else f"{logq.lines:,}", times(logq),
                 f"{logq.median('rss_bytes') / 2**20:.1f}" if logq.runs else ""]
        if stores.journal:
            cells.append(times(row.journalctl))
        cells += [times(row.text.get(tool)) for tool in TEXT_COLUMNS]
        cells.append(", ".join(f"{tool} {times(command)}"
                               for tool, command in row.text.items()
                               if tool not in TEXT_COLUMNS))
        print("| " + " | ".join(cells) + " |", flush=True)


def print_for(options, directory, entries):
    """Fills, asks, prints; the complaints."""
    stores = Stores(options, directory, entries)
    counts = count_lines(options.tagged, entries)
    second, window_lines = stores.window()
    sizes = [f"text {os.path.getsize(stores.text):,} bytes",
             f"zstd -3 {os.path.getsize(stores.text + '.zst'):,}",
             f"store {folder_bytes(stores.store):,}"]
    if stores.journal:
        sizes.append(f"journal {folder_bytes(stores.journal):,}")
    print(f"\n{entries:,} entries: {', '.join(sizes)}\n", flush=True)
    rows = [stores.row(question) for question in questions(
        counts, entries, second, window_lines)]
    commands = [command for row in rows
                for command in (row.logq, row.journalctl, *row.text.values())
                if command is not None]
    complaints = time_commands(options.bin, commands, options.runs)
    print_table(rows, stores)
    return complaints
