"""Makes a student's text safe to be looked at: it is rendered, and all that could run in a browser is taken out.

A grader who looks at a page is signed in to nbgrader: a script in it could give scores.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import bleach
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

RENDERED = 20_000  # characters of one cell that are rendered, the time for which grows with their square
LONGEST = 100_000  # characters of one cell that are shown

_BLOCKS = {"br", "dd", "details", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "p", "pre", "summary"}
_TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
_TAGS = bleach.sanitizer.ALLOWED_TAGS | _BLOCKS | _TABLES | {"del", "img", "s", "span", "sub", "sup"}
_LINKS = ("http://", "https://", "mailto:", "#")
_IMAGES = ("data:image/png;base64,", "data:image/jpeg;base64,", "data:image/gif;base64,")


def safe_html(source: str, attachments: Mapping[str, Any]) -> str:
    """Markdown as one line of HTML, which a page shows as it is.

    Pictures are those that the student attached: others would tell their server who looks at them.
    """
    if len(source) > RENDERED:
        return safe_text(source)
    try:
        renderer = IPythonRenderer(escape=False, attachments=attachments)
        rendered = MarkdownWithMath(renderer=renderer).render(source)
        protocols = {"http", "https", "mailto", "data"}
        cleaned = bleach.clean(rendered, tags=_TAGS, attributes=_is_harmless, protocols=protocols)
    except Exception:  # text that the renderer cannot take is shown as it was written
        return safe_text(source)
    return _on_a_line(f"<div>{cleaned}</div>")


def safe_text(source: str) -> str:
    """Text as one line of HTML, letter by letter."""
    text = source if len(source) <= LONGEST else f"{source[:LONGEST]}\n… (cut here)"
    return _on_a_line(f"<pre>{html.escape(text)}</pre>")


def _is_harmless(tag: str, name: str, value: str) -> bool:
    if (tag, name) == ("a", "href"):
        return value.startswith(_LINKS)
    if (tag, name) == ("img", "src"):
        return value.startswith(_IMAGES)
    return name in ("alt", "title", "align", "start") or (tag == "code" and name == "class")


def _on_a_line(markup: str) -> str:
    """A block of HTML ends at an empty line, after which Markdown would be read again.

    Brackets are written in another way, since nbconvert looks for links in a page's text for a time that grows with the
    square of their number.
    """
    return "&#10;".join(markup.splitlines()).replace("[", "&#91;")
