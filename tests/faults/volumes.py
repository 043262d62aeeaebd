"""Small file systems to put a store on, inside the sandbox."""

import contextlib
import fcntl
import os
import shutil
import stat
import struct
import subprocess

import sandbox

_LOOP_MAJOR = 7
_LOOP_COUNT = 16
_EXT4_IOC_SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32)
_SHUTDOWN_WITHOUT_LOG = 2
_PIECE_BYTES_MIN = 16 << 10


class Missing(Exception):
    """This machine cannot have such a volume."""


class Volume:
    """A file system that is mounted on `path` until close()."""

    def __init__(self, kind, path, size_bytes):
        self.kind = kind
        self.path = path
        self.size_bytes = size_bytes
        self._image = os.path.join(sandbox.SCRATCH, "volume.image")
        self._neighbour = os.path.join(path, "neighbour")
        try:
            if kind == "ext4":
                self._make_image()
            self.mount()
        except (OSError, subprocess.CalledProcessError) as error:
            raise Missing(f"no {kind} on a loop device: {error}") from error

    def mount(self):
        shutil.rmtree(self.path, ignore_errors=True)  # what lies below it
        os.makedirs(self.path, exist_ok=True)
        if self.kind == "tmpfs":
            _run("mount", "-t", "tmpfs", "-o",
                 f"size={self.size_bytes},mode=0750", "tmpfs", self.path)
        else:
            _run("mount", "-o", "loop", self._image, self.path)

    def unmount(self):
        """What holds files open keeps the file system, out of sight."""
        _run("umount", "-l", self.path)

    def close(self):
        if os.path.ismount(self.path):
            self.unmount()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._image)

    def _make_image(self):
        _make_loop_devices()
        with open(self._image, "wb") as file:
            file.truncate(self.size_bytes)
        _run("mkfs.ext4", "-q", "-m", "0", self._image)

    def free_bytes(self):
        found = os.statvfs(self.path)
        return found.f_bavail * found.f_frsize

    def fill(self, leaving_bytes=0):
        """A neighbour of the store takes what is free, but so much."""
        with open(self._neighbour, "ab") as file:
            at = file.tell()
            wanted = self.free_bytes() - leaving_bytes
            while wanted >= _PIECE_BYTES_MIN:
                try:
                    os.posix_fallocate(file.fileno(), at, wanted)
                    at += wanted
                    wanted = self.free_bytes() - leaving_bytes
                except OSError:  # it needs some space to note it
                    wanted //= 2

    def free(self):
        os.unlink(self._neighbour)

    def shut_down(self):
        """From now on every access fails, as if the disk were pulled."""
        directory = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(directory, _EXT4_IOC_SHUTDOWN,
                        struct.pack("=I", _SHUTDOWN_WITHOUT_LOG))
        finally:
            os.close(directory)

    def turn_read_only(self):
        """For good, as after an error of the file system itself."""
        _run("mount", "-o", "remount,abort,errors=remount-ro", self.path)


def _run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def _make_loop_devices():
    """The sandbox's /dev has none."""
    nodes = {"loop-control": (stat.S_IFCHR, os.makedev(10, 237))}
    for number in range(_LOOP_COUNT):
        nodes[f"loop{number}"] = (stat.S_IFBLK,
                                  os.makedev(_LOOP_MAJOR, number))
    for name, (kind, device) in nodes.items():
        with contextlib.suppress(FileExistsError):
            os.mknod(f"/dev/{name}", kind | 0o600, device)
