"""Submissions are judged one after the other, each in a process of its own, and none reaches the next or the grader.

Grading forks, so that it runs here in a process of its own too: once over all the cases that one grader can tell apart.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from toy import GRADER, edit, toy_catalogue, write

from mlkata.catalog import Catalog

SCRIPT = """
import json, sys
from pathlib import Path

from mlkata import case_loop, grading
from mlkata.cases import Case
from mlkata.catalog import Catalog
from mlkata.errors import HarnessError

root, out, patience = sys.argv[1:]
if patience:
    gather = case_loop._gather
    case_loop._gather = lambda reading, seconds: gather(reading, float(patience))
cases = []
for label, path, options in json.load(sys.stdin):
    sets = {key: frozenset(value) if isinstance(value, list) else value for key, value in options.items()}
    cases.append(Case(label, Path(path), **sets))
try:
    found = grading.grade_cases(Catalog(Path(root)).exercise("double"), cases)
    story = [
        {
            "label": each.case.label,
            "outcomes": {check.name: check.outcome for check in each.report.checks},
            "notes": {check.name: check.note for check in each.report.checks},
            "examples": {check.name: check.outcome for check in each.examples},
            "submission": each.report.submission,
            "seed": each.report.seed,
            "passed": each.report.passed,
            "applied": each.applied,
            "occasions": each.occasions and {name: sorted(checks) for name, checks in each.occasions.items()},
        }
        for each in found
    ]
except HarnessError as error:
    story = str(error)
Path(out).write_text(json.dumps(story))
"""

CHECKS = [line.removeprefix("def ").partition("(")[0] for line in GRADER.splitlines() if line.startswith("def test_")]


def grade(root, cases, *, patience=""):
    """What became of cases, each a label, a path and options, by label; or what the HarnessError said."""
    out = root.parent / "graded.json"
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(root), str(out), patience],
        input=json.dumps([(label, str(path), options) for label, path, options in cases]),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(out.read_text())
    return found if isinstance(found, str) else {each["label"]: each for each in found}


@pytest.fixture
def root(tmp_path):
    return toy_catalogue(tmp_path)


LEAVES_STATE = """import builtins, math, os, sys

math.tainted = builtins.tainted = sys.tainted = True
os.environ["TAINTED"] = "yes"
os.chdir("/")
"""

FINDS_STATE = """import builtins, math, os, sys

if any(hasattr(module, "tainted") for module in (builtins, math, sys)) or "TAINTED" in os.environ or os.getcwd() == "/":
    raise RuntimeError("tainted")
"""

# What stands before the reference, or at the beginning of what it does with a list.
HEADS = {
    "takes_os": "import os\n",
    "leaves_state": LEAVES_STATE,
    "finds_state": FINDS_STATE,
    "is_no_python": "def double(:\n",
    "cannot_be_imported": 'raise ValueError("not today")\n',
    "had_occasion": "_mlkata_applied = True\n",
    "had_none": "_mlkata_applied = False\n",
    "dies_for_a_list": "import os\n\n_mlkata_applied = False\n_mlkata_occasions = {'early'}\n",
    "notes_lists": "_mlkata_occasions = set()\n",
}
FOR_A_LIST = {
    "dies_for_a_list": "os._exit(0)",
    "exits": "raise SystemExit(0)",
    "notes_lists": "_mlkata_occasions.add('a list' if x else 'an empty one')",
}


def answer(exercise, name, head="", for_a_list="pass"):
    """The reference with something in front, and something that it does with a list."""
    text = exercise.reference.read_text()
    path = write(exercise.home / f"{name}.py", head + text)
    edit(path, "    if isinstance(x, list):\n", f"    if isinstance(x, list):\n        {for_a_list}\n")
    return path


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    root = toy_catalogue(tmp_path_factory.mktemp("grading"))
    exercise = Catalog(root).exercise("double")
    names = dict.fromkeys([*HEADS, *FOR_A_LIST])
    answers = {name: answer(exercise, name, HEADS.get(name, ""), FOR_A_LIST.get(name, "pass")) for name in names}
    repeats, squares = (exercise.grader_folder / "wrong" / f"{name}.py" for name in ("repeats", "squares"))
    return grade(
        root,
        [
            ("reference", exercise.reference, {"seed": 3}),
            ("stub", exercise.stub, {}),
            ("repeats", repeats, {"seed": 5}),
            ("without a category", repeats, {"without": ["edge_case", "gpu"]}),
            ("but with a check", repeats, {"without": ["edge_case"], "but_with": ["test_text_is_refused"]}),
            ("until one passes", squares, {"but_with": ["test_list_is_doubled_one_by_one"], "until_one_passes": True}),
            ("named one passes", squares, {"but_with": ["test_no_times_change_nothing"], "until_one_passes": True}),
            ("stopped at the first", repeats, {"stop_at_first": True}),
            ("some alone", repeats, {"only": ["test_text_is_refused", "test_number_is_doubled"]}),
            ("obeys no rules", answers["takes_os"], {"obey_rules": False}),
            ("is missing", root / "nowhere.py", {}),
            *((name, path, {"obey_rules": name == "takes_os"}) for name, path in answers.items()),
            ("reference again", exercise.reference, {}),
        ],
    )


def outcomes(*but, default="passed"):
    """All checks end in one way, but for some that are given as pairs."""
    return {**dict.fromkeys(CHECKS, default), **dict(but)}


def test_every_check_of_a_right_answer_passes(graded):
    found = graded["reference"]

    assert found["outcomes"] == outcomes()
    assert found["examples"] == {"test_worked_example": "passed"}
    assert found["passed"]


def test_stub_is_not_implemented(graded):
    assert graded["stub"]["outcomes"] == outcomes(default="not implemented")
    assert graded["stub"]["examples"] == {"test_worked_example": "not implemented"}


def test_wrong_answer_fails_where_it_is_wrong(graded):
    found = graded["repeats"]

    assert found["outcomes"] == outcomes(
        ("test_list_is_doubled_one_by_one", "failed"),
        ("test_text_is_refused", "failed"),
        ("test_argument_is_left_alone", "failed"),
    )
    assert found["notes"]["test_text_is_refused"] == "TypeError must be raised when x is a text; nothing was raised"
    assert found["examples"] == {"test_worked_example": "failed"}


def test_report_names_the_submission_and_its_seed(graded):
    assert graded["repeats"]["submission"].endswith("graders/double/wrong/repeats.py")
    assert graded["repeats"]["seed"] == 5


def test_categories_can_be_left_out(graded):
    assert graded["without a category"]["outcomes"] == {
        "test_number_is_doubled": "passed",
        "test_fraction_keeps_its_digits": "passed",
        "test_list_is_doubled_one_by_one": "failed",
        "test_number_is_doubled_again_and_again": "passed",
    }


def test_named_checks_of_a_category_that_is_left_out_run_first(graded):
    found = graded["but with a check"]["outcomes"]

    assert list(found) == ["test_text_is_refused", *list(graded["without a category"]["outcomes"])]
    assert found["test_text_is_refused"] == "failed"


def test_one_check_that_passes_is_enough_where_that_is_asked(graded):
    assert graded["until one passes"]["outcomes"] == {
        "test_list_is_doubled_one_by_one": "failed",
        "test_number_is_doubled": "failed",
        "test_fraction_keeps_its_digits": "failed",
        "test_number_is_doubled_again_and_again": "failed",
        "test_no_times_change_nothing": "passed",
    }


def test_check_that_passes_although_it_is_named_is_not_enough(graded):
    found = graded["named one passes"]["outcomes"]

    first, *_, last = found
    assert (first, last) == ("test_no_times_change_nothing", "test_empty_list_stays_empty")
    assert [name for name in found if found[name] == "passed"] == [first, last]


def test_one_check_that_fails_is_enough_where_that_is_asked(graded):
    assert graded["stopped at the first"]["outcomes"] == {
        "test_number_is_doubled": "passed",
        "test_fraction_keeps_its_digits": "passed",
        "test_list_is_doubled_one_by_one": "failed",
    }


def test_rules_hold_unless_they_are_lifted(graded):
    assert graded["takes_os"]["outcomes"] == outcomes(default="refused by the rules")
    assert graded["obeys no rules"]["outcomes"] == outcomes()


@pytest.mark.parametrize(
    ("label", "note"),
    [
        ("is missing", "there is no such file"),
        ("is_no_python", "line 1: invalid syntax"),
        ("cannot_be_imported", "importing the file raised ValueError: not today"),
    ],
)
def test_answer_that_does_not_load_says_why(graded, label, note):
    assert graded[label]["outcomes"] == outcomes(default="does not load")
    assert note in graded[label]["notes"]["test_number_is_doubled"]


def test_what_one_answer_leaves_behind_does_not_reach_the_next(graded):
    assert graded["leaves_state"]["passed"]
    assert graded["finds_state"]["outcomes"] == outcomes()
    assert graded["reference again"]["outcomes"] == outcomes()


def test_answer_that_ends_its_process_fails_what_is_left(graded):
    found = graded["dies_for_a_list"]

    assert found["examples"] == {"test_worked_example": "killed"}
    assert found["outcomes"] == outcomes(
        ("test_number_is_doubled", "passed"), ("test_fraction_keeps_its_digits", "passed"), default="killed"
    )
    assert found["notes"]["test_text_is_refused"] == "the process died or hung"


def test_answer_that_asks_to_exit_fails_that_check_alone(graded):
    found = graded["exits"]["outcomes"]

    assert found["test_list_is_doubled_one_by_one"] == "failed"
    assert found["test_text_is_refused"] == "passed"


@pytest.mark.parametrize(
    ("label", "applied"),
    [("had_occasion", True), ("had_none", False), ("reference", True), ("dies_for_a_list", True)],
)
def test_automatic_answer_had_occasion_unless_it_came_to_its_end_and_says_otherwise(graded, label, applied):
    assert graded[label]["applied"] is applied


def test_occasions_are_told_by_check_unless_the_answer_died(graded):
    assert graded["reference"]["occasions"] == {}
    assert graded["dies_for_a_list"]["occasions"] is None
    assert graded["notes_lists"]["occasions"] == {
        "a list": [
            "test_argument_is_left_alone",
            "test_list_is_doubled_one_by_one",
            "test_no_times_change_nothing",
            "test_worked_example",
        ],
        "an empty one": ["test_empty_list_stays_empty"],
    }


def test_some_checks_can_be_run_alone(graded):
    assert graded["some alone"]["outcomes"] == {"test_number_is_doubled": "passed", "test_text_is_refused": "failed"}
    assert graded["some alone"]["examples"] == {}


DEAF = """while not x:
            try:
                time.sleep(60)
            except BaseException:
                pass"""


def test_process_that_no_signal_reaches_is_given_up(root):
    exercise = Catalog(root).exercise("double")
    deaf = answer(exercise, "deaf", "import time\n", DEAF)

    found = grade(root, [("deaf", deaf, {}), ("reference", exercise.reference, {})], patience="1.5")

    late = ["test_empty_list_stays_empty", "test_text_is_refused", "test_argument_is_left_alone"]
    assert found["deaf"]["outcomes"] == outcomes(*((name, "killed") for name in late))
    assert found["reference"]["passed"]


def test_seed_reaches_the_checks(root):
    exercise = Catalog(root).exercise("double")
    edit(exercise.grader, "def test_text_is_refused(submission):", "def test_text_is_refused(submission, seed):")
    edit(exercise.grader, "    with raises", '    assert_equal(seed, 3, what="the seed")\n    with raises')

    found = grade(root, [(seed, exercise.reference, {"seed": seed}) for seed in (0, 3, 4)])

    assert [each["label"] for each in found.values() if each["passed"]] == [3]


def test_check_of_several_cases_passes_only_where_all_do(root):
    exercise = Catalog(root).exercise("double")
    head = "def test_number_is_doubled(submission"
    edit(exercise.grader, f"{head}):", f'@pytest.mark.parametrize("x", [0, 1, 2])\n{head}, x):')
    edit(exercise.grader, "submission.double(3), 6", "submission.double(x), 2 * x")
    edit(exercise.grader, "submission.double(-5), -10", "submission.double(x), 2 * x")
    squares = exercise.grader_folder / "wrong/squares.py"

    found = grade(root, [("squares", squares, {"until_one_passes": True})])["squares"]["outcomes"]

    # The first of the cases passes, so that going on only until then would say that nothing does.
    assert found["test_number_is_doubled"] == "failed"
    assert list(found)[-1] == "test_no_times_change_nothing"
    assert found["test_no_times_change_nothing"] == "passed"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda it: edit(it.grader, "import pytest\n", "import absent\n"),
            "the grader cannot be imported: ModuleNotFoundError: No module named 'absent'",
        ),
        (lambda it: edit(it.visible, "from mlkata.compare", "from absent.compare"), "No module named 'absent'"),
        (lambda it: [write(path, "x = 1\n") for path in (it.grader, it.visible)], "no check was collected"),
    ],
)
def test_grader_that_cannot_be_run_is_a_harness_error_that_says_why(root, change, said):
    exercise = Catalog(root).exercise("double")
    change(exercise)

    found = grade(root, [("reference", exercise.reference, {})])

    assert found.startswith("double: the grader cannot be run (pytest ended with ")
    assert said in found
