"""Three faults never look alike: the learner's, the author's, the caller's; what else happens is ours."""

from __future__ import annotations

import inspect

import pytest

from mlkata import errors
from mlkata.errors import (
    CatalogError,
    DoesNotLoad,
    HarnessError,
    MlkataError,
    RefusedByRules,
    SubmissionFault,
    UsageError,
    WorkerLost,
)
from mlkata.report import Outcome


def test_everything_that_is_raised_on_purpose_has_one_root():
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]

    assert all(issubclass(kind, MlkataError) for kind in kinds)


def test_no_fault_is_another():
    faults = (SubmissionFault, CatalogError, UsageError, HarnessError)

    assert not [(one, two) for one in faults for two in faults if one is not two and issubclass(one, two)]
    assert issubclass(DoesNotLoad, SubmissionFault)
    assert issubclass(RefusedByRules, SubmissionFault)


def test_fault_of_an_author_says_where_what_was_expected_and_found_and_what_to_do():
    error = CatalogError("a.toml, level", expected="easy", found="'esay'", todo="mend it")

    assert str(error) == "a.toml, level: expected easy, found 'esay'; mend it"
    assert (error.where, error.expected, error.found, error.todo) == ("a.toml, level", "easy", "'esay'", "mend it")


@pytest.mark.parametrize("how", ["killed", "timed out", "spoke nonsense"])
def test_how_a_worker_was_lost_is_an_outcome(how):
    assert Outcome(WorkerLost("x", how).how) == how


def test_worker_was_killed_unless_it_is_said_otherwise():
    assert WorkerLost("x").how == "killed"
