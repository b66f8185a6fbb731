"""What a learner gets from pytest: every kind of submission is judged, and told about, as it deserves."""

from __future__ import annotations

import ast
import json
import re
import shlex
import sys

import pytest
from plugin_toy import GRADER, LIFT, PACE, PACE_REFERENCE, PACE_SLOW, REFERENCE, STUB, code_lines, write_exercise

from mlkata.report import Category, Outcome, Report

pytest_plugins = ("pytester",)

LIFT_PASSED = "lift: 6 of 6 checks passed, 6 of 6 points; 1 not graded: no CUDA device was asked for (--device cuda)"
PACE_PASSED = "pace: 2 of 2 checks passed, 4 of 4 points"
FAST_START = "-p no:hypothesispytest -p no:xdist"
FAST_START_IN_PARTS = "-p no:hypothesispytest -n 2"

WRONG = REFERENCE.replace("return x + by", "return x + 2 * by")
RAISING = REFERENCE.replace("return x + by", "return look_up(x, by)") + (
    "\n\ndef look_up(table, wanted):\n    own_name = 'mine'\n    return {}[wanted]\n"
)
NO_PAIR = REFERENCE.replace("return x[: len(x) // 2], x[len(x) // 2 :]", "return len(x)")
HALF_DONE = STUB.replace('raise NotImplementedError("implement lift")', "return None if isinstance(x, str) else x + by")


@pytest.fixture
def toy(pytester, monkeypatch):
    """Both exercises, with the graders, and without the plugins that cost most to load."""
    write_exercise(pytester.path, LIFT | PACE)
    monkeypatch.setenv("PYTEST_ADDOPTS", FAST_START)
    return pytester


@pytest.fixture
def run(toy):
    """Judges a submission to the exercise `lift`, which is written in place of the stub."""

    def run(source=REFERENCE, *options, paths=("exercises/lift",)):
        toy.path.joinpath("exercises/lift/lift.py").write_text(source)
        return toy.runpytest_subprocess(*paths, *options, timeout=60)

    return run


def closing(ran):
    """The lines of the last section but pytest's own."""
    text = ran.stdout.str()
    return text[text.index("= mlkata =") :].split("\n")[1:]


def graded(ran):
    return [line for line in closing(ran) if "checks passed" in line]


def block(ran, check):
    """What stands under the name of a check that failed."""
    text = ran.stdout.str()
    start = re.search(rf"^_+ {re.escape(check)} _+$", text, re.MULTILINE)
    assert start, text
    end = re.search(r"^(_{3,}|={3,}|-{3,}) ", text[start.end() :], re.MULTILINE)
    return text[start.end() : start.end() + end.start()].strip("\n")


def test_reference_passes_the_examples_and_the_hidden_checks(run):
    ran = run()

    ran.assert_outcomes(passed=9, skipped=1)
    assert ran.ret == 0
    assert graded(ran) == [LIFT_PASSED]


def test_examples_alone_are_run_where_the_grader_is_absent(toy, run):
    toy.path.joinpath("graders/lift/test_lift.py").unlink()

    ran = run()

    ran.assert_outcomes(passed=1)
    assert closing(ran)[0] == "lift: 1 of 1 visible examples passed; the hidden checks are not here"


def test_stub_without_a_grader_says_what_waits(toy, run):
    toy.path.joinpath("graders/lift/test_lift.py").unlink()

    ran = run(STUB)

    assert closing(ran)[:2] == [
        "lift: lift is not implemented yet: write it in exercises/lift/lift.py (1 visible example waits for it)",
        "lift: 0 of 1 visible examples passed; the hidden checks are not here",
    ]


def test_untouched_stub_says_once_what_is_not_implemented(run):
    ran = run(STUB)

    assert ran.ret == 1
    assert closing(ran)[:4] == [
        "lift: Counter is not implemented yet: write it in exercises/lift/lift.py (1 check waits for it)",
        "lift: halves is not implemented yet: write it in exercises/lift/lift.py (1 check waits for it)",
        "lift: lift is not implemented yet: write it in exercises/lift/lift.py (4 checks wait for it)",
        "lift: 0 of 6 checks passed, 0 of 6 points; points lost in correctness 0/4, edge_case 0/2; "
        "1 not graded: no CUDA device was asked for (--device cuda)",
    ]
    assert "FAILURES" not in ran.stdout.str()


def test_half_done_submission_is_judged_where_it_is_done(run):
    ran = run(HALF_DONE)

    said = closing(ran)
    assert [line.partition(" is not")[0] for line in said[:2]] == ["lift: Counter", "lift: halves"]
    assert said[2].startswith("lift: 3 of 6 checks passed, 3 of 6 points; points lost in correctness 2/4, edge_case")
    assert "FAILED exercises/lift/test_lift.py::test_text_is_refused" in ran.stdout.str()
    assert ran.ret == 1


def test_closing_line_names_the_categories_that_lost_points(run):
    [said] = graded(run(WRONG))

    assert said.startswith("lift: 4 of 6 checks passed, 4 of 6 points; points lost in correctness 2/4; 1 not graded")


def test_failure_says_what_where_and_by_how_much(run):
    ran = run(WRONG, "-k", "test_values")

    told = block(ran, "test_values")
    assert re.fullmatch(
        r"""Every number of the array is lifted by the same amount\.

  call      lift\(
                array\(shape=\(2, 3\), float64, \[-?[\d.]+(, -?[\d.]+){5}\]\),
                by=0\.5,
            \)
  broken    the lifted array has wrong values
            got -?[\d.]+, expected -?[\d.]+ at index \(0, 0\)
            6 of 6 values are wrong
            largest error 0\.5 at index \(\d, \d\), allowed [\d.]+e-05
  see       README\.md, Conventions: Values, Input
  seed      0  \(repeat: pytest exercises/lift -k test_values --seed 0\)""",
        told,
    )


def test_exception_shows_the_learners_own_lines(run):
    told = block(run(RAISING, "-k", "test_values"), "test_values")

    assert "  broken    your code raised KeyError\n            0.5\n" in told
    assert re.findall(r"  your code line \d+, in (.*)", told) == [
        "lift: return look_up(x, by)",
        "look_up: return {}[wanted]",
    ]


def test_another_exception_than_the_right_one_shows_its_lines(run):
    told = block(run(REFERENCE.replace("raise TypeError(", "raise KeyError(")), "test_text_is_refused")

    assert "TypeError must be raised when x is a str; another exception was" in told
    assert "got KeyError: 'x must be an array'" in told
    assert '  your code line 8, in lift: raise KeyError("x must be an array")' in told


def test_result_of_the_wrong_form_is_the_learners(run):
    ran = run(NO_PAIR)

    told = block(ran, "test_halves")
    assert "  broken    what halves returned does not have the form that the prompt describes" in told
    assert "            TypeError: cannot unpack non-iterable int object" in told
    assert "please report" not in ran.stdout.str()


@pytest.mark.parametrize("options", [("--tb=long", "-l", "-vv"), ("--tb=native",), ("--full-trace", "-rA")])
def test_no_line_of_the_grader_is_shown(run, options):
    source = RAISING.replace("return x[: len(x) // 2], x[len(x) // 2 :]", "return len(x)").replace(
        "self.total += n", "self.total -= n"
    )
    shown = run(source, *options).stdout.str()

    assert shown.count("  broken    ") >= 4
    assert [line for line in code_lines(GRADER) if line in shown and line not in REFERENCE] == []


def test_no_line_of_the_grader_is_shown_where_the_submission_does_not_load(run):
    shown = run("import numpy.nothing_of_that_name\n" + REFERENCE, "--tb=long", "-vv").stdout.str()

    assert "does not load" in shown
    assert [line for line in code_lines(GRADER) if line in shown] == []


@pytest.mark.parametrize(
    ("show", "shown"), [("property", (False, False)), ("call", (True, False)), ("full", (True, True))]
)
def test_show_tells_less(run, show, shown):
    told = block(run(WRONG, "-k", "test_values", "--show", show), "test_values")

    assert "the lifted array has wrong values" in told
    assert ("  call      lift(" in told, "largest error" in told) == shown


@pytest.mark.parametrize("show", ["property", "call"])
def test_exception_is_named_however_little_is_shown(run, show):
    told = block(run(RAISING, "-k", "test_values", "--show", show), "test_values")

    assert "your code raised KeyError" in told
    assert "in look_up: return {}[wanted]" in told


@pytest.mark.parametrize("check", ["test_values", "test_counter"])
def test_revealed_snippet_repeats_the_call(toy, check):
    source = WRONG.replace("self.total += n", "self.total -= n")
    toy.path.joinpath("answers").mkdir()
    toy.path.joinpath("answers/mine.py").write_text(source)

    ran = toy.runpytest_subprocess("exercises/lift", "-k", check, "--submission", "answers/mine.py", "--reveal")

    told = ran.stdout.str()
    assert "  to repeat the call by hand, in answers:" in told
    snippet = told[told.index("in answers:") :].partition("\n")[2].partition("\n===")[0]
    toy.path.joinpath("answers/repeat.py").write_text(re.sub("^      ", "", snippet, flags=re.MULTILINE))
    printed = toy.run(sys.executable, "answers/repeat.py").stdout.str()
    assert printed.startswith("[[") if check == "test_values" else "16" in printed


def test_nothing_is_revealed_unasked(run):
    assert "by hand" not in run(WRONG).stdout.str()


def test_submission_file_is_found_from_where_pytest_was_started(toy, monkeypatch):
    toy.path.joinpath("elsewhere").mkdir()
    toy.path.joinpath("elsewhere/mine.py").write_text(REFERENCE)
    monkeypatch.chdir(toy.path / "elsewhere")

    ran = toy.runpytest_subprocess("../exercises/lift", "--submission", "mine.py")

    assert graded(ran) == [LIFT_PASSED]


def test_submission_file_for_two_exercises_is_a_usage_error(toy):
    ran = toy.runpytest_subprocess("exercises", "--submission", "solutions/lift.py")

    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(["ERROR: --submission FILE answers one exercise: name that exercise's folder alone"])


def test_submission_file_for_two_exercises_is_refused_under_xdist(toy, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", FAST_START_IN_PARTS)

    ran = toy.runpytest_subprocess("exercises", "--submission", "solutions/lift.py")

    assert ran.ret != 0
    assert "INTERNALERROR" not in ran.stdout.str()
    ran.stdout.fnmatch_lines(["--submission FILE answers one exercise: name that exercise's folder alone"])


def test_seed_changes_the_inputs_and_is_told(run):
    told = {seed: run(WRONG, "-k", "test_values", "--seed", seed) for seed in ("0", "7")}

    calls = {seed: re.search("array\\(.*", block(ran, "test_values"))[0] for seed, ran in told.items()}
    assert calls["0"] != calls["7"]
    assert "mlkata: seed 7, device cpu" in told["7"].stdout.str()
    assert "  seed      7  (repeat: pytest exercises/lift -k test_values --seed 7)" in told["7"].stdout.str()


@pytest.mark.parametrize(
    ("fixture", "draw"), [("rng", "rng.random()"), ("torch_rng", "torch.rand((), generator=torch_rng)")]
)
def test_every_seed_and_every_check_has_its_own_draws(toy, run, fixture, draw):
    drawing = f"\n\n@pytest.mark.correctness('Values')\ndef test_name({fixture}):\n    assert False, float({draw})\n"
    grader = toy.path / "graders/lift/test_lift.py"
    grader.write_text(
        grader.read_text() + "\nimport torch\n" + "".join(drawing.replace("name", name) for name in ("one", "two"))
    )

    drawn = [
        re.search(r"0\.\d+", block(run(REFERENCE, "-k", "one or two", "--seed", seed), f"test_{name}"))[0]
        for seed in ("0", "1")
        for name in ("one", "two")
    ]

    assert len(set(drawn)) == 4


def test_printed_command_repeats_the_failure(toy):
    toy.path.joinpath("my answer.py").write_text(WRONG)
    first = toy.runpytest_subprocess("exercises/lift", "--submission", "my answer.py", "--seed", "5")
    told = block(first, "test_values")

    command = shlex.split(re.search(r"\(repeat: (.*)\)", told)[1])
    again = toy.runpytest_subprocess(*command[1:])

    assert command[0] == "pytest"
    assert block(again, "test_values") == told


@pytest.mark.parametrize("draw", ["np.random.rand()", "random.random()"])
def test_answer_that_draws_gets_the_same_for_the_same_seed(run, draw):
    source = REFERENCE.replace("return x + by", f"return x + {draw}").replace(
        "import numpy", "import random\n\nimport numpy", 1
    )
    first = block(run(source, "--seed", "7"), "test_values")

    assert block(run(source, "--seed", "7", "-k", "test_values"), "test_values") == first


@pytest.mark.parametrize("seed", ["-1", str(2**32)])
def test_seed_out_of_range_is_a_usage_error(run, seed):
    ran = run(REFERENCE, "--seed", seed)

    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines([f"ERROR: --seed: expected a number from 0 to 4294967295, found {seed}; name another"])


def test_checks_are_chosen_by_name(run):
    ran = run(REFERENCE, "-k", "halves or text")

    ran.assert_outcomes(passed=2, deselected=8)
    assert graded(ran) == ["lift: 2 of 2 checks passed, 6 of 6 points"]


def test_first_failure_stops_the_run(run):
    run(WRONG, "-x").assert_outcomes(failed=1)


def test_last_failures_are_run_again_alone(run):
    run(WRONG).assert_outcomes(failed=4, passed=5, skipped=1)

    run(REFERENCE, "--lf").assert_outcomes(passed=4)


def test_node_id_of_a_failure_runs_that_check(run):
    shown = run(WRONG).stdout.str()
    ids = re.findall(r"^FAILED (\S+)", shown, re.MULTILINE)

    ran = run(WRONG, paths=ids[:2])

    assert ids[:2] == [
        "exercises/lift/test_lift.py::test_values",
        "exercises/lift/test_lift.py::test_any_amount[-2.0]",
    ]
    ran.assert_outcomes(failed=2)


@pytest.mark.parametrize(
    "paths",
    [
        ("exercises/lift/test_lift.py",),
        ("exercises/lift/",),
        ("exercises/lift", "exercises/lift/test_lift.py", "exercises/lift"),
    ],
)
def test_exercise_is_run_once_however_it_is_named(run, paths):
    ran = run(paths=paths)

    ran.assert_outcomes(passed=9, skipped=1)


def test_any_working_directory_will_do(toy, tmp_path_factory, monkeypatch):
    toy.path.joinpath("exercises/lift/lift.py").write_text(WRONG)
    monkeypatch.chdir(tmp_path_factory.mktemp("away"))

    ran = toy.runpytest_subprocess(toy.path / "exercises" / "lift")

    assert graded(ran)[0].startswith("lift: 4 of 6")
    assert f"pytest {toy.path}/exercises/lift -k test_values" in ran.stdout.str()


def test_exercise_can_be_run_from_its_own_folder(toy, monkeypatch):
    toy.path.joinpath("exercises/lift/lift.py").write_text(WRONG)
    monkeypatch.chdir(toy.path / "exercises" / "lift")

    ran = toy.runpytest_subprocess()

    assert "(repeat: pytest . -k test_values --seed 0)" in ran.stdout.str()


def test_several_exercises_are_judged_at_once(toy):
    """Two of them measure, so that two runners are open beside each other."""
    rate = {name.replace("pace", "rate"): text.replace("pace", "rate") for name, text in PACE.items()}
    write_exercise(toy.path, rate)
    for id, source in (("lift", REFERENCE), ("pace", PACE_REFERENCE), ("rate", STUB)):
        toy.path.joinpath(f"exercises/{id}/{id}.py").write_text(source)

    ran = toy.runpytest_subprocess("exercises", timeout=60)

    assert graded(ran)[:2] == [LIFT_PASSED, PACE_PASSED]
    assert "rate: does not load: " in ran.stdout.str()


def test_xdist_ends_with_the_same_lines(toy, monkeypatch):
    toy.path.joinpath("exercises/lift/lift.py").write_text(HALF_DONE)
    toy.path.joinpath("exercises/pace/pace.py").write_text(PACE_SLOW)
    alone = toy.runpytest_subprocess("exercises/pace", "exercises/lift", "--report-json", "alone.json")
    monkeypatch.setenv("PYTEST_ADDOPTS", FAST_START_IN_PARTS)

    together = toy.runpytest_subprocess("exercises/pace", "exercises/lift", "--report-json", "together.json")

    def said(ran):
        return [line for line in closing(ran) if line.startswith(("lift: ", "pace: "))]

    def outcomes(name):
        return [
            (report["exercise"], sorted((check["name"], check["outcome"]) for check in report["checks"]))
            for report in json.loads(toy.path.joinpath(name).read_text())
        ]

    assert [line[:4] for line in said(alone)] == ["lift", "lift", "lift", "pace"]
    assert said(together) == said(alone)
    assert outcomes("together.json") == outcomes("alone.json")


def test_slow_answer_is_refused_with_its_figures(toy):
    ran = toy.runpytest_subprocess("exercises/pace", "--submission", write(toy, PACE_SLOW), "--report-json", "r.json")

    told = block(ran, "test_no_loop_over_the_numbers")
    assert re.search(r"  broken    the call takes (more than )?[\d.]+ times the CPU time of the reference", told)
    assert "            at most 20 times are allowed" in told
    assert "  call      pace(\n                array(shape=(200000,), float64, [" in told
    [report] = json.loads(toy.path.joinpath("r.json").read_text())
    [figure] = report["checks"][1]["measurements"]
    assert figure["limit"] == 20 < figure["value"]


def write(toy, source, name="mine.py"):
    toy.path.joinpath(name).write_text(source)
    return name


def test_collecting_alone_loads_no_submission(toy, run):
    ran = run("open('loaded', 'w')\n" + REFERENCE, "--collect-only", "-q", paths=("exercises",))

    assert ran.ret == 0
    ran.stdout.fnmatch_lines(
        ["exercises/lift/test_lift.py::test_values", "exercises/lift/test_lift.py::test_worked_example"]
    )
    assert not toy.path.joinpath("loaded").exists()


def test_without_the_plugin_the_examples_lack_their_fixture(toy):
    ran = toy.runpytest_subprocess("exercises/lift", "-p", "no:mlkata")

    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["*fixture 'submission' not found*"])


def test_debugger_stops_in_the_learners_own_frame(toy):
    name = write(toy, RAISING)
    command = (sys.executable, "-m", "pytest", "exercises/lift", "--submission", name, "-k", "test_values", "--pdb")

    ran = toy.run(*command, stdin=b"p own_name\nup\np by\nq\n", timeout=60)

    ran.stdout.fnmatch_lines(["*mine.py(*)look_up()", "*'mine'", "*mine.py(*)lift()", "*0.5"])
    assert [line for line in code_lines(GRADER) if line in ran.stdout.str()] == []


def test_breakpoint_in_the_submission_works(toy):
    name = write(toy, REFERENCE.replace("return x + by", "breakpoint()\n    return x + by"))
    command = (sys.executable, "-m", "pytest", "exercises/lift", "--submission", name, "-k", "test_values")

    ran = toy.run(*command, stdin=b"p 2 * by\nc\n", timeout=60)

    ran.stdout.fnmatch_lines(["*mine.py(*)lift()", "*1.0"])
    ran.assert_outcomes(passed=1, deselected=9)


OTHER_TESTS = '''
import sys

import pytest


@pytest.fixture
def seed():
    return "my own"


@pytest.mark.parametrize("number", [1, 2])
def test_passes(seed, number):
    assert seed == "my own"


def test_fails():
    """Not a word of mlkata."""
    expected = 5
    assert 2 + 2 == expected


def test_raises_not_implemented():
    raise NotImplementedError("implement me")
'''


def test_other_tests_of_the_session_are_left_alone(toy, run):
    toy.makepyfile(test_others=OTHER_TESTS)

    ran = run(REFERENCE, "-v", paths=("test_others.py", "exercises/lift"))

    ran.assert_outcomes(passed=2 + 9, failed=2, skipped=1)
    ran.stdout.fnmatch_lines(
        [
            "test_others.py::test_raises_not_implemented FAILED*",
            ">       assert 2 + 2 == expected",
            '>       raise NotImplementedError("implement me")',
        ]
    )
    assert graded(ran) == [LIFT_PASSED]


def test_fixture_of_exercises_is_refused_to_other_tests(toy):
    toy.makepyfile(test_others="def test_a(submission):\n    pass")

    ran = toy.runpytest_subprocess("test_others.py")

    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["*UsageError: the fixture submission is for the checks of an exercise*"])


def test_project_without_exercises_imports_nothing_for_them(toy):
    toy.makepyfile(
        test_others="""
        import sys

        def test_modules():
            assert "mlkata.pytest_plugin" in sys.modules
            heavy = {"numpy", "torch", "pandas", "scipy", "mlkata.exercise_run", "mlkata.catalog", "mlkata.compare"}
            assert heavy & set(sys.modules) == set()
        """
    )

    ran = toy.runpytest_subprocess("test_others.py")

    ran.assert_outcomes(passed=1)
    assert "= mlkata =" not in ran.stdout.str()


def test_endless_call_ends_with_the_exercises_limit(toy, run):
    limit(toy, seconds=1)
    source = REFERENCE.replace("return x + by", "while True:\n        pass")

    ran = run(source, "-k", "test_values or test_halves")

    told = block(ran, "test_values")
    assert "  broken    the check did not end within 1 s: is there an endless loop?" in told
    assert re.search(r"  your code line \d+, in lift: (pass|while True:)", told)
    assert graded(ran) == ["lift: 1 of 2 checks passed, 2 of 4 points; points lost in correctness 1/2"]


def test_endless_import_is_waited_for_once(toy, run):
    limit(toy, seconds=1)

    ran = run(REFERENCE + "\nwhile True:\n    pass\n")

    assert re.match(
        r"lift: does not load: /\S+/lift\.py, line \d+ \((pass|while True:)\): importing the file did not end within "
        r"1 s: is there an endless loop\?$",
        closing(ran)[0],
    )
    assert float(re.search(r"in ([\d.]+)s", ran.stdout.lines[-1])[1]) < 5


def limit(toy, *, seconds):
    path = toy.path / "exercises/lift/exercise.toml"
    path.write_text(path.read_text().replace("seconds = 60", f"seconds = {seconds}"))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            REFERENCE.replace("def halves", "def halve"),
            "does not load: FILE: halves is not defined: define it at the top level of the file.",
        ),
        (REFERENCE + "\ndef f(:\n", "does not load: FILE, line 24: invalid syntax: def f(:"),
        (
            REFERENCE.replace("*, by=1.0", "amount"),
            "does not load: FILE: lift has no parameter by; lift asks for amount, which the prompt does not have.",
        ),
        (
            REFERENCE + "\n{}['key']\n",
            "does not load: FILE, line 24 ({}['key']): importing the file raised KeyError: key",
        ),
        (
            REFERENCE + "\nraise SystemExit(3)\n",
            "does not load: FILE, line 24 (raise SystemExit(3)): importing the file raised SystemExit: 3",
        ),
        (
            "import os\nimport numpy as np\n\nnp.add(1, 2)\n" + REFERENCE,
            "FILE does what this exercise does not allow:",
        ),
        (None, "does not load: FILE: there is no such file; write your answer there or name it with --submission"),
    ],
    ids=["missing name", "syntax error", "wrong signature", "failing import", "exit", "refused", "deleted file"],
)
def test_what_cannot_be_judged_is_told_once_and_is_no_collection_error(toy, run, source, said):
    if source is None:
        path = toy.path / "exercises/lift/lift.py"
        path.unlink()
        ran = toy.runpytest_subprocess("exercises/lift")
    else:
        ran = run(source)

    shown = ran.stdout.str()
    said = said.replace("FILE", str(toy.path / "exercises/lift/lift.py"))
    assert ran.ret == 1
    assert closing(ran)[0].startswith(f"lift: {said}")
    assert shown.count(said) == 1
    assert graded(ran)[0].startswith("lift: 0 of 6 checks passed, 0 of 6 points")
    assert "FAILURES" not in shown
    assert "ERRORS" not in shown


def test_refused_submission_names_each_violation(run):
    said = closing(run("import os\nimport numpy as np\n\nnp.add(1, 2)\n" + REFERENCE))

    assert said[1].startswith("  line 1: os may not be imported here; import only numpy and what computes")
    assert said[2] == "  line 4: numpy.add would give the answer away; write it yourself"


def test_report_as_json_round_trips(toy, run):
    ran = run(WRONG, "--report-json", "reports/here.json")
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(["ERROR: --report-json: expected a file in a folder that exists, found *here.json; make*"])

    run(WRONG, "--seed", "3", "--report-json", "here.json")

    [data] = json.loads(toy.path.joinpath("here.json").read_text())
    report = Report.from_json(json.dumps(data))
    assert json.loads(report.to_json()) == data
    assert (report.exercise, report.seed, report.device) == ("lift", 3, "cpu")
    assert report.submission == str(toy.path / "exercises/lift/lift.py")
    assert (report.total().passed, report.total().checks, data["earned"], data["possible"]) == (4, 6, 4.0, 6.0)
    values = report.result("test_values")
    assert (values.category, values.outcome) == (Category.CORRECTNESS, Outcome.FAILED)
    assert values.sentence == "Every number of the array is lifted by the same amount."
    assert values.note == "the lifted array has wrong values"
    assert "largest error 0.5" in values.message
    assert report.result("test_on_the_device").outcome is Outcome.NOT_GRADED


def test_cases_of_a_parametrised_check_count_as_one(toy, run):
    run(WRONG, "--report-json", "here.json")

    [data] = json.loads(toy.path.joinpath("here.json").read_text())
    report = Report.from_json(json.dumps(data))
    names = [check.name for check in report.checks]
    assert sorted(names) == sorted(
        node.name for node in ast.parse(GRADER).body if getattr(node, "name", "").startswith("test_")
    )
    assert report.result("test_any_amount").outcome is Outcome.FAILED


def test_cuda_without_a_device_is_a_usage_error(toy, run):
    toy.makepyfile(torch="class cuda:\n    is_available = staticmethod(lambda: False)")

    ran = toy.run(sys.executable, "-m", "pytest", "exercises/lift", "--device", "cuda")

    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(["ERROR: --device cuda: torch finds no CUDA device here; leave the option away"])


def test_cuda_asked_of_an_exercise_without_it_changes_nothing(toy):
    ran = toy.runpytest_subprocess("exercises/pace", "--submission", write(toy, PACE_REFERENCE), "--device", "cuda")

    assert graded(ran) == [PACE_PASSED]


def test_gpu_checks_are_not_graded_without_a_device(run):
    ran = run(REFERENCE, "-k", "device", "-rs")

    ran.assert_outcomes(skipped=1, deselected=9)
    assert graded(ran)[0] == (
        "lift: 0 of 0 checks passed, 0 of 0 points; 1 not graded: no CUDA device was asked for (--device cuda)"
    )


def append_check(toy, body, arguments="submission"):
    path = toy.path / "graders/lift/test_lift.py"
    check = f'\n\n@pytest.mark.correctness("Values")\ndef test_last({arguments}):\n    """Something holds."""\n{body}\n'
    path.write_text(path.read_text() + check)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("    missing_name", "NameError: name 'missing_name' is not defined"),
        ("    submission.lift(object())", "WireError: the value['args'][0] is of type builtins.object"),
        ("    submission.of_no_such_name(1)", "AttributeError: a submission has lift, halves, Counter, run and probe"),
    ],
    ids=["unknown name", "no plain data", "no entry"],
)
def test_broken_check_is_not_the_learners_fault(toy, run, body, said):
    append_check(toy, body)

    ran = run(REFERENCE, "-k", "test_last", "--report-json", "here.json")

    shown = ran.stdout.str()
    assert "lift: the check itself is broken (" + said in shown
    assert "; please report it" in shown
    assert f">       {body.strip()}" in shown
    [data] = json.loads(toy.path.joinpath("here.json").read_text())
    assert data["checks"][0]["outcome"] == "harness error"


def test_check_that_is_measured_without_a_reference_is_its_authors_fault(toy):
    toy.path.joinpath("solutions/pace.py").unlink()

    ran = toy.runpytest_subprocess("exercises/pace", "--submission", write(toy, PACE_REFERENCE))

    assert "pace.py: expected the reference, found no file; performance needs it: add it" in ran.stdout.str()
    assert "pace: the check itself is broken (CatalogError: " in ran.stdout.str()


def test_grader_that_cannot_be_imported_is_a_collection_error(toy, run):
    toy.path.joinpath("graders/lift/test_lift.py").write_text("import nothing_of_that_name")

    ran = run()

    assert ran.ret == pytest.ExitCode.INTERRUPTED
    ran.stdout.fnmatch_lines(["*test_lift.py: the grader cannot be imported: ModuleNotFoundError: No module named*"])


def test_broken_metadata_is_a_collection_error_of_that_exercise(toy):
    path = toy.path / "exercises/lift/exercise.toml"
    path.write_text(path.read_text().replace('"easy"', '"esay"'))

    ran = toy.runpytest_subprocess("exercises")

    assert ran.ret == pytest.ExitCode.INTERRUPTED
    ran.stdout.fnmatch_lines(["*exercise.toml: level: expected one of easy, medium, hard, found 'esay'; did you mean*"])
    assert "Traceback" not in ran.stdout.str()


def test_what_a_failing_submission_prints_is_shown(run):
    ran = run(WRONG.replace("return x + 2", "print('seen on the way')\n    return x + 2"), "-k", "test_values")

    ran.stdout.fnmatch_lines(["*Captured stdout call*", "seen on the way"])


def test_what_is_measured_prints_nothing(toy):
    source = PACE_SLOW.replace("total = 0.0", "total = 0.0\n    print('x' * 99)")

    ran = toy.runpytest_subprocess("exercises/pace", "--submission", write(toy, source), "-k", "loop")

    assert "x" * 99 not in ran.stdout.str()


@pytest.mark.parametrize(("options", "passes"), [((), True), (("-W", "error"), False)])
def test_warning_is_an_error_only_where_the_learner_asks_for_that(run, options, passes):
    source = REFERENCE.replace("return x + by", "import warnings; warnings.warn('careful'); return x + by")

    ran = run(source, "-k", "test_values", *options)

    assert graded(ran)[0].startswith("lift: 1 of 1" if passes else "lift: 0 of 1")
    assert ("your code raised UserWarning" in ran.stdout.str()) is not passes


def test_nothing_of_mlkata_warns(toy, run):
    toy.path.joinpath("exercises/pace/pace.py").write_text(PACE_REFERENCE)

    ran = run(REFERENCE, "-W", "error", paths=("exercises",))

    assert graded(ran) == [LIFT_PASSED, PACE_PASSED]


def test_run_at_the_root_of_a_catalogue_collects_graders_with_their_exercises_alone(toy):
    ran = toy.runpytest_subprocess("--collect-only", "-q")

    assert ran.ret == 0
    files = {line.partition("::")[0] for line in ran.stdout.lines if "::" in line}
    assert files == {"exercises/lift/test_lift.py", "exercises/pace/test_pace.py"}


def test_project_without_exercises_reads_nothing_of_mlkata(pytester):
    pytester.makepyfile(test_one="def test_one():\n    pass\n")

    ran = pytester.runpytest_subprocess()

    assert not [line for line in ran.stdout.lines if "mlkata" in line and not line.startswith(("plugins:", "rootdir:"))]
