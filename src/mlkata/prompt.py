"""Takes an exercise's README.md apart: its sections, and the conventions that checks may rely on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

SECTIONS = (
    "Task",
    "Signature",
    "Conventions",
    "Rules",
    "Worked example",
    "What is graded",
    "References",
    "Follow-up questions",
)


def sections(readme: str) -> Mapping[str, str]:
    """The text under each `## ` heading, in the order of the page; headings inside code blocks are text."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line, is_code in _lines(readme):
        if line.startswith("## ") and not is_code:
            lines = found.setdefault(line.removeprefix("## ").strip(), [])
        else:
            lines.append(line)
    return {heading: "\n".join(body).strip() for heading, body in found.items()}


def conventions(readme: str) -> Mapping[str, str]:
    """What the section "Conventions" states: the bold key of each bullet, without its full stop -> the rest of it.

    >>> conventions("## Conventions\\n- **Reduction.** The mean over\\n  all samples.\\n")
    {'Reduction': 'The mean over all samples.'}
    """
    stated = re.finditer(
        r"^[-*] \*\*(?P<key>.+?)[.:]?\*\*[.:]?\s*(?P<text>.*?)(?=^[-*] |^\s*$|\Z)",
        sections(readme).get("Conventions", ""),
        re.MULTILINE | re.DOTALL,
    )
    return {bullet["key"]: " ".join(bullet["text"].split()) for bullet in stated}


def _lines(readme: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it stands in a fenced code block."""
    is_code = False
    for line in readme.splitlines():
        yield line, is_code
        is_code ^= line.lstrip().startswith("```")
