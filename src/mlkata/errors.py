"""The exceptions a caller may catch, as a tree.

Three faults never look alike: the learner's (SubmissionFault), the author's (CatalogError), the caller's (UsageError);
whatever else happens is ours (HarnessError).
"""

from __future__ import annotations


class MlkataError(Exception):
    """Root of everything that mlkata raises on purpose."""


class UsageError(MlkataError):
    """The caller asked for something that is not there or cannot be done."""


class CatalogError(MlkataError):
    """An exercise's own files are not what they must be.

    Parameters
    ----------
    where : str
        The file, with the key or line where there is one.
    expected, found : str
        What belongs there, and what stands there.
    todo : str
        What the author can do about it.
    """

    def __init__(self, where: str, *, expected: str, found: str, todo: str) -> None:
        super().__init__(f"{where}: expected {expected}, found {found}; {todo}")
        self.where = where
        self.expected = expected
        self.found = found
        self.todo = todo


class HarnessError(MlkataError):
    """mlkata itself went wrong: never a learner's zero."""


class WireError(MlkataError):
    """A value may not cross between the checks and a submission, or the bytes that arrived are no value."""


class FrameTooLarge(WireError):
    """More bytes arrived at a time than are allowed: `size` and `largest` say how many."""

    def __init__(self, size: int, largest: int) -> None:
        super().__init__(f"a frame of {size} bytes arrived, {largest} are allowed")
        self.size = size
        self.largest = largest


class SubmissionFault(MlkataError):
    """The submission as a whole cannot be judged: one message stands for all its checks."""


class DoesNotLoad(SubmissionFault):
    """The submission cannot be imported, or does not define what the exercise asks for."""


class RefusedByRules(SubmissionFault):
    """The submission imports or calls what the exercise does not allow."""


class SubmissionError(MlkataError):
    """The submission raised an exception of a type of its own, or one that is not builtin."""


class WorkerLost(MlkataError):
    """The process that holds the submission died, hung or answered nonsense: `how` says which."""

    def __init__(self, message: str, how: str = "killed") -> None:
        super().__init__(message)
        self.how = how

    @classmethod
    def died(cls, ending: str = "") -> WorkerLost:
        """It ended by itself, or the kernel ended it; `ending` says how, where that is known."""
        guess = ending or "a crash, an exit, or too much CPU time or memory?"
        return cls(f"the process that held the submission died: {guess}")

    @classmethod
    def nonsense(cls, what: str = "a form that no answer has") -> WorkerLost:
        """What came from it is no answer."""
        message = "the process that held the submission answered nonsense"
        return cls(f"{message} ({what}): does your code write to files that it did not open?", "spoke nonsense")

    @classmethod
    def too_large(cls, size: int, largest: int) -> WorkerLost:
        """It gave more bytes at a time than are read here."""
        message = f"the submission gave {size / 1e6:,.0f} MB at a time; at most {largest / 1e6:,.0f} MB are read"
        return cls(f"{message}: has what it returns, or passes on, the right shape?")

    @classmethod
    def hung(cls, seconds: float) -> WorkerLost:
        """Nothing came from it in time."""
        return cls(f"no answer within {seconds:g} s of wall time: an endless loop?", "timed out")
