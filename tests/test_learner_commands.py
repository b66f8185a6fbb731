"""The commands of a learner's day, as they are typed in a practice folder."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from practice_toy import solve
from toy import add_exercise, edit, write

from mlkata import journal, learner_commands
from mlkata.cli import main
from mlkata.journal import Deed, Entry

pytest_plugins = ("practice_fixtures",)


def run(*arguments, **options):
    return CliRunner().invoke(main, arguments, **options)


def passed(practice, *ids):
    journal.write(practice.journal, [Entry(journal.now(), Deed.PASSED, id, "8/8") for id in ids])


def test_init_makes_a_folder_in_which_commands_work(source, tmp_path, monkeypatch):
    monkeypatch.setattr(learner_commands, "content_root", lambda: source.root)
    monkeypatch.chdir(tmp_path)

    ended = run("init", "mine")

    assert (ended.exit_code, ended.stderr) == (0, "")
    assert ended.stdout == f"{tmp_path / 'mine'} has 3 exercises; run `mlkata next` in it\n"
    monkeypatch.chdir(tmp_path / "mine/exercises/double")
    assert [each["id"] for each in json.loads(run("list", "--json").stdout)] == ["treble", "halve", "double"]
    assert run("next").exit_code == 0


def test_init_says_what_it_kept(source, tmp_path, monkeypatch):
    monkeypatch.setattr(learner_commands, "content_root", lambda: source.root)
    write(tmp_path / "mine/README.md", "mine")

    ended = run("init", str(tmp_path / "mine"))

    assert ended.exit_code == 0
    assert "README.md is yours and stays as it is; mlkata has a new one: move it away and run `mlkata u" in ended.stderr


def test_init_twice_is_a_usage_error(inside):
    ended = run("init", ".")

    assert ended.exit_code == 2
    assert ended.stderr.startswith("mlkata: . is a practice folder already; run `mlkata update`")


@pytest.mark.parametrize(
    "command", [["next"], ["hint", "double"], ["progress"], ["reset", "double"], ["solution", "double"], ["update"]]
)
def test_outside_a_practice_folder_learners_are_told_how_to_make_one(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    ended = run(*command)

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith(
        f"mlkata: {tmp_path}: expected a practice folder, found none here or above; make one"
    )


def test_folder_can_be_named(inside, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    assert run("next", "--root", str(inside.root / "exercises")).stdout.startswith("double: Double")


@pytest.mark.parametrize("command", [["new", "quarter"], ["verify"]])
def test_authors_commands_have_no_business_in_a_practice_folder(inside, command):
    ended = run(*command)

    assert ended.exit_code == 2
    assert ended.stderr.startswith(f"mlkata: {inside.root} is a practice folder, without graders and references; name")
    assert not (inside.root / "exercises/quarter").exists()


def test_authors_commands_take_another_catalogue_there(inside, source):
    assert run("new", "quarter", "--root", str(source.root)).exit_code == 0
    assert (source.root / "exercises/quarter").is_dir()


def test_update_lists_what_it_brought(inside, source):
    add_exercise(source.root, "quarter")
    edit(source.folder("double") / "README.md", "## Task", "## Task\n\nNew.")
    write(inside.root / "exercises/halve/halve.py", "mine")
    edit(source.folder("halve") / "halve.py", "implement halve", "implement it")

    ended = run("update")

    assert "added  exercises/quarter/quarter.py" in ended.stdout
    assert "renewed  exercises/double/README.md" in ended.stdout
    stub = "exercises/halve/halve.py"
    said = f"{stub} is yours and stays as it is; mlkata has a new one: `mlkata reset halve` gives it"
    assert ended.stderr == f"mlkata: {said}\n"
    assert run("update").stdout == "nothing else is new\n"


def test_update_of_nothing_says_so(inside):
    assert run("update").stdout == "everything is up to date\n"
    assert json.loads(run("update", "--json").stdout) == {"added": [], "renewed": [], "kept": [], "gone": []}


def test_update_says_what_is_gone(inside, source):
    import shutil

    shutil.rmtree(source.folder("halve"))

    assert "mlkata: exercises/halve is not in mlkata any more; it stays as it is" in run("update").stderr


def test_next_says_what_to_read_write_and_run(inside):
    assert run("next").stdout.splitlines() == [
        "double: Double (warm_up, easy, 5 minutes, new)",
        "  read   exercises/double/README.md",
        "  write  exercises/double/double.py",
        "  run    mlkata watch double",
    ]


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        ([], "treble"),
        (["--level", "hard"], "halve"),
        (["--track", "losses"], "treble"),
        (["--company", "google"], "treble"),
        (["--question", "Q14", "--question", "Q01"], "treble"),
        (["--failed"], "double"),
    ],
)
def test_next_takes_what_is_asked_for(inside, options, chosen):
    journal.write(inside.journal, [Entry(journal.now(), Deed.FAILED, "double", "1/8")])

    assert [each["id"] for each in [*json.loads(run("next", "--json", *options).stdout)]] == [chosen]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--question", "Q02"], "no exercise fits; ask for less"),
        (["--failed"], "nothing failed; leave --failed away"),
        ([], "all of them are passed; ask for others"),
    ],
)
def test_next_of_nothing_says_why(inside, options, said):
    passed(inside, "double", "halve", "treble")

    ended = run("next", *options)

    assert (ended.exit_code, ended.stdout, ended.stderr) == (0, "", f"mlkata: {said}\n")
    assert json.loads(run("next", "--json", *options).stdout) == []


def test_hint_is_given_and_the_next_time_the_next_one(inside):
    assert run("hint", "double").stdout.startswith("Hint 1 of 3\n\nWhat does Python make of a list times two?")
    assert run("hint", "double").stdout.startswith("Hint 2 of 3\n")
    assert json.loads(run("hint", "double", "--json").stdout)[0]["number"] == 3
    last = run("hint", "double")
    assert last.stdout.startswith("Hint 3 of 3\n")
    assert last.stderr == "mlkata: that was the last hint; `mlkata solution double --give-up` shows the solution\n"


def test_hints_are_shown_again_without_giving_another(inside):
    assert run("hint", "double", "--again").stderr == "mlkata: no hint to double was given yet; leave --again away\n"
    run("hint", "double")

    assert run("hint", "double", "--again").stdout.count("Hint ") == 1
    assert run("hint", "double").stdout.startswith("Hint 2 of 3")


def test_solution_wants_to_be_earned(inside):
    refused = run("solution", "double")
    assert (refused.exit_code, refused.stdout) == (2, "")

    assert "return x * 2**times" in run("solution", "double", "--give-up").stdout
    passed(inside, "halve")
    assert "return x * 2**times" in run("solution", "halve").stdout


def test_reset_says_where_the_answer_is_kept(inside):
    assert run("reset", "double").stdout == "exercises/double/double.py is the stub; nothing was written there\n"
    solve(inside, "double")

    said = run("reset", "double").stdout

    backup = said.strip().rpartition(" ")[2]
    assert said.startswith("exercises/double/double.py is the stub again; what you wrote is in .mlkata")
    assert "return x * 2**times" in (inside.root / backup).read_text()


@pytest.mark.parametrize("command", ["hint", "solution", "reset", "watch"])
def test_unknown_exercise_suggests_the_close_one(inside, command):
    ended = run(command, "doubel")

    assert ended.exit_code == 2
    assert "did you mean 'double'" in ended.stderr


def test_progress_shows_bars_by_track_and_company(inside):
    passed(inside, "double")

    lines = run("progress").stdout.splitlines()

    assert "warm_up  ####################  1/1" in lines
    assert "losses   --------------------  0/2" in lines
    assert [line.split() for line in lines if line.startswith("Google")] == [["Google", "######--------------", "1/3"]]
    assert lines[-2] == "1 of 3 exercises passed, 1 tried"
    assert lines[-1] == "first-try rate 100 % (1 of 1), hints 0, time 0 min"


def test_progress_as_json_is_of_what_is_asked_for(inside):
    found = json.loads(run("progress", "--json", "--track", "losses").stdout)

    assert (found["total"], [each["id"] for each in found["exercises"]]) == (2, ["treble", "halve"])


def test_progress_of_nothing_says_so(inside):
    assert run("progress", "--question", "Q02").stderr == "mlkata: no exercise fits; ask for less\n"


@pytest.mark.parametrize("command", ["next", "progress"])
def test_line_of_the_journal_that_is_none_is_told(inside, command):
    write(inside.journal, "nonsense\n")

    ended = run(command)

    assert ended.exit_code == 0
    assert ended.stderr.startswith(f"mlkata: {inside.journal}, line 1: expected a line such as ")


@pytest.mark.parametrize("command", ["next", "progress"])
def test_broken_exercise_does_not_hide_the_others(inside, command):
    edit(inside.root / "exercises/halve/exercise.toml", '"hard"', '"hrad"')

    ended = run(command)

    assert ended.stdout
    assert ended.exit_code == 3
    assert "level: expected one of easy, medium, hard" in ended.stderr
