"""Both ways to a worker give the same answers, and one that dies, hangs or speaks nonsense is told of as such."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import time

import numpy as np
import pytest
from toy import load_request

from mlkata import wire
from mlkata.errors import WireError, WorkerLost
from mlkata.links import LocalLink, SocketLink
from mlkata.probes import pack
from mlkata.process import Process

SOURCE = """
import os, sys, time

last = []

def f(x, *, y=1):
    return {"sum": x + y, "x": x}

def keep(x):
    last.append(x)
    return last[0]

def fails(x):
    raise ValueError(f"bad {x}")

def calls(function, x, times=1):
    return [function(x, bonus=n) for n in range(times)]

def catches(function):
    try:
        return function(1)
    except Exception as error:
        return [type(error).__name__, str(error)]

def changes(x):
    x[0] = 99
    return x

def strides(x):
    return list(x.strides)

def odd():
    return object()

def gives_function():
    return f

def passes_odd(function):
    return function(object())

def die():
    os._exit(3)

def hang():
    while True:
        time.sleep(0.01)

def babble():
    os.write(int(sys.argv[1]), bytes(range(256)) * 10)

def dribble():
    os.write(int(sys.argv[1]), (1000).to_bytes(8, "little"))
    while True:
        os.write(int(sys.argv[1]), b"N")
        time.sleep(0.05)

def second(functions):
    return functions["b"][0](1)

def chatter(function):
    while True:
        function(1)
"""

SERVER = """
import socket, sys
from mlkata.links import serve
from mlkata.worker import Worker
serve(socket.socket(fileno=int(sys.argv[1])), Worker(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("links") / "answer.py"
    path.write_text(SOURCE)
    return str(path)


def start(path, *, seconds=10.0):
    """A worker in a process of its own, which has the submission loaded."""
    mine, theirs = socket.socketpair()
    command = [sys.executable, "-c", SERVER, str(theirs.fileno()), path]
    process = subprocess.Popen(command, pass_fds=[theirs.fileno()])
    theirs.close()
    link = SocketLink(mine, Process(os.pidfd_open(process.pid)), seconds=30.0)
    link.ask(load_request(path))
    link._seconds = seconds
    return link, process


@pytest.fixture(scope="module")
def sockets(path):
    """One worker in a process of its own, for calls that do it no harm."""
    link, process = start(path)
    yield link
    link.close()
    assert process.wait(10) == -signal.SIGKILL, "a worker ends when the link to it is closed"


@pytest.fixture(scope="module")
def local(path):
    link = LocalLink(path)
    link.ask(load_request(path))
    yield link
    link.close()


@pytest.fixture(params=["in process", "through a socket"])
def link(request):
    return request.getfixturevalue("local" if request.param == "in process" else "sockets")


@pytest.fixture
def doomed(path):
    """Starts a worker that the test may ruin."""
    started = []

    def begin(**options):
        started.append(start(path, **options))
        return started[-1][0]

    yield begin
    for link, process in started:
        process.kill()
        process.wait()
        link.close()


def call(link, target, *args, **kwargs):
    return link.ask({"do": "call", "target": target, "args": args, "kwargs": kwargs})


def add_one(module, x):
    return module.f(x, y=1)["sum"]


def test_call_is_answered(link):
    assert call(link, "f", 2, y=3) == {"value": {"sum": 5, "x": 2}}


def test_array_comes_back(link):
    value = call(link, "f", np.arange(3.0), y=np.float32(1.0))["value"]

    assert value["sum"].tolist() == [1.0, 2.0, 3.0]
    assert value["sum"].dtype == np.float64


def test_probe_is_called_with_the_module(link):
    assert link.ask({"do": "call", "target": pack(add_one), "args": (4,), "kwargs": {}}) == {"value": 5}


def test_layout_of_an_array_is_kept_towards_the_worker(link):
    assert call(link, "strides", np.zeros((2, 3)).T)["value"] == [8, 24]
    assert call(link, "strides", np.broadcast_to(np.zeros(3), (4, 3)))["value"] == [0, 8]


def test_exception_is_told_of(link, path):
    error = call(link, "fails", 3)["error"]

    assert (error["type"], error["message"]) == ("ValueError", "bad 3")
    assert error["frames"] == [(14, "fails", 'raise ValueError(f"bad {x}")')]


def test_next_call_is_answered_after_an_exception(link):
    call(link, "fails", 1)

    assert call(link, "f", 1)["value"]["sum"] == 2


@pytest.mark.parametrize(("target", "name"), [("odd", "builtins.object"), ("gives_function", "builtins.function")])
def test_result_that_is_no_plain_data_is_said_to_be_so(link, target, name):
    assert call(link, target) == {"not_plain": f"the value['value'] is of type {name}, which is no plain data"}


def test_functions_are_called_back_with_what_the_submission_gives(link):
    seen = []

    def function(x, *, bonus):
        seen.append((x.tolist(), bonus))
        return x + bonus

    value = call(link, "calls", function, np.zeros(2), times=3)["value"]

    assert seen == [([0, 0], 0), ([0, 0], 1), ([0, 0], 2)]
    assert [item.tolist() for item in value] == [[0, 0], [1, 1], [2, 2]]


def test_each_function_is_called_by_its_own_number(link):
    functions = {"a": lambda x: "first", "b": [lambda x: "second"]}

    assert call(link, "second", functions) == {"value": "second"}


def test_function_gets_and_gives_copies(link):
    kept = np.zeros(2)

    def function(x, *, bonus):
        x[0] = 7
        return kept

    call(link, "calls", function, mine := np.zeros(2))
    assert mine.tolist() == [0, 0]
    assert kept.tolist() == [0, 0]


def test_exception_of_a_function_is_a_runtime_error_in_the_submission(link):
    def function(x):
        raise KeyError("k")

    assert call(link, "catches", function)["value"] == ["RuntimeError", "k"]


def test_function_can_be_given_plain_data_only(link):
    error = call(link, "passes_odd", lambda x: x)["error"]

    assert error["type"] == "WireError"
    assert "no plain data" in error["message"]


def test_arguments_are_copies(link):
    mine = np.zeros(2)

    assert call(link, "changes", mine)["value"].tolist() == [99, 0]
    assert mine.tolist() == [0, 0]


def test_results_share_no_memory_with_what_the_submission_keeps(link):
    first = call(link, "keep", np.zeros(2))["value"]
    first[:] = 5

    assert call(link, "keep", 0)["value"].tolist() == [0, 0]


def test_arguments_that_are_no_plain_data_are_refused_before_the_call(link):
    with pytest.raises(WireError, match=r"the value\['args'\]\[0\] is of type builtins.object"):
        call(link, "f", object())
    assert call(link, "f", 1)["value"]["sum"] == 2


def test_worker_that_dies_is_lost(doomed):
    link = doomed()

    with pytest.raises(WorkerLost, match="the process that held the submission died") as caught:
        call(link, "die")
    assert caught.value.how == "killed"
    with pytest.raises(WorkerLost):
        call(link, "f", 1)


def test_worker_that_hangs_is_lost_after_its_time(doomed):
    started = time.monotonic()

    with pytest.raises(WorkerLost, match=r"no answer within 0\.3 s of wall time: an endless loop\?") as caught:
        call(doomed(seconds=0.3), "hang")
    assert caught.value.how == "timed out"
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(("target", "args"), [("dribble", ()), ("chatter", (lambda x: x,))])
def test_time_runs_out_however_much_a_worker_says(doomed, target, args):
    with pytest.raises(WorkerLost) as caught:
        call(doomed(seconds=0.3), target, *args)
    assert caught.value.how == "timed out"


def test_worker_that_writes_into_the_channel_spoke_nonsense(doomed):
    with pytest.raises(WorkerLost, match="the process that held the submission answered nonsense") as caught:
        call(doomed(), "babble")
    assert caught.value.how == "spoke nonsense"


def frame(value):
    body = bytes(wire.encode(value, []))
    return struct.pack("<Q", len(body)) + body


NONSENSE = {
    "no value": struct.pack("<Q", 3) + b"???",
    "frame beyond all bounds": struct.pack("<Q", 2**60),
    "no dict": frame([1, 2]),
    "function": frame({"value": len}),
    "call of a function that was not given": frame({"callback": 1, "args": (), "kwargs": {}}),
    "call of a function below the first": frame({"callback": -1, "args": (), "kwargs": {}}),
    "call of False": frame({"callback": False, "args": (), "kwargs": {}}),
    "call with a list of options": frame({"callback": 0, "args": (), "kwargs": []}),
    "call without arguments": frame({"callback": 0}),
    "call with a list of arguments": frame({"callback": 0, "args": [], "kwargs": {}}),
}


@pytest.fixture
def told():
    """A link to a peer that says what the test has it say, whatever it is asked."""
    mine, theirs = socket.socketpair()
    link = SocketLink(mine, Process(os.pidfd_open(os.getpid())), seconds=5.0)

    def say(data, *, close=False):
        theirs.sendall(data)
        if close:
            theirs.shutdown(socket.SHUT_WR)
        return link

    with mine, theirs:
        yield say


@pytest.mark.parametrize("data", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_told_of_as_such(told, data):
    with pytest.raises(WorkerLost, match="answered nonsense") as caught:
        call(told(data), "f", lambda: 1)
    assert caught.value.how == "spoke nonsense"


@pytest.mark.parametrize("said", [{"value": bytes(3000)}, {"callback": 0, "args": (bytes(3000),), "kwargs": {}}])
def test_too_large_a_value_is_told_of_by_its_size(told, said):
    link = told(frame(said))
    link._largest = 1000
    with pytest.raises(WorkerLost, match="at a time; at most 0 MB are read") as caught:
        call(link, "f", lambda x: 1)
    assert caught.value.how == "killed"


@pytest.mark.parametrize("data", [frame([1, 2]), NONSENSE["no value"]], ids=["no dict", "no value"])
def test_nonsense_is_told_of_as_such_where_the_answer_is_waited_for(told, data):
    with pytest.raises(WorkerLost) as caught:
        told(data).wait(5.0)
    assert caught.value.how == "spoke nonsense"


@pytest.mark.parametrize(
    "data", [b"", b"\1\0", frame({"value": 1})[:-1]], ids=["nothing", "half a size", "half a frame"]
)
def test_end_of_the_channel_is_death(told, data):
    with pytest.raises(WorkerLost) as caught:
        call(told(data, close=True), "f", 1)
    assert caught.value.how == "killed"


def test_end_of_the_channel_is_death_where_the_answer_is_waited_for(told):
    with pytest.raises(WorkerLost) as caught:
        told(b"", close=True).wait(5.0)
    assert caught.value.how == "killed"


def test_answer_that_is_not_there_yet_is_none(told):
    link = told(b"")

    assert link.wait(0.01) is None
    told(frame({"value": 3}))
    assert link.wait(1.0) == {"value": 3}


def test_sent_request_is_answered_later(sockets):
    sockets.send({"do": "call", "target": "f", "args": (1,), "kwargs": {}})

    assert sockets.wait(10.0) == {"value": {"sum": 2, "x": 1}}


def test_half_an_answer_runs_out_of_time_where_it_is_waited_for(told):
    link = told(frame({"value": 1})[:-1])
    link._seconds = 0.1

    with pytest.raises(WorkerLost) as caught:
        link.wait(1.0)
    assert caught.value.how == "timed out"


def test_worker_that_does_not_read_runs_out_of_time():
    mine, theirs = socket.socketpair()
    with mine, theirs, pytest.raises(WorkerLost) as caught:
        call(SocketLink(mine, Process(os.pidfd_open(os.getpid())), seconds=0.1), "f", bytes(10_000_000))
    assert caught.value.how == "timed out"


def test_local_worker_is_known_by_a_number_alone(path):
    link = LocalLink(path)

    assert {type(value) for value in vars(link).values()} <= {int, bool}


def test_local_links_have_workers_of_their_own(path):
    first, second = LocalLink(path), LocalLink(path)
    for link in (first, second):
        link.ask(load_request(path))
    call(first, "keep", 1)

    assert call(second, "keep", 2) == {"value": 2}


def test_closed_link_lets_go_of_its_worker(path):
    link = LocalLink(path)
    link.close()
    link.close()

    with pytest.raises(KeyError):
        link.ask(load_request(path))


def test_exception_itself_is_kept_only_for_a_debugger(path):
    for keep in (False, True):
        link = LocalLink(path, keep_frames=keep)
        link.ask(load_request(path))
        answer = call(link, "fails", 1)
        assert isinstance(answer.get("raised"), ValueError) is keep
        assert "raised" not in call(link, "f", 1)
