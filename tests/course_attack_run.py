"""Grades a course as `mlkata course autograde` does, with or without the rules; run in a process of its own.

Arguments: the course, the file to write, and `lenient` where submissions are graded as if the rules let them through.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from attack_run import processes_beyond
from course_toy import api

from mlkata import batch
from mlkata.batch import Done
from mlkata.cases import Case
from mlkata.catalog import Catalog
from mlkata.course_run import autograde_class
from mlkata.grading import Grader, walls_for, warm_up


def lenient(slots):
    """Hands that let through what the rules refuse."""

    def hands(tasks, done):
        job = tasks[0].job
        exercise = Catalog(Path(job.root)).exercise(job.exercise)
        walls = walls_for(exercise, hide=[Path(job.hide)])
        walls.clean()
        warm_up(exercise)
        grader = Grader(exercise, walls=walls)
        path = Path(sys.argv[2]).with_name(f"{exercise.id}.py")
        for task in tasks:
            path.write_text(task.job.source, encoding="utf-8")
            case = Case(task.job.name, path, seed=task.job.seed, show=task.job.show, obey_rules=False)
            done(Done(task, grader.grade(case).report.renamed(task.job.name)))
        grader.close()
        walls.close()

    return hands


def main():
    if sys.argv[3:] == ["lenient"]:
        batch.local = lenient
    outcome = autograde_class(Path(sys.argv[1]), "ps1", 2)
    pages = api(Path(sys.argv[1])).generate_feedback("ps1")
    assert pages["success"], pages
    story = {**asdict(outcome), "left": processes_beyond(0), "pid": os.getpid()}
    Path(sys.argv[2]).write_text(json.dumps(story))


if __name__ == "__main__":
    main()
