"""Verifying says nothing of a sound exercise, names the law that an unsound one breaks, and survives any answer.

Each exercise here is the toy with one thing changed, and is called after what that breaks. All are verified once, in a
process of its own, since verifying forks.
"""

from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
from toy import add_exercise, edit, toy_catalogue, write

from mlkata import laws_of_runs, laws_of_text, verify
from mlkata.catalog import Catalog, content_root

LAWS_OF_TEXT = {law.__name__: law for law in (*laws_of_text.FIRST_LAWS, *laws_of_text.LAWS)}
LAWS_OF_RUNS = [law.__name__ for law in laws_of_runs.LAWS]


def right(exercise, style):
    return exercise.grader_folder / "right" / f"{style}.py"


def wrong(exercise, misconception):
    return exercise.grader_folder / "wrong" / f"{misconception}.py"


def waive(exercise, **reasons):
    """Has the grader waive automatic wrong answers, each for a reason."""
    waived = {f"{idea}:{exercise.id}": reason for idea, reason in reasons.items()}
    write(exercise.grader, f"{exercise.grader.read_text()}\n\nWAIVED = {waived!r}\n")


MEMORY_CHECK = '''

def judge(result, x):
    assert_equal(result, [2], what="the answer")


@pytest.mark.performance("memory")
def test_memory_stays_small(submission, measure):
    """It takes little memory."""
    measure.peak_megabytes("double", lambda rng: ([1],), at_most=64, judge=judge)
'''

SLOW = '''"""Memory is free."""

CAUGHT_BY = ("test_memory_stays_small",)


def double(x, *, times=1):
    ballast = b"." * (200 << 20)
    if not isinstance(x, (int, float, list)) or not ballast:
        raise TypeError("x must be a number or a list")
    return [number * 2**times for number in x] if isinstance(x, list) else x * 2**times
'''


def grade_memory(exercise):
    """At most 64 MB: the slow answer takes 200, the others next to nothing."""
    edit(exercise.metadata, "edge_case = 2 }", "edge_case = 2, performance = 1 }")
    edit(exercise.readme, "- **Errors.**", "- **Memory.** At most 64 MB at the peak.\n- **Errors.**")
    edit(exercise.readme, "- **Edge cases.**", "- **Performance.** Memory.\n- **Edge cases.**")
    write(exercise.grader, exercise.grader.read_text() + MEMORY_CHECK.replace("double", exercise.id))
    write(wrong(exercise, "slow"), SLOW.replace("double", exercise.id))


def grade_memory_near_the_limit(exercise):
    grade_memory(exercise)
    edit(right(exercise, "loop"), "answer = []", 'answer, ballast = [], b"." * int(40e6 + len(x))\n    assert ballast')


def check_of_the_seed(exercise):
    """A check that passes with the seeds 0 and 1 alone."""
    edit(exercise.grader, "def test_text_is_refused(submission):", "def test_text_is_refused(submission, seed):")
    edit(exercise.grader, "    with raises", '    assert_equal(seed * (seed - 1), 0, what="the seed")\n    with raises')


def answer_dies(exercise):
    edit(wrong(exercise, "needs_a_first"), "kind = ", "import os\n        x or os._exit(3)\n        kind = ")


def answer_hangs(exercise):
    edit(exercise.metadata, "seconds = 10", "seconds = 1")
    edit(wrong(exercise, "needs_a_first"), "kind = ", "while not x:\n            pass\n        kind = ")


def never_give_the_option(exercise):
    """Only its default is given."""
    edit(exercise.grader, "times=3), 24", "times=1), 6")
    edit(exercise.grader, "times=0), [1, 2.5]", "times=1), [2, 5.0]")


def round_before_comparing(exercise):
    """A check that digits lost to float32 do not fail."""
    call = f"submission.{exercise.id}(-0.1)"
    edit(exercise.grader, call, f"round({call}, 4)")


def waive_with_reason(exercise):
    round_before_comparing(exercise)
    waive(exercise, casts_to_float32="the prompt leaves the precision open")


def waive_for_nothing(exercise):
    waive(exercise, shuffles="the order is free", clears_nan=" ", returns_zeros="zero is a number")


def break_every_law_of_text(exercise):
    """But the one that asks for the files."""
    for law in laws_of_text.LAWS:
        BREAKS[law.__name__](exercise)


# How to break each law, and no other.
BREAKS = {
    "files_are_there": lambda it: it.hints.unlink(),
    "nothing_is_left_to_do": lambda it: edit(it.hints, "What does", "TODO: What does"),
    "prompt_has_every_section": lambda it: edit(it.readme, "## References", "## Literature"),
    "prompt_names_what_is_graded": lambda it: edit(it.readme, "**Edge cases.**", "**Odds and ends.**"),
    "prompt_states_the_rules": lambda it: edit(it.readme, "`math`", "what you like"),
    "prompt_states_every_convention": lambda it: edit(it.readme, "**Times.**", "**Repetition.**"),
    "signatures_agree": lambda it: edit(it.readme, "times: int = 1", "times: int = 2"),
    "docstrings_agree": lambda it: edit(it.stub, "it is not changed.", "it is left alone."),
    "checks_are_well_formed": lambda it: edit(it.grader, "raises TypeError.", "raises TypeError"),
    "grader_stays_light": lambda it: edit(it.grader, "import pytest\n", "import numpy\nimport pytest\n"),
    "hints_are_three": lambda it: edit(it.hints, "## Hint 3", "## The third"),
    "nothing_gives_the_reference_away": lambda it: edit(
        it.hints, "## Hint 2", "return [number * 2 ** times for number in x]\n\n## Hint 2"
    ),
    "answers_are_many": lambda it: right(it, "loop").unlink(),
    "wrong_answers_name_their_checks": lambda it: edit(wrong(it, "once"), "CAUGHT_BY = (", "CAUGHT_BY = 3\nNAMES = ("),
    "answers_obey_the_rules": lambda it: edit(wrong(it, "squares"), "import math\n", "import math\nimport os\n"),
    "stub_is_not_implemented": lambda it: edit(it.stub, "raise NotImplementedError(", "return len("),
    "nothing_passes_by_doing_nothing": lambda it: edit(
        it.grader, '    assert_equal(twice, [2, 5.0], what="the new list")\n', ""
    ),
    "reference_passes": lambda it: edit(it.visible, "[2, 5.0]", "[2, 5.5]"),
    "right_answers_pass": lambda it: edit(right(it, "loop"), "x += x", "x = 2 * abs(x)"),
    "wrong_answers_fail_where_they_say": lambda it: edit(
        wrong(it, "once"), "CAUGHT_BY = (", 'CAUGHT_BY = ("test_text_is_refused", '
    ),
    "automatic_answers_fail": round_before_comparing,
    "walls_change_nothing": lambda it: edit(
        wrong(it, "repeats"),
        "    return x *",
        '    if x == 3 and "/" not in __file__:\n        return None\n    return x *',
    ),
    "limits_are_proved": grade_memory_near_the_limit,
    "grading_works": lambda it: edit(it.grader, "import pytest\n", "import pytest\nfrom absent import missing\n"),
}

# What else may be odd about an exercise.
ODD = {
    "laws_of_text_are_broken": break_every_law_of_text,
    "seed_matters": check_of_the_seed,
    "answer_dies": answer_dies,
    "answer_hangs": answer_hangs,
    "grader_kills": lambda it: edit(it.grader, "import pytest\n", "import os\nimport pytest\n\nos._exit(7)\n"),
    "option_never_given": never_give_the_option,
    "waives_with_reason": waive_with_reason,
    "waives_for_nothing": waive_for_nothing,
}


VERIFIED = ["files_are_there", *LAWS_OF_RUNS, "grading_works", *ODD]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = toy_catalogue(tmp_path_factory.mktemp("verify"))
    for id in VERIFIED:
        add_exercise(root, id)
        {**BREAKS, **ODD}[id](Catalog(root).exercise(id))
    return root


def verdicts_of(root, *arguments):
    """What `mlkata verify` says as JSON, by id; it runs in a process of its own, since it forks."""
    command = [sys.executable, "-c", "from mlkata.cli import main; main()", "verify", "--json", "--root", str(root)]
    ended = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=300, check=False)
    assert ended.stderr == ""
    return {verdict["id"]: verdict for verdict in json.loads(ended.stdout)}


@pytest.fixture(scope="module")
def verdicts(root):
    return verdicts_of(root, "--jobs", "2")


@pytest.fixture
def complaints(verdicts):
    """The texts of an exercise's complaints by law."""

    def of(id):
        found = {}
        for complaint in verdicts[id]["complaints"]:
            found.setdefault(complaint["law"], []).append(complaint["text"])
        return found

    return of


def test_every_law_has_an_exercise_that_breaks_it():
    assert set(BREAKS) == {*LAWS_OF_TEXT, *LAWS_OF_RUNS, "grading_works"}


@pytest.mark.parametrize("id", ["double", "waives_with_reason"])
def test_sound_exercise_breaks_no_law(complaints, id):
    assert complaints(id) == {}


@pytest.mark.parametrize("law", LAWS_OF_TEXT)
def test_one_change_to_the_files_breaks_that_law_alone(tmp_path, law):
    exercise = Catalog(toy_catalogue(tmp_path)).exercise("double")

    BREAKS[law](exercise)

    if law == "files_are_there":  # no other law can be held against what is not there
        assert list(LAWS_OF_TEXT[law](exercise))
    else:
        assert {name for name in LAWS_OF_TEXT if list(LAWS_OF_TEXT[name](exercise))} == {law}


@pytest.mark.parametrize("law", ["files_are_there", *LAWS_OF_RUNS, "grading_works"])
def test_one_change_breaks_that_law_alone(complaints, law):
    assert set(complaints(law)) == {law}


def test_every_law_of_text_is_held_and_none_has_to_do_with_runs(complaints):
    assert set(complaints("laws_of_text_are_broken")) == {law.__name__ for law in laws_of_text.LAWS}


def test_verdict_says_how_many_submissions_were_graded_and_what_it_took(verdicts):
    sound = verdicts["double"]

    # stub, reference and idle answer, 2 right and 5 wrong answers, 6 ideas for the function and 1 for its option
    assert sound["graded"] == 3 + 2 + 5 + 7
    assert 0 < sound["cpu_seconds"] < 60
    assert 0 < sound["wall_seconds"] < 300


CHARGED = """
import sys
from pathlib import Path

from mlkata import verify
from mlkata.catalog import Catalog


class Walls:
    cpu_seconds = 0.0

    def close(self): ...


def verify_one(exercise, *, device, walls, seed):
    walls.cpu_seconds += 5
    return verify.Verdict(exercise.id, (), 0, walls.cpu_seconds, 0.0)


verify.verify, verify._fitting = verify_one, lambda walls, *others: walls or Walls()
found = [Catalog(Path(sys.argv[1])).exercise("double")] * 3
print([verdict.cpu_seconds for verdict in verify.verify_all(found, jobs=1)])
"""


def test_what_walls_have_used_is_known_to_the_exercise_that_takes_them_over(tmp_path):
    command = [sys.executable, "-c", CHARGED, str(toy_catalogue(tmp_path))]

    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[5.0, 10.0, 15.0]\n"


OTHER_SEED = """
import sys
from pathlib import Path

from mlkata import verify
from mlkata.catalog import Catalog

[verdict] = verify.verify_all([Catalog(Path(sys.argv[1])).exercise("double")], jobs=1, seed=3)
print(*sorted({complaint.text for complaint in verdict.complaints}), sep="\\n")
"""


def test_all_answers_are_graded_with_the_seed_that_is_asked_for_or_the_ones_above(tmp_path):
    root = toy_catalogue(tmp_path)
    exercise = Catalog(root).exercise("double")
    edit(exercise.grader, "def test_text_is_refused(submission):", "def test_text_is_refused(submission, seed):")
    edit(exercise.grader, "    with raises", '    assert_equal(seed, None, what="the seed")\n    with raises')
    command = [sys.executable, "-c", OTHER_SEED, str(root)]

    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    for name in ("the reference", "right/loop.py (seed 4)", "right/recursion.py (seed 5)"):
        assert f"{name} does not pass test_text_is_refused" in told


def test_missing_file_is_told_before_anything_is_graded(verdicts, complaints):
    assert verdicts["files_are_there"]["graded"] == 0
    assert complaints("files_are_there") == {
        "files_are_there": ["exercises/files_are_there/hints.md is missing: write it"]
    }


def test_stub_that_answers_is_told_check_by_check(complaints):
    texts = complaints("stub_is_not_implemented")["stub_is_not_implemented"]

    assert len(texts) == 8
    assert texts[-1].startswith(
        "test_argument_is_left_alone says failed of the untouched stub: expected not implemented"
    )


def test_limit_that_a_right_answer_comes_near_is_told(complaints):
    [text] = complaints("limits_are_proved")["limits_are_proved"]

    assert text.startswith("right/loop.py, test_memory_stays_small: peak memory in MB is ")
    assert text.endswith("too near to the limit 64: at most 32 proves it")


def test_each_right_answer_has_a_seed_of_its_own(complaints):
    [text] = complaints("seed_matters")["right_answers_pass"]

    assert text == "right/recursion.py (seed 2) does not pass test_text_is_refused: failed (the seed is wrong)"


def test_answer_that_ends_its_process_is_told_and_takes_nothing_down(verdicts, complaints):
    texts = complaints("answer_dies")["wrong_answers_fail_where_they_say"]

    assert "wrong/needs_a_first.py ends test_empty_list_stays_empty with killed: expected passed or failed" in texts
    assert all(text.startswith("wrong/needs_a_first.py ") for text in texts)
    assert verdicts["answer_dies"]["graded"] == verdicts["double"]["graded"]


def test_answer_that_never_ends_is_told_and_takes_nothing_down(verdicts, complaints):
    texts = complaints("answer_hangs")["wrong_answers_fail_where_they_say"]

    assert texts == [
        "wrong/needs_a_first.py ends test_empty_list_stays_empty with timed out: expected passed or failed"
    ]
    assert verdicts["answer_hangs"]["graded"] == verdicts["double"]["graded"]


def test_grader_that_cannot_be_imported_is_told_with_its_error(verdicts, complaints):
    [text] = complaints("grading_works")["grading_works"]

    assert "the grader cannot be imported: ModuleNotFoundError: No module named 'absent'" in text
    assert verdicts["grading_works"]["graded"] == 0


def test_lost_process_is_told(complaints):
    assert complaints("grader_kills") == {"grading_works": ["the process that verified it ended with 7"]}


def test_option_that_no_check_gives_is_told(complaints):
    texts = complaints("option_never_given")["automatic_answers_fail"]

    assert texts == ["no check gives times of option_never_given another value than its default"]


def test_waiver_that_is_none_is_told(complaints):
    assert complaints("waives_for_nothing") == {
        "automatic_answers_fail": [
            "WAIVED names 'returns_zeros:waives_for_nothing', which fails a check anyway: take it out",
            "WAIVED names 'shuffles:waives_for_nothing', which is no automatic wrong answer of this exercise",
            "WAIVED gives no reason for 'clears_nan:waives_for_nothing'",
        ]
    }


def test_two_jobs_say_the_same_as_one(root, verdicts):
    ids = ["double", "reference_passes", "grading_works", "grader_kills"]

    alone = verdicts_of(root, "--jobs", "1", *ids)

    assert list(alone) == ids
    assert {id: alone[id]["complaints"] for id in ids} == {id: verdicts[id]["complaints"] for id in ids}


MEETING = """
import time
from pathlib import Path

graders = Path(__file__).parents[1]
Path(__file__).with_suffix(".here").touch()
deadline = time.monotonic() + 30
while len(list(graders.glob("*/*.here"))) < 2 and time.monotonic() < deadline:
    time.sleep(0.01)
raise RuntimeError("met" if time.monotonic() < deadline else "alone")
"""


def test_two_jobs_are_done_side_by_side(tmp_path):
    root = toy_catalogue(tmp_path)
    add_exercise(root, "treble")
    for exercise in Catalog(root).exercises():
        edit(exercise.grader, "import pytest\n", f"import pytest\n{MEETING}")

    found = verdicts_of(root, "--jobs", "2")

    assert all("RuntimeError: met" in found[id]["complaints"][0]["text"] for id in ("double", "treble"))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (["wrong/slow.py, test_growth: is 0.3", ""], []),
        (["wrong/slow.py, test_growth: is 0.3", "wrong/slow.py, test_growth: is 0.31"], ["is 0.31"]),
        (["wrong/slow.py, test_growth: is 0.3", "wrong/slow.py, test_cpu_time: is 1"], []),
        (["right/a.py does not pass test_costs: no", ""], ["no"]),
    ],
)
def test_only_what_is_measured_twice_counts(monkeypatch, said, kept):
    exercise = Catalog(content_root()).exercise("optimal_threshold")
    rows = iter(said)

    def limits(evidence):
        return filter(None, [next(rows)])

    nothing = SimpleNamespace(right=(), wrong=(), automatic=())
    monkeypatch.setattr(verify, "gather", lambda *args, **options: nothing)
    monkeypatch.setattr(laws_of_runs, "LAWS", (limits,))

    found = verify.verify(exercise)

    assert [complaint.text.partition(": ")[2] for complaint in found.complaints] == kept
