"""A small sound catalogue that tests write into a folder of their own, extend and break."""

from __future__ import annotations

import subprocess
from pathlib import Path

_DOCSTRING = '''"""Twice a number, or twice each number of a list, as often as is asked.

    Parameters
    ----------
    x : int, float, or list of these
        What to double; it is not changed.
    times : int, default 1
        How often to double, 0 or more.

    Returns
    -------
    int, float, or list of these
        ``2**times * x``; for a list a new list of the same length.

    Raises
    ------
    TypeError
        Where `x` is neither a number nor a list.

    Examples
    --------
    >>> double(4)
    8
    """'''

README = """\
# Double

## Task

Write a function that answers twice what it is given: twice a number, or twice each number of a list.

## Signature

```python
def double(x: int | float | list, *, times: int = 1) -> int | float | list: ...
```

## Conventions

- **Numbers.** The answer is twice the number, whatever its sign.
- **Lists.** The answer is a new list of the same length, with each number doubled. An empty list gives an
  empty list.
- **Times.** The answer is doubled so many times; 0 times leave it as it is.
- **Errors.** Anything else raises `TypeError`.

## Rules

- You may import `math`.

## Worked example

`double([1, 2.5])` doubles 1 and 2.5 and answers `[2, 5.0]`.

## What is graded

- **Correctness.** Numbers and lists are doubled, once or more.
- **Edge cases.** An empty list, no doubling at all, what is no number, and the argument afterwards.

## References

- Euclid, Elements, book IX.

## Follow-up questions

1. What would change for a nested list?
2. What would change for a list that does not fit into memory?
3. What would you do about `True`?
"""

HINTS = """\
# Hints

## Hint 1

What does Python make of a list times two?

## Hint 2

A number and a list need different treatment.

## Hint 3

Ask first whether it is a list; if so, double its numbers one by one. Then ask whether it is a number.
"""

METADATA = """\
title = "Double"
track = "warm_up"
level = "easy"
minutes = 5
questions = ["Q01", "T013"]
entry = ["double"]
kind = "python"
allowed = ["math"]
banned = []
devices = ["cpu"]
points = { correctness = 4, edge_case = 2 }
limits = { seconds = 10, memory_mb = 512 }
"""

STUB = f'''"""Double."""


def double(x: int | float | list, *, times: int = 1) -> int | float | list:
    {_DOCSTRING}
    raise NotImplementedError("implement double")
'''

REFERENCE = f'''"""Double."""


def double(x: int | float | list, *, times: int = 1) -> int | float | list:
    {_DOCSTRING}
    if isinstance(x, list):
        return [number * 2**times for number in x]
    if isinstance(x, (int, float)):
        return x * 2**times
    raise TypeError(f"x must be a number or a list, not {{type(x).__name__}}")
'''

VISIBLE = '''"""Examples of double to read and run; the hidden checks ask for more."""

from mlkata.compare import assert_equal


def test_worked_example(submission):
    """Each number of a list is doubled."""
    assert_equal(submission.double([1, 2.5]), [2, 5.0])
'''

GRADER = '''"""Hidden checks of double."""

import pytest

from mlkata.compare import assert_equal, raises


def argument_afterwards(module, x):
    """double(x)"""
    return module.double(x), x


@pytest.mark.correctness("numbers")
def test_number_is_doubled(submission):
    """A whole number of either sign is doubled."""
    assert_equal(submission.double(3), 6, what="twice 3")
    assert_equal(submission.double(-5), -10, what="twice -5")


@pytest.mark.correctness("numbers")
def test_fraction_keeps_its_digits(submission):
    """A number that is not whole is doubled to the last bit."""
    assert_equal(submission.double(-0.1), -0.2, what="twice -0.1")


@pytest.mark.correctness("lists")
def test_list_is_doubled_one_by_one(submission):
    """Each number of a list is doubled where it stands."""
    assert_equal(submission.double([1, 2.5, -3]), [2, 5.0, -6], what="the doubled list")


@pytest.mark.correctness("times")
def test_number_is_doubled_again_and_again(submission):
    """Doubling three times makes eight of one."""
    assert_equal(submission.double(3, times=3), 24, what="3, doubled three times,")


@pytest.mark.edge_case("times")
def test_no_times_change_nothing(submission):
    """Doubling zero times leaves the numbers as they are."""
    assert_equal(submission.double([1, 2.5], times=0), [1, 2.5], what="the list, doubled zero times,")


@pytest.mark.edge_case("lists")
def test_empty_list_stays_empty(submission):
    """An empty list gives an empty list."""
    assert_equal(submission.double([]), [], what="the doubled list")


@pytest.mark.edge_case("errors")
def test_text_is_refused(submission):
    """Text, although it can be multiplied, raises TypeError."""
    with raises(TypeError, when="x is a text"):
        submission.double("ab")


@pytest.mark.edge_case("lists")
def test_argument_is_left_alone(submission):
    """The list that is given is not written to."""
    twice, given = submission.run(argument_afterwards, [1, 2.5])
    assert_equal(twice, [2, 5.0], what="the new list")
    assert_equal(given, [1, 2.5], what="the list that was given")
'''

RIGHT = {
    "loop": '''"""Double by a loop that appends."""


def double(x, *, times=1):
    if isinstance(x, int | float):
        for _ in range(times):
            x += x
        return x
    if not isinstance(x, list):
        raise TypeError("a number or a list, please")
    answer = []
    for number in x:
        answer.append(double(number, times=times))
    return answer
''',
    "recursion": '''"""Double by calling itself for each number and each time, with the library doing the arithmetic."""

import math


def double(x, *, times=1):
    if type(x) is list:
        return [double(number, times=times) for number in x]
    if type(x) is str:
        raise TypeError("no text")
    return math.ldexp(double(x, times=times - 1), 1) if times else x
''',
}

WRONG = {
    "repeats": '''"""Multiplying by two doubles whatever it is given."""

CAUGHT_BY = ("test_list_is_doubled_one_by_one", "test_text_is_refused")


def double(x, *, times=1):
    return x * 2**times
''',
    "squares": '''"""Doubling is multiplying a number by itself."""

import math

CAUGHT_BY = ("test_number_is_doubled", "test_fraction_keeps_its_digits", "test_list_is_doubled_one_by_one")


def double(x, *, times=1):
    if isinstance(x, list):
        return [double(number, times=times) for number in x]
    return math.pow(x, 2**times)
''',
    "needs_a_first": '''"""A list always has a first number, which tells what the list is made of."""

CAUGHT_BY = ("test_empty_list_stays_empty",)


def double(x, *, times=1):
    if isinstance(x, list):
        kind = type(x[0])
        return [kind(2) ** times * number for number in x]
    if isinstance(x, str):
        raise TypeError("x must be a number or a list")
    return x * 2**times
''',
    "once": '''"""Twice is twice, however often it is asked for."""

CAUGHT_BY = ("test_number_is_doubled_again_and_again", "test_no_times_change_nothing")


def double(x, *, times=1):
    if isinstance(x, list):
        return [number * 2 for number in x]
    if isinstance(x, str):
        raise TypeError("x must be a number or a list")
    return x * 2
''',
    "in_place": '''"""The list that is given is the place for the answer."""

CAUGHT_BY = ("test_argument_is_left_alone",)


def double(x, *, times=1):
    if isinstance(x, list):
        x[:] = [number * 2**times for number in x]
        return x
    if isinstance(x, str):
        raise TypeError("x must be a number or a list")
    return x * 2**times
''',
}

FILES = {
    "exercises/double/README.md": README,
    "exercises/double/exercise.toml": METADATA,
    "exercises/double/double.py": STUB,
    "exercises/double/test_double.py": VISIBLE,
    "exercises/double/hints.md": HINTS,
    "solutions/double.py": REFERENCE,
    "graders/double/test_double.py": GRADER,
    **{f"graders/double/right/{style}.py": text for style, text in RIGHT.items()},
    **{f"graders/double/wrong/{misconception}.py": text for misconception, text in WRONG.items()},
}


def toy_catalogue(tmp_path: Path) -> Path:
    """Writes the catalogue into `tmp_path`/catalogue and answers that root."""
    root = tmp_path / "catalogue"
    for name, text in FILES.items():
        write(root / name, text)
    return root


def write(path: Path, text: str) -> Path:
    """Writes a text file, with the folders that it needs, and answers its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def add_exercise(root: Path, id: str, metadata: str = METADATA) -> Path:
    """Copies the exercise `double` under another id, with other metadata, and answers the new one's folder."""
    for name, text in FILES.items():
        write(root / name.replace("double", id), text.replace("double", id))
    write(root / "exercises" / id / "exercise.toml", metadata.replace("double", id))
    return root / "exercises" / id


def edit(path: Path, old: str, new: str) -> None:
    """Replaces a text that stands in a file; a text that does not is a fault of the test."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} has no {old!r}"
    write(path, text.replace(old, new))


def git(folder: Path, *arguments: str) -> None:
    """Has git do something in a folder, in the name of nobody."""
    identity = ("-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, check=True)


def commit(folder: Path) -> None:
    """Commits all that there is to a folder's repository."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "what there is")


def load_request(path, entry=None):
    """What a worker is asked to load the submission at `path`."""
    source = Path(path).read_text(encoding="utf-8-sig")
    return {"do": "load", "name": "toy", "entry": entry or {}, "source": source}
