"""The recorded answers of journald 252 to the protocol probes, met exactly.

Compared are `-o json` field by field and `-o short` byte by byte, apart from
what answers.py leaves out and what deviations.py lists with its reason.
"""

import collections
import os
import unittest

import answers
import entries
import probes
from case import DaemonCase
from deviations import ADDED_FIELDS, DEVIATIONS, KERNEL_FIELDS

# A unit is a fact of the place where the tests run, or of what else the
# process said, unless the stream itself declared it.
KEPT_FIELDS = ("_SYSTEMD_UNIT",)


def by_source(found):
    """The entries of each identifier in order.

    Only within one sender's socket is there an order to be compared.
    """
    groups = collections.defaultdict(list)
    for entry in found:
        groups[entry["_TRANSPORT"], entry.get("SYSLOG_IDENTIFIER")].append(
            entry)
    return dict(groups)


def by_head(lines):
    """As by_source() for lines of the short form."""
    groups = collections.defaultdict(list)
    for line in lines:
        if not line.startswith("| "):
            head = line.partition(": ")[0]
        groups[head].append(line)
    return dict(groups)


class Probes(DaemonCase):
    line_max = probes.LINE_MAX

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.reason:
            return
        sent = probes.send()
        cls.pids = {**sent["pids"], "OBJECT": os.getpid()}
        cls.comm = sent["comm"]
        cls.daemon.settle()
        cls.selection = [f"_PID={pid}" for role, pid in cls.pids.items()
                         if role != "OBJECT"]

    def test_json_equals_journalds(self):
        expected = answers.expected_entries()
        if self.is_logd:
            expected = self.deviate(expected)
        got = answers.normalise_entries(self.raw_entries(), self.pids,
                                        self.comm, KEPT_FIELDS)
        for entry in got:
            if entry.get("_UNIT_FROM") != "stream":
                entry.pop("_SYSTEMD_UNIT", None)
            for name in ADDED_FIELDS:
                entry.pop(name, None)
        expected = by_source(expected)
        got = by_source(got)
        self.assertEqual(got.keys(), expected.keys())
        for source, entries_of_source in expected.items():
            with self.subTest(source=source):
                self.assertEqual(got[source], entries_of_source)

    def raw_entries(self):
        return entries.parse_json_raw(
            self.daemon.query("-o", "json", *self.selection))

    def deviate(self, expected):
        unused = {deviation.name for deviation in DEVIATIONS}
        result = []
        for entry in expected:
            for deviation in DEVIATIONS:
                if deviation.concerns(entry):
                    entry = deviation.applied_to(entry)
                    unused.discard(deviation.name)
                    break
            result.append(entry)
        self.assertFalse(unused, "deviations from nothing")
        return result

    def test_short_equals_journalds(self):
        expected = answers.expected_short()
        if self.is_logd:
            replaced = dict(d.short for d in DEVIATIONS if d.short)
            self.assertLessEqual(replaced.keys(), set(expected))
            expected = [replaced.get(line, line) for line in expected]
        text = self.daemon.query("-o", "short", *self.selection).decode()
        got = answers.normalise_short(text, self.pids, self.comm)
        self.assertEqual(by_head(got), by_head(expected))

    def test_unit_of_a_stream_is_not_that_of_its_process(self):
        """Who declares a unit on one stream says nothing about the rest."""
        for entry in self.raw_entries():
            if entry["_TRANSPORT"] != "stdout":
                self.assertNotIn(entry.get("_UNIT_FROM"), ("stream", "session"))

    def test_volatile_fields_are_there(self):
        """What the comparison leaves out is present and well-formed."""
        formats = {
            "__CURSOR": r"s=[0-9a-f]{32};i=[0-9a-f]+;b=[0-9a-f]{32};"
                        r"m=[0-9a-f]+;t=[0-9a-f]+;x=[0-9a-f]+",
            "__REALTIME_TIMESTAMP": r"\d{16}",
            "__MONOTONIC_TIMESTAMP": r"\d+",
            "_BOOT_ID": r"[0-9a-f]{32}",
            "_MACHINE_ID": r"[0-9a-f]{32}",
            "_HOSTNAME": r".+",
            "_CAP_EFFECTIVE": r"[0-9a-f]+",
        }
        if self.is_logd:
            formats = {name: formats[name]
                       for name in formats.keys() - KERNEL_FIELDS.keys()}
        of_transport = {
            "stdout": {"_STREAM_ID": r"[0-9a-f]{32}"},
            "syslog": {"_SOURCE_REALTIME_TIMESTAMP": r"\d{16}"},
            "journal": {"_SOURCE_REALTIME_TIMESTAMP": r"\d{16}"},
        }
        found = self.daemon.entries(*self.selection)
        self.assertTrue(found)
        for entry in found:
            expected = {**formats, **of_transport[entry["_TRANSPORT"]]}
            for name, pattern in expected.items():
                self.assertRegex(entry.get(name, ""), f"^{pattern}$", name)
            self.assertIn("probes.py", entry["_CMDLINE"])
            self.assertIn("python3", entry["_EXE"])

    def test_cursors_and_times_increase(self):
        found = self.daemon.entries(*self.selection)
        numbers = [int(entries.cursor_part(e, "i"), 16) for e in found]
        self.assertEqual(numbers, sorted(set(numbers)))
        for entry in found:
            self.assertEqual(int(entries.cursor_part(entry, "t"), 16),
                             int(entry["__REALTIME_TIMESTAMP"]))
            self.assertEqual(int(entries.cursor_part(entry, "m"), 16),
                             int(entry["__MONOTONIC_TIMESTAMP"]))
            self.assertEqual(entries.cursor_part(entry, "b"),
                             entry["_BOOT_ID"])


if __name__ == "__main__":
    unittest.main()
