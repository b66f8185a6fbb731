"""A README.md is taken apart into its sections and conventions."""

from toy import README

from mlkata.prompt import SECTIONS, conventions, sections


def test_sections_come_in_the_order_of_the_page():
    assert tuple(sections(README)) == SECTIONS


def test_section_is_what_stands_under_its_heading():
    assert sections("# Title\n\n## Task\n\nDo it.\n\n## Rules\n\nNone.\n")["Task"] == "Do it."


def test_heading_inside_a_code_block_is_text():
    readme = "## Task\n```\n## Rules\n```\nmore\n"

    assert sections(readme) == {"Task": "```\n## Rules\n```\nmore"}


def test_deeper_headings_stay_in_their_section():
    assert sections("## Task\n### Detail\nx\n") == {"Task": "### Detail\nx"}


def test_conventions_are_read_by_key():
    assert conventions(README) == {
        "Numbers": "The answer is twice the number, whatever its sign.",
        "Lists": "The answer is a new list of the same length, with each number doubled. "
        "An empty list gives an empty list.",
        "Times": "The answer is doubled so many times; 0 times leave it as it is.",
        "Errors": "Anything else raises `TypeError`.",
    }


def test_colon_may_end_a_key():
    assert conventions("## Conventions\n- **Ties:** half.\n* **Axis**: the last.\n") == {
        "Ties": "half.",
        "Axis": "the last.",
    }


def test_bold_words_further_on_are_no_key():
    assert conventions("## Conventions\n- The **mean** of all.\n- **Ties.** Count **half**.\n") == {
        "Ties": "Count **half**."
    }


def test_bold_bullets_of_other_sections_are_no_conventions():
    assert conventions("## What is graded\n- **Correctness.** All of it.\n") == {}


def test_paragraph_after_the_bullets_belongs_to_none():
    assert conventions("## Conventions\n- **Ties.** Half.\n\nAll else is free.\n") == {"Ties": "Half."}
