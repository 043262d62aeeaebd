"""The oracle sees each kind of fault that it is there to see."""

import unittest
import zlib

import oracle
import steady


def sender(accepted, **changes):
    values = {"kind": "syslog", "unknown": False, "failed": 0,
              "blocked_us_max": 0, **changes}
    return steady.Expected("s-0", accepted=accepted, **values)


def entry(number, filling="abc", **changes):
    checksum = f"{zlib.crc32(b'abc'):08x}"
    return {"MESSAGE": f"s-0 {number} 7 {checksum} {filling}", "_PID": "7",
            "SYSLOG_IDENTIFIER": "s-0", "_TRANSPORT": "syslog", **changes}


def report(count):
    return {"_TRANSPORT": "driver", "N_DROPPED": str(count),
            "OBJECT_UNIT": "s-0", "CAUSE": "no-space"}


def fault(expected, entries, compare=oracle.faults):
    answer = oracle.Answer()
    for one in entries:
        answer.add(one)
    return ", ".join(compare([expected], answer).values()) or None


class Oracle(unittest.TestCase):
    def test_accepts_what_is_complete_once_and_in_order(self):
        self.assertIsNone(fault(sender(3), map(entry, range(3))))

    def test_names_each_fault(self):
        cases = {
            "1 lost": [entry(0), entry(2)],
            "1 twice": [entry(0), entry(1), entry(1), entry(2)],
            "1 out of order": [entry(0), entry(2), entry(1)],
            "1 not whole": [entry(0), entry(1, "ab"), entry(2)],
            "1 of somebody else": [entry(0), entry(1, _PID="8"), entry(2)],
            "1 never accepted": map(entry, range(4)),
        }
        for wrong, entries in cases.items():
            with self.subTest(wrong):
                self.assertIn(f": {wrong}", fault(sender(3), entries))

    def test_a_stream_is_of_the_unit_that_it_declared(self):
        stream = {"_TRANSPORT": "stdout"}
        right = {**stream, "_SYSTEMD_UNIT": "s-0.service"}
        self.assertIsNone(fault(sender(1), [entry(0, **right)]))
        self.assertIn("of somebody else", fault(sender(1),
                                                [entry(0, **stream)]))

    def test_an_unknown_message_may_be_there_or_not(self):
        for there in (3, 4):
            self.assertIsNone(fault(sender(3, unknown=True),
                                    map(entry, range(there))))

    def test_short_connections_have_no_order(self):
        self.assertIsNone(fault(sender(2, kind="brief"),
                                [entry(1), entry(0)]))

    def test_drops_are_exactly_those_that_were_reported(self):
        there = [entry(0), entry(3)]

        def with_report(of):
            return fault(sender(4), [*there, of], oracle.faults_with_drops)

        self.assertIsNone(with_report(report(2)))
        self.assertIn("2 missing, but 1", with_report(report(1)))
        self.assertIn("1 reported as dropped, but there",
                      with_report(report(3)))
        other = {**report(2), "OBJECT_UNIT": ""}
        self.assertIsNone(with_report(other))
        self.assertIn("2 missing, but 3",
                      with_report({**other, "N_DROPPED": "3"}))

    def test_only_the_oldest_are_evicted(self):
        def after_eviction(*numbers):
            return fault(sender(4), map(entry, numbers),
                         oracle.faults_with_eviction)

        self.assertIsNone(after_eviction(2, 3))
        self.assertIn("1 missing, but 0", after_eviction(1, 3))
        self.assertIn("1 missing, but 0", after_eviction(1, 2))


if __name__ == "__main__":
    unittest.main()
