"""A submission that does not load gets one clear message: the file, the line, and what to do."""

from __future__ import annotations

import os
import sys

import pytest
from toy import REFERENCE, RIGHT, toy_catalogue

from mlkata.catalog import read_exercise
from mlkata.errors import DoesNotLoad, RefusedByRules
from mlkata.loading import load_local, read_source


@pytest.fixture
def exercise(tmp_path):
    exercise = read_exercise(toy_catalogue(tmp_path) / "exercises" / "double")
    exercise.readme.write_text("## Signature\n\n```python\ndef double(x): ...\n```\n")
    return exercise


@pytest.fixture
def path(tmp_path):
    return tmp_path / "answer.py"


def refusal(exercise, path, source=None, **options):
    """The message that loading this source ends with; its file is called answer.py in it."""
    if source is not None:
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
    with pytest.raises(DoesNotLoad) as caught:
        load_local(exercise, path, **options)
    return str(caught.value).replace(str(path), "answer.py")


@pytest.mark.parametrize("source", [REFERENCE, *RIGHT.values()], ids=["reference", *RIGHT])
def test_right_answer_loads_and_is_called(exercise, path, source):
    path.write_text(source)

    assert load_local(exercise, path).double([1, 2.5]) == [2, 5.0]


def test_stub_loads(exercise):
    with pytest.raises(NotImplementedError):
        load_local(exercise, exercise.stub).double(1)


@pytest.mark.parametrize(
    "source",
    [
        REFERENCE.encode("utf-8-sig"),
        REFERENCE.replace("\n", "\r\n").encode(),
        f"{REFERENCE}\nword = 'é'\n".encode(),
        REFERENCE.rstrip().encode(),
    ],
    ids=["byte order mark", "line ends of Windows", "umlauts", "no line end"],
)
def test_text_as_editors_write_it_loads(exercise, path, source):
    path.write_bytes(source)

    assert load_local(exercise, path).double(4) == 8


UNREADABLE = {
    "syntax": ("def double(x):\n    return 2 *\n", "answer.py, line 2: invalid syntax: return 2 *"),
    "indent": ("def double(x):\nreturn 2\n", "answer.py, line 2: expected an indented block after function"),
    "return outside": ("x = 1\nreturn x\n", "answer.py, line 2: 'return' outside function: return x"),
    "unclosed": ("x = (1,\n", "answer.py, line 1: '(' was never closed: x = (1,"),
    "no UTF-8": ("word = 'é'\n".encode("latin-1"), "answer.py: is no UTF-8 text (byte 8); save it as UTF-8"),
    "binary": (bytes(range(256)), "answer.py: is no UTF-8 text (byte 128); save it as UTF-8"),
    "nested too deeply": (
        b"x = " + b"-" * 50_000 + b"1",
        "answer.py: is nested too deeply for Python; split the longest expressions",
    ),
    "long sum": (
        b"x = " + b"+".join([b"1"] * 50_000),
        "answer.py: is nested too deeply for Python; split the longest expressions",
    ),
}


@pytest.mark.parametrize(("source", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_file_that_is_no_python_is_told_of(exercise, path, source, message):
    assert refusal(exercise, path, source).startswith(message)


def test_missing_file_is_told_of(exercise, path):
    assert refusal(exercise, path) == (
        "answer.py: there is no such file; write your answer there or name it with --submission"
    )


def test_folder_is_told_of(exercise, path):
    path.mkdir()

    assert refusal(exercise, path) == (
        "answer.py: expected a Python file, found a folder; name the file with --submission"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_that_may_not_be_read_is_told_of(exercise, path):
    path.write_text("x = 1")
    path.chmod(0)

    assert refusal(exercise, path) == "answer.py: cannot be read: Permission denied"


def test_name_that_no_file_can_have_is_told_of(exercise, tmp_path):
    assert refusal(exercise, tmp_path / "a\0b").endswith("cannot be read: embedded null byte")


def test_file_with_a_null_byte_is_told_of_without_a_line(exercise, path):
    assert refusal(exercise, path, b"x = 1\0\n") == "answer.py: source code string cannot contain null bytes"


def test_path_below_a_file_is_told_of(exercise, path):
    path.write_text("x = 1")

    assert refusal(exercise, path / "double.py") == "answer.py: cannot be read: Not a directory"


IMPORTS = {
    "exception": ("x = {}\ny = x['a']\n", "answer.py, line 2 (y = x['a']): importing the file raised KeyError: a"),
    "in a function": (
        "def f():\n    return 1 / 0\nf()\n",
        "answer.py, line 2 (return 1 / 0): importing the file raised ZeroDivisionError: division by zero",
    ),
    "missing package": (
        "import no_such_package\n",
        "answer.py, line 1 (import no_such_package): importing the file raised ModuleNotFoundError: "
        "No module named 'no_such_package'",
    ),
    "exit": ("import sys\nsys.exit(3)\n", "answer.py, line 2 (sys.exit(3)): importing the file raised SystemExit: 3"),
    "own exception": (
        "class Stop(BaseException): pass\nraise Stop('now')\n",
        "answer.py, line 2 (raise Stop('now')): importing the file raised Stop: now",
    ),
    "name": ("double = doubel\n", "answer.py, line 1 (double = doubel): importing the file raised NameError: name"),
    "recursion": ("def f(): f()\nf()\n", "answer.py, line 1 (def f(): f()): importing the file raised RecursionError"),
}


@pytest.mark.parametrize(("source", "message"), IMPORTS.values(), ids=IMPORTS)
def test_import_that_fails_is_told_of_with_its_line(exercise, path, source, message):
    assert refusal(exercise, path, source, obey_rules=False).startswith(message)


def test_missing_entry_is_told_of(exercise, path):
    assert refusal(exercise, path, "def triple(x): ...\n") == (
        "answer.py: double is not defined: define it at the top level of the file. "
        "README.md, Signature, shows what is asked for"
    )


def test_everything_wrong_with_a_signature_is_told_at_once(exercise, path):
    assert refusal(exercise, path, "def double(y, z): ...\n") == (
        "answer.py: double has no parameter x; double asks for y, which the prompt does not have; "
        "double asks for z, which the prompt does not have. README.md, Signature, shows what is asked for"
    )


def test_exercise_without_a_prompt_asks_for_its_entries_alone(exercise, path):
    exercise.readme.unlink()
    path.write_text("def double(whatever): return 2 * whatever\n")

    assert load_local(exercise, path).double(2) == 4
    assert "double is not defined" in refusal(exercise, path, "x = 1\n")


def test_rules_are_obeyed_unless_it_is_said_otherwise(exercise, path):
    path.write_text(f"import os\n{REFERENCE}")

    with pytest.raises(RefusedByRules, match="line 1: os may not be imported here"):
        load_local(exercise, path)
    assert load_local(exercise, path, obey_rules=False).double(1) == 2


def test_rules_are_judged_before_anything_runs(exercise, path):
    path.write_text("import os\n1 / 0\n")

    with pytest.raises(RefusedByRules):
        load_local(exercise, path)


def test_nothing_runs_of_a_file_that_is_no_python(exercise, path):
    refusal(exercise, path, "import sys\nsys.has_run = True\ndef f(:\n", obey_rules=False)

    assert not hasattr(sys, "has_run")


def test_reading_a_source_leaves_the_byte_order_mark_out(path):
    path.write_bytes("x = 'ü'\n".encode("utf-8-sig"))

    assert read_source(path) == "x = 'ü'\n"


def test_two_submissions_of_one_exercise_stay_apart(exercise, tmp_path):
    loaded = []
    for n in (1, 2):
        path = tmp_path / f"answer_{n}.py"
        path.write_text(f"def double(x): return {n}\n")
        loaded.append(load_local(exercise, path))

    assert [submission.double(0) for submission in loaded] == [1, 2]
