"""The documentation site has a page for each exercise, and its formulas need no network."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from mlkata.catalog import Catalog

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def pages():
    pytest.importorskip("mkdocs")
    spec = importlib.util.spec_from_file_location("site_pages", ROOT / "docs" / "site_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def exercises():
    return Catalog(ROOT).exercises()


@pytest.mark.parametrize("text", ["a $p_t$ b", "$$\\mathrm{FL}(p_t) = -\\log p_t$$", "($x$)"])
def test_formulas_become_mathml(pages, text):
    made = pages.with_formulas(text)

    assert "<math" in made
    assert "$" not in made


@pytest.mark.parametrize(
    "text",
    ["`$x$`", "```\n$x$ and $y$\n```", "it costs 5$ or 6$", "```console\n$ pip install x\n$ pytest\n```", "\\$x\\$"],
)
def test_what_is_no_formula_stays(pages, text):
    assert pages.with_formulas(text) == text


def test_underscores_and_stars_of_formulas_are_no_markdown(pages):
    made = pages.with_formulas("$a_1 * b_1$")

    assert not re.search(r"[*_]", made)


def test_every_exercise_has_a_row_and_a_page(pages, exercises):
    table = pages.catalogue(exercises)

    assert table.count("<tr data-") == len(exercises)
    for exercise in exercises:
        assert f'href="{exercise.id}.html"' in table
        assert f"pytest exercises/{exercise.id}" in pages.page(exercise)


def test_rows_say_what_they_can_be_narrowed_down_by(pages, exercises):
    table = pages.catalogue(exercises)
    [row] = [line for line in table.splitlines() if 'href="focal_loss.html"' in line]

    assert 'data-track="losses"' in row
    assert "Q14" in re.search(r'data-question="([^"]*)"', row)[1].split("|")
    assert re.search(r'data-company="[^"]+"', row)
    assert '<option value="Google">' in table
