"""A flood: as many messages as one sender can send, then all the rest."""

import dataclasses
import os
import statistics
import subprocess
import time
import uuid

import daemon
import load
import sandbox
import senders

HEAD = ("| | messages/s until the last is readable | of the limit "
        "| CPU s per million, all in | of the limit | until readable "
        "| peak RSS MB | bytes on disk per message | of `zstd -19` of text "
        "| after idle care: bytes | of `zstd -19` | CPU s per million |\n"
        "|---|" + "---:|" * 11)


@dataclasses.dataclass
class Figures:
    """Of one run; None where it does not apply or was not measured."""

    per_second: float
    cpu_s: float  # of a million messages, as the other two
    speed_share: float | None = None  # of the limit's in the same turn
    cpu_share: float | None = None
    readable_cpu_s: float | None = None
    rss_bytes: float | None = None
    disk_bytes: float | None = None  # of one message
    text_share: float | None = None
    care_bytes: float | None = None
    care_share: float | None = None
    care_cpu_s: float | None = None


def measure_limit(options, mode):
    """A receiver that discards everything."""
    path = os.path.join(sandbox.SCRATCH, "sink")
    kind = "stream" if mode == "stream" else "datagram"
    header_lines = 7 * load.STREAMS if mode == "stream" else 0
    sink = subprocess.Popen(
        [f"{options.bin}/sink", kind, path,
         str(options.count + header_lines)], stdout=subprocess.PIPE)
    socket_kind = (senders.socket.SOCK_STREAM if mode == "stream"
                   else senders.socket.SOCK_DGRAM)
    daemon.wait_until(lambda: senders.reachable(path, socket_kind),
                      "the sink serves")
    sender = load.start(options, mode, f"--count={options.count}", path=path)
    took = load.finished(sink)
    seconds = took["end_s"] - load.finished(sender)["begin_s"]
    os.unlink(path)
    return Figures(options.count / seconds,
                   took["cpu_s"] * 1e6 / options.count)


def measure_daemon(options, peer, mode, with_sizes):
    """From the first message until nothing is left to be done."""
    millions = options.count / 1e6
    peer.wipe()
    peer.set_idle_care(with_sizes and options.idle_care)
    peer.start()
    token = "END" + uuid.uuid4().hex
    cpu_before = peer.cpu_s()
    sender = load.start(options, mode, f"--count={options.count}",
                        f"--end={token}")
    sent = load.report(sender)
    daemon.wait_until(lambda: token.encode() in peer.newest(),
                      "the last message can be read", 600, pause_s=0.001)
    seconds = time.monotonic() - sent["begin_s"]
    sender.communicate()
    readable_cpu_s = peer.cpu_s() - cpu_before
    peer.finish_work()
    figures = Figures(options.count / seconds, 0,
                      readable_cpu_s=readable_cpu_s / millions,
                      rss_bytes=peer.peak_rss_bytes(),
                      disk_bytes=peer.disk_bytes() / options.count)
    load.check_complete(peer, options.count)
    care_cpu_s = 0
    if with_sizes and hasattr(peer, "text"):
        care_cpu_s = measure_sizes(options, peer, figures)
    cpu_s = stop_and_count_cpu_s(peer) - cpu_before - care_cpu_s
    figures.cpu_s = cpu_s / millions
    peer.wipe()
    return figures


def measure_sizes(options, peer, figures):
    """Beside text, now and after idle care, whose CPU time is returned."""
    cpu_before = peer.cpu_s()
    text_bytes = zstd_bytes(peer.text()) / options.count
    figures.text_share = figures.disk_bytes / text_bytes
    if not options.idle_care:
        return 0
    peer.wait_for_idle_care()
    care_cpu_s = peer.cpu_s() - cpu_before
    load.check_complete(peer, options.count)
    figures.care_bytes = peer.disk_bytes() / options.count
    figures.care_share = figures.care_bytes / text_bytes
    figures.care_cpu_s = care_cpu_s * 1e6 / options.count
    return care_cpu_s


def zstd_bytes(text):
    done = subprocess.run(["zstd", "-19", "-q", "-c"], input=text,
                          capture_output=True, check=True)
    return len(done.stdout)


def stop_and_count_cpu_s(peer):
    """All that the daemon used in its life, its work at the end included."""
    peer.process.terminate()
    _, status, usage = os.wait4(peer.process.pid, 0)
    peer.process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def median(runs):
    """Of each figure over the runs in which it was measured."""
    columns = zip(*(dataclasses.astuple(figures) for figures in runs))
    return Figures(*(statistics.median(known) if known else None
                     for known in ([value for value in column
                                    if value is not None]
                                   for column in columns)))


def measure_mode(options, kinds, mode):
    """The limit and all daemons in turn, `runs` times."""
    measured = {"limit": []}
    for run in range(options.runs):
        limit = measure_limit(options, mode)
        measured["limit"].append(limit)
        for kind in kinds:
            if mode not in kind.modes:
                continue
            figures = measure_daemon(options, kind(), mode, run == 0)
            figures.speed_share = figures.per_second / limit.per_second
            figures.cpu_share = figures.cpu_s / limit.cpu_s
            measured.setdefault(kind.name, []).append(figures)
    return measured


def cell(value, form, scale=1.0):
    return "" if value is None else format(value / scale, form)


def print_row(name, figures):
    cells = (cell(figures.per_second, ",.0f"),
             cell(figures.speed_share, ".2f"),
             cell(figures.cpu_s, ".2f"),
             cell(figures.cpu_share, ".2f"),
             cell(figures.readable_cpu_s, ".2f"),
             cell(figures.rss_bytes, ".0f", 2**20),
             cell(figures.disk_bytes, ".1f"),
             cell(figures.text_share, ".2f"),
             cell(figures.care_bytes, ".1f"),
             cell(figures.care_share, ".2f"),
             cell(figures.care_cpu_s, ".1f"))
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


def print_table(options, kinds):
    print(HEAD, flush=True)
    for mode in options.modes:
        for name, runs in measure_mode(options, kinds, mode).items():
            print_row(f"{name}, {mode}", median(runs))
