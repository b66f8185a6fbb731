"""The table in docs/architecture.md holds: every module is listed, and imports only what stands there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = {path.stem: path for path in (ROOT / "src" / "mlkata").glob("*.py") if path.stem != "__init__"}


def table():
    """The modules that each module may import, in the order of the table."""
    rows = re.findall(
        r"^\| (\w+) \| .+ \| ([\w, ]*) ?\|$", (ROOT / "docs" / "architecture.md").read_text(), re.MULTILINE
    )
    return {
        module: {name for name in allowed.replace(" ", "").split(",") if name}
        for module, allowed in rows
        if module != "module"
    }


def imported(path):
    """The modules of mlkata that a source imports, wherever it does."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "mlkata":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mlkata."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("mlkata.")}
    return found & set(SOURCES)


def test_every_module_is_listed():
    assert set(table()) == set(SOURCES)


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_module_imports_only_what_it_may(module):
    allowed = table()[module]
    assert allowed == {"all"} or imported(SOURCES[module]) <= allowed


def test_imports_point_one_way():
    order = {}

    def level(module, above=()):
        assert module not in above, f"{' -> '.join([*above, module])} goes round in a circle"
        if module not in order:
            order[module] = 1 + max((level(name, (*above, module)) for name in imported(SOURCES[module])), default=0)
        return order[module]

    assert max(map(level, SOURCES)) > 5


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_module_says_what_it_does(module):
    docstring = ast.get_docstring(ast.parse(SOURCES[module].read_text())) or ""
    assert docstring.partition("\n")[0].rstrip().endswith((".", ":")) or docstring.partition("\n\n")[0].endswith(".")
