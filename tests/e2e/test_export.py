"""What `-o export` prints, systemd's own tools read without a loss."""

import os
import subprocess
import unittest

import clients
import entries
import probes
import sandbox
from case import DaemonCase

JOURNAL_REMOTE = "/lib/systemd/systemd-journal-remote"


def comparable(raw_entries):
    """The entries without what an import makes anew.

    A journal file keeps the values of a repeated field in no order.
    """
    result = []
    for raw in raw_entries:
        del raw["__CURSOR"]
        result.append({name: sorted(value, key=str)
                       if isinstance(value, list) else value
                       for name, value in raw.items()})
    return result


class Export(DaemonCase):
    def test_round_trip_through_journal_remote_keeps_every_entry(self):
        if not os.access(JOURNAL_REMOTE, os.X_OK):
            self.skipTest("systemd-journal-remote is not installed")
        probes.send()
        clients.run("logger", "-t", "round", "trip")
        self.daemon.settle()
        exported = self.daemon.query("-o", "export")
        expected = self.daemon.query("-o", "json")
        path = os.path.join(sandbox.SCRATCH, "imported")
        done = subprocess.run([JOURNAL_REMOTE, "-o", f"{path}.journal", "-"],
                              input=exported, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        # The entry with 1,000 fields makes it begin another file.
        imported = subprocess.run(
            ["journalctl", f"--file={path}*.journal", "-q", "--no-pager",
             "-o", "json"], capture_output=True, check=True).stdout
        expected = comparable(entries.parse_json_raw(expected))
        imported = comparable(entries.parse_json_raw(imported))
        self.assertGreater(len(expected), 70)
        self.assertEqual(len(imported), len(expected))
        for number, (got, want) in enumerate(zip(imported, expected)):
            with self.subTest(entry=number):
                self.assertEqual(got, want)

    def test_json_and_export_say_the_same(self):
        clients.run("logger", "-t", "same", "one\ttwo\x1b[1m")
        entry = self.one("-t", "same")
        same = entries.parse_json(
            self.daemon.query("-o", "json", "-t", "same"))
        self.assertEqual(same, [entry])


if __name__ == "__main__":
    unittest.main()
