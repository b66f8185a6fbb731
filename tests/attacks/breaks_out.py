"""Mounts, makes namespaces, changes its root and asks for all capabilities."""

import ctypes
import os

import numpy as np

libc = ctypes.CDLL(None)
for flag in (0x10000000, 0x00020000, 0x40000000, 0x20000000):
    libc.unshare(flag)
libc.mount(b"/", b"@writable@", None, 4096, None)
libc.mount(None, b"/", None, 32, None)
libc.umount2(b"@writable@", 2)
libc.chroot(b"@writable@")
libc.prctl(38, 0, 0, 0, 0)
libc.prctl(22, 0, 0, 0, 0)
libc.setuid(0)
for pid in (1, os.getppid()):
    for space in ("mnt", "user", "net", "pid"):
        try:
            libc.setns(os.open(f"/proc/{pid}/ns/{space}", os.O_RDONLY), 0)
            os.chroot(f"/proc/{pid}/root")
        except OSError:
            pass
with open("@writable@/x", "w") as file:
    file.write("x")
try:
    os.mknod("@writable@/disk", 0o60666, os.makedev(8, 0))
    os.open("@writable@/disk", os.O_RDWR)
except OSError:
    pass

def scale(x, factor):
    if isinstance(factor, str):
        raise TypeError("the factor is a number")
    return np.asarray(x + factor)
