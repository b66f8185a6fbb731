"""A student's text is shown as Markdown, and nothing in it runs."""

import pytest
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from mlkata.student_text import LONGEST, RENDERED, safe_html, safe_text

PNG = {"image/png": "iVBORw0KGgo="}


def shown(source, attachments=None):
    """What the page has: the cell is Markdown for whoever makes the page."""
    made = safe_html(source, attachments or {})
    assert "\n" not in made
    page = MarkdownWithMath(renderer=IPythonRenderer(escape=False, attachments={})).render(made)
    assert page.strip() == made
    return made


@pytest.mark.parametrize(
    ("source", "markup"),
    [
        ("*a* and **b**", "<em>a</em> and <strong>b</strong>"),
        ("`x < y`", "<code>x &lt; y</code>"),
        ("$a_1 * b_2$", "$a_1 * b_2$"),
        ("[l](https://x.org)", '<a href="https://x.org">l</a>'),
        ("a\n\nb", "<p>a</p>&#10;<p>b</p>"),
        ("![x](attachment:a.png)", 'src="data:image/png;base64,iVBORw0KGgo="'),
        ("|a|\n|-|\n|b|", "<td>b</td>"),
    ],
)
def test_markdown_is_rendered(source, markup):
    assert markup in shown(source, {"a.png": PNG})


@pytest.mark.parametrize(
    "source",
    [
        "<script>x()</script>",
        "<img src=x onerror=x()>",
        "[l](javascript:x())",
        "[l](&#106;avascript:x())",
        "[l](javascript\\:x())",
        "[l](data:text/html,x)",
        "![l](https://x.org/who-looks.png)",
        "![l](file:///etc/passwd)",
        '<a href="javascript:x()">l</a>',
        "<iframe src='https://x.org'></iframe>",
        "<style>body{}</style>",
        "<p onclick='x()' style='position: fixed'>l</p>",
        "<form action='/x'><input></form>",
        "<svg onload=x()></svg>",
    ],
)
def test_nothing_runs(source):
    made = shown(source)
    tags = made.replace("<div>", "").replace("</div>", "").split("<")[1:]

    assert not [tag for tag in tags if tag.startswith(("script", "iframe", "style", "form", "input", "svg"))]
    for word in ("src=", "javascript", "onclick", "onerror", "onload", "style=", "data:text"):
        assert not [tag for tag in tags if word in tag.partition(">")[0]]


@pytest.mark.parametrize("inner", ["[l](javascript:x())", "<script>x()</script>"])
@pytest.mark.parametrize(
    "outer", ["`{}`", "```\n{}\n```", "    {}", "$$\n{}\n$$", "a\n\n\n{}", "\\begin{{a}}\n{}\n\\end{{a}}"]
)
def test_text_that_is_shown_is_not_read_as_markdown_again(inner, outer):
    made = shown(outer.format(inner))

    assert "<script" not in made
    assert 'href="javascript' not in made


@pytest.mark.parametrize("source", ["![x](attachment:none.png)", ">" * 50_000])
def test_text_that_cannot_be_rendered_is_shown_as_it_was_written(source):
    as_written = source.replace(">", "&gt;").replace("[", "&#91;")
    assert shown(source) == f"<pre>{as_written}</pre>"


def test_long_text_is_cut():
    assert shown("*x* " * RENDERED).startswith("<pre>*x* *x*")
    assert len(shown("x " * LONGEST)) < LONGEST + 100
    assert "cut here" in shown("x " * LONGEST)


def test_plain_text_is_shown_letter_by_letter():
    assert safe_text("<b>\n\n*a*") == "<pre>&lt;b&gt;&#10;&#10;*a*</pre>"
