"""Numbered messages: what several senders sent, and whether it all arrived.

The text of a message is "SENDER NUMBER" and some words; each sender counts
from 0.  What send() accepted is the sender's own record of the truth.
"""

import contextlib
import socket
import time

import senders

_SO_SNDBUFFORCE = 32  # not in Python's socket module

FILLING = "the quick brown fox jumps over the lazy dog, twice a day at least"


@contextlib.contextmanager
def syslog_writer(identifier):
    head = f"<14>Nov 22 05:42:46 {identifier}: "
    with senders.datagram_socket(senders.SYSLOG) as connected:
        yield lambda text: connected.send((head + text).encode())


@contextlib.contextmanager
def native_writer(identifier):
    head = f"SYSLOG_IDENTIFIER={identifier}\nPRIORITY=6\nMESSAGE="
    with senders.datagram_socket(senders.NATIVE) as connected:
        yield lambda text: connected.send((head + text + "\n").encode())


@contextlib.contextmanager
def stream_writer(identifier):
    header = senders.stream_header(identifier.encode())
    with senders.open_stream(header) as connected:
        yield lambda text: connected.sendall((text + "\n").encode())


WRITERS = {"syslog": syslog_writer, "native": native_writer,
           "stream": stream_writer}


def send(transport, identifier, numbers, sender=0, pause_s=0.0):
    """Sends the numbers one by one from this process."""
    with WRITERS[transport](identifier) as write:
        for number in numbers:
            write(f"{sender} {number} {FILLING}")
            if pause_s:
                time.sleep(pause_s)


def send_from_many(transport, identifier, sender_count, count_each):
    """Runs sender_count senders at a time, each with its own connection."""
    children = [
        senders.start_child(
            lambda sender=sender: send(transport, identifier,
                                       range(count_each), sender),
            linger_s=0)
        for sender in range(sender_count)]
    for child in children:
        senders.wait_child(child)


def fill_queue(path, head, count_max):
    """Queues numbered datagrams until one is not accepted.

    Returns how many were accepted.
    """
    with senders.datagram_socket(path) as connected:
        connected.setsockopt(socket.SOL_SOCKET, _SO_SNDBUFFORCE, 64 << 20)
        connected.setblocking(False)
        for number in range(count_max):
            try:
                connected.send((head + f"0 {number} {FILLING}\n").encode())
            except BlockingIOError:
                return number
    return count_max


def arrived(cat_output):
    """The numbers of each sender in order of arrival."""
    numbers = {}
    for line in cat_output.splitlines():
        sender, number, _ = line.split(b" ", 2)
        numbers.setdefault(int(sender), []).append(int(number))
    return numbers


def fault(numbers, count):
    """What is wrong with one sender's numbers, or None.

    Complete, once each and in order is what is right.
    """
    if numbers == list(range(count)):
        return None
    missing = sorted(set(range(count)) - set(numbers))
    doubled = len(numbers) - len(set(numbers))
    disorder = sum(a > b for a, b in zip(numbers, numbers[1:]))
    return (f"{len(missing)} of {count} missing {missing[:5]}, "
            f"{doubled} twice, {disorder} out of order")
