"""Runs commands of nbgrader one after the other, each in a fork that finds it imported: a second less for each.

Standard input has a list of [folder, [word, ...]] in JSON; what each answered goes to standard output in JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def run(commands: list[tuple[Path, list[str]]], environment: dict[str, str]) -> list[tuple[int, str]]:
    """The exit code of each command, and what it printed."""
    told = json.dumps([[str(folder), words] for folder, words in commands])
    ended = subprocess.run(
        [sys.executable, __file__],
        input=told,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return [tuple(each) for each in json.loads(ended.stdout)]


def main() -> None:
    from nbgrader.apps.nbgraderapp import NbGraderApp

    answers = []
    for folder, words in json.load(sys.stdin):
        with tempfile.TemporaryFile() as out:
            pid = os.fork()
            if pid == 0:
                os.dup2(out.fileno(), 1)
                os.dup2(out.fileno(), 2)
                os.chdir(folder)
                sys.argv = ["nbgrader", *words]
                NbGraderApp.launch_instance()
                sys.exit(0)
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            out.seek(0)
            answers.append([code, out.read().decode("utf-8", "replace")])
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
