"""Listings hold the exercises that were asked for, and coverage counts only those that can be solved and graded."""

import pytest
from toy import METADATA, add_exercise, toy_catalogue

from mlkata.catalog import Catalog
from mlkata.errors import UsageError
from mlkata.selection import Selection, coverage, is_working, select


@pytest.fixture
def root(tmp_path):
    return toy_catalogue(tmp_path)


@pytest.fixture
def exercises(root):
    """Beside `double` (warm_up, easy, python; Q01 and T013): two losses that answer Q14, and one of numpy."""
    losses = METADATA.replace("warm_up", "losses").replace('["Q01", "T013"]', '["Q14"]')
    add_exercise(root, "focal", losses.replace('"easy"', '"hard"'))
    add_exercise(root, "hinge", losses.replace('"easy"', '"medium"'))
    add_exercise(root, "mean", METADATA.replace('"python"', '"numpy"').replace('["Q01", "T013"]', "[]"))
    return Catalog(root).exercises()


def ids(exercises, **asked):
    return [exercise.id for exercise in select(exercises, Selection(**asked))]


def test_all_are_sorted_by_track_then_level_then_id(exercises):
    assert ids(exercises) == ["hinge", "focal", "double", "mean"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"track": "losses"}, ["hinge", "focal"]),
        ({"track": "LOSSES"}, ["hinge", "focal"]),
        ({"level": "hard"}, ["focal"]),
        ({"kind": "numpy"}, ["mean"]),
        ({"question": "q14"}, ["hinge", "focal"]),
        ({"question": "Q02"}, []),
        ({"tag": "generalization"}, ["double"]),
        ({"company": "slack"}, ["double"]),
        ({"company": "facebook"}, ["hinge", "focal", "double"]),
        ({"track": "losses", "level": "medium"}, ["hinge"]),
    ],
)
def test_only_what_fits_is_found(exercises, asked, found):
    assert ids(exercises, **asked) == found


def test_one_question_must_fit_company_and_tag_both(exercises):
    # Slack asks Q01 of `double`, and the tag is that of T013.
    assert ids(exercises, company="Slack") == ["double"]
    assert ids(exercises, tag="Instance-based Learning") == ["double"]
    assert ids(exercises, company="Slack", tag="Instance-based Learning") == []


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ({"track": "loses"}, "losses"),
        ({"company": "Gogle"}, "Google"),
        ({"question": "Q014"}, "Q14"),
        ({"tag": "Regularisation"}, "Regularization"),
    ],
)
def test_unknown_name_suggests_the_close_one(exercises, asked, meant):
    with pytest.raises(UsageError, match=f"did you mean .*'{meant}'"):
        ids(exercises, **asked)


def test_coverage_names_the_exercises_of_each_question(exercises):
    covered = {question.id: found for question, found in coverage(exercises).items()}

    assert len(covered) == 183
    assert covered["Q14"] == ("focal", "hinge")
    assert covered["Q01"] == covered["T013"] == ("double",)
    assert covered["Q02"] == ()


@pytest.mark.parametrize("name", ["exercises/double/double.py", "graders/double/test_double.py", "solutions/double.py"])
def test_exercise_without_stub_grader_or_reference_covers_nothing(root, name):
    (root / name).unlink()
    exercise = Catalog(root).exercise("double")

    assert not is_working(exercise)
    assert not any(coverage([exercise]).values())
