"""Every error that docs/author.md lists is said as it stands there, and each of its rows is brought about here."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import json
import os
import queue
import re
import shutil
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from plugin_toy import GRADER, LIFT, PACE, PACE_REFERENCE, REFERENCE, STUB, write_exercise
from toy import METADATA, WRONG, add_exercise, edit, toy_catalogue, write
from toy import STUB as NOT_WRITTEN

from mlkata import bans, examples, journal, laws_of_runs, laws_of_text, links, messages
from mlkata.automatic import AutomaticAnswer
from mlkata.bench import Bench, Subject
from mlkata.cases import Case, Graded
from mlkata.catalog import Catalog, read_exercise
from mlkata.cli import main
from mlkata.compare import (
    assert_close,
    assert_dtype,
    assert_equal,
    assert_finite,
    assert_shape,
    assert_true,
    assert_type,
    raises,
)
from mlkata.course_notebook import notebook_of
from mlkata.errors import CatalogError, DoesNotLoad, HarnessError, SubmissionFault, UsageError, WireError, WorkerLost
from mlkata.handins import LARGEST_SOURCE, refuse_odd_files
from mlkata.interview import prepare
from mlkata.journal import Deed, Entry
from mlkata.judging import FreshJudge, WarmJudge
from mlkata.kernel_cells import source_so_far
from mlkata.laws_of_runs import Evidence
from mlkata.listing import verdict_text
from mlkata.loading import load_local
from mlkata.measure import Measure, available
from mlkata.messages import Show
from mlkata.notebook import read_notebook
from mlkata.report import Category, CheckResult, Measurement, Outcome, Report
from mlkata.runner import Order, Runner
from mlkata.screen import lines_of
from mlkata.submission import Call, Submission, Target
from mlkata.verify import Complaint, Verdict
from mlkata.watching import Key, Watch

pytest_plugins = ("pytester", "practice_fixtures")

GUIDE = Path(__file__).parents[1] / "docs" / "author.md"


def rows():
    """What is said, by what happened, from the tables under the heading "Every error"."""
    section = GUIDE.read_text(encoding="utf-8").partition("\n## Every error\n")[2].partition("\n## ")[0]
    lines = re.findall(
        r"^\| (?:learner|author|anyone) \| (.+?) \| (``|`) ?(.+?) ?\2 \| (.+?) \|$", section, re.MULTILINE
    )
    assert len(lines) == len(re.findall(r"^\| (?!who|---)", section, re.MULTILINE)), "a row does not have four columns"
    said = {happened: text for happened, _, text, _ in lines}
    assert len(said) == len(lines), "two rows are about the same thing"
    return said


ROWS = rows()
PRODUCERS: dict[str, Callable[..., str]] = {}


def brings_about(happened):
    """Registers a function whose result is what is said when that happens; its parameters are fixtures."""

    def register(produce):
        PRODUCERS[happened] = produce
        return produce

    return register


def squeezed(text):
    return " ".join(text.split())


def stands_in(text, said):
    """Whether the fixed parts of a text stand in what was said, in their order."""
    parts = [re.escape(squeezed(part)) for part in text.split("…")]
    return re.search(".*?".join(parts), squeezed(said)) is not None


@pytest.mark.parametrize("happened", ROWS)
def test_what_is_said_is_what_the_guide_says(happened, request):
    produce = PRODUCERS[happened]
    wanted = [each for each in inspect.signature(produce).parameters.values() if each.default is each.empty]

    said = produce(
        **{each.name: request.getfixturevalue(each.name) for each in wanted if each.kind != each.VAR_KEYWORD}
    )

    assert stands_in(ROWS[happened], said), said


def test_every_row_is_brought_about_and_nothing_else_is():
    assert set(PRODUCERS) == set(ROWS)


def test_every_law_has_a_row():
    laws = {law.__name__ for law in (*laws_of_text.FIRST_LAWS, *laws_of_text.LAWS, *laws_of_runs.LAWS)}

    assert set(re.findall(r"\[(\w+)\]$", "\n".join(ROWS.values()), re.MULTILINE)) == laws | {"grading_works"}


def test_every_reason_of_the_rules_has_a_row():
    reasons = {*bans.BLIND_BUILTINS.values(), *bans.BLIND_ATTRIBUTES.values(), bans.blind_member("random._os")}

    assert {f"{why}; {todo}" for why, todo in reasons} <= set(ROWS.values())


RAISED = {"UsageError", "DoesNotLoad", "RefusedByRules", "SubmissionFault", "WorkerLost", "_fault"}
FOR_INSTRUCTORS = {"cli", "cluster", "gradescope", "handins", "marking", "publishing", "store"}


def texts_in_the_source():
    """Where an error for learners is raised, and the fixed words of its text.

    What instructors do with their commands is left out, but not what is said of a file that was handed in.
    """
    for path in sorted(Path(messages.__file__).parent.glob("*.py")):
        is_for_instructors = path.stem in FOR_INSTRUCTORS or path.stem.startswith("course")
        raised = RAISED - {"UsageError"} if is_for_instructors else RAISED
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in raised:
                text = " ".join(text for argument in node.args for text in fixed_texts(argument))
                if words_of(text):
                    yield f"{path.name}: {text}", words_of(text)


def fixed_texts(node):
    """The texts in an expression, but for those that are chosen between."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    parts = [] if isinstance(node, ast.IfExp) else ast.iter_child_nodes(node)
    return [text for part in parts for text in fixed_texts(part)]


def words_of(text):
    return re.findall(r"[a-zA-Z]{3,}", text)


def in_their_order(words, others):
    """Whether the words are among the others, in the same order."""
    rest = iter(others)
    return all(word in rest for word in words)


def test_every_error_for_learners_in_the_source_has_a_row():
    rows, texts = [words_of(row) for row in ROWS.values()], list(texts_in_the_source())

    assert len(texts) > 50
    assert [where for where, words in texts if not any(in_their_order(words, row) for row in rows)] == []


@pytest.mark.parametrize(
    ("text", "said", "stands"),
    [
        ("no … here", "there is no file\n  here", True),
        ("no … here", "here is no file", False),
        ("a (b)", "a (b)", True),
        ("a.b", "axb", False),
    ],
)
def test_fixed_parts_must_stand_in_their_order(text, said, stands):
    assert stands_in(text, said) is stands


@pytest.fixture
def lift(tmp_path):
    """The exercise `lift` with its grader, whose stub is to be replaced."""
    write_exercise(tmp_path, LIFT)
    return read_exercise(tmp_path / "exercises" / "lift", tmp_path)


@pytest.fixture
def double(tmp_path):
    return Catalog(toy_catalogue(tmp_path)).exercise("double")


@pytest.fixture
def toy(pytester, monkeypatch):
    write_exercise(pytester.path, LIFT | PACE)
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest -p no:xdist")
    return pytester


@pytest.fixture
def runner():
    if sys.platform != "linux":
        pytest.skip("performance is measured on Linux alone")
    runner = Runner.start((), fork=True)
    yield runner
    runner.close()


# A submission that cannot be judged.


def load(lift, source):
    """What is said of a submission's source, its bytes, or of a path that is not written."""
    path = lift.stub
    if isinstance(source, Path):
        path = path.parent / source
    elif isinstance(source, bytes):
        path.write_bytes(source)
    else:
        path.write_text(source, encoding="utf-8")
    with pytest.raises(SubmissionFault) as fault:
        load_local(lift, path)
    return str(fault.value)


SUBMISSIONS = {
    "the file does not exist": Path("gone.py"),
    "the file is a folder": Path("."),
    "the file cannot be read": Path("a" * 300),
    "the file is no UTF-8": b"\xff\xfe",
    "the file is no Python": "def f(:",
    "the file holds a null byte": b"x = 1\0",
    "the file is nested too deeply": "x = " + "-" * 100_000 + "1",
    "the file raises while it is imported": "{}['key']",
    "a function or class is missing": REFERENCE.replace("class Counter", "class Count"),
    "a function is a class": REFERENCE.replace("def halves(x):", "class halves:\n  def f(x):"),
    "a function is something else": REFERENCE + "\nhalves = 5\n",
    "a class is something else": REFERENCE + "\ndef Counter(start=0): ...\n",
    "a method is missing": REFERENCE.replace("def add", "def plus"),
    "a parameter is missing": REFERENCE.replace("by=1.0", "amount=1.0"),
    "a parameter has another place": REFERENCE.replace("def halves(x)", "def halves(y=None, x=None)"),
    "a parameter cannot be given by keyword": REFERENCE.replace("def halves(x)", "def halves(x, /)"),
    "a default is missing": REFERENCE.replace("by=1.0", "by"),
    "a parameter is too many": REFERENCE.replace("def halves(x)", "def halves(x, more)"),
    "a rule is broken": "import os",
    "many rules are broken": "\n".join(["import os"] * 9),
    "a package is imported that is not allowed": "import os",
    "a call is used that is the task itself": "import numpy as np\nnp.add(1, 2)",
    "another file is imported": "from . import solution",
    "everything is imported from a package": "from numpy import *",
    "code is run from text": "eval('1')",
    "a module is imported by a call": "__import__('os')",
    "variables or modules are reached through a table": "globals()",
    "a file or the keyboard is read": "open('f')",
    "code, frames or closures are inspected": "(lambda: 1).__code__",
    "a module is reached through another": "import random\nrandom._os",
    "an attribute is read by a computed name": "import numpy\ngetattr(numpy, input_name)",
    "a package is changed": "import numpy\nnumpy.pi = 3",
}
PRODUCERS |= {happened: partial(load, source=source) for happened, source in SUBMISSIONS.items()}


@brings_about("the source is nested too deeply for the rules")
def nested(lift):
    from mlkata import rules

    return str(rules.violations("(" * 150 + "x" + ")" * 150 + ".a" * 3000, allowed=(), banned=())[0])


def run(toy, *options, source=REFERENCE, path="exercises/lift"):
    """All that a run of pytest says."""
    toy.path.joinpath("exercises/lift/lift.py").write_text(source)
    ran = toy.runpytest_subprocess(path, *options, timeout=60)
    return f"{ran.stdout.str()}\n{ran.stderr.str()}"


@brings_about("something is not written yet")
def not_implemented(toy):
    return run(toy, source=STUB)


@brings_about("the file loops for ever while it is imported")
def endless_import(toy):
    edit(toy.path / "exercises/lift/exercise.toml", "seconds = 60", "seconds = 0.5")
    return run(toy, source="import time\ntime.sleep(60)")


# A file that is handed in, and the wall.


def handed_in(tmp_path, kind):
    """What is said of a file of this kind among those of a student."""
    path = tmp_path / "double.py"
    if kind == "link":
        path.symlink_to(write(tmp_path / "elsewhere.py", ""))
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.write_bytes(b" " * (LARGEST_SOURCE + 1))
    with pytest.raises(DoesNotLoad) as fault:
        refuse_odd_files(path)
    return str(fault.value)


PRODUCERS |= {
    "the file handed in is a link": partial(handed_in, kind="link"),
    "what is handed in is no plain file": partial(handed_in, kind="pipe"),
    "the file handed in is too large": partial(handed_in, kind="large"),
}


class Greedy:
    """A process in a sandbox that has started and written too much, as far as it is asked to."""

    is_walled = True

    def __init__(self, *, threads=1, files=1):
        self._threads, self._files = threads, files

    def threads(self):
        return self._threads

    def files_in(self, folder):
        return self._files


def watched_by_the_wall(**taken):
    with pytest.raises(WorkerLost) as lost:
        links._watch(Greedy(**taken))
    return str(lost.value)


PRODUCERS |= {
    "the code starts many threads": partial(watched_by_the_wall, threads=links.MOST_THREADS + 1),
    "the code writes many files": partial(watched_by_the_wall, files=links.MOST_FILES_ON_DISK + 1),
}


def on_gradescope(script, patience):
    """What a student reads where the command that grades is this script."""
    path = Path(sys.modules["mlkata"].__file__).parent / "data/gradescope/run_autograder.py"
    spec = importlib.util.spec_from_file_location("run_autograder", path)
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    with pytest.raises(program.Trouble) as trouble:
        program.run([sys.executable, "-c", script], (0,), time.monotonic() + patience)
    return program.not_graded(str(trouble.value))["output"]


PRODUCERS |= {
    "the sandbox cannot be built on Gradescope": partial(
        on_gradescope, "import sys; sys.exit('or give --unsafe-no-sandbox')", 60
    ),
    "grading on Gradescope takes too long": partial(on_gradescope, "import time; time.sleep(60)", 0.2),
    "grading on Gradescope goes wrong": partial(on_gradescope, "1 / 0", 60),
}


# A notebook.


def notebook(*cells):
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def code(source, **nbgrader):
    metadata = {"nbgrader": nbgrader} if nbgrader else {}
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": []}


def said_of_notebook(tmp_path, content):
    """What is said of a notebook with this content, of its bytes, or of a path that is not written."""
    path = tmp_path / "double.ipynb"
    if isinstance(content, Path):
        path = path.parent / content
    else:
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    with pytest.raises(DoesNotLoad) as fault:
        read_notebook(path)
    return str(fault.value)


NOTEBOOKS = {
    "the notebook is not there": Path("gone.ipynb"),
    "the notebook is a folder": Path("."),
    "the notebook cannot be read": Path("a" * 300),
    "the notebook is no UTF-8": b"\xff\xfe{}",
    "the notebook is empty": b" ",
    "the notebook was cut short": b'{"cells": [',
    "the notebook is nested without end": b"[" * 100_000,
    "the notebook is other JSON": [],
    "the notebook has no list of cells": {"cells": {}},
    "a cell is none": notebook(5),
    "the source of a cell is no text": notebook(code(5)),
    "the notebook has no code": notebook({"cell_type": "markdown", "metadata": {}, "source": "x"}),
    "the solution cell is gone": notebook(code("assert True", grade=True, solution=False, locked=True)),
    "the solution cell is empty": notebook(code("# mine\n")),
    "a cell holds half a character": notebook(code("x = '\ud800'")),
}
PRODUCERS |= {happened: partial(said_of_notebook, content=content) for happened, content in NOTEBOOKS.items()}


def examples_of(double, monkeypatch, source):
    """What the cell of examples says in a kernel that has run this source."""
    cell = next(each["source"] for each in notebook_of(double)["cells"] if each["id"] == "examples")
    monkeypatch.setattr(examples, "source_so_far", lambda: source)
    with pytest.raises(examples.ExamplesFailed) as failed:
        exec(compile(cell, "cell", "exec"), {})
    return str(failed.value)


PRODUCERS |= {
    "the examples of a notebook fail": partial(examples_of, source=WRONG["squares"]),
    "the answer in a notebook is not written": partial(examples_of, source=NOT_WRITTEN),
}


@brings_about("the cell of examples was changed")
def changed_examples(monkeypatch):
    monkeypatch.setattr(examples, "source_so_far", lambda: "")
    with pytest.raises(examples.ExamplesFailed) as failed:
        examples.run("double", metadata="title = 3", signature="", tests="def test_x(submission): pass")
    return str(failed.value)


@brings_about("the examples are run outside a notebook")
def no_kernel():
    with pytest.raises(UsageError) as error:
        source_so_far()
    return str(error.value)


# A check that fails.


def judged(error, name="f"):
    """What a learner reads under the name of a check that an exception left."""
    failure = messages.judge(error, calls=[Call(name, (1,), {})], path=Path("answer.py"), seconds=1)
    return messages.tell(
        failure, sentence="It holds.", calls=[], conventions=(), repeat="0 (repeat: ...)", show=Show.FULL
    )


def fail(check):
    with pytest.raises(AssertionError) as error:
        check()
    return judged(error.value)


def raise_another():
    error = KeyError("x")
    error.told = object()
    with raises(ValueError, when="k is 0"):
        raise error


def raise_nothing():
    with raises(ValueError, when="k is 0"):
        pass


def no_assertion():
    raise AssertionError


CHECKS = {
    "numbers differ": lambda: assert_close([1.0, 2.0], [1.0, 3.0]),
    "numbers have the other sign": lambda: assert_close([1.0, 2.0], [-1.0, -2.0]),
    "numbers are multiples of the right ones": lambda: assert_close([1.0, 2.0], [2.0, 4.0]),
    "numbers are NaN": lambda: assert_close([float("nan")], [1.0]),
    "numbers are infinite": lambda: assert_close([float("inf")], [1.0]),
    "a number is not finite": lambda: assert_finite([1.0, float("nan")]),
    "a value differs": lambda: assert_equal("a", "b"),
    "a shape differs": lambda: assert_shape([1, 2], (2, 1)),
    "a dtype differs": lambda: assert_dtype(np.zeros(2), "float32"),
    "a type differs": lambda: assert_type(1, float),
    "a length differs": lambda: assert_equal([1], [1, 2]),
    "keys differ": lambda: assert_equal({"a": 1}, {"b": 1}),
    "nothing is returned": lambda: assert_close(None, 1.0),
    "rows have different lengths": lambda: assert_close([[1.0], [1.0, 2.0]], [[1.0], [1.0]]),
    "text is returned for numbers": lambda: assert_close("1.0", 1.0),
    "an expected exception does not come": raise_nothing,
    "another exception comes than the right one": raise_another,
    "another property does not hold": lambda: assert_true(False, "the loss must fall"),
    "a plain assertion does not hold": no_assertion,
}
PRODUCERS |= {happened: partial(fail, check=check) for happened, check in CHECKS.items()}


def call(lift, act, source):
    """What is said when a check does something with a submission that is loaded."""
    lift.stub.write_text(source)
    with pytest.raises(Exception) as error:  # noqa: PT011
        act(load_local(lift, lift.stub))
    return judged(error.value, name="halves")


def in_place(text):
    return REFERENCE.replace("return x + by", text)


def unpack(submission):
    _front, _back = submission.halves([1, 2])


CALLS = {
    "the code raises": (lambda it: it.lift(np.zeros(2)), in_place("return {}[by]")),
    "the result has another form": (unpack, REFERENCE.replace("return x[:", "return 5; x[:")),
    "the result is no plain data": (lambda it: it.lift(np.zeros(2)), in_place("return iter(x)")),
    "an argument is written to": (
        lambda it: it.lift.observe(np.zeros(2)).assert_unchanged(),
        in_place("x += by; return x"),
    ),
    "the result is a view of an argument": (
        lambda it: it.lift.observe(np.zeros(2)).assert_fresh(),
        in_place("return x[:1]"),
    ),
    "a check calls what is no entry": (lambda it: it.sink(1), REFERENCE),
    "an argument is no plain data": (lambda it: it.lift(object()), REFERENCE),
}
PRODUCERS |= {happened: partial(call, act=act, source=source) for happened, (act, source) in CALLS.items()}


class NoGradients:
    """A link to a worker whose submission detaches everything."""

    def ask(self, request):
        return {"value": 1.0, "gradients": {"x": None}}


@brings_about("no gradient arrives")
def no_gradient():
    return fail(lambda: Target(NoGradients(), [], "f").value_and_grad(1.0, wrt="x"))


@brings_about("pytest.raises sees nothing")
def nothing_raised():
    with pytest.raises(pytest.fail.Exception) as error, pytest.raises(ValueError):  # noqa: PT011
        pass
    return judged(error.value)


@brings_about("a call never ends")
def endless_call(toy):
    edit(toy.path / "exercises/lift/exercise.toml", "seconds = 60", "seconds = 0.5")
    return run(toy, "-k", "test_values", source=in_place("import time; time.sleep(60)"))


def measured(tmp_path, runner, ask, source, reference="def f(n):\n    return n", seconds=20.0):
    """What is said of a submission that is measured against a reference."""
    subjects = []
    for name, text in (("answer", source), ("reference", reference)):
        path = write(tmp_path / f"{name}.py", text)
        subjects.append(Subject("toy", path, is_reference=name == "reference"))
    measure = Measure(
        *subjects, runner, runner, seed=0, seconds=seconds, record=lambda it: None, remember=lambda *it: None
    )
    with pytest.raises(Exception) as error:  # noqa: PT011
        ask(measure)
    return judged(error.value)


def any_result(*args):
    pass


def ratio(measure):
    measure.cpu_ratio("f", lambda rng: (300_000,), at_most=2, judge=any_result)


def function_given(measure):
    measure.cpu_ratio("f", lambda rng: (max,), at_most=2, judge=any_result)


def growth(measure):
    measure.growth("f", lambda rng, n: (n,), (300, 1_500), at_most=0.5, judge=any_result)


def memory(measure):
    measure.peak_memory("f", lambda rng: (1,), at_most=2, judge=any_result)


def memory_in_megabytes(measure):
    measure.peak_megabytes("f", lambda rng: (1,), at_most=2, judge=any_result)


def dies_by(name):
    """A submission that dies of a signal."""
    return f"import os, signal\n\n\ndef f(n):\n    os.kill(os.getpid(), signal.{name})"


LOOP = "def f(n):\n    for i in range(n):\n        pass"
GREEDY = "def f(n):\n    return len(bytes([1]) * (8 * 2**20))"
MEASURED = {
    "a call is slow": (ratio, LOOP),
    "a slow call loops": (ratio, LOOP),
    "a call grows too fast": (growth, "def f(n):\n    return [1 for i in range(n) for j in range(0, n, 10)]", LOOP),
    "a call starts out far too slow to grow": (
        growth,
        "def f(n):\n    return sum(1 for i in range(100_000 * n))",
        LOOP,
    ),
    "a call takes much memory": (memory, GREEDY),
    "a call takes many megabytes": (memory_in_megabytes, GREEDY),
    "the process of a measured call waits for ever": (
        memory,
        "import time\n\n\ndef f(n):\n    time.sleep(60)",
        "f = abs",
        0.3,
    ),
    "a long call is measured for its memory": (
        memory,
        "def f(n):\n    while True:\n        pass",
        "def f(n):\n    return n",
        300.0,
    ),
    "the process of a measured call ends itself": (ratio, "import os\n\n\ndef f(n):\n    os._exit(3)"),
    "the process of a measured call is killed": (ratio, dies_by("SIGKILL")),
    "the process of a measured call crashes": (ratio, dies_by("SIGSEGV")),
    "the process of a measured call uses up its CPU time": (ratio, dies_by("SIGXCPU")),
    "the process of a measured call is aborted": (ratio, dies_by("SIGABRT")),
    "the process of a measured call ends for another reason": (ratio, dies_by("SIGFPE")),
    "the reference fails while it is measured": (ratio, LOOP, "def f(n):\n    raise KeyError"),
    "a function is measured with": (function_given, LOOP),
}
for happened, (ask, *sources) in MEASURED.items():
    names = ("source", "reference", "seconds")
    PRODUCERS[happened] = partial(measured, ask=ask, **dict(zip(names, sources, strict=False)))


@brings_about("the process of a measured call is gone")
def gone():
    import os
    import subprocess

    from mlkata.process import Process

    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = Process(os.pidfd_open(child.pid))
    child.communicate()
    with pytest.raises(WorkerLost) as lost:
        process.resident_bytes()
    return judged(lost.value)


@brings_about("the process of a measured call says what no worker says")
def nonsense():
    from mlkata.submission import checked

    with pytest.raises(WorkerLost) as lost:
        checked({}, "f")
    return judged(lost.value)


@brings_about("a value is larger than is read at a time")
def too_large():
    return judged(WorkerLost.too_large(600_000_000, 134_217_728))


def on_cuda(monkeypatch, tmp_path, **found):
    """What is said of figures that a CUDA device would give."""
    figures = {"milliseconds": 1.0, "peak_bytes": 1, "devices": ["cuda"], "synchronised": ""}
    monkeypatch.setattr(Bench, "time", lambda *args, **options: None)
    monkeypatch.setattr(Bench, "judge", lambda *args: None)
    monkeypatch.setattr(Bench, "cuda", lambda bench, number: figures if bench.subject.is_reference else figures | found)

    def ask(measure):
        measure.cuda("f", lambda rng: (1,), judge=any_result, at_most_time=2)

    return measured(tmp_path, None, ask, "")


@brings_about("a result comes back on another device")
def elsewhere(monkeypatch, tmp_path):
    return on_cuda(monkeypatch, tmp_path, devices=["cpu"])


@brings_about("the host waits for the device")
def waits(monkeypatch, tmp_path):
    return on_cuda(monkeypatch, tmp_path, synchronised="called a synchronizing CUDA operation")


@brings_about("a call is slow on the device")
def slow_on_the_device(monkeypatch, tmp_path):
    return on_cuda(monkeypatch, tmp_path, milliseconds=10.0)


# What is left out, and options that cannot be.


@brings_about("the grader is absent")
def no_grader(toy):
    toy.path.joinpath("graders/lift/test_lift.py").unlink()
    return run(toy)


@brings_about("a check needs a CUDA device")
def not_graded(toy):
    return run(toy, "-k", "device")


@brings_about("performance is checked on another system")
def another_system(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    return available()


@brings_about("there is no CUDA device")
def no_cuda(toy):
    toy.makepyfile(torch="class cuda:\n    is_available = staticmethod(lambda: False)")
    return run(toy, "--device", "cuda")


@brings_about("one file is named for several exercises")
def two_exercises(toy):
    return run(toy, "--submission", "lift.py", path="exercises")


@brings_about("the seed is out of range")
def no_seed(toy):
    return run(toy, "--seed", "-1")


@brings_about("the report has no folder")
def no_folder(toy):
    return run(toy, "--report-json", "no/such/folder.json")


@brings_about("a fixture of exercises is used elsewhere")
def fixture_elsewhere(toy):
    toy.makepyfile(test_other="def test_other(rng):\n    pass")
    return run(toy, path="test_other.py")


# Folders and exercise.toml.


def read(double, old, new):
    """What is said of an exercise.toml with one text in it replaced."""
    edit(double.metadata, old, new)
    return refused(double.folder)


def refused(folder):
    with pytest.raises(CatalogError) as error:
        read_exercise(folder)
    return str(error.value)


METADATA_EDITS = {
    "exercise.toml is no TOML": ('title = "Double"', "title = Double"),
    "a key is unknown": ("title =", 'tilte = "Double"\ntitle ='),
    "a key is missing": ("minutes = 5\n", ""),
    "a value has the wrong type": ("minutes = 5", 'minutes = "5"'),
    "a value is none of those known": ('"easy"', '"esay"'),
    "a number is not positive": ("minutes = 5", "minutes = 0"),
    "a limit is not positive": ("seconds = 10", "seconds = -1"),
    "a text does not have its form": ('"warm_up"', '"Warm up"'),
    "a list is empty": ('["double"]', "[]"),
    "a list names something twice": ('["math"]', '["math", "math"]'),
    "there are no points": ("{ correctness = 4, edge_case = 2 }", "{}"),
    "gpu has points without a device": ("edge_case = 2 }", "edge_case = 2, gpu = 1 }"),
}
PRODUCERS |= {happened: partial(read, old=old, new=new) for happened, (old, new) in METADATA_EDITS.items()}


@brings_about("exercise.toml is missing")
def no_metadata(double):
    double.metadata.unlink()
    return refused(double.folder)


@brings_about("exercise.toml cannot be read")
def unreadable_metadata(double):
    double.metadata.unlink()
    double.metadata.mkdir()
    return refused(double.folder)


@brings_about("exercise.toml is no UTF-8")
def metadata_in_bytes(double):
    double.metadata.write_bytes(b"\xff")
    return refused(double.folder)


@brings_about("the folder's name is no id")
def no_id(double):
    return refused(double.folder.rename(double.folder.parent / "Double-It"))


# The command line.


def mlkata(double, *arguments):
    """All that a command says over the catalogue of the toy."""
    ended = CliRunner().invoke(main, [*arguments, "--root", str(double.home)])
    return f"{ended.stdout}\n{ended.stderr}"


COMMANDS = {
    "the command is unknown": ("lits",),
    "an option is wrong": ("list", "--colour", "red"),
    "the exercise is unknown": ("show", "doubel"),
    "the track, question or tag is unknown": ("list", "--track", "warmup"),
    "the company is unknown": ("list", "--company", "Gogle"),
    "nothing fits": ("list", "--question", "Q02"),
    "the id cannot be used": ("new", "Double"),
    "the title cannot be used": ("new", "triple", "--title", 'say "three"'),
    "the track cannot be used": ("new", "triple", "--track", "Warm up"),
    "the exercise exists": ("new", "double"),
    "ids are given with --changed": ("verify", "double", "--changed"),
    "git does not know": ("verify", "--changed", "--since", "no_such_commit"),
}
for happened, arguments in COMMANDS.items():
    PRODUCERS[happened] = lambda double, arguments=arguments: mlkata(double, *arguments)


@brings_about("the root has no exercises")
def no_catalogue(tmp_path):
    ended = CliRunner().invoke(main, ["list", "--root", str(tmp_path)])
    return ended.stderr


@brings_about("files cannot be written")
def cannot_be_written(tmp_path):
    write(tmp_path / "exercises", "")
    ended = CliRunner().invoke(main, ["new", "triple", "--root", str(tmp_path)])
    return ended.stderr


@brings_about("nothing was changed")
def nothing_changed(double, monkeypatch):
    monkeypatch.setattr("mlkata.cli.changed_ids", lambda catalog, since: ())
    return mlkata(double, "verify", "--changed")


@brings_about("there is nothing to verify")
def nothing_to_verify(tmp_path):
    tmp_path.joinpath("exercises").mkdir()
    return CliRunner().invoke(main, ["verify", "--root", str(tmp_path)]).stderr


@brings_about("git is missing")
def no_git(double, monkeypatch):
    monkeypatch.setenv("PATH", "")
    return mlkata(double, "verify", "--changed")


def interrupted_by(error, double, monkeypatch):
    def ids(catalog):
        raise error

    monkeypatch.setattr(Catalog, "ids", ids)
    return mlkata(double, "list")


PRODUCERS["the run was interrupted"] = partial(interrupted_by, KeyboardInterrupt)
PRODUCERS["mlkata fails"] = partial(interrupted_by, ZeroDivisionError)


# A practice folder.


def typed(*arguments):
    """All that a command says in the working directory."""
    ended = CliRunner().invoke(main, arguments)
    return f"{ended.stdout}\n{ended.stderr}"


def seen(practice, change, *commands):
    """What the last of some commands says once something was changed in the practice folder."""
    change(practice)
    return [typed(*command) for command in commands][-1]


def nothing(practice):
    pass


def written(name, text="mine"):
    return lambda practice: write(practice.root / name, text)


def pass_all(practice):
    journal.write(practice.journal, [Entry(journal.now(), Deed.PASSED, id, "8/8") for id in practice.catalog.ids()])


def unlink_hints(practice):
    (practice.root / "exercises/double/hints.md").unlink()


def unlink_reference(practice):
    (practice.root / "solutions").unlink()
    write(practice.root / "solutions/halve.py", "")


def folder_in_the_place_of(name):
    def change(practice):
        path = practice.root / name
        path.unlink(missing_ok=True)
        path.mkdir()

    return change


IN_A_FOLDER = {
    "the folder is one already": (nothing, ["init", "."]),
    "the folder lies in one": (nothing, ["init", "inner"]),
    "an author's command is run in a practice folder": (nothing, ["verify"]),
    "a line of progress.txt is none": (written("progress.txt", "nonsense"), ["next"]),
    "progress.txt cannot be read": (folder_in_the_place_of("progress.txt"), ["next"]),
    "progress.txt cannot be written": (folder_in_the_place_of("progress.txt"), ["hint", "double"]),
    "no exercise is left": (pass_all, ["next"]),
    "nothing has failed": (nothing, ["next", "--failed"]),
    "there are no hints": (unlink_hints, ["hint", "double"]),
    "no hint was given yet": (nothing, ["hint", "double", "--again"]),
    "all hints were given": (nothing, *[["hint", "double"]] * 4),
    "the solution was not earned": (nothing, ["solution", "double"]),
    "the solution is not there": (unlink_reference, ["solution", "double", "--give-up"]),
    "an interview is too short": (nothing, ["interview", "--minutes", "1"]),
}
for happened, (change, *commands) in IN_A_FOLDER.items():
    PRODUCERS[happened] = lambda inside, change=change, commands=commands: seen(inside, change, *commands)


@brings_about("one is in no practice folder")
def no_practice(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return typed("next")


@brings_about("the folder has exercises of somebody")
def taken(tmp_path):
    write(tmp_path / "taken/exercises/mine.txt", "")
    return typed("init", str(tmp_path / "taken"))


@brings_about("the folder cannot be written")
def not_writable(tmp_path):
    write(tmp_path / "taken/.vscode", "")
    return typed("init", str(tmp_path / "taken"))


@brings_about("a file in the folder cannot be read")
def not_readable(tmp_path):
    from mlkata.errors import UsageError
    from mlkata.shipping import read_file

    with pytest.raises(UsageError) as error:
        read_file(tmp_path)
    return str(error.value)


@brings_about("there is something new for a file of one's own")
def new_page(inside, source):
    write(inside.root / "exercises/double/README.md", "mine")
    edit(source.folder("double") / "README.md", "## Task", "## Task\n\nNew.")
    return typed("update")


@brings_about("there is a new stub for an answer")
def new_stub(inside, source):
    write(inside.root / "exercises/double/double.py", "mine")
    edit(source.folder("double") / "double.py", "implement double", "implement it")
    return typed("update")


def without(source, id):
    shutil.rmtree(source.folder(id))


@brings_about("an exercise is no longer in mlkata")
def gone_from_mlkata(inside, source):
    without(source, "halve")
    return typed("update")


@brings_about("an exercise of one's own has no stub")
def no_stub(inside, source):
    without(source, "halve")
    return typed("reset", "halve")


@brings_about("an exercise of one's own is drawn for an interview")
def no_stub_to_lay_out(inside, source):
    without(source, "halve")
    with pytest.raises(UsageError) as error:
        prepare(inside, [inside.catalog.exercise("halve")], source, company="Any", minutes=60)
    return str(error.value)


@brings_about("watch lacks its package")
def no_watchfiles(inside, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    return typed("watch", "double")


class Lines:
    """A screen that remembers all that was shown."""

    def __init__(self):
        self.shown = []

    def draw(self, view):
        self.shown += [text for text, _ in lines_of(view, Path())]


class Silent:
    """A judge that comes to nothing in the time of a test."""

    records = True

    def judge(self, folder, **options):
        threading.Event().wait()


def watched(practice, *keys, seconds=0.0):
    """What watch shows when keys are pressed while nothing comes of a run."""
    screen, events = Lines(), queue.SimpleQueue()
    exercises = practice.catalog.exercises()
    watch = Watch(
        practice, exercises, exercises[0], source=practice.catalog, judge=Silent(), screen=screen, events=events
    )
    for key in (*keys, "q"):
        events.put(Key(key))
    watch.run()
    watch._show(is_running=True, seconds=seconds)
    return "\n".join(screen.shown)


PRODUCERS["a saved file never comes to an end"] = lambda inside: watched(inside, seconds=4.0)
PRODUCERS["a reset waits for its second key"] = lambda inside: watched(inside, "r")


@brings_about("the whole set is passed")
def set_passed(inside):
    pass_all(inside)
    return watched(inside, "n")


@brings_about("all others of the set are passed")
def others_passed(inside):
    entries = [Entry(journal.now(), Deed.PASSED, id, "8/8") for id in ("halve", "treble")]
    journal.write(inside.journal, entries)
    return watched(inside, "n")


@brings_about("the process that judges has died")
def judge_died(inside):
    if sys.platform != "linux":
        pytest.skip("the warm judge is for Linux alone")
    judge = WarmJudge()
    judge._process.kill()
    judge._process.wait()
    said = judge.judge(inside.root / "exercises/double").trouble
    judge.close()
    return said


@brings_about("pytest comes to no verdict")
def no_verdict(tmp_path):
    return FreshJudge().judge(tmp_path / "nowhere").trouble


# A grader that is broken.


@brings_about("the grader cannot be imported")
def no_import(toy):
    toy.path.joinpath("graders/lift/test_lift.py").write_text("import no_such_module")
    return run(toy)


@brings_about("a check raises of itself")
def broken_check(toy):
    path = toy.path / "graders/lift/test_lift.py"
    path.write_text(GRADER.replace("front, back = ", "front, back = no_such_name, "))
    return run(toy, "-k", "halves")


@brings_about("the reference is missing")
def no_reference(toy):
    toy.path.joinpath("solutions/pace.py").unlink()
    toy.path.joinpath("exercises/pace/pace.py").write_text(PACE_REFERENCE)
    return run(toy, "-k", "loop", path="exercises/pace")


def closure():
    wanted = 3

    def probe(module):
        return module.f(wanted)

    return probe


@brings_about("a probe closes over a variable")
def closes_over():
    with pytest.raises(WireError) as error:
        Submission(NoGradients(), ["f"]).run(closure())
    return judged(error.value)


@brings_about("a probe is no plain function")
def no_function():
    with pytest.raises(WireError) as error:
        Submission(NoGradients(), ["f"]).run(Path)
    return judged(error.value)


class Local:
    """Something that only this file defines."""


def take_along(module):
    return Local()


@brings_about("a probe names what cannot travel")
def names_a_class():
    with pytest.raises(WireError) as error:
        Submission(NoGradients(), ["f"]).run(take_along)
    return judged(error.value)


@brings_about("the process that starts workers was killed")
def no_runner(runner):
    runner._control.close()
    with pytest.raises(HarnessError) as error:
        runner.worker(Order("answer.py"), seconds=1)
    return judged(error.value)


# The laws of mlkata verify.


def verdict(law, texts):
    return verdict_text(Verdict("double", tuple(Complaint(law, text) for text in texts), 0, 0.0, 0.0))


EXERCISE, ANSWER, CHECK = "exercises/double/", "solutions/double.py", "graders/double/test_double.py"
LOOP_ANSWER, ONCE = "graders/double/right/loop.py", "graders/double/wrong/once.py"
PROMPT, STUB_FILE, HINTS = f"{EXERCISE}README.md", f"{EXERCISE}double.py", f"{EXERCISE}hints.md"
TOML = f"{EXERCISE}exercise.toml"
SIGNATURE = "def double(x: int | float | list, *, times: int = 1) -> int | float | list"


def break_text(double, law, *changes):
    """What a law says of the toy with a text replaced in some of its files; a file without a new text is taken away."""
    for file, *texts in changes:
        path = double.home / file
        if not texts:
            path.unlink()
        elif texts[0] is None:
            path.write_bytes(texts[1])
        else:
            edit(path, *texts)
    return verdict(law, getattr(laws_of_text, law)(Catalog(double.home).exercise("double")))


def a_class(file, *, methods):
    """A change that makes a stub or reference a class."""
    body = "".join(f"    def {name}(self):\n        raise NotImplementedError\n" for name in methods)
    return file, None, f'class Doubler:\n    """Doubles."""\n\n{body}'.encode()


def shown_class(*methods):
    return PROMPT, f"{SIGNATURE}: ...", "class Doubler:\n" + "".join(f"    def {name}(self): ...\n" for name in methods)


AS_CLASS = (TOML, '["double"]', '["Doubler"]')
TEXT_LAWS = {
    "a file is missing": ("files_are_there", (HINTS,)),
    "a file is empty": ("files_are_there", (HINTS, None, b" ")),
    "a file is no text": ("files_are_there", (HINTS, None, b"\xff")),
    "a file cannot be parsed": ("files_are_there", (LOOP_ANSWER, "def double(x,", "def double(x")),
    "a TODO is left": ("nothing_is_left_to_do", (HINTS, "need different", "TODO: need different")),
    "a section is missing": ("prompt_has_every_section", (PROMPT, "## References", "## Reading")),
    "sections have another order": (
        "prompt_has_every_section",
        (PROMPT, "## Rules", "## X"),
        (PROMPT, "## Task", "## Rules"),
        (PROMPT, "## X", "## Task"),
    ),
    "there are not three follow-up questions": ("prompt_has_every_section", (PROMPT, "\n3. ", "\n- ")),
    "a category is not mentioned": ("prompt_names_what_is_graded", (PROMPT, "Edge cases.", "The rest.")),
    "a rule is not stated": ("prompt_states_the_rules", (PROMPT, "`math`", "what you like")),
    "a convention is not stated": ("prompt_states_every_convention", (PROMPT, "**Lists.**", "Lists:")),
    "a check relies on no convention": ("prompt_states_every_convention", (CHECK, '("errors")', "")),
    "signatures differ": ("signatures_agree", (ANSWER, "times: int = 1", "times: int = 2")),
    "the prompt differs from the stub": ("signatures_agree", (PROMPT, "times: int = 1", "times: int = 2")),
    "the prompt's signature cannot be parsed": ("signatures_agree", (PROMPT, SIGNATURE, "double(x) -> int")),
    "an entry is not defined": ("signatures_agree", (TOML, '["double"]', '["double", "triple"]')),
    "the reference lacks a method": (
        "signatures_agree",
        AS_CLASS,
        shown_class("a", "b"),
        a_class(STUB_FILE, methods="ab"),
        a_class(ANSWER, methods="a"),
    ),
    "the prompt lacks a method": (
        "signatures_agree",
        AS_CLASS,
        shown_class("a"),
        a_class(STUB_FILE, methods="ab"),
        a_class(ANSWER, methods="ab"),
    ),
    "docstrings differ": ("docstrings_agree", (ANSWER, "Returns\n", "Gives\n")),
    "a docstring is missing": (
        "docstrings_agree",
        AS_CLASS,
        a_class(STUB_FILE, methods="a"),
        a_class(ANSWER, methods="a"),
    ),
    "a check has a bare assert": (
        "checks_are_well_formed",
        (CHECK, "    submission.double", "    assert 1\n    submission.double"),
    ),
    "there are too few checks, or too many": ("checks_are_well_formed", (CHECK, "def test_", "def untested_")),
    "a check has no category": ("checks_are_well_formed", (CHECK, '@pytest.mark.edge_case("errors")\n', "")),
    "a check has no sentence": ("checks_are_well_formed", (CHECK, "raises TypeError.", "raises TypeError")),
    "two checks have one name": (
        "checks_are_well_formed",
        (CHECK, "def test_text_is_refused", "def test_worked_example"),
    ),
    "a category has no points": ("checks_are_well_formed", (TOML, ", edge_case = 2", "")),
    "a category has no check": ("checks_are_well_formed", (TOML, "edge_case = 2", "edge_case = 2, performance = 1")),
    "the grader imports what costs much": (
        "grader_stays_light",
        (CHECK, "import pytest\n", "import numpy\nimport pytest\n"),
    ),
    "there are not three hints": ("hints_are_three", (HINTS, "## Hint 3", "## Last hint")),
    "a line of the reference is given away": (
        "nothing_gives_the_reference_away",
        (HINTS, "What does", "return [number * 2**times for number in x]\nWhat does"),
    ),
    "there are too few right answers": ("answers_are_many", (LOOP_ANSWER,)),
    "there are too few wrong answers, or too many": (
        "answers_are_many",
        *((f"graders/double/wrong/{name}.py",) for name in ("once", "repeats", "squares")),
    ),
    "there is no slow answer": ("answers_are_many", (TOML, "edge_case = 2", "edge_case = 2, performance = 1")),
    "a check is named by no wrong answer": (
        "wrong_answers_name_their_checks",
        ("graders/double/wrong/needs_a_first.py", "test_empty_list_stays_empty", "test_number_is_doubled"),
    ),
    "a misconception is not stated": ("wrong_answers_name_their_checks", (ONCE, "asked for.", "asked for")),
    "a wrong answer names no check": ("wrong_answers_name_their_checks", (ONCE, "CAUGHT_BY", "CAUGHT")),
    "a wrong answer names what is no check": ("wrong_answers_name_their_checks", (ONCE, "test_no_times", "test_gone")),
    "an answer breaks the rules": ("answers_obey_the_rules", (LOOP_ANSWER, '"""\n', '"""\nimport os\n')),
}
for happened, (law, *changes) in TEXT_LAWS.items():
    PRODUCERS[happened] = lambda double, law=law, changes=changes: break_text(double, law, *changes)


def graded(name, outcome, *, category=Category.CORRECTNESS, measured=(), applied=True):
    """What grading said of one answer, by one check."""
    check = CheckResult("test_a", category, outcome, measurements=measured)
    path = Path(f"{name}.py")
    return Graded(Case(name, path), Report("double", str(path), 0, "cpu", {}, (check,)), (check,), applied)


def break_run(double, law, *, waived=None, wrong_name="once", automatic_name="returns_zeros", **changed):
    """What a law says of answers that do what they must, but for one."""
    wrong = write(double.grader_folder / f"wrong/{wrong_name}.py", 'CAUGHT_BY = ("test_a",)\n')
    if waived is not None:
        write(double.grader, f"WAIVED = {waived!r}\n")
    failed = graded("once", Outcome.FAILED)
    answer = AutomaticAnswer(f"{automatic_name}:double", "double returns zeros", "")
    evidence = Evidence(
        exercise=double,
        stub=changed.get("stub", graded("stub", Outcome.NOT_IMPLEMENTED)),
        idle=changed.get("idle", failed),
        reference=changed.get("reference", graded("reference", Outcome.PASSED)),
        right={Path("loop.py"): changed.get("right", graded("loop", Outcome.PASSED))},
        wrong={wrong: changed.get("wrong", failed)},
        automatic={answer: changed.get("automatic", failed)},
        unwalled=changed.get("unwalled", {}),
    )
    return verdict(law, getattr(laws_of_runs, law)(evidence))


PASSED, FAILED = Outcome.PASSED, Outcome.FAILED
TIGHT = (Measurement("CPU time", 1.5, 2.0),)
ZEROS = "returns_zeros:double"
NOTHING = replace(graded("none", PASSED), report=Report("double", "none.py", 0, "cpu", {}, ()), examples=())
WRONG, AUTOMATIC, LIMITS = "wrong_answers_fail_where_they_say", "automatic_answers_fail", "limits_are_proved"
RUN_LAWS = {
    "a check does not wait for the stub": ("stub_is_not_implemented", {"stub": graded("stub", PASSED)}),
    "a check passes for what does nothing": ("nothing_passes_by_doing_nothing", {"idle": graded("idle", PASSED)}),
    "the reference fails": ("reference_passes", {"reference": graded("reference", FAILED)}),
    "the reference fails a visible example": ("reference_passes", {"reference": graded("reference", FAILED)}),
    "there are no visible examples": ("reference_passes", {"reference": NOTHING}),
    "nothing is judged": ("reference_passes", {"reference": NOTHING}),
    "a right answer fails": ("right_answers_pass", {"right": graded("loop", FAILED)}),
    "a wrong answer passes": (WRONG, {"wrong": graded("once", PASSED)}),
    "a wrong answer fails everything": (WRONG, {"wrong": graded("once", FAILED)}),
    "a wrong answer ends oddly": (WRONG, {"wrong": graded("once", Outcome.NOT_LOADED)}),
    "a careless answer passes": (AUTOMATIC, {"automatic": graded("zeros", PASSED)}),
    "an option is never tried": (
        AUTOMATIC,
        {"automatic_name": "ignores_times", "automatic": graded("ignores", PASSED, applied=False)},
    ),
    "WAIVED is no mapping": (AUTOMATIC, {"waived": "zeros"}),
    "what is waived fails": (AUTOMATIC, {"waived": {ZEROS: "a reason"}}),
    "what is waived is not known": (AUTOMATIC, {"waived": {"returns_ones:double": "a reason"}}),
    "a waiver gives no reason": (AUTOMATIC, {"waived": {ZEROS: " "}, "automatic": graded("zeros", PASSED)}),
    "walls change a verdict": ("walls_change_nothing", {"unwalled": {Path("loop.py"): graded("loop", FAILED)}}),
    "a limit is not proved": (LIMITS, {"reference": graded("reference", PASSED, measured=TIGHT)}),
    "the slow answer is too fast": (LIMITS, {"wrong_name": "slow", "wrong": graded("slow", FAILED, measured=TIGHT)}),
    "the slow answer is not measured": (
        LIMITS,
        {"wrong_name": "slow", "wrong": graded("slow", FAILED, category=Category.PERFORMANCE)},
    ),
}
for happened, (law, changed) in RUN_LAWS.items():
    PRODUCERS[happened] = partial(break_run, law=law, **changed)


@pytest.fixture(scope="module")
def verified(tmp_path_factory):
    """What `mlkata verify` says of an answer that kills its process, and of a grader that cannot be run."""
    import subprocess

    root = toy_catalogue(tmp_path_factory.mktemp("verified"))
    edit(
        root / "solutions/double.py",
        "    if isinstance(x, list):",
        "    import os; os._exit(0)\n    if isinstance(x, list):",
    )
    add_exercise(root, "halve", METADATA)
    edit(root / "graders/halve/test_halve.py", "import pytest\n", "import pytest\nimport no_such_module\n")
    command = [sys.executable, "-c", "from mlkata.cli import main; main()", "verify", "--root", str(root)]
    return subprocess.run(command, capture_output=True, text=True).stdout


@brings_about("verifying itself dies")
def verifying_dies(double, monkeypatch):
    import os

    from mlkata import verify

    monkeypatch.setattr(verify, "verify", lambda *args, **options: os._exit(9))
    [said] = verify.verify_all([double], jobs=1)
    return verdict_text(said)


PRODUCERS["an answer kills its process"] = lambda verified: verified
PRODUCERS["nothing can be graded"] = lambda verified: verified
