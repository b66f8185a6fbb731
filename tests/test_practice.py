"""A practice folder is found from anywhere inside it, and by nothing but the list of what was put into it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlkata.errors import UsageError
from mlkata.practice import Practice, find_practice, require_practice


@pytest.fixture
def practice(tmp_path):
    practice = Practice(tmp_path / "learner")
    (practice.root / "exercises/double").mkdir(parents=True)
    practice.shipped.parent.mkdir()
    practice.shipped.write_text("")
    return practice


@pytest.mark.parametrize(
    "inside", [".", "exercises", "exercises/double", "exercises/double/double.py", "no/such/folder"]
)
def test_is_found_from_anywhere_inside(practice, inside):
    assert find_practice(practice.root / inside) == practice


def test_inner_one_is_found_first(practice):
    inner = Practice(practice.root / "inner")
    inner.shipped.parent.mkdir(parents=True)
    inner.shipped.write_text("")

    assert find_practice(inner.root / "exercises") == inner


def test_exercises_alone_make_none(practice):
    practice.shipped.unlink()

    assert find_practice(practice.root / "exercises") is None
    with pytest.raises(
        UsageError, match=r"expected a practice folder, found none here or above; make one with `mlkata"
    ):
        require_practice(practice.root)


def test_relative_start_counts_from_the_working_directory(practice, monkeypatch):
    monkeypatch.chdir(practice.root / "exercises")

    assert find_practice(Path()) == practice


def test_paths_are_shown_as_one_types_them_in_the_folder(practice, tmp_path):
    assert practice.shown(practice.root / "exercises" / "double") == "exercises/double".replace("/", os.sep)
    assert practice.shown(tmp_path / "elsewhere") == str(tmp_path / "elsewhere")
