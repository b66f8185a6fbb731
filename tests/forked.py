"""Runs something in a forked child and brings its answer back, for what a process can do to itself only once."""

import json
import os

from mlkata.runner import fork_quietly, orphan_guard


def in_child(work):
    """What `work` answers, in JSON, or how the child ended where it did not answer: a negative signal, or a code.

    It is given the descriptor on which the answer goes back.
    """
    reading, writing = os.pipe()
    pid = fork_quietly()
    if pid == 0:
        with orphan_guard():
            os.close(reading)
            os.write(writing, json.dumps(work(writing)).encode())
    os.close(writing)
    with os.fdopen(reading) as told:
        text = told.read()
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return json.loads(text) if text else ended
