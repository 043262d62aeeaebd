"""The size table: logs as text, compressed as whole files, and in a store.

A file of lines is measured in two forms.  As it is, against a store whose
stamps are whole seconds, as those in the lines mostly are; and with a stamp to
the microsecond, host and identifier before each line, against a store with
the same stamps.  Journald's entries are measured as JSON lines.  Every store
is read back and compared with what went in.
"""

import dataclasses
import glob
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../tests/e2e"))

from entries import parse_export  # noqa: E402
from timing import ENVIRONMENT, Disagreement  # noqa: E402

# Slow enough that a stamp costs what it costs on a real machine: about two
# bytes.
RATE = 10
DAEMON_LEVEL = 8
IDLE_LEVEL = 19
WHOLE_FILE = {"zstd -3": ["zstd", "-3", "-c"],
              "zstd -19": ["zstd", "-19", "-c"], "xz -9": ["xz", "-9", "-c"]}
SUFFIXES = (".log", ".log.zst", ".jsonl", ".jsonl.zst")


@dataclasses.dataclass
class Store:
    bytes: int
    disk_bytes: int  # as du counts
    encode_cpu_s: float

    def __add__(self, other):
        return Store(*(a + b for a, b in zip(dataclasses.astuple(self),
                                             dataclasses.astuple(other))))


@dataclasses.dataclass
class Sizes:
    """One form of one corpus, or of several together."""

    entries: int
    raw_bytes: int
    whole_file: dict  # compressor -> bytes
    stores: dict  # level -> Store

    def __add__(self, other):
        return Sizes(self.entries + other.entries,
                     self.raw_bytes + other.raw_bytes,
                     {name: size + other.whole_file[name]
                      for name, size in self.whole_file.items()},
                     {level: store + other.stores[level]
                      for level, store in self.stores.items()})


def find_corpora(paths):
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        for name in sorted(glob.glob(os.path.join(glob.escape(path), "*"))):
            if name.endswith(SUFFIXES):
                yield name


def unpack(path, directory):
    """The plain file and the corpus's name."""
    name = os.path.basename(path).removesuffix(".zst")
    plain = os.path.join(directory, name)
    if path.endswith(".zst"):
        subprocess.run(["zstd", "-q", "-d", "-f", path, "-o", plain],
                       check=True)
    else:
        shutil.copy(path, plain)
    return plain, name.split(".")[0]


def compressed_bytes(command, path):
    with subprocess.Popen([*command, path], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        size = 0
        while chunk := process.stdout.read(1 << 20):
            size += len(chunk)
    if process.returncode != 0:
        raise Disagreement(f"{' '.join(command)} {path} failed")
    return size


class Measurement:
    """Stores of one corpus; everything is written below `directory`."""

    def __init__(self, binaries, corpus, directory):
        self.binaries = binaries
        self.corpus = corpus
        self.store = os.path.join(directory, "store")

    def fill(self, level, *arguments):
        """A store, and how many entries it has."""
        shutil.rmtree(self.store, ignore_errors=True)
        done = subprocess.run(
            [f"{self.binaries}/fill", "--store", self.store, "--corpus",
             self.corpus, "--level", str(level), *arguments],
            stdout=subprocess.PIPE)
        if done.returncode != 0:
            raise Disagreement(f"fill ended with {done.returncode} on "
                               f"{self.corpus}")
        totals = json.loads(done.stdout)
        files = [file.stat() for file in os.scandir(self.store)]
        return Store(sum(file.st_size for file in files),
                     sum(file.st_blocks * 512 for file in files),
                     totals["encode_cpu_s"]), totals["entries"]

    def query(self, output):
        """All entries; damage met on the way shows in what is printed."""
        return subprocess.run(
            [f"{self.binaries}/logq", "-D", self.store, "--no-pager", "-a",
             "-o", output], env=ENVIRONMENT, stdout=subprocess.PIPE).stdout

    def check_lines(self):
        with open(self.corpus, "rb") as file:
            text = file.read()
        if not text.endswith(b"\n"):
            text += b"\n"
        if self.query("cat") != text:
            raise Disagreement(f"{self.corpus}: the store does not give back "
                               "the lines that went in")

    def sizes(self, raw, *arguments, check):
        """`raw` is the text that the store stands for."""
        stores = {}
        for level in (DAEMON_LEVEL, IDLE_LEVEL):
            stores[level], entries = self.fill(level, *arguments)
            check()
        return Sizes(entries, os.path.getsize(raw),
                     {name: compressed_bytes(command, raw)
                      for name, command in WHOLE_FILE.items()}, stores)


def measure_lines(binaries, corpus, directory):
    """Without stamps, with stamps."""
    stamped = os.path.join(directory, "stamped")
    measurement = Measurement(binaries, corpus, directory)
    check = measurement.check_lines
    plain = measurement.sizes(corpus, "--rate", str(RATE), "--whole-seconds",
                              check=check)
    measurement.fill(DAEMON_LEVEL, "--rate", str(RATE), "--text", stamped)
    return plain, measurement.sizes(stamped, "--rate", str(RATE), check=check)


def boots_in_turn(entries):
    """One boot after the other, as a machine writes them; the corpus has
    the journals of several machines merged by time."""
    boot = None
    by_boot = {}
    for entry in entries:
        boot = entry.get("_BOOT_ID", boot)
        by_boot.setdefault(boot, []).append({**entry, "_BOOT_ID": boot})
    return [entry for group in by_boot.values() for entry in group]


def write_export(entries, path):
    with open(path, "wb") as file:
        for entry in entries:
            for name, value in entry.items():
                data = value.encode()
                if b"\n" in data:
                    file.write(name.encode() + b"\n"
                               + len(data).to_bytes(8, "little") + data
                               + b"\n")
                else:
                    file.write(name.encode() + b"=" + data + b"\n")
            file.write(b"\n")


def holds(stored, entry):
    """Whether no field is lost; logq adds some of its own, so that a name may
    have several values."""
    for name, value in entry.items():
        found = stored.get(name)
        if value not in (found if isinstance(found, list) else [found]):
            return False
    return True


def measure_journal(binaries, corpus, directory):
    with open(corpus, encoding="utf-8") as file:
        entries = boots_in_turn(map(json.loads, file))
    export = os.path.join(directory, "journal.export")
    write_export(entries, export)
    measurement = Measurement(binaries, export, directory)

    def check():
        stored = parse_export(measurement.query("export"))
        same = len(stored) == len(entries) and all(
            holds(found, entry) for entry, found in zip(entries, stored))
        if not same:
            raise Disagreement(f"{corpus}: the store does not give back the "
                               "entries that went in")

    return measurement.sizes(corpus, "--export", check=check)


def ratio(raw, size):
    return f"{raw / size:.1f}"


def print_form(title, rows):
    print(f"\n{title}\n")
    print("| | raw bytes | " + " | ".join(WHOLE_FILE)
          + " | store | of zstd -19 | recompressed | of zstd -19 "
          "| store bytes | on disk | recompressed bytes | on disk "
          "| encode MB/s | at level 19 |")
    print("|---|" + "---:|" * 14)
    for name, sizes in rows.items():
        raw = sizes.raw_bytes
        best = sizes.whole_file["zstd -19"]
        stores = list(sizes.stores.values())
        cells = [name, f"{raw:,}"]
        cells += [ratio(raw, size) for size in sizes.whole_file.values()]
        for store in stores:
            cells += [ratio(raw, store.bytes), f"{best / store.bytes:.2f} x"]
        for store in stores:
            cells += [f"{store.bytes:,}", f"{store.disk_bytes:,}"]
        cells += [f"{raw / 1e6 / store.encode_cpu_s:.1f}" for store in stores]
        print("| " + " | ".join(cells) + " |", flush=True)


def print_journal(rows):
    print("\nJournald's entries, bytes per entry:\n")
    print("| | entries | as JSON lines | " + " | ".join(WHOLE_FILE)
          + " | store | on disk | recompressed | on disk |")
    print("|---|" + "---:|" * 9)
    for name, sizes in rows.items():
        cells = [name, f"{sizes.entries:,}"]
        bytes_of = [sizes.raw_bytes, *sizes.whole_file.values()]
        for store in sizes.stores.values():
            bytes_of += [store.bytes, store.disk_bytes]
        cells += [f"{size / sizes.entries:.1f}" for size in bytes_of]
        print("| " + " | ".join(cells) + " |", flush=True)


def with_total(rows):
    if len(rows) < 2:
        return rows
    first, *others = rows.values()
    return {**rows, "together": sum(others, first)}


def print_stamps_on_top(plain, stamped):
    """The lines without stamps against the store with them."""
    print("\nThe lines as they are against the store that also has stamps to "
          "the microsecond:\n")
    print("| | store | of zstd -19 | recompressed | of zstd -19 |")
    print("|---|---:|---:|---:|---:|")
    for name, sizes in plain.items():
        cells = [name]
        for store in stamped[name].stores.values():
            cells += [ratio(sizes.raw_bytes, store.bytes),
                      f"{sizes.whole_file['zstd -19'] / store.bytes:.2f} x"]
        print("| " + " | ".join(cells) + " |", flush=True)


def print_for(options, directory):
    """Measures every corpus, prints the tables; the complaints."""
    plain, stamped, journals, complaints = {}, {}, {}, []
    for path in find_corpora(options.corpora):
        corpus, name = unpack(path, directory)
        try:
            if corpus.endswith(".jsonl"):
                journals[name] = measure_journal(options.bin, corpus,
                                                 directory)
            else:
                plain[name], stamped[name] = measure_lines(
                    options.bin, corpus, directory)
        except Disagreement as problem:
            complaints.append(str(problem))
        os.unlink(corpus)
    plain, stamped = with_total(plain), with_total(stamped)
    if plain:
        print_form("Lines as they are, the store's stamps in whole seconds; "
                   "ratios to the raw bytes:", plain)
        print_stamps_on_top(plain, stamped)
        print_form("Lines with stamp, host and identifier before each, stamps "
                   "to the microsecond in both:", stamped)
    if journals:
        print_journal(with_total(journals))
    return complaints
