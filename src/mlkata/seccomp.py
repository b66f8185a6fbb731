"""Refuses system calls for the rest of a process's life, by a seccomp filter written in classic BPF (seccomp(2)).

What is refused is what reaches beyond one process: making or becoming another one, touching others, sockets,
timers that wake a stopped process, namespaces, mounts, keys, and memory that no limit counts. It is the second wall;
the first is the namespaces around it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterator

# Numbers of system calls on x86_64 (Linux: syscall_64.tbl) and on aarch64 (asm-generic/unistd.h).
_SYSCALLS = {
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clone": (56, 220),
    "clone3": (435, 435),
    "execve": (59, 221),
    "execveat": (322, 281),
    "fcntl": (72, 25),
    "fork": (57, None),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioctl": (16, 29),
    "ioprio_set": (251, 30),
    "kcmp": (312, 272),
    "keyctl": (250, 219),
    "kill": (62, 129),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "migrate_pages": (256, 238),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "move_pages": (279, 239),
    "mq_open": (240, 180),
    "msgget": (68, 186),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pivot_root": (155, 41),
    "prlimit64": (302, 261),
    "process_madvise": (440, 440),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "request_key": (249, 218),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "semget": (64, 190),
    "setns": (308, 268),
    "setpriority": (141, 140),
    "shmget": (29, 194),
    "socket": (41, 198),
    "syslog": (103, 116),
    "tgkill": (234, 131),
    "timer_create": (222, 107),
    "tkill": (200, 130),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "vfork": (58, None),
}
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # the column above, and AUDIT_ARCH_*
_ONLY_ITSELF = ("kill", "tgkill", "prlimit64")  # by their first argument, a process's number
_CONDITIONAL = frozenset(("clone", "clone3", "fcntl", "ioctl", *_ONLY_ITSELF))

_CLONE_THREAD = 0x10000
_F_SETOWN, _F_SETSIG, _F_SETOWN_EX = 8, 10, 15  # of fcntl: have the kernel send a signal to any process
_FIOSETOWN, _SIOCSPGRP = 0x8901, 0x8902  # of ioctl, for the same
_AF_INET = 2
_X32 = 0x40000000

_LOAD, _EQUAL, _AT_LEAST, _HAS_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24  # offsets in struct seccomp_data
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _MODE_FILTER = 22, 38, 2

Instruction = tuple[int, int, int, int]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def is_supported() -> bool:
    """Whether this processor's system calls are known here."""
    return platform.machine() in _MACHINES


def confine_to_itself(*, loopback: bool = False) -> None:
    """Refuse, from now on and in all threads to come, what reaches beyond this process.

    Parameters
    ----------
    loopback : bool
        Leave it the sockets of IPv4, where it lives in a network of its own that leads nowhere.

    Raises
    ------
    OSError
        The kernel does not take the filter, or the processor is not known.
    """
    code = b"".join(
        struct.pack("<HBBI", *instruction) for instruction in _filter(platform.machine(), os.getpid(), loopback)
    )
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in (
        (_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0),
    ):
        if libc.prctl(*arguments) != 0:
            raise OSError(ctypes.get_errno(), "the kernel takes no filter of system calls")


def _filter(machine: str, pid: int, loopback: bool = False) -> Iterator[Instruction]:
    if machine not in _MACHINES:
        raise OSError(errno.ENOSYS, f"no system calls are known for {machine}")
    column, architecture = _MACHINES[machine]
    numbers = {name: number for name, row in _SYSCALLS.items() if (number := row[column]) is not None}
    refuse = (_RETURN, 0, 0, _ERRNO | errno.EPERM)
    allow = (_RETURN, 0, 0, _ALLOW)
    yield (_LOAD, 0, 0, _ARCHITECTURE)
    yield (_EQUAL, 1, 0, architecture)
    yield (_RETURN, 0, 0, _KILL)
    yield (_LOAD, 0, 0, _NUMBER)
    if machine == "x86_64":
        yield (_AT_LEAST, 0, 1, _X32)
        yield refuse
    for name in sorted(numbers.keys() - _CONDITIONAL - ({"socket"} if loopback else set())):
        yield (_EQUAL, 0, 1, numbers[name])
        yield refuse
    yield (_EQUAL, 0, 1, numbers["clone3"])  # its arguments lie in memory: the C library then takes clone
    yield (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)
    yield (_EQUAL, 0, 4, numbers["clone"])
    yield (_LOAD, 0, 0, _FIRST)
    yield (_HAS_BITS, 0, 1, _CLONE_THREAD)
    yield allow
    yield refuse
    for name in _ONLY_ITSELF:
        yield (_EQUAL, 0, 5, numbers[name])
        yield (_LOAD, 0, 0, _FIRST)
        yield (_EQUAL, 1, 0, pid)
        yield (_EQUAL, 0, 1, 0 if name == "prlimit64" else pid)  # 0 is the caller for prlimit64, a group for kill
        yield allow
        yield refuse
    yield (_EQUAL, 0, 6, numbers["fcntl"])
    yield (_LOAD, 0, 0, _SECOND)
    yield (_EQUAL, 2, 0, _F_SETOWN)
    yield (_EQUAL, 1, 0, _F_SETSIG)
    yield (_EQUAL, 0, 1, _F_SETOWN_EX)
    yield refuse
    yield allow
    if loopback:
        yield (_EQUAL, 0, 4, numbers["socket"])
        yield (_LOAD, 0, 0, _FIRST)
        yield (_EQUAL, 0, 1, _AF_INET)
        yield allow
        yield refuse
    yield (_EQUAL, 0, 5, numbers["ioctl"])
    yield (_LOAD, 0, 0, _SECOND)
    yield (_EQUAL, 1, 0, _FIOSETOWN)
    yield (_EQUAL, 0, 1, _SIOCSPGRP)
    yield refuse
    yield allow
    yield allow
