"""Behind the walls there is little to see, less to write to, and nothing that the next submission could find."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest
from toy import load_request, write
from walls import needs_walls

import mlkata
from mlkata import sandbox, seccomp
from mlkata.errors import HarnessError, UsageError, WorkerLost
from mlkata.runner import Order
from mlkata.sandbox import DISK_BYTES, Sandbox, Walls, unavailable, walls

SOURCE = '''
import errno
import os
import socket


def attempt(act):
    """What something comes to, or the name of its error."""
    try:
        return act()
    except OSError as error:
        return errno.errorcode[error.errno]


def read(path):
    def act():
        with open(path, "rb") as file:
            return file.read(1 << 16).decode("utf-8", "replace")

    return attempt(act)


def listed(path):
    return attempt(lambda: sorted(os.listdir(path)))


def opened_for_writing(path):
    return attempt(lambda: os.close(os.open(path, os.O_WRONLY))) or "opened"


def made(path):
    return attempt(lambda: os.mkdir(path)) or "made"


def environment():
    return dict(os.environ)


def links():
    return attempt(lambda: [name for _, name in socket.if_nameindex()])


def devices():
    return read("/proc/net/dev")


def number():
    return os.getpid()


def capabilities():
    return [line.split()[1] for line in read("/proc/self/status").splitlines() if line.startswith("Cap")]


def fill(megabytes):
    """How many megabytes can be written, in files of 16, and what stopped that."""
    block = bytes(1 << 20)
    done = 0

    def act():
        nonlocal done
        for name in range(megabytes // 16):
            with open(f"/scratch/filling{name}", "wb", buffering=0) as file:
                for _ in range(16):
                    written = file.write(block)
                    done += written / len(block)
                    if written < len(block):
                        raise OSError(errno.ENOSPC, "short")

    stopped = attempt(act)
    return done, stopped


def litter():
    os.makedirs("/scratch/a/b")
    open("/scratch/a/b/c", "w").close()
    os.symlink("/usr", "/scratch/link")
    os.mkfifo("/scratch/fifo")


def lock():
    os.makedirs("/scratch/a/b")
    os.chmod("/scratch/a", 0)


def take(megabytes):
    return len(bytes([1]) * (megabytes << 20))


def sleep():
    import time

    time.sleep(600)


def die():
    os._exit(0)
'''

SECRET = "a word that only the host knows"


@pytest.fixture(scope="module")
def hidden():
    """Folders with something in them where the interpreter lies, and where the package does: both would be seen."""
    name = f"hidden_by_test_{os.getpid()}"
    folders = [Path(sys.prefix) / name, Path(mlkata.__file__).parent.parent / name]
    for folder in folders:
        write(folder / "inner/answer.py", "x = 1\n")
    yield folders
    for folder in folders:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return str(write(tmp_path_factory.mktemp("sandbox") / "toy.py", SOURCE))


@pytest.fixture(scope="module")
def built(hidden):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET", SECRET)
        patch.setenv("PYTHONPATH", "/somewhere")
        built = Sandbox.build((), hide=hidden)
    assert built.clean()
    yield built
    built.close()


class Inside:
    """A submission behind the walls."""

    def __init__(self, sandbox, path, **order):
        self.link = sandbox.worker(Order(path, **order), seconds=20)
        assert "value" in self.link.ask(load_request(path))

    def __getattr__(self, name):
        def call(*args):
            answer = self.link.ask({"do": "call", "target": name, "args": args, "kwargs": {}})
            assert "value" in answer, answer
            return answer["value"]

        return call


@pytest.fixture
def inside(built, path):
    assert built.clean()
    return Inside(built, path)


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


@needs_walls
def test_system_and_interpreter_can_be_read(inside):
    assert "python" in " ".join(inside.listed(f"{sys.base_prefix}/bin"))
    assert inside.read(os.__file__).startswith('r"""OS routines')
    assert "bin" in inside.listed("/usr")


@needs_walls
@pytest.mark.parametrize(
    "name", ["/root", "/home", "/work", "/var", "/etc/passwd", "/etc/hostname", "/sys/kernel", "/run"]
)
def test_nothing_else_of_the_host_is_there(inside, name):
    shown = [Path(sys.prefix), Path(sys.base_prefix), Path(mlkata.__file__).parent]
    on_the_way = {path.relative_to(name).parts[0] for path in shown if path.is_relative_to(name)}

    found = inside.listed(name)

    assert found in ("ENOENT", "ENOTDIR") or set(found) <= on_the_way
    assert found != "ENOTDIR"


@needs_walls
def test_submission_and_this_test_are_not_there(inside, path):
    assert inside.read(path) == "ENOENT"
    if not Path(__file__).is_relative_to(sys.prefix):
        assert inside.read(__file__) == "ENOENT"


@needs_walls
def test_hidden_folders_are_empty_and_cannot_be_filled(inside, hidden):
    for folder in hidden:
        assert inside.listed(str(folder)) == []
        assert inside.made(str(folder / "new")) == "EROFS"


@needs_walls
def test_folder_that_is_not_hidden_would_be_seen(hidden, path):
    bare = Sandbox.build(())
    try:
        assert Inside(bare, path).listed(str(hidden[0])) == ["inner"]
    finally:
        bare.close()


@needs_walls
@pytest.mark.parametrize(
    "folder", ["/", "/usr", "/proc", "/dev", "/root", "/sys", "/etc", sys.prefix, os.path.dirname(mlkata.__file__)]
)
def test_nothing_can_be_written_to_but_one_folder(inside, folder):
    assert inside.made(f"{folder}/new") in ("EROFS", "EACCES", "ENOENT", "EPERM")


@needs_walls
def test_one_folder_can_be_written_to(inside):
    assert inside.made("/scratch/new") == "made"
    assert inside.listed("/scratch") == ["new"]


@needs_walls
def test_environment_is_ours_and_not_the_hosts(inside):
    found = inside.environment()

    assert (found["HOME"], found["TMPDIR"], found["USER"]) == ("/scratch", "/scratch", "student")
    assert found["OMP_NUM_THREADS"] == "1"
    assert "/somewhere" not in found["PYTHONPATH"]
    set_inside = {"PWD", "LC_CTYPE", "KMP_DUPLICATE_LIB_OK"}  # by the shell's custom, Python, and threadpoolctl
    assert set(found) <= {*sandbox._ENVIRONMENT, "PYTHONPATH", *set_inside}


@needs_walls
def test_environment_of_the_first_process_is_not_the_hosts(inside):
    assert SECRET not in inside.read("/proc/1/environ")
    assert inside.read("/proc/1/environ") in ("", "EACCES", "EPERM")


@needs_walls
def test_there_is_no_network(inside):
    assert inside.links() in ("EPERM", ["lo"])
    interfaces = [line.partition(":")[0].strip() for line in inside.devices().splitlines() if ":" in line]
    assert set(interfaces) <= {"lo"}


@needs_walls
def test_proc_shows_the_sandbox_alone(inside):
    numbers = sorted(int(name) for name in inside.listed("/proc") if name.isdigit())

    assert numbers[0] == 1
    assert len(numbers) <= 3  # the first process, the runner and the worker
    assert numbers[-1] == inside.number()


@needs_walls
@pytest.mark.parametrize(
    "name", ["sys/kernel/hostname", "sys/kernel/core_pattern", "sys/vm/drop_caches", "sysrq-trigger", "1/oom_score_adj"]
)
def test_proc_cannot_be_written_to(inside, name):
    assert inside.opened_for_writing(f"/proc/{name}") in ("EROFS", "EACCES", "EPERM", "ENOENT")


@needs_walls
def test_there_are_no_capabilities(inside):
    assert set(inside.capabilities()) == {"0" * 16}


@needs_walls
def test_memory_is_limited(built, path):
    inside = Inside(built, path, memory_mb=64)

    answer = inside.link.ask({"do": "call", "target": "take", "args": (128,), "kwargs": {}})

    assert inside.take(16) == 16 << 20
    assert answer["error"]["type"] == "MemoryError"


@needs_walls
def test_disk_is_limited(inside, built):
    done, stopped = inside.fill(256)

    assert stopped == "ENOSPC"
    assert DISK_BYTES / 2**20 - 4 <= done <= DISK_BYTES / 2**20
    assert built.clean()


@needs_walls
def test_cleaning_empties_the_folder_and_ends_the_worker(built, inside, path):
    inside.litter()
    inside.link.send({"do": "call", "target": "sleep", "args": (), "kwargs": {}})

    assert built.clean()

    with pytest.raises(WorkerLost):
        inside.number()
    following = Inside(built, path)
    assert following.listed("/scratch") == []
    assert len([name for name in following.listed("/proc") if name.isdigit()]) <= 3


@needs_walls
def test_worker_that_dies_leaves_the_sandbox_as_good_as_new(built, inside, path):
    with pytest.raises(WorkerLost):
        inside.die()

    assert built.clean()
    assert Inside(built, path).made("/scratch/new") == "made"


@needs_walls
def test_worker_is_seen_from_outside(inside):
    assert Path(f"/proc/{inside.link.pid}").is_dir()
    assert inside.link.pid != inside.number()


@needs_walls
def test_closing_takes_all_of_it_down(path):
    built = Sandbox.build(())
    inside = Inside(built, path)

    built.close()

    assert wait_until(lambda: not Path(f"/proc/{inside.link.pid}").exists())
    assert not Path(f"/proc/{built._pid}").exists()


@pytest.fixture
def made_walls():
    made = Walls(())
    yield made
    made.close()


@needs_walls
def test_walls_stay_where_they_are_clean(made_walls):
    assert made_walls.clean() is made_walls.clean()


@needs_walls
def test_broken_walls_are_built_anew(made_walls, path):
    first = made_walls.clean()
    os.kill(first._pid, signal.SIGKILL)
    wait_until(lambda: not first.clean())

    second = made_walls.clean()

    assert second is not first
    assert Inside(second, path).made("/scratch/new") == "made"


@needs_walls
def test_walls_that_do_not_get_clean_are_built_anew(made_walls, path):
    first = made_walls.clean()
    Inside(first, path).lock()

    second = made_walls.clean()

    assert second is not first
    assert Inside(second, path).listed("/scratch") == []


@needs_walls
def test_walls_that_never_stand_are_a_harness_error(monkeypatch):
    monkeypatch.setattr(sandbox, "walls", lambda hide, device: ["/bin/false"])

    with pytest.raises(HarnessError, match="the sandbox does not start"):
        Walls(()).clean()


@needs_walls
def test_closing_walls_that_were_never_built_is_harmless():
    Walls(()).close()


def test_walls_of_the_same_kind_can_stand_for_each_other(tmp_path):
    assert Walls(["numpy"], hide=[tmp_path]).key == Walls(("numpy",), hide=(tmp_path,)).key
    assert Walls(()).key != Walls((), device="cuda").key
    assert Walls(()).key != Walls((), hide=[tmp_path]).key


def test_what_is_hidden_and_not_seen_is_not_covered(tmp_path):
    assert str(tmp_path) not in walls([tmp_path])


def test_link_to_what_would_be_seen_is_covered_where_it_leads(tmp_path, hidden):
    (tmp_path / "link").symlink_to(hidden[0])

    assert str(hidden[0].resolve()) in walls([tmp_path / "link"])


@pytest.fixture
def reason(tmp_path, monkeypatch):
    """Why there can be no sandbox where bubblewrap is a script, or nothing."""
    if sys.platform != "linux" or not seccomp.is_supported():
        pytest.skip("there is no sandbox here, whatever bubblewrap says")
    monkeypatch.setenv("PATH", str(tmp_path))

    def why(script=None):
        if script is not None:
            write(tmp_path / "bwrap", "#!/bin/sh\n" + script).chmod(0o755)
        unavailable.cache_clear()
        return unavailable()

    yield why
    unavailable.cache_clear()


SAYS_ITS_VERSION = 'if [ "$1" = --version ]; then echo bubblewrap 0.8.0; exit; fi\n'


def test_no_bubblewrap(reason):
    assert "no bwrap on the PATH: install the package bubblewrap" in reason()


@pytest.mark.parametrize("version", ["0.4.1", "0.6.9"])
def test_bubblewrap_that_is_too_old(reason, version):
    told = reason(f"echo bubblewrap {version}")

    assert f"0.7.0 or newer, found 'bubblewrap {version}': install a newer one" in told


def test_bubblewrap_that_says_no_version(reason):
    assert "install a newer one" in reason("exit 1")


def test_kernel_that_refuses_namespaces(reason):
    told = reason(SAYS_ITS_VERSION + 'echo "bwrap: No permissions to create new namespace" >&2\nexit 1')

    assert "(bwrap: No permissions to create new namespace)" in told
    assert "allow user namespaces" in told


def test_bubblewrap_that_works(reason):
    assert reason(SAYS_ITS_VERSION + "exit 0") == ""


def test_reason_stands_in_the_error(reason):
    reason()

    with pytest.raises(UsageError, match="install the package bubblewrap"):
        Sandbox.build(())


def test_other_systems(reason, monkeypatch):
    monkeypatch.setattr(sandbox.sys, "platform", "darwin")

    assert "the sandbox needs Linux, this is darwin: grade on Linux" in reason()


def test_other_processors(reason, monkeypatch):
    monkeypatch.setattr(seccomp.platform, "machine", lambda: "riscv64")

    assert "knows x86_64 and aarch64 processors alone" in reason()
