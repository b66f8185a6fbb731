"""An interview fits its time, begins from stubs, ends with the clock or with enter, and shows what was missed."""

from __future__ import annotations

import json
import queue
import random
import sys

import pytest
from practice_toy import solve, write_answer
from pseudo_terminal import PseudoTerminal
from toy import write

from mlkata import interview, journal, learner_commands
from mlkata.errors import UsageError
from mlkata.interview import Mark, count_down, draw
from mlkata.journal import Deed, Entry
from mlkata.judging import Verdict, new_judge
from mlkata.standing import Standing, standings

pytest_plugins = ("practice_fixtures",)

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the terminal is driven as on Linux")
PASSED = Standing(tries=1, passed_at=journal.now())


def ids(exercises):
    return [each.id for each in exercises]


def drawn(source, minutes, found=None, seed=0):
    return draw(source.exercises(), found or {}, minutes=minutes, rng=random.Random(seed))


@pytest.mark.parametrize("minutes", [5, 24, 25, 64, 65, 600])
def test_set_fits_the_time_and_nothing_more_would_fit(source, minutes):
    for seed in range(30):
        found = drawn(source, minutes, seed=seed)
        left = minutes - sum(each.minutes for each in found)

        assert left >= 0
        assert not [each for each in source.exercises() if each not in found and each.minutes <= left]


def test_sets_differ_by_chance_and_can_be_drawn_again(source):
    firsts = {ids(drawn(source, 60, seed=seed))[0] for seed in range(30)}

    assert len(firsts) == 3
    assert drawn(source, 60, seed=7) == drawn(source, 60, seed=7)


def test_what_was_not_passed_comes_first_then_another_track(source):
    for seed in range(30):
        assert ids(drawn(source, 600, {"double": PASSED}, seed=seed))[-1] == "double"
        assert "double" in ids(drawn(source, 600, seed=seed))[:2], "the other two are of one track"


def test_too_little_time_says_how_much_is_needed(source):
    with pytest.raises(UsageError, match="no exercise fits into 4 minutes; give --minutes 5 or more"):
        drawn(source, 4)
    with pytest.raises(UsageError, match="no exercise fits; ask for less"):
        draw((), {}, minutes=60, rng=random.Random(0))


@pytest.fixture
def held(practice, source):
    """One of `double` and `treble`, where the learner has solved `double` before."""
    solve(practice, "double")
    exercises = [practice.catalog.exercise(id) for id in ("double", "treble")]
    return interview.prepare(practice, exercises, source, company="Booking.com", minutes=60)


def test_it_begins_from_stubs_in_a_folder_of_its_own_without_hints(practice, held):
    assert held.folder.parent == practice.interviews
    assert held.folder.name.endswith("_booking_com")
    assert "implement double" in (held.folder / "double/double.py").read_text()
    assert "implement double" not in (practice.root / "exercises/double/double.py").read_text()
    assert sorted(path.name for path in (held.folder / "double").iterdir()) == [
        "README.md",
        "double.py",
        "exercise.toml",
        "test_double.py",
    ]


def test_exercise_that_mlkata_does_not_have_cannot_be_laid_out(practice, source):
    import shutil

    double = practice.catalog.exercise("double")
    shutil.rmtree(source.folder("double"))

    with pytest.raises(UsageError, match="double is not an exercise of mlkata, so its stub is not known"):
        interview.prepare(practice, [double], source, company="any", minutes=60)


class Clock:
    """Time that passes with each look at it."""

    def __init__(self, step):
        self.now, self.step = 1000.0, step

    def __call__(self):
        self.now += self.step
        return self.now


def test_clock_shows_what_is_left_and_ends_when_it_is_up(monkeypatch):
    keys, shown = queue.SimpleQueue(), []
    for _ in range(9):
        keys.put("x")

    seconds = count_down(1, keys, shown.append, clock=Clock(25.0))

    assert shown == ["0:35 left; enter hands in", "0:10 left; enter hands in"]
    assert seconds >= 60


def test_enter_ends_the_clock():
    keys = queue.SimpleQueue()
    keys.put("\n")

    assert count_down(60, keys, lambda text: None, clock=Clock(1.0)) == 2.0


def test_answers_are_marked_and_written_down(practice, held):
    answer = write_answer(practice, "double", "x * 2**times", "x * 3**times").read_text()
    write(held.folder / "double/double.py", answer)
    write(held.folder / "treble/treble.py", (practice.root / "solutions/treble.py").read_text())
    # The checks of the folder's exercises are those of the installed mlkata, which does not have these.
    for hidden in ("graders", "solutions"):
        (held.folder.parent / hidden).symlink_to(practice.root / hidden)
    held = interview.Interview(held.company, 60, held.folder, tuple(map(read_again, held.exercises)))
    judge = new_judge()

    marks = interview.mark(practice, held, judge)

    judge.close()
    assert [(each.id, each.passed, each.checks, each.is_passed) for each in marks] == [
        ("double", 5, 8, False),
        ("treble", 8, 8, True),
    ]
    assert marks[0].missed[0] == "A whole number of either sign is doubled."
    entries = journal.read(practice.journal).entries
    assert [(each.deed, each.subject) for each in entries] == [
        (Deed.FAILED, "double"),
        (Deed.INTERVIEW, "booking_com"),
        (Deed.PASSED, "treble"),
    ]
    assert entries[1].detail == "1 of 2 passed, 60 minutes"
    assert standings(entries)["treble"].state == "passed"


def read_again(exercise):
    from mlkata.catalog import read_exercise

    return read_exercise(exercise.folder)


class Says:
    """A judge with one verdict for everything."""

    records = False

    def __init__(self, verdict):
        self.verdict = verdict

    def judge(self, folder, **options):
        return self.verdict


def test_trouble_is_no_pass(practice, held):
    marks = interview.mark(practice, held, Says(Verdict(None, trouble="the reason")))

    assert [each.is_passed for each in marks] == [False, False]
    assert "double: the reason" in interview.text_of(marks, held, practice.shown, 60)
    assert [each.deed for each in journal.read(practice.journal).entries] == [Deed.INTERVIEW]


def test_end_says_what_was_missed_and_where_to_look(practice, held):
    marks = (Mark("double", 7, 8, ("It holds.",)), Mark("treble", 8, 8, ()))

    assert interview.text_of(marks, held, practice.shown, 95 * 60).splitlines() == [
        "double: 7 of 8 checks passed",
        "  missed  It holds.",
        f"  look closer with `pytest {practice.shown(held.folder)}/double`",
        "treble: 8 of 8 checks passed",
        "",
        "1 of 2 exercises passed in 95 of 60 minutes",
    ]
    assert interview.as_data(marks, held, 60.5)["exercises"][0]["missed"] == ["It holds."]


@on_linux
def test_one_is_held_in_a_terminal(practice, source):
    """From the draw to the last line, with enter to hand in."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom mlkata import learner_commands\nfrom mlkata.cli import main\n"
        "source = Path(sys.argv.pop(1))\nlearner_commands.content_root = lambda: source\nmain()\n"
    )
    arguments = ["interview", "--company", "Slack", "--minutes", "10"]
    terminal = PseudoTerminal([sys.executable, "-c", code, str(source.root), *arguments], cwd=practice.root)
    try:
        shown = terminal.wait_for(r"\d:\d\d left; enter hands in")
        assert "1 exercise in 10 minutes" in shown
        assert "What is the Bias-Variance Tradeoff in Machine Learning?" in shown

        terminal.type("\n")

        assert terminal.ended() == 1
        shown = terminal.wait_for_the_end(r"0 of 1 exercises passed in 0 of 10 minutes")
        assert "the hidden checks are not here" in shown
        assert terminal.is_as_before()
    finally:
        terminal.close()


def test_json_is_all_that_stands_on_stdout(inside, monkeypatch):
    from click.testing import CliRunner

    from mlkata.cli import main

    monkeypatch.setattr(learner_commands, "_run_clock", lambda minutes: 60.0)
    monkeypatch.setattr("mlkata.judging.new_judge", lambda: Closed(Verdict(None, trouble="the reason")))

    ended = CliRunner().invoke(main, ["interview", "--minutes", "5", "--json"])

    found = json.loads(ended.stdout)
    assert (ended.exit_code, found["passed"], found["seconds"]) == (1, 0, 60)
    assert found["exercises"] == [{"id": "double", "passed": 0, "checks": 0, "missed": [], "trouble": "the reason"}]
    assert "double: Double (easy, 5 minutes)" in ended.stderr


class Closed(Says):
    """The same, which can be closed."""

    def close(self):
        pass


def test_entry_of_an_interview_is_of_no_exercise():
    assert standings([Entry(journal.now(), Deed.INTERVIEW, "double", "1 of 1 passed, 5 minutes")]) == {}
