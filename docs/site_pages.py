"""Pages of the documentation site that are made from the exercises' own files, and formulas that need no network.

A hook of mkdocs: see `hooks` in mkdocs.yml.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from latex2mathml import converter
from mkdocs.structure.files import File

from mlkata.catalog import Catalog, Exercise
from mlkata.questions import questions

ROOT = Path(__file__).parents[1]
_CODE = r"(?P<code>(?P<fence>`{3,}|~{3,}).*?(?P=fence)|(?P<tick>`+)[^`].*?(?P=tick))"
_FORMULA = re.compile(
    _CODE + r"|\$\$(?P<block>.+?)\$\$|(?<![\\$\w])\$(?P<inline>[^\s$](?:[^$\n]*[^\s$])?)\$(?!\w)", re.DOTALL
)


def on_files(files: Any, config: Any) -> Any:
    """Add the catalogue, and a page for each exercise."""
    exercises = Catalog(ROOT).exercises()
    files.append(File.generated(config, "exercises/index.md", content=catalogue(exercises)))
    for exercise in exercises:
        files.append(File.generated(config, f"exercises/{exercise.id}.md", content=page(exercise)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Turn formulas into MathML, which browsers draw by themselves."""
    return with_formulas(markdown)


def with_formulas(markdown: str) -> str:
    """A text whose $...$ and $$...$$, outside of code, are MathML.

    >>> with_formulas("`$x$` costs $x$")[:20]
    '`$x$` costs <math xm'
    """

    def made(match: re.Match[str]) -> str:
        if match["code"]:
            return match[0]
        is_block = match["block"] is not None
        formula = converter.convert(
            (match["block"] or match["inline"]).strip(), display="block" if is_block else "inline"
        )
        formula = formula.replace("*", "&#42;").replace("_", "&#95;").replace("\n", " ")
        return f'\n\n<div class="formula">{formula}</div>\n\n' if is_block else formula

    return _FORMULA.sub(made, markdown)


def catalogue(exercises: tuple[Exercise, ...]) -> str:
    """The table of all exercises, with what it can be narrowed down by."""
    companies = {company for exercise in exercises for company in _companies(exercise)}
    choices = {
        "track": sorted({exercise.track for exercise in exercises}),
        "level": ["easy", "medium", "hard"],
        "company": sorted(companies),
        "question": sorted({id for exercise in exercises for id in exercise.questions}),
    }
    head = "".join(f"<th>{name}</th>" for name in ("Exercise", "Track", "Level", "Minutes", "Questions"))
    return "\n".join(
        [
            "---",
            "hide: [toc]",
            "---",
            "# Exercises",
            "",
            f"{len(exercises)} exercises. Run one with `pytest exercises/ID`.",
            "",
            '<form id="narrow" class="narrow">',
            '<label>Search <input type="search" name="text" placeholder="title or id"></label>',
            *(_select(name, values) for name, values in choices.items()),
            '<output name="count"></output>',
            "</form>",
            f'<table id="catalogue"><thead><tr>{head}</tr></thead><tbody>',
            *map(_row, exercises),
            "</tbody></table>",
        ]
    )


def page(exercise: Exercise) -> str:
    """The prompt of an exercise, under a line with what its metadata says."""
    title, _, rest = exercise.readme.read_text(encoding="utf-8").partition("\n")
    texts = {question.id: question.text for question in questions()}
    track = exercise.track.replace("_", " ")
    facts = f"*{track}* · {exercise.level} · {exercise.minutes} minutes · `pytest exercises/{exercise.id}`"
    asked = [f"- {id}: {texts[id]}" for id in exercise.questions]
    lines = [title, "", facts, rest, "", "## Interview questions", "", *asked] if asked else [title, "", facts, rest]
    return "\n".join(lines)


def _row(exercise: Exercise) -> str:
    data = {
        "track": exercise.track,
        "level": exercise.level,
        "company": "|".join(sorted(_companies(exercise))),
        "question": "|".join(exercise.questions),
        "text": f"{exercise.id} {exercise.title}".lower(),
    }
    attributes = "".join(f' data-{name}="{html.escape(value)}"' for name, value in data.items())
    link = f'<a href="{exercise.id}.html">{html.escape(exercise.title)}</a><br><code>{exercise.id}</code>'
    cells = (
        link,
        exercise.track.replace("_", " "),
        exercise.level,
        str(exercise.minutes),
        ", ".join(exercise.questions),
    )
    return f"<tr{attributes}>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _select(name: str, values: list[str]) -> str:
    options = "".join(
        f'<option value="{html.escape(value)}">{html.escape(value.replace("_", " "))}</option>' for value in values
    )
    return f'<label>{name.capitalize()} <select name="{name}"><option value="">all</option>{options}</select></label>'


def _companies(exercise: Exercise) -> Iterator[str]:
    return (company for question in questions() if question.id in exercise.questions for company in question.companies)
