"""Graded results of a class as one page that needs nothing beside itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from importlib import resources
from statistics import mean, median

from mlkata.class_figures import Distribution, FailureRate, distributions, failure_rates, misconceptions
from mlkata.grades import Grade, Gradebook, points_text, printable
from mlkata.plots import bar, histogram

SHOWN = 15  # rows of a list of bars that are open at once


def to_html(grades: Sequence[Grade], title: str) -> str:
    """The page: points, checks that failed, misconceptions, what is not graded, and students by exercises.

    Parameters
    ----------
    grades : sequence of Grade
    title : str
    """
    book = Gradebook.of(grades)
    script = _asset("sort.js")
    # Only our own script may run, whatever stands in names and messages.
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{_sha256(script)}'"
    body = "\n".join(
        [
            f"<h1>{_text(title)}</h1>",
            _facts(book),
            _points(book),
            _checks(failure_rates(book)),
            _misconceptions(misconceptions(book)),
            _troubles(book),
            _table(book),
        ]
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(title)}</title>\n<style>\n{_asset('style.css')}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n<script>{script}</script>\n</body>\n</html>\n"
    )


def _facts(book: Gradebook) -> str:
    totals = [total for student in book.students if (total := book.total(student)) is not None]
    n_graded = sum(grade.graded for grade in book.grades)
    facts = [
        (str(len(book.students)), "students"),
        (str(len(book.exercises)), "exercises"),
        (str(n_graded), "answers graded"),
        (str(len(book.grades) - n_graded), "answers not graded"),
    ]
    if totals and book.possible_total:
        facts.append((f"{mean(totals):.1f} of {points_text(book.possible_total)}", "points on average"))
    items = "".join(f"<li><b>{number}</b> {what}</li>" for number, what in facts)
    return f'<ul class="facts">{items}</ul>'


def _points(book: Gradebook) -> str:
    plots = "".join(_plot(each, f"plot-{number}") for number, each in enumerate(distributions(book)))
    if not plots:
        return ""
    text = "How many answers earned how many points; the figure for all exercises counts students."
    head = f'<section aria-labelledby="points"><h2 id="points">Points</h2><p>{text}</p>'
    return f'{head}<div class="plots">{plots}</div></section>'


def _plot(points: Distribution, id: str) -> str:
    caption = "nothing graded yet"
    if points.points:
        middle = points_text(median(points.points))
        caption = f"{len(points.points)} graded, median {middle} of {points_text(points.possible)}"
    if points.left_out:
        caption += f"; {points.left_out} not graded"
    drawn = histogram(points.points, points.possible, f"Points in {printable(points.what)}", id)
    return f"<figure><h3>{_text(points.what)}</h3>{drawn}<figcaption>{caption}</figcaption></figure>"


def _checks(rates: Sequence[FailureRate]) -> str:
    rows = [
        _bar_row(
            f"{_text(rate.sentence or rate.check)}<small>{_text(rate.exercise)}: {_text(rate.check)}</small>",
            f"{rate.failed} of {rate.judged} ({100 * rate.share:.0f} %)",
            rate.share,
        )
        for rate in rates
    ]
    if not rows:
        return ""
    text = "Of the graded answers, the share that did not pass; the highest first."
    return _bars("checks", "Checks that failed most", text, ("check", "did not pass"), rows)


def _misconceptions(counts: Sequence[tuple[str, str, int]]) -> str:
    if not counts:
        return ""
    rows = [
        _bar_row(f"{_text(sentence)}<small>{_text(exercise)}</small>", str(count), count / counts[0][2])
        for exercise, sentence, count in counts
    ]
    text = "Answers whose results are those of a known mistake."
    return _bars("misconceptions", "Most common misconceptions", text, ("misconception", "answers"), rows)


def _bar_row(what: str, figure: str, share: float) -> str:
    cells = f'<td role="cell" class="n">{figure}</td><td role="cell" class="plot">{bar(share)}</td>'
    return f'<tr role="row"><th scope="row" role="rowheader">{what}</th>{cells}</tr>'


def _bars(id: str, heading: str, text: str, columns: tuple[str, str], rows: Sequence[str]) -> str:
    head = (
        f'<thead><tr><th scope="col">{columns[0]}</th><th scope="col" class="n">{columns[1]}</th>'
        '<th scope="col" class="plot"><span class="hidden">as a bar</span></th></tr></thead>'
    )
    # A narrow page lays rows out as a grid, which would make them no table for a screen reader without its roles.
    tables = [
        f'<table class="bars" role="table" aria-labelledby="{id}">{head}<tbody>{"".join(part)}</tbody></table>'
        for part in (rows[:SHOWN], rows[SHOWN:])
        if part
    ]
    if len(tables) > 1:
        tables[1] = f"<details><summary>{len(rows) - SHOWN} more</summary>{tables[1]}</details>"
    return f'<section aria-labelledby="{id}"><h2 id="{id}">{heading}</h2><p>{text}</p>{"".join(tables)}</section>'


def _troubles(book: Gradebook) -> str:
    items = "".join(
        f"<li>{_name(grade.student)}, {_text(grade.exercise)}: {_text(grade.why_not)}</li>"
        for grade in book.grades
        if not grade.graded
    )
    if not items:
        return ""
    text = "These answers have no points, and no zero either: grade them again."
    return (
        f'<section aria-labelledby="troubles"><h2 id="troubles">Not graded</h2><p>{text}</p>'
        f'<ul class="troubles">{items}</ul></section>'
    )


def _table(book: Gradebook) -> str:
    if not book.students:
        return "<p>Nothing was handed in.</p>"
    possible = [book.possible[exercise] for exercise in book.exercises]
    headings = [_heading("student", ""), *map(_heading, book.exercises, map(_of, possible))]
    headings.append(_heading("total", _of(book.possible_total)))
    rows = "".join(_row(book, student) for student in book.students)
    return (
        '<section aria-labelledby="students"><h2 id="students">Students</h2>'
        "<p>A heading sorts the table. A dash is an answer that was not handed in.</p>"
        '<div class="scroll" role="region" aria-labelledby="students" tabindex="0"><table class="grades">'
        f"<thead><tr>{''.join(headings)}</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _heading(what: str, below: str) -> str:
    order = ' aria-sort="ascending"' if what == "student" and not below else ""
    name = _text(what).replace("_", "_<wbr>")
    return f'<th scope="col"{order}><button type="button">{name}</button><small>{below}</small></th>'


def _of(possible: float | None) -> str:
    return f"of {points_text(possible)}" if possible is not None else "none graded"


def _row(book: Gradebook, student: str) -> str:
    name = _name(student)
    cells = [
        f'<th scope="row" data-value="{_text(student)}" title="{_text(student)}">{name}</th>',
        *(_cell(book.cells.get((student, exercise)), book.possible[exercise]) for exercise in book.exercises),
    ]
    total = book.total(student)
    cells.append(_missing("incomplete") if total is None else _points_cell(total, book.possible_total))
    return f"<tr>{''.join(cells)}</tr>"


def _cell(grade: Grade | None, possible: float | None) -> str:
    if grade is None:
        dash = '<span aria-hidden="true">–</span><span class="hidden">not handed in</span>'
        return f'<td data-value="" class="none">{dash}</td>'
    if grade.earned is None:
        return _missing("not graded")
    return _points_cell(grade.earned, possible)


def _points_cell(points: float, possible: float | None) -> str:
    share = 100 * points / possible if possible else 0
    return f'<td data-value="{points:.6g}">{points_text(points)}<i><b style="width:{share:.4g}%"></b></i></td>'


def _missing(what: str) -> str:
    return f'<td data-value=""><span class="warn">{what}</span></td>'


def _name(student: str) -> str:
    """A name, kept apart so that no mark of writing direction in it turns what follows around."""
    return f"<bdi>{_text(student)}</bdi>"


def _text(text: str) -> str:
    return escape(printable(text), quote=True)


def _asset(name: str) -> str:
    return resources.files("mlkata").joinpath("data", "class_page", name).read_text(encoding="utf-8")


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
