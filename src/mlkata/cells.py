"""Makes plain Python of a notebook cell: what only IPython understands becomes a comment on the same line."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass

# Cell magics whose body runs in the notebook's own namespace, so that what it defines is there afterwards.
TRANSPARENT = ("%%capture", "%%time")

_HELP = re.compile(r"\?{1,2}\s*\S.*|%{0,2}[\w.*]+\s*\?{1,2}")
_TOKEN = re.compile(r"""\\.|'''|\"""|['"#()\[\]{}]""", re.DOTALL)


def plain_python(source: str) -> str:
    r"""The cell with magics, shell lines and help lines as comments.

    A cell that is Python as it stands stays as it is.

    >>> print(plain_python("%matplotlib inline\nx = 7\n"))
    # %matplotlib inline
    x = 7
    <BLANKLINE>
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    if not any(mark in source for mark in "%!?") or _parses(source):
        return source
    lines = source.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        if lines[first].split()[0] not in TRANSPARENT:
            return "\n".join(map(_comment, lines))
        lines[first] = _comment(lines[first])
    return "\n".join(_without_magics(lines))


def without_future_imports(source: str) -> tuple[str, list[str]]:
    """The cell with its imports from __future__ as comments, and the names that these import.

    In a notebook they may stand in any cell, in a file only at its top.
    """
    if "__future__" not in source or not _parses(source):
        return source, []
    lines, names = source.split("\n"), []
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__" and _is_alone(node, lines):
            names += [alias.name for alias in node.names]
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[number] = _comment(lines[number])
    return "\n".join(lines), names


@dataclass
class _Scanner:
    """Whether a line begins a statement, judged from the brackets, strings and backslashes of the lines before it."""

    depth: int = 0
    quote: str = ""
    continued: bool = False

    @property
    def at_statement(self) -> bool:
        return not (self.depth or self.quote or self.continued)

    def read(self, line: str) -> None:
        self.continued = False
        for token in _TOKEN.findall(line + "\n"):
            if token == "\\\n":
                self.continued = True
            elif self.quote:
                # Three quotes in a row end a string of one quote and hold, or begin and end, an empty one.
                if token == self.quote or token == 3 * self.quote:
                    self.quote = ""
            elif token == "#":
                break
            elif token[0] in "'\"":
                self.quote = token
            elif token in ("(", "[", "{"):
                self.depth += 1
            elif token in (")", "]", "}"):
                self.depth = max(self.depth - 1, 0)
        if len(self.quote) == 1 and not self.continued:
            self.quote = ""


def _without_magics(lines: list[str]) -> list[str]:
    scanner, kept, in_magic = _Scanner(), [], False
    for line in lines:
        if in_magic or (scanner.at_statement and _is_magic(line.strip())):
            kept.append(_comment(line) if in_magic else _statement(line))
            in_magic = line.endswith("\\")
        else:
            kept.append(line)
            scanner.read(line)
    return kept


def _is_magic(line: str) -> bool:
    return line.startswith(("%", "!")) or _HELP.fullmatch(line) is not None


def _comment(line: str) -> str:
    return f"# {line}" if line.strip() else line


def _statement(line: str) -> str:
    """The line as a comment, beside a statement where it is indented, since it may be all that a block has."""
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}pass  # {line.strip()}" if indent else _comment(line)


def _parses(source: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(source)
        except SyntaxError:
            return False
        except (ValueError, MemoryError, RecursionError):
            return True  # no cell of magics; whoever loads it says what is wrong
    return True


def _is_alone(node: ast.stmt, lines: list[str]) -> bool:
    last = lines[(node.end_lineno or node.lineno) - 1].encode()[node.end_col_offset or 0 :].decode()
    return node.col_offset == 0 and (not last.strip() or last.strip().startswith("#"))
