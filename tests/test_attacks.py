"""Hostile submissions earn no more than honest ones, learn nothing, change nothing, and do not keep the class waiting.

Each file in attacks/ is one; its docstring says what it tries. Grading forks, so that it runs in a process of its own:
once over all of them. `python tests/test_attacks.py` writes the table of attacks in docs/security.md anew.
"""

from __future__ import annotations

import ast
import json
import os
import secrets
import site
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from attack_toy import METADATA, attack_catalogue
from walls import needs_walls

import mlkata
from mlkata.confine import WRITABLE
from mlkata.rules import violations

pytestmark = [pytest.mark.xdist_group("attacks"), needs_walls]

HERE = Path(__file__).parent
ATTACKS = sorted((HERE / "attacks").glob("*.py"))
NAMES = [path.stem for path in ATTACKS if not path.stem.startswith("banned")]
BANNED = [path.stem for path in ATTACKS if path.stem.startswith("banned")]
PAGE = HERE.parent / "docs" / "security.md"
BEGIN, END = "<!-- attacks: begin -->\n", "<!-- attacks: end -->"
CONTROLS = ("right", "wrong", "slow", "greedy")
LIMIT = 2.0
ANY_SOCKET = "SOCKET-MADE"


def constants(path):
    """What an attack's file says of itself: its docstring's first line, and the control it must not surpass."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    line = (ast.get_docstring(tree) or "").partition("\n")[0]
    named = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and node.col_offset == 0 and isinstance(node.targets[0], ast.Name)
    }
    return line, ast.literal_eval(named["EARNS"]) if "EARNS" in named else "wrong"


def limit_of(name):
    return constants(HERE / "attacks" / f"{name}.py")[1]


def table():
    """The attacks as a table in Markdown."""
    against = {
        "wrong": "wrong answer",
        "slow": "slow answer",
        "greedy": "answer that takes much memory",
        "refused": "refused by the rules",
    }
    rows = [
        f"| {path.stem.replace('_', ' ')} | {line} | {against[earns]} |"
        for path in ATTACKS
        for line, earns in [constants(path)]
    ]
    return "\n".join(["| attack | what it tries | earns at most as |", "| --- | --- | --- |", *rows]) + "\n"


def exercise_of(name):
    return "scale_tensor" if name.startswith("torch_") else "scale"


@pytest.fixture(scope="module")
def secret():
    return secrets.token_hex(8)


@pytest.fixture(scope="module")
def graded(tmp_path_factory, secret):
    """What became of each attack and control, and the files that were planted, before and after."""
    root = attack_catalogue(tmp_path_factory.mktemp("attacks") / "catalogue", secret)
    rows = {"measured": [], "scale": [], "scale_tensor": []}  # two of these at a time: most attacks make others wait
    for name in NAMES:
        copy = root / "submissions" / exercise_of(name) / f"{name}.py"
        text = (HERE / "attacks" / copy.name).read_text(encoding="utf-8")
        copy.write_text(text.replace("@catalogue@", str(root)).replace("@writable@", WRITABLE), encoding="utf-8")
        rows["measured" if limit_of(name) != "wrong" else exercise_of(name)].append(str(copy))
    before = snapshot(root)
    with ThreadPoolExecutor(2) as pool:
        stories = dict(zip(rows, pool.map(lambda row: run(root, row, rows[row], secret), rows), strict=True))
    story = {"scale": stories["measured"] | stories["scale"], "scale_tensor": stories["scale_tensor"]}
    return {**story, "before": before, "after": snapshot(root)}


def run(root, row, paths, secret):
    out = root.parent / f"{row}.json"
    id = "scale_tensor" if row == "scale_tensor" else "scale"
    ended = subprocess.run(
        [sys.executable, str(HERE / "attack_run.py"), str(root), id, str(out)],
        input=json.dumps(paths),
        env={**os.environ, "MLKATA_SECRET": f"{secret}-env"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(out.read_text())


def snapshot(root):
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc"}


@pytest.mark.parametrize("id", ["scale", "scale_tensor"])
def test_honest_answers_get_what_they_deserve(graded, id):
    points = {name: graded[id][f"control_{name}"]["earned"] for name in (*CONTROLS, "last")}

    assert points == {"right": 10, "wrong": 3, "slow": 8, "greedy": 8, "last": 10}
    assert all(graded[id][f"control_{name}"]["sandboxed"] for name in CONTROLS)


@pytest.mark.parametrize("name", NAMES)
def test_attack_earns_no_more_than_an_honest_answer(graded, name):
    found = graded[exercise_of(name)]
    told, most = found[name]["attack"], found[f"control_{limit_of(name)}"]["earned"]

    assert told["earned"] <= most, (told["outcomes"], told["measured"])


@pytest.mark.parametrize("name", BANNED)
def test_hidden_call_of_a_banned_function_is_refused(name):
    """Where it were not refused it would be a right answer: here the rules alone are asked."""
    metadata = tomllib.loads(METADATA)
    source = (HERE / "attacks" / f"{name}.py").read_text(encoding="utf-8")

    assert violations(source, allowed=metadata["allowed"], banned=metadata["banned"])


@pytest.mark.parametrize("name", NAMES)
def test_attack_is_no_fault_of_the_harness(graded, name):
    told = graded[exercise_of(name)][name]["attack"]

    assert "error" not in told
    assert told["complete"], told["report"]


@pytest.mark.parametrize("name", NAMES)
def test_attack_learns_nothing(graded, secret, name):
    told = graded[exercise_of(name)][name]["attack"]

    assert secret not in told["report"]
    assert ANY_SOCKET not in told["report"]
    assert len(told["report"]) < 100_000


@pytest.mark.parametrize("name", NAMES)
def test_class_goes_on_after_the_attack(graded, name):
    story = graded[exercise_of(name)][name]
    after = story["after"]

    assert (after["earned"], after["complete"]) == (after["possible"], True), (after["outcomes"], after["measured"])
    assert after["seconds"] < LIMIT + 2 + 8 * graded[exercise_of(name)]["control_right"]["seconds"]
    assert story["left"] == 0


@pytest.mark.parametrize("name", [name for name in NAMES if limit_of(name) == "wrong"])
def test_attack_takes_little_more_than_the_limit(graded, name):
    told = graded[exercise_of(name)][name]["attack"]

    hung = "timed out" in told["outcomes"].values()
    busy = 8 * graded[exercise_of(name)]["control_right"]["seconds"]  # how much slower the machine is just now
    assert told["seconds"] < (LIMIT + 2 if hung else 5 * LIMIT) + busy


def test_attacks_change_no_file(graded):
    assert graded["after"] == graded["before"]


def test_attacks_change_no_package(graded):
    for folder in {*site.getsitepackages(), *map(str, (Path(np.__file__).parent, Path(mlkata.__file__).parent))}:
        assert not list(Path(folder).glob("*mlkata_was_here*"))
    assert "mlkata_was_here" not in Path(mlkata.__file__).read_text()
    assert "mlkata_was_here" not in Path(np.__file__).read_text()


def test_what_an_attack_finds_would_be_seen(graded):
    assert "student" in graded["scale"]["reads_environment"]["attack"]["report"]


def test_limit_is_that_of_the_exercise():
    assert f"seconds = {LIMIT:g}" in METADATA


def test_there_are_fifty_attacks_that_say_what_they_try():
    lines = [constants(path)[0] for path in ATTACKS]

    assert len(lines) >= 50
    assert all(line.endswith(".") for line in lines)
    assert len(set(lines)) == len(lines)


def test_page_lists_the_attacks():
    assert PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0] == table()


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    start, _, rest = text.partition(BEGIN)
    PAGE.write_text(f"{start}{BEGIN}{table()}{END}{rest.partition(END)[2]}", encoding="utf-8")
