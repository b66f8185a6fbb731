#!/usr/bin/env python3
"""Gradescope runs this for each submission: it grades what was handed in and writes results.json.

The first thing written says that nothing is graded yet and has no score. It is replaced only by a whole result, so that
whatever goes wrong here is never a learner's zero.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PROGRAM = "/opt/mlkata/bin/mlkata"
SECONDS = 540  # for everything; Gradescope itself ends a run after 10 minutes, and then with a zero
NOT_GRADED = "not graded, please tell your instructor"


class Trouble(Exception):
    """Why there is no result."""


def main(root: Path, program: str = PROGRAM, seconds: float = SECONDS) -> None:
    """Grade what lies in submission/ and write results/results.json."""
    results = root / "results" / "results.json"
    results.parent.mkdir(parents=True, exist_ok=True)
    write(results, not_graded("grading did not come to its end"))
    try:
        settings = json.loads((root / "source" / "mlkata.json").read_text(encoding="utf-8"))
        write(results, graded(root / "submission", settings, program, time.monotonic() + seconds))
    except Trouble as trouble:
        write(results, not_graded(str(trouble)))
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
        write(results, not_graded("the autograder itself failed; your instructor sees why"))


def graded(submission: Path, settings: dict[str, Any], program: str, deadline: float) -> Any:
    """What `mlkata export --gradescope` makes of the reports."""
    unsafe = ["--unsafe-no-sandbox"] if settings["unsafe_no_sandbox"] else []
    command = [program, "export", "--gradescope"]
    with tempfile.TemporaryDirectory() as folder:
        for exercise in settings["exercises"]:
            path = handed_in(submission, exercise, only=len(settings["exercises"]) == 1)
            if path is None:
                command += ["--missing", exercise]
                continue
            report = Path(folder) / f"{exercise}.json"
            # 1 says that the submission failed: that, too, is graded.
            grade = [program, "grade", *unsafe, "--exercise", exercise, "--json", str(path)]
            report.write_text(run(grade, (0, 1), deadline), encoding="utf-8")
            command.append(str(report))
        return json.loads(run(command, (0,), deadline))


def handed_in(submission: Path, exercise: str, *, only: bool) -> Path | None:
    """The one file that answers an exercise; where there is one exercise alone, whatever the file is called."""
    files = [path for path in sorted(submission.glob("*")) if path.suffix in (".py", ".ipynb") and path.is_file()]
    named = [path for path in files if path.stem == exercise]
    if only and not named:
        named = files
    return named[0] if len(named) == 1 else None


def run(command: Sequence[str], good: Sequence[int], deadline: float) -> str:
    """What a command writes to stdout; whatever it complains about goes to the instructor's log."""
    # Files and no pipes: a process that outlives the command would hold a pipe open, and this would wait for it.
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as complaints:
        try:
            patience = max(deadline - time.monotonic(), 0)
            code = subprocess.run(command, stdout=out, stderr=complaints, timeout=patience, check=False).returncode
        except subprocess.TimeoutExpired:
            raise Trouble("grading took too long; look for a loop that does not end, or ask your instructor") from None
        out.seek(0)
        complaints.seek(0)
        written, complained = out.read(), complaints.read()
    print(complained)
    if code in good:
        return written
    print(written)
    if "--unsafe-no-sandbox" in complained and "--unsafe-no-sandbox" not in command:
        raise Trouble(
            "this container cannot wall off a submission, as grading asks for by default; tell your instructor, who can"
            " make the autograder with --unsafe-no-sandbox for submissions that are trusted"
        )
    raise Trouble("mlkata itself went wrong; tell your instructor, who sees why")


def not_graded(reason: str) -> dict[str, Any]:
    """A result without any score."""
    return {
        "output": f"{NOT_GRADED}: {reason}",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [{"name": "grading", "output": f"{NOT_GRADED}: {reason}", "visibility": "visible"}],
    }


def write(path: Path, result: Any) -> None:
    """Replace the file as a whole."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(result, indent=1), encoding="utf-8")
    fresh.replace(path)


if __name__ == "__main__":
    main(Path("/autograder"))
