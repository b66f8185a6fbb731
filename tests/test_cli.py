"""The command line prints results on stdout, complaints on stderr, and ends with the code of whose fault it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner
from toy import METADATA, add_exercise, commit, edit, git, toy_catalogue

import mlkata
import mlkata.verify
from mlkata import cli
from mlkata.cli import main
from mlkata.command_line import exit_code
from mlkata.errors import CatalogError, DoesNotLoad, HarnessError, RefusedByRules, UsageError, WireError
from mlkata.verify import Complaint, Verdict


@pytest.fixture
def root(tmp_path):
    """`double`, which answers Q01 and T013, and two losses that answer Q14."""
    root = toy_catalogue(tmp_path)
    losses = METADATA.replace("warm_up", "losses").replace('["Q01", "T013"]', '["Q14"]')
    add_exercise(root, "focal", losses.replace('"easy"', '"hard"'))
    add_exercise(root, "hinge", losses)
    return root


@pytest.fixture
def mlkata_in(root):
    """Runs a command over the catalogue."""

    def run(*arguments):
        return CliRunner(env={"MLKATA_ROOT": str(root)}).invoke(main, arguments)

    return run


@pytest.fixture
def broken(root):
    return add_exercise(root, "broken", METADATA.replace('"easy"', '"esay"'))


def first_column(text):
    return [line.split()[0] for line in text.splitlines()]


def test_list_is_sorted_by_track_level_and_id(mlkata_in):
    ended = mlkata_in("list")

    assert ended.exit_code == 0
    assert first_column(ended.stdout) == ["id", "hinge", "focal", "double"]
    assert ended.stderr == ""


@pytest.mark.parametrize(
    ("option", "value", "found"),
    [
        ("--track", "losses", ["hinge", "focal"]),
        ("--level", "HARD", ["focal"]),
        ("--kind", "python", ["hinge", "focal", "double"]),
        ("--company", "slack", ["double"]),
        ("--question", "Q14", ["hinge", "focal"]),
        ("--tag", "generalization", ["double"]),
    ],
)
def test_list_keeps_what_fits(mlkata_in, option, value, found):
    ended = mlkata_in("list", option, value, "--json")

    assert [exercise["id"] for exercise in json.loads(ended.stdout)] == found


def test_list_as_json_has_the_metadata(mlkata_in):
    [listed] = json.loads(mlkata_in("list", "--level", "hard", "--json").stdout)

    assert listed["title"] == "Double"
    assert listed["questions"] == ["Q14"]
    assert listed["points"] == {"correctness": 4.0, "edge_case": 2.0}
    assert listed["limits"] == {"seconds": 10.0, "memory_mb": 512.0, "loopback": False}


def test_list_of_nothing_says_so_on_stderr(mlkata_in):
    ended = mlkata_in("list", "--question", "Q02")

    assert (ended.exit_code, ended.stdout) == (0, "")
    assert ended.stderr.startswith("mlkata: no exercise fits")


def test_list_of_nothing_as_json_is_empty(mlkata_in):
    ended = mlkata_in("list", "--question", "Q02", "--json")

    assert json.loads(ended.stdout) == []
    assert ended.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["show", "focla"], "focal"),
        (["list", "--track", "loses"], "losses"),
        (["list", "--company", "Gogle"], "Google"),
        (["list", "--question", "Q014"], "Q14"),
        (["list", "--tag", "Regularisation"], "Regularization"),
        (["lits"], "list"),
        (["coverge"], "coverage"),
    ],
)
def test_unknown_name_suggests_the_close_one_and_is_a_usage_error(mlkata_in, arguments, meant):
    ended = mlkata_in(*arguments)

    assert ended.exit_code == 2
    assert f"'{meant}'" in ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize("arguments", [["list", "--level", "extreme"], ["list", "--colour"], ["show"], ["new"]])
def test_wrong_arguments_are_a_usage_error(mlkata_in, arguments):
    assert mlkata_in(*arguments).exit_code == 2


@pytest.mark.parametrize("command", ["list", "coverage"])
def test_broken_exercise_does_not_hide_the_others_and_is_told(mlkata_in, broken, command):
    ended = mlkata_in(command)

    assert "double" in ended.stdout
    assert ended.exit_code == 3
    assert ended.stderr.startswith(f"mlkata: {broken / 'exercise.toml'}: level: expected one of easy, medium, hard")
    assert "Traceback" not in ended.output


@pytest.mark.parametrize("command", ["list", "coverage"])
def test_json_stays_whole_beside_a_broken_exercise(mlkata_in, broken, command):
    ended = mlkata_in(command, "--json")

    assert json.loads(ended.stdout)
    assert ended.exit_code == 3


def test_broken_exercise_cannot_be_shown(mlkata_in, broken):
    ended = mlkata_in("show", "broken")

    assert ended.exit_code == 3
    assert ended.stderr.startswith("mlkata: ")
    assert ended.stdout == ""


def test_sound_exercise_beside_a_broken_one_is_shown(mlkata_in, broken):
    assert mlkata_in("show", "double").exit_code == 0


def test_show_tells_metadata_questions_files_and_conventions(mlkata_in, root):
    shown = mlkata_in("show", "double").stdout

    assert shown.splitlines()[0] == "double"
    assert "What is the Bias-Variance Tradeoff in Machine Learning?" in shown
    assert f"{root / 'graders/double/wrong/squares.py'}\n" in shown
    assert "Anything else raises `TypeError`." in shown


def test_show_says_which_files_are_missing(mlkata_in, root):
    (root / "exercises/double/hints.md").unlink()

    assert f"{root / 'exercises/double/hints.md'} (missing)" in mlkata_in("show", "double").stdout


def test_show_as_json_has_the_same(mlkata_in, root):
    (root / "solutions/double.py").unlink()

    shown = json.loads(mlkata_in("show", "double", "--json").stdout)

    assert shown["level"] == "easy"
    assert shown["questions"] == {
        "Q01": "What is the Bias-Variance Tradeoff in Machine Learning?",
        "T013": "k-Nearest Neighbors (k-NN)",
    }
    assert shown["files"]["stub"] == {"path": str(root / "exercises/double/double.py"), "exists": True}
    assert shown["files"]["reference"] == {"path": str(root / "solutions/double.py"), "exists": False}
    assert list(shown["conventions"]) == ["Numbers", "Lists", "Times", "Errors"]


def test_show_does_without_a_prompt(mlkata_in, root):
    (root / "exercises/double/README.md").unlink()

    ended = mlkata_in("show", "double")

    assert ended.exit_code == 0
    assert "conventions" not in ended.stdout


def test_coverage_counts_the_questions_that_have_an_exercise(mlkata_in):
    lines = mlkata_in("coverage").stdout.splitlines()

    assert len(lines) == 1 + 183 + 1
    assert lines[1].split()[0] == "Q01"
    assert lines[1].endswith("  double")
    assert lines[-1] == "3 of 183 questions have an exercise"


def test_coverage_counts_no_exercise_without_a_grader(mlkata_in, root):
    (root / "graders/double/test_double.py").unlink()

    assert mlkata_in("coverage").stdout.splitlines()[-1] == "1 of 183 questions have an exercise"


def test_missing_coverage_lists_the_others_alone(mlkata_in):
    lines = mlkata_in("coverage", "--missing").stdout.splitlines()

    assert len(lines) == 1 + 180 + 1
    assert not {"Q01", "Q14", "T013"} & set(first_column("\n".join(lines)))
    assert lines[-1] == "3 of 183 questions have an exercise"


def test_coverage_as_json(mlkata_in):
    covered = json.loads(mlkata_in("coverage", "--json").stdout)

    assert (covered["covered"], covered["total"], len(covered["questions"])) == (3, 183, 183)
    assert covered["questions"][13] == {
        "id": "Q14",
        "text": "How Do You Handle Imbalanced Datasets?",
        "exercises": ["focal", "hinge"],
    }


def test_new_writes_an_exercise_that_can_be_shown(mlkata_in, root):
    ended = mlkata_in("new", "treble", "--title", "Treble", "--track", "warm_up", "--kind", "torch", "--level", "easy")

    assert ended.exit_code == 0
    assert str(root / "solutions/treble.py") in ended.stdout.splitlines()
    shown = json.loads(mlkata_in("show", "treble", "--json").stdout)
    assert (shown["title"], shown["track"], shown["kind"], shown["level"]) == ("Treble", "warm_up", "torch", "easy")


def test_new_refuses_what_exists(mlkata_in):
    ended = mlkata_in("new", "double")

    assert ended.exit_code == 2
    assert ended.stderr.startswith("mlkata: ")
    assert "exists already" in ended.stderr


def test_root_option_wins_over_the_environment(mlkata_in, tmp_path):
    (tmp_path / "other/exercises").mkdir(parents=True)

    assert json.loads(mlkata_in("list", "--json", "--root", str(tmp_path / "other")).stdout) == []


def test_root_that_is_no_catalogue_is_a_usage_error(tmp_path):
    ended = CliRunner().invoke(main, ["list", "--root", str(tmp_path)])

    assert ended.exit_code == 2
    assert ended.stderr.startswith(f"mlkata: {tmp_path}: expected a catalogue")


def test_root_that_does_not_exist_is_a_usage_error(tmp_path):
    assert CliRunner().invoke(main, ["list", "--root", str(tmp_path / "nowhere")]).exit_code == 2


@pytest.fixture
def asked(monkeypatch):
    """What `mlkata verify` asked for, where `hinge` is unsound and nothing is really verified, since that forks."""
    asked = {}

    def verify_all(exercises, **options):
        asked.update(options, ids=[exercise.id for exercise in exercises])
        complaints = (Complaint("hints_are_three", "hints.md has none"), Complaint("reference_passes", "it fails"))
        for id in asked["ids"]:
            yield Verdict(id, complaints if id == "hinge" else (), 9, {"double": 1.0, "focal": 2.26}.get(id, 4.0), 3.0)

    monkeypatch.setattr(mlkata.verify, "verify_all", verify_all)
    return asked


@pytest.fixture
def repository(root):
    """The catalogue as one, with all of it committed."""
    git(root, "init", "--quiet")
    commit(root)
    return root


def test_verify_takes_every_exercise_unless_some_are_named(mlkata_in, asked):
    mlkata_in("verify")
    assert asked["ids"] == ["double", "focal", "hinge"]

    mlkata_in("verify", "focal", "double")
    assert asked["ids"] == ["focal", "double"]


def test_verify_says_a_line_for_each_exercise_and_one_for_all(mlkata_in, asked):
    ended = mlkata_in("verify", "double", "focal")

    assert ended.exit_code == 0
    assert ended.stdout.splitlines() == [
        "double: sound (9 submissions, 1.0 s of CPU)",
        "focal: sound (9 submissions, 2.3 s of CPU)",
        "2 of 2 exercises are sound; median 1.6 s of CPU each",
    ]
    assert ended.stderr == ""


def test_verify_ends_with_1_where_an_exercise_is_unsound_and_says_why(mlkata_in, asked):
    ended = mlkata_in("verify")

    assert ended.exit_code == 1
    assert ended.stdout.splitlines()[2:] == [
        "hinge: 2 complaints (9 submissions, 4.0 s of CPU)",
        "  hints.md has none  [hints_are_three]",
        "  it fails  [reference_passes]",
        "2 of 3 exercises are sound; median 2.3 s of CPU each",
    ]


def test_verify_as_json_has_the_complaints_and_nothing_else(mlkata_in, asked):
    ended = mlkata_in("verify", "--json", "hinge")

    assert ended.exit_code == 1
    assert json.loads(ended.stdout) == [
        {
            "id": "hinge",
            "complaints": [
                {"law": "hints_are_three", "text": "hints.md has none"},
                {"law": "reference_passes", "text": "it fails"},
            ],
            "graded": 9,
            "cpu_seconds": 4.0,
            "wall_seconds": 3.0,
            "unwalled": "",
        }
    ]


def test_verify_passes_its_options_on(mlkata_in, asked):
    mlkata_in("verify", "--jobs", "3", "--device", "cuda", "--seed", "7")
    assert (asked["jobs"], asked["device"], asked["seed"]) == (3, "cuda", 7)

    mlkata_in("verify")
    assert (asked["jobs"], asked["device"], asked["seed"]) == (os.cpu_count(), "cpu", 0)


@pytest.mark.parametrize(
    "arguments", [["--jobs", "0"], ["--device", "tpu"], ["--changed", "double"], ["--changed", "--since", "nonsense"]]
)
def test_verify_refuses_what_it_cannot_do(mlkata_in, asked, repository, arguments):
    ended = mlkata_in("verify", *arguments)

    assert (ended.exit_code, ended.stdout, asked) == (2, "", {})


def test_verify_of_an_unknown_exercise_suggests_the_close_one_and_verifies_nothing(mlkata_in, asked):
    ended = mlkata_in("verify", "double", "focla")

    assert (ended.exit_code, asked) == (2, {})
    assert ended.stderr.startswith("mlkata: there is no exercise 'focla'")
    assert "did you mean 'focal'?" in ended.stderr


def test_verify_of_an_exercise_that_cannot_be_read_proves_the_others_and_ends_with_3(mlkata_in, asked, broken):
    ended = mlkata_in("verify")

    assert ended.exit_code == 3
    assert "broken" not in asked["ids"]
    assert "double" in asked["ids"]
    assert "double: " in ended.stdout
    assert ended.stderr.startswith(f"mlkata: {broken / 'exercise.toml'}: level: ")


def test_verify_takes_only_what_was_changed(mlkata_in, asked, repository):
    edit(repository / "solutions/hinge.py", "2**times", "4**times")

    assert mlkata_in("verify", "--changed").exit_code == 1
    assert asked["ids"] == ["hinge"]


def test_verify_compares_with_the_commit_that_is_named(mlkata_in, asked, repository):
    empty_tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

    mlkata_in("verify", "--changed", "--since", empty_tree)

    assert asked["ids"] == ["double", "focal", "hinge"]


def test_verify_of_no_change_says_so_on_stderr(mlkata_in, asked, repository):
    ended = mlkata_in("verify", "--changed")

    assert (ended.exit_code, ended.stdout, asked) == (0, "", {})
    assert ended.stderr == "mlkata: no exercise was changed\n"


def test_verify_of_no_change_as_json_is_empty(mlkata_in, asked, repository):
    ended = mlkata_in("verify", "--changed", "--json")

    assert (ended.exit_code, json.loads(ended.stdout), ended.stderr) == (0, [], "")


def test_verify_of_an_empty_catalogue_says_so(mlkata_in, asked, tmp_path):
    (tmp_path / "other/exercises").mkdir(parents=True)

    ended = mlkata_in("verify", "--root", str(tmp_path / "other"))

    assert (ended.exit_code, ended.stdout) == (0, "")
    assert ended.stderr == "mlkata: there is no exercise to verify\n"


def test_changes_in_no_repository_are_a_usage_error(mlkata_in, asked, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))

    ended = mlkata_in("verify", "--changed")

    assert ended.exit_code == 2
    assert ended.stderr.startswith("mlkata: --changed: git says of ")


VERIFY = [sys.executable, "-c", "from mlkata.cli import main; main()", "verify"]


def test_verify_really_verifies(root):
    """In a process of its own, as it forks; test_verify.py looks closer."""
    edit(root / "exercises/hinge/hints.md", "## Hint 3", "## The third")

    ended = subprocess.run([*VERIFY, "--root", str(root)], capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (1, "")
    assert "double: sound (17 submissions, " in ended.stdout
    assert "focal: sound (17 submissions, " in ended.stdout
    assert (
        "  hints.md has the sections Hint 1, Hint 2, The third: expected Hint 1, Hint 2, Hint 3  [hints" in ended.stdout
    )
    assert "\n2 of 3 exercises are sound; median " in ended.stdout


def test_bar_shows_how_far_it_got_on_a_terminal_and_nowhere_else(root):
    (root / "exercises/double/hints.md").unlink()  # which is told at once
    command = [*VERIFY, "double", "--root", str(root)]
    master, terminal = os.openpty()

    shown = subprocess.run(
        command, env={**os.environ, "TERM": "xterm"}, stdout=subprocess.PIPE, stderr=terminal, check=False
    )
    hidden = subprocess.run(command, env={**os.environ, "FORCE_COLOR": "1"}, capture_output=True, check=False)

    os.close(terminal)
    assert b"verifying" in os.read(master, 1 << 16)
    os.close(master)
    assert hidden.stderr == b""
    assert hidden.stdout.startswith(b"double: 1 complaint (0 submissions, ")
    assert shown.stdout.startswith(b"double: 1 complaint (0 submissions, ")


def test_version_is_that_of_the_package():
    assert mlkata.__version__ in CliRunner().invoke(main, ["--version"]).stdout


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DoesNotLoad("no"), 1),
        (RefusedByRules("no"), 1),
        (UsageError("no"), 2),
        (CatalogError("a", expected="b", found="c", todo="d"), 3),
        (HarnessError("no"), 3),
        (WireError("no"), 3),
    ],
)
def test_exit_code_says_whose_fault_it_was(error, code):
    assert exit_code(error) == code


def raising(error):
    def details(exercise):
        raise error

    return details


def test_error_of_mlkata_is_one_line_without_traceback(mlkata_in, monkeypatch):
    monkeypatch.setattr(cli, "details", raising(HarnessError("the walls fell")))

    ended = mlkata_in("show", "double")

    assert (ended.exit_code, ended.stderr) == (3, "mlkata: the walls fell\n")


def test_unforeseen_error_is_never_taken_for_a_failed_submission(mlkata_in, monkeypatch):
    monkeypatch.setattr(cli, "details", raising(ZeroDivisionError("of ours")))

    ended = mlkata_in("show", "double")

    assert ended.exit_code == 3
    assert "please report it" in ended.stderr
    assert "ZeroDivisionError: of ours" in ended.stderr


def test_interruption_ends_with_130(mlkata_in, monkeypatch):
    monkeypatch.setattr(cli, "details", raising(KeyboardInterrupt()))

    ended = mlkata_in("show", "double")

    assert (ended.exit_code, ended.stderr) == (130, "mlkata: interrupted\n")


def test_no_colour_without_a_terminal(root):
    ended = subprocess.run(
        [sys.executable, "-c", "from mlkata.cli import main; main()", "coverage", "--root", str(root)],
        env={**os.environ, "FORCE_COLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "183 questions" in ended.stdout
    assert "\x1b" not in ended.stdout + ended.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["list"]])
def test_starting_imports_no_heavy_package(root, arguments):
    code = (
        "import sys\n"
        "from mlkata.cli import main\n"
        f"main({arguments}, standalone_mode=False)\n"
        "heavy = {'numpy', 'pandas', 'torch', 'pytest', 'rich'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "MLKATA_ROOT": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (0, "")
