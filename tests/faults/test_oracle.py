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


def fault(expected, entries, with_drops=False):
    answer = oracle.Answer()
    for one in entries:
        answer.add(one)
    return oracle.faults([expected], answer, with_drops).get("s-0")


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
        self.assertIsNone(fault(sender(4), [*there, report(2)], True))
        self.assertIn("1 lost", fault(sender(4), [*there, report(1)], True))
        self.assertIn("1 reported", fault(sender(4), [*there, report(3)],
                                          True))


if __name__ == "__main__":
    unittest.main()
