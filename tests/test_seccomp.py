"""The filter refuses what reaches beyond one process, and nothing that a submission needs."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import threading

import pytest
from forked import in_child

from mlkata import seccomp

ALLOW, KILL, REFUSE, UNKNOWN = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
LINUX = sys.platform == "linux" and seccomp.is_supported()
needs_linux = pytest.mark.skipif(not LINUX, reason="filters of system calls are for Linux on x86_64 or aarch64 alone")

CLONE_VM, CLONE_FS, CLONE_FILES, CLONE_SIGHAND, CLONE_THREAD = 0x100, 0x200, 0x400, 0x800, 0x10000
THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD
CLONE_NEWUSER = 0x10000000


def verdict(machine, number, first=0, second=0, *, architecture=None, pid=4242, loopback=False):
    """What the filter answers to a system call, by running its instructions as the kernel does."""
    data = {0: number, 4: architecture or ARCHITECTURES[machine], 16: first & 0xFFFFFFFF, 24: second & 0xFFFFFFFF}
    program, place, held = list(seccomp._filter(machine, pid, loopback)), 0, 0
    jumps = {0x15: lambda k: held == k, 0x35: lambda k: held >= k, 0x45: lambda k: held & k}
    while True:
        code, yes, no, constant = program[place]
        place += 1
        if code == 0x06:
            return constant
        if code == 0x20:
            held = data[constant]
        else:
            place += yes if jumps[code](constant) else no


def number_of(name, machine):
    return seccomp._SYSCALLS[name][list(ARCHITECTURES).index(machine)]


def rows(machine):
    return [name for name in seccomp._SYSCALLS if number_of(name, machine) is not None]


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_filter_has_every_number(machine):
    constants = {constant for code, _, _, constant in seccomp._filter(machine, 4242) if code == 0x15}

    assert {number_of(name, machine) for name in rows(machine)} <= constants


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_what_needs_no_second_look_is_refused_whatever_its_arguments(machine):
    plain = [name for name in rows(machine) if name not in seccomp._CONDITIONAL]

    assert {verdict(machine, number_of(name, machine), 4242, 4242) for name in plain} == {REFUSE}
    assert len(plain) > 50


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize(
    ("name", "first", "second", "answer"),
    [
        ("clone", THREAD, 0, ALLOW),
        ("clone", signal.SIGCHLD, 0, REFUSE),
        ("clone", CLONE_VM | CLONE_NEWUSER, 0, REFUSE),
        ("clone3", 0, 0, UNKNOWN),
        ("kill", 4242, 9, ALLOW),
        ("kill", 4243, 9, REFUSE),
        ("kill", 0, 9, REFUSE),
        ("kill", -1, 9, REFUSE),
        ("kill", 1, 0, REFUSE),
        ("tgkill", 4242, 4243, ALLOW),
        ("tgkill", 4243, 4243, REFUSE),
        ("prlimit64", 0, 7, ALLOW),
        ("prlimit64", 4242, 7, ALLOW),
        ("prlimit64", 1, 7, REFUSE),
        ("fcntl", 3, 1, ALLOW),
        ("fcntl", 3, 8, REFUSE),
        ("fcntl", 3, 10, REFUSE),
        ("fcntl", 3, 15, REFUSE),
        ("ioctl", 3, 0x5401, ALLOW),
        ("ioctl", 3, 0x8901, REFUSE),
        ("ioctl", 3, 0x8902, REFUSE),
    ],
)
def test_some_calls_are_judged_by_their_arguments(machine, name, first, second, answer):
    assert verdict(machine, number_of(name, machine), first, second) == answer


@pytest.mark.parametrize(("machine", "read", "exit_group"), [("x86_64", 0, 231), ("aarch64", 63, 94)])
def test_other_calls_are_allowed(machine, read, exit_group):
    assert verdict(machine, read) == verdict(machine, exit_group) == ALLOW


@pytest.mark.parametrize(("machine", "other"), [("x86_64", 0x40000003), ("aarch64", 0x40000028)])
def test_call_by_another_processors_numbers_is_the_end(machine, other):
    assert verdict(machine, 0, architecture=other) == KILL


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_sockets_of_ipv4_alone_are_allowed_where_loopback_is(machine):
    number = number_of("socket", machine)

    assert verdict(machine, number, socket.AF_INET) == REFUSE
    assert verdict(machine, number, socket.AF_INET, loopback=True) == ALLOW
    for family in (socket.AF_UNIX, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, 0):
        assert verdict(machine, number, family, loopback=True) == REFUSE
    for name in ("clone3", "execve", "ptrace", "mount"):
        assert verdict(machine, number_of(name, machine), loopback=True) == verdict(machine, number_of(name, machine))


def test_x32_numbers_are_no_way_around():
    assert verdict("x86_64", 0x40000000 | 41) == REFUSE


def test_unknown_processor_is_an_error(monkeypatch):
    monkeypatch.setattr(seccomp.platform, "machine", lambda: "riscv64")

    assert not seccomp.is_supported()
    with pytest.raises(OSError, match="riscv64"):
        seccomp.confine_to_itself()


def system_call(name, *arguments):
    """The error number of a system call, by the C library's function for it or by its number; 0 where it went well."""
    libc = ctypes.CDLL(None, use_errno=True)
    arguments = [ctypes.c_long(argument) for argument in arguments]
    if hasattr(libc, name):
        answer = getattr(libc, name)(*arguments)
    else:
        answer = libc.syscall(number_of(name, seccomp.platform.machine()), *arguments)
    return ctypes.get_errno() if answer == -1 else 0


def refused(work):
    """The name of the error that something ends with in a child that has confined itself."""

    def attempt(_):
        seccomp.confine_to_itself()
        try:
            code = work()
        except OSError as error:
            code = error.errno
        return errno.errorcode.get(code, "fine") if isinstance(code, int) else code or "fine"

    return in_child(attempt)


def thread_answers():
    answers = []
    thread = threading.Thread(target=answers.append, args=("a thread ran",))
    thread.start()
    thread.join()
    return answers[0]


def owner_of(descriptor):
    import fcntl

    fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getppid())


FILE = os.open(os.devnull, os.O_RDONLY)


ATTEMPTS = {
    "fork": os.fork,
    "exec": lambda: os.execv("/bin/true", ["true"]),
    "subprocess": lambda: subprocess.run(["/bin/true"], check=True),
    "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "kill parent": lambda: os.kill(os.getppid(), 0),
    "kill group": lambda: os.kill(0, signal.SIGURG),
    "kill all": lambda: os.kill(-1, 0),
    "pidfd": lambda: os.pidfd_open(os.getppid()),
    "tgkill": lambda: system_call("tgkill", os.getppid(), os.getppid(), 0),
    "tkill": lambda: system_call("tkill", os.getppid(), 0),
    "socket": socket.socket,
    "unix socket": lambda: socket.socket(socket.AF_UNIX),
    "ptrace": lambda: system_call("ptrace", 0, 0, 0, 0),
    "read memory": lambda: system_call("process_vm_readv", os.getppid(), 0, 0, 0, 0, 0),
    "memfd": lambda: os.memfd_create("hidden"),
    "shared memory": lambda: system_call("shmget", 0, 4096, 0o1600),
    "prlimit": lambda: system_call("prlimit64", os.getppid(), 7, 0, 0),
    "fcntl setown": lambda: owner_of(FILE),
    "unshare": lambda: system_call("unshare", CLONE_NEWUSER),
    "mount": lambda: system_call("mount", 0, 0, 0, 0, 0),
    "io uring": lambda: system_call("io_uring_setup", 1, 0),
    "bpf": lambda: system_call("bpf", 0, 0, 0),
    "perf": lambda: system_call("perf_event_open", 0, 0, -1, -1, 0),
    "userfaultfd": lambda: system_call("userfaultfd", 0),
    "keys": lambda: system_call("keyctl", 0, 0),
    "affinity": lambda: os.sched_setaffinity(0, {0}),
    "priority": lambda: os.setpriority(os.PRIO_PROCESS, 0, 1),
}


@needs_linux
@pytest.mark.parametrize("name", ATTEMPTS)
def test_refused(name):
    assert refused(ATTEMPTS[name]) == "EPERM"


@needs_linux
def test_clone3_is_said_to_be_unknown_so_that_the_c_library_takes_clone():
    assert refused(lambda: system_call("clone3", 0, 0)) == "ENOSYS"


@needs_linux
def test_threads_can_be_started():
    assert refused(thread_answers) == "a thread ran"


@needs_linux
def test_process_may_end_itself():
    assert refused(lambda: os.kill(os.getpid(), signal.SIGTERM)) == -signal.SIGTERM


@needs_linux
def test_own_limits_can_be_read_and_a_file_be_asked_for_its_flags():
    import fcntl
    import resource

    assert refused(lambda: resource.getrlimit(resource.RLIMIT_CPU) and None) == "fine"
    assert refused(lambda: resource.prlimit(os.getpid(), resource.RLIMIT_CPU) and None) == "fine"
    assert refused(lambda: fcntl.fcntl(FILE, fcntl.F_GETFL) and None) == "fine"


@needs_linux
def test_filter_holds_for_threads_to_come():
    def from_a_thread():
        codes = []

        def attempt():
            try:
                os.fork()
            except OSError as error:
                codes.append(error.errno)

        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
        return codes[0]

    assert refused(from_a_thread) == "EPERM"
