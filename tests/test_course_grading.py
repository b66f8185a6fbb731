"""Notebooks of a course are graded out of sight of the course."""

import json

import pytest
from toy import REFERENCE, toy_catalogue

from mlkata import course_grading
from mlkata.batch import Outcomes
from mlkata.catalog import Catalog
from mlkata.course_grading import CourseGrader, Submitted
from mlkata.marking import Options


@pytest.fixture
def one(tmp_path):
    path = tmp_path / "course" / "submitted" / "ada" / "ps1" / "double.ipynb"
    path.parent.mkdir(parents=True)
    cell = {"cell_type": "code", "source": REFERENCE, "metadata": {}}
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}))
    return Submitted("ada", "double", path, Catalog(toy_catalogue(tmp_path)).exercise("double"))


def test_submissions_do_not_see_the_course(one, tmp_path, monkeypatch):
    asked = {}
    monkeypatch.setattr(course_grading, "ready", lambda options, exercises: None)
    monkeypatch.setattr(
        course_grading.batch, "grade_all", lambda *given, **how: asked.update(how) or Outcomes(0, 0, ())
    )
    options = Options(seed=None, device="cpu", show="property", sandboxed=True)
    grader = CourseGrader(tmp_path / "course", Catalog(tmp_path / "catalogue"), options)

    grader.grade([one], jobs=1, step=lambda name: None)
    grader.close()

    assert asked["hide"] == tmp_path / "course"
    assert asked["options"]["sandboxed"]


def test_unreadable_notebook_is_a_zero_in_every_category(one, tmp_path):
    one.path.write_text("no notebook")
    options = Options(seed=1, device="cpu", show="property", sandboxed=True)
    grader = CourseGrader(tmp_path / "course", Catalog(tmp_path / "catalogue"), options)

    report = grader.report(one)
    grader.close()

    assert {category: score.earned for category, score in report.by_category().items()} == {
        "correctness": 0,
        "edge_case": 0,
    }
    assert report.checks[0].message.startswith("double.ipynb, line 1: expected a notebook")


@pytest.fixture
def state(one, tmp_path):
    """The state of the notebook's scores with these points, in a course of this name."""

    def found(points=4.0, course="course", **options):
        how = {"seed": None, "device": "cpu", "show": "property", "sandboxed": True} | options
        grader = CourseGrader(tmp_path / course, Catalog(tmp_path / "catalogue"), Options(**how))
        try:
            return grader.state(one, {"correctness": points})
        finally:
            grader.close()

    return found


def test_state_follows_answer_points_grader_and_what_is_told(one, state):
    first = state()

    assert state() == first
    assert state(points=8.0) != first
    assert state(show="full") != first
    one.path.write_text(one.path.read_text().replace("return", "return  "))
    assert state() != first


def test_state_follows_the_grader_but_not_the_seed(one, state):
    first = state(seed=1)

    assert state(seed=2) == first
    one.exercise.grader.write_text(one.exercise.grader.read_text() + "\n")
    assert state(seed=1) != first


def test_state_is_another_once_everything_is_to_be_graded_anew(state, tmp_path):
    first = state()
    (tmp_path / "course/.mlkata/grades.sqlite").unlink()

    assert state() != first
