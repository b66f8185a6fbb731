"""Notebooks are graded ahead of whoever asks for them one by one."""

import threading

import pytest

from mlkata.course_ahead import Ahead
from mlkata.errors import UsageError


class Grader:
    """Grades what it is let grade, one after the other."""

    def __init__(self, *, fault=None, never=()):
        self.may = threading.Semaphore(0)
        self.known = {}
        self.fault = fault
        self.never = never

    def grade(self, submitted, *, jobs, step):
        for one in submitted:
            assert self.may.acquire(timeout=30)
            if self.fault:
                raise self.fault
            if one not in self.never:
                self.known[one] = f"report of {one}"
            step(one)

    def report(self, one):
        return self.known.get(one)


def test_report_is_there_before_all_are_graded():
    grader = Grader()
    ahead = Ahead(grader, ["ada", "bob"])
    grader.may.release()

    assert ahead.report("ada") == "report of ada"
    assert grader.known.keys() == {"ada"}
    grader.may.release()
    assert ahead.report("bob") == "report of bob"


def test_report_that_never_comes_is_none():
    grader = Grader(never=["ada"])
    ahead = Ahead(grader, ["ada", "bob"])
    grader.may.release(2)

    assert ahead.report("ada") is None
    assert ahead.report("bob") == "report of bob"


def test_fault_reaches_whoever_asks():
    grader = Grader(fault=UsageError("there is no bwrap"))
    ahead = Ahead(grader, ["ada"])
    grader.may.release()

    for _ in range(2):
        with pytest.raises(UsageError, match="there is no bwrap"):
            ahead.report("ada")
