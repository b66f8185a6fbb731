"""The page of a class stands alone, tells the figures rightly, and lets nothing in that a student wrote as code."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from mlkata.class_figures import distributions, failure_rates
from mlkata.exports_html import SHOWN, to_html
from mlkata.grades import Grade, Gradebook
from mlkata.plots import HEIGHT, bar, bin_counts, histogram
from mlkata.report import Category, CheckResult, Outcome, Report

VOID = {"meta", "wbr", "line", "rect", "input", "br"}
HARMFUL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;"


def check(name, outcome=Outcome.PASSED, **more):
    return CheckResult(name, Category.CORRECTNESS, outcome, **more)


def report(*checks, exercise="focal_loss", points=10.0):
    return Report(exercise, "answer.py", 7, "cpu", {"correctness": points}, checks, sandboxed=True)


FULL = report(check("test_a"), check("test_b"))
HALF = report(check("test_a"), check("test_b", Outcome.FAILED, sentence="Twice is twice."))
NONE = report(check("test_a", Outcome.FAILED), check("test_b", Outcome.FAILED, sentence="Twice is twice."))
BROKEN = report(check("test_a"), check("test_b", Outcome.HARNESS_ERROR, message="the worker was lost"))
CLASS = (Grade("ada", "focal_loss", FULL), Grade("bo", "focal_loss", HALF), Grade("cy", "focal_loss", NONE))


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.texts, self.ids = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.ids += [value for name, value in attributes if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.texts.append(data)

    def of(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self):
        return "\n".join(self.texts)


def rows(text):
    """The cells of the table of students, as text."""
    table = text[text.index('<table class="grades">') :]
    return [
        [Page(cell).text.strip() for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    ]


def test_page_is_closed_well_and_needs_nothing_beside_itself():
    text = to_html(CLASS, "Class")

    page = Page(text)

    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert not [tag for tag, attributes in page.tags if {"src", "href"} & attributes.keys()]
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in page.of("meta")[1]["content"]


def test_only_our_own_script_may_run():
    text = to_html(CLASS, "Class")

    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL).group(1)

    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text


def test_whatever_students_write_stays_text():
    failed = check(HARMFUL, Outcome.FAILED, sentence=HARMFUL, message=HARMFUL, diagnosis=HARMFUL)
    harmful = report(failed, exercise=HARMFUL)
    grades = [Grade(HARMFUL, HARMFUL, harmful), Grade("bo", HARMFUL, None, HARMFUL), Grade("cy\x00\ud800", "b", FULL)]

    text = to_html(grades, HARMFUL)

    page = Page(text)
    assert len(page.of("script")) == 1
    assert not page.of("img")
    assert not [attributes for _, attributes in page.tags if any(name.startswith("on") for name in attributes)]
    assert page.text.count(HARMFUL) >= 8
    text.encode()
    assert "\x00" not in text


def test_same_grades_make_the_same_page():
    assert to_html(CLASS, "Class") == to_html(tuple(reversed(CLASS)), "Class")


def test_table_has_students_by_exercises():
    adamw = report(check("test_a"), exercise="adamw", points=4.0)

    table = rows(to_html([*CLASS, Grade("ada", "adamw", adamw)], "Class"))

    assert [" ".join(cell.split()) for cell in table[0]] == [
        "student",
        "adamw of 4",
        "focal_ loss of 10",
        "total of 14",
    ]
    assert table[1] == ["ada", "4", "10", "14"]
    assert table[2] == ["bo", "–\nnot handed in", "5", "5"]


def test_what_is_not_graded_is_marked_and_explained_and_no_zero():
    text = to_html([*CLASS, Grade("di", "focal_loss", BROKEN), Grade("ed", "focal_loss", None, "cut short")], "Class")

    assert rows(text)[4:] == [["di", "not graded", "incomplete"], ["ed", "not graded", "incomplete"]]
    assert "the worker was lost" in Page(text).text
    assert "cut short" in Page(text).text


def test_rows_carry_what_the_script_sorts_by():
    text = to_html([*CLASS, Grade("di", "focal_loss", None)], "Class")

    values = [attributes["data-value"] for attributes in Page(text).of("td") if "data-value" in attributes]

    assert values == ["10", "10", "5", "5", "0", "0", "", ""]


def test_misconceptions_are_sorted_by_how_many_hold_them():
    def holds(sentence):
        return report(*(check(name, Outcome.FAILED, diagnosis=sentence) for name in ("test_a", "test_b")))

    believed = {"ada": "Twice is thrice.", "bo": "Twice is once.", "cy": "Twice is thrice.", "di": ""}

    page = Page(to_html([Grade(name, "double", holds(sentence)) for name, sentence in believed.items()], "Class")).text

    assert page.index("Twice is thrice.") < page.index("Twice is once.")
    assert re.search(r"Twice is thrice\.\s*double\s*2\b", page)


def test_sections_without_content_are_left_out():
    page = Page(to_html([CLASS[0]], "Class")).text

    assert "misconceptions" not in page
    assert "Checks that failed" not in page
    assert "These answers have no points" not in page


@pytest.mark.parametrize("grades", [(), (Grade("ada", "focal_loss", None),), (Grade("ada", "x", report(points=0)),)])
def test_page_of_nothing_is_a_page(grades):
    assert Page(to_html(grades, "Class")).open == []


def test_long_list_of_checks_shows_its_worst_first():
    checks = [check(f"test_{number}", Outcome.FAILED) for number in range(SHOWN + 2)]

    page = Page(to_html([Grade("ada", "focal_loss", report(*checks))], "Class"))

    assert len(page.of("details")) == 1
    assert "2 more" in page.text


def test_plots_can_be_read_aloud():
    page = Page(to_html(CLASS, "Class"))

    drawn = [attributes for attributes in page.of("svg") if attributes.get("role") == "img"]
    assert drawn
    for attributes in drawn:
        assert set(attributes["aria-labelledby"].split()) <= set(page.ids)
    assert all(attributes.get("aria-hidden") == "true" for attributes in page.of("svg") if attributes not in drawn)
    assert all(attributes.get("scope") in ("row", "col") for attributes in page.of("th"))


def test_failure_rates_leave_out_what_could_not_be_graded():
    book = Gradebook.of([*CLASS, Grade("di", "focal_loss", BROKEN), Grade("ed", "focal_loss", None)])

    rates = [(rate.check, rate.sentence, rate.failed, rate.judged) for rate in failure_rates(book)]

    assert rates == [("test_b", "Twice is twice.", 2, 3), ("test_a", "", 1, 3)]


def test_distribution_of_totals_leaves_out_who_is_not_graded_whole():
    adamw = report(check("test_a"), exercise="adamw", points=4.0)
    more = [Grade("ada", "adamw", adamw), Grade("bo", "adamw", None)]

    total, first, second = distributions(Gradebook.of([*CLASS, *more]))

    assert (total.what, total.points, total.possible, total.left_out) == ("All exercises", (14.0, 0.0), 14.0, 1)
    assert (first.what, first.points, first.left_out) == ("adamw", (4.0,), 1)
    assert (second.what, second.points, second.left_out) == ("focal_loss", (10.0, 5.0, 0.0), 0)


def test_one_exercise_has_one_plot():
    assert [each.what for each in distributions(Gradebook.of(CLASS))] == ["focal_loss"]


@pytest.mark.parametrize(
    ("values", "top", "expected"),
    [
        ([0, 10], 10, {0: 1, 9: 1}),
        ([0.99, 1.0], 10, {0: 1, 1: 1}),
        ([0.1 + 0.2], 1, {3: 1}),
        ([0.7 * 3], 3, {7: 1}),
        ([], 5, {}),
    ],
)
def test_bins_hold_their_lower_end(values, top, expected):
    assert {place: count for place, count in enumerate(bin_counts(values, top)) if count} == expected


@pytest.mark.parametrize("times", [1, 500])
def test_histogram_draws_bars_as_high_as_their_counts(times):
    drawn = histogram([1, 1, 9] * times, 10, "x", "p")

    heights = [float(found) for found in re.findall(r'<rect [^>]*height="([\d.]+)"', drawn)]

    assert heights[0] == pytest.approx(2 * heights[1])
    assert HEIGHT / 2 < heights[0] < HEIGHT


def test_histogram_says_its_counts():
    drawn = histogram([1, 1, 9], 10, "Points in <x>", "p")

    assert "Points in &lt;x&gt;" in drawn
    assert "2 from 1 to 2 points, 1 from 9 to 10 points" in drawn


@pytest.mark.parametrize(("share", "width"), [(0, "0"), (0.25, "25"), (1, "100"), (3, "100")])
def test_bar_is_as_long_as_its_share(share, width):
    assert f'width="{width}"' in bar(share)


DOM = """
const rows = %s.map((values) => ({cells: values.map((value) => ({dataset: {value}}))}));
const body = {rows, append(...sorted) { this.rows = sorted; }};
const headings = rows[0].cells.map(() => {
  const attributes = {};
  return {
    attributes, querySelector: () => ({addEventListener(_, listener) { button.push(listener); }}),
    getAttribute: (name) => attributes[name] ?? null,
    setAttribute(name, value) { attributes[name] = value; }, removeAttribute(name) { delete attributes[name]; },
  };
});
const button = [];
headings[0].attributes["aria-sort"] = "ascending";
globalThis.document = {querySelectorAll: () => [{tHead: {rows: [{cells: headings}]}, tBodies: [body]}]};
const names = () => body.rows.map((row) => row.cells[0].dataset.value).join("");
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node to run the page's script")
def test_click_on_a_heading_sorts(tmp_path):
    script = re.search(r"<script>(.*?)</script>", to_html(CLASS, "Class"), re.DOTALL).group(1)
    table = '[["a", "9"], ["b", ""], ["c", "10"], ["d", "0"]]'
    clicks = "for (const column of [1, 1, 0, 0]) { button[column](); console.log(names()); }"
    program = tmp_path / "click.js"
    program.write_text(DOM % table + script.replace('"use strict";', "") + clicks)

    told = subprocess.run(["node", str(program)], capture_output=True, text=True, check=True).stdout

    assert told.split() == ["cadb", "dacb", "abcd", "dcba"]
