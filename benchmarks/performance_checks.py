"""Repeats every performance check on the reference and on its slow wrong answers while other processes burn CPU.

    python benchmarks/performance_checks.py --repeats 200 --burners 6 --json performance.json

None of the runs of the reference may be refused and none of those of a slow wrong answer accepted: the exit code is 1
where one was. Every run has a seed of its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from mlkata import sources
from mlkata.cases import Case
from mlkata.catalog import Catalog, Exercise, content_root
from mlkata.grading import grade_cases
from mlkata.report import Category, Outcome

CHUNK = 25
OTHERS = frozenset({"", "correctness", "edge_case", "gpu"})


def burn(nice: int) -> None:
    """Keep a core busy, in a small loop and through memory, until killed."""
    os.nice(nice)
    block = bytearray(1 << 22)
    while True:
        for place in range(0, len(block), 64):
            block[place] = (block[place] + 1) & 255


@contextmanager
def burning(count: int, nice: int) -> Iterator[None]:
    """`count` processes burn CPU meanwhile."""
    fork = multiprocessing.get_context("fork")
    burners = [fork.Process(target=burn, args=(nice,), daemon=True) for _ in range(count)]
    for burner in burners:
        burner.start()
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()


def performance_checks(exercise: Exercise) -> set[str]:
    """The names of an exercise's performance checks."""
    return {check.name for check in sources.checks(exercise.grader) if Category.PERFORMANCE in check.categories}


def answers(exercise: Exercise) -> Iterator[tuple[Path, bool, set[str]]]:
    """What is graded: the path, whether it must pass, and the checks that it is about.

    For each check that is the reference, and slow.py or else another wrong answer that names the check.
    """
    checks = performance_checks(exercise)
    yield exercise.reference, True, checks
    left = set(checks)
    for path in sorted(exercise.wrong, key=lambda path: path.stem != "slow"):
        named = left & set(sources.constant(path, "CAUGHT_BY") or ())
        left -= named
        if named:
            yield path, False, named


def grade_chunk(id: str, path: Path, seeds: range, checks: set[str]) -> list[tuple[str, int, str, float]]:
    """Check, seed, outcome and the figure as a multiple of its limit (NaN where none was measured)."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    exercise = Catalog(content_root()).exercise(id)
    every = OTHERS | {"performance"}
    cases = [
        Case(path.name, path, seed=seed, without=every, but_with=frozenset(checks), obey_rules=False) for seed in seeds
    ]
    rows = []
    for graded in grade_cases(exercise, cases):
        for result in graded.report.checks:
            shares = [part.value / part.limit for part in result.measurements] or [float("nan")]
            rows.append((result.name, graded.case.seed, str(result.outcome), max(shares)))
    return rows


def earlier(path: Path | None) -> dict[tuple[str, str, bool, str], list[tuple[int, str, float]]]:
    """The runs that an earlier, stopped one has left: seed, outcome and figure, by exercise, answer, and check."""
    rows = json.loads(path.read_text(encoding="utf-8")) if path and path.exists() else []
    return defaultdict(list, {tuple(row["key"]): row["runs"] for row in rows})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ids", nargs="*", help="exercises; all with performance checks by default")
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--burners", type=int, default=6)
    parser.add_argument("--burner-nice", type=int, default=0, help="niceness of the burners, to be done sooner")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write every figure there; a run that was stopped goes on from it")
    options = parser.parse_args()
    catalog = Catalog(content_root())
    exercises = [catalog.exercise(id) for id in options.ids or catalog.ids()]
    found = earlier(options.json)
    started = time.monotonic()
    with (
        burning(options.burners, options.burner_nice),
        ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool,
    ):
        waiting = {}
        for first in range(0, options.repeats, CHUNK):
            seeds = range(first, min(first + CHUNK, options.repeats))
            for exercise in exercises:
                for path, is_right, checks in answers(exercise):
                    name = "reference" if is_right else path.stem
                    if any(run[0] == first for check in checks for run in found[exercise.id, name, is_right, check]):
                        continue
                    future = pool.submit(grade_chunk, exercise.id, path, seeds, checks)
                    waiting[future] = (exercise.id, name, is_right)
        for done, future in enumerate(as_completed(waiting), start=1):
            id, name, is_right = waiting[future]
            for check, seed, outcome, share in future.result():
                found[id, name, is_right, check].append((seed, outcome, share))
            print(f"{done}/{len(waiting)} chunks, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
            if options.json:
                rows = [{"key": list(key), "runs": runs} for key, runs in found.items()]
                options.json.write_text(json.dumps(rows), encoding="utf-8")
    return report(found)


def report(found: dict[tuple[str, str, bool, str], list[tuple[int, str, float]]]) -> int:
    """Print a Markdown table; 1 where a verdict was wrong."""
    wrong = 0
    print("| exercise | check | answer | runs | refused | figure / limit, least to most |")
    print("| --- | --- | --- | --- | --- | --- |")
    for (id, name, is_right, check), runs in sorted(found.items(), key=str):
        refused = [run for run in runs if run[1] != Outcome.PASSED]
        wrong += len(refused) if is_right else len(runs) - len(refused)
        shares = sorted(run[2] for run in runs if run[2] == run[2])
        spread = f"{shares[0]:.2f} to {shares[-1]:.2f}" if shares else "ended before it was measured"
        print(f"| {id} | {check} | {name} | {len(runs)} | {len(refused)} | {spread} |")
    print(f"\n{wrong} wrong verdicts")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
