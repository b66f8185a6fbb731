"""A cluster grades as this machine does, also where a worker is lost."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from toy import REFERENCE, WRONG, toy_catalogue, write
from walls import needs_walls

from mlkata.batch import TRIES, Done, Task
from mlkata.cluster import CHUNK, _chunks, dask_hands, grade_chunk
from mlkata.errors import HarnessError, UsageError
from mlkata.report import Category, CheckResult, Outcome, Report
from mlkata.slot import Job

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="slots are for Linux alone")

# Dask keeps threads, so that all of it happens in a process of its own: a class is graded here; on a cluster of two
# workers; and on a cluster of which one worker is killed while it grades. Then a grader is changed and one graded anew.
SCRIPT = """
import json, os, signal, sys, time
from pathlib import Path

import distributed
from mlkata.batch import Task, local
from mlkata.cluster import dask_hands
from mlkata.slot import Job

def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False

def family(pid):
    found = [pid]
    for number in found:
        for children in Path("/proc").glob(f"{number}/task/*/children"):
            found += map(int, children.read_text().split())
    return found

def graded(hands, jobs, then=lambda: None):
    told = []
    def done(one):
        told.append((one.task.key, one.report and one.report.to_json(), one.trouble))
        if len(told) == 1:
            then()
    hands([Task(str(number), Job(**job)) for number, job in enumerate(jobs)], done)
    return sorted(told)

def main():
    jobs, grader, out = json.loads(sys.stdin.read())
    story = {"local": graded(local(2), jobs)}
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        address = cluster.scheduler_address
        story["cluster"] = graded(dask_hands(address), jobs)

        def kill():
            pid = next(iter(cluster.workers.values())).process.pid
            story["family"] = len(family(pid))
            lost.extend(family(pid))
            os.kill(pid, signal.SIGKILL)

        lost = []
        story["killed"] = graded(dask_hands(address), jobs, kill)
        end = time.monotonic() + 10
        while any(map(is_alive, lost)) and time.monotonic() < end:
            time.sleep(0.01)
        story["left"] = [Path(f"/proc/{pid}/cmdline").read_text() for pid in lost if is_alive(pid)]

        grader = Path(grader)
        grader.write_text(grader.read_text().replace("times=3), 24", "times=3), 25"))
        story["changed"] = graded(dask_hands(address), [{**job, "version": "2"} for job in jobs[:2]])
        workers = [pid for worker in cluster.workers.values() for pid in family(worker.process.pid)]
    end = time.monotonic() + 10
    while any(map(is_alive, workers)) and time.monotonic() < end:
        time.sleep(0.01)
    story["left at the end"] = sum(map(is_alive, workers))
    Path(out).write_text(json.dumps(story))

if __name__ == "__main__":
    main()
"""

N_JOBS = 4 * CHUNK
SLOWLY = "    total = sum(range(200_000))\n    if isinstance(x, list):\n"


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    root = toy_catalogue(folder)
    jobs = []
    for number in range(N_JOBS):
        text = WRONG["once"] if number % 2 else REFERENCE
        source = text.replace("    if isinstance(x, list):\n", SLOWLY, 1) + f"# {number}\n"
        jobs.append(vars(Job("double", source, f"s{number}/double.py", str(root), 5)))
    script, out = write(folder / "script.py", SCRIPT), folder / "story.json"
    asked = json.dumps([jobs, str(root / "graders/double/test_double.py"), str(out)])
    ended = subprocess.run(
        [sys.executable, script], input=asked, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(out.read_text())


@needs_linux
@needs_walls
def test_cluster_finds_what_this_machine_finds(story):
    assert len(story["local"]) == N_JOBS
    assert story["cluster"] == story["local"]
    assert {Report.from_json(text).passed for _, text, _ in story["cluster"]} == {True, False}


@needs_linux
@needs_walls
def test_every_grade_arrives_once_where_a_worker_is_killed(story):
    assert story["family"] >= 3, "the worker that was killed had no slot"
    assert story["killed"] == story["local"]


@needs_linux
@needs_walls
def test_slots_die_with_their_worker(story):
    assert story["left"] == []
    assert story["left at the end"] == 0


@needs_linux
@needs_walls
def test_grader_that_changed_is_not_taken_for_the_one_that_is_warm(story):
    assert [Report.from_json(text).passed for _, text, _ in story["local"][:2]] == [True, False]
    assert not any(Report.from_json(text).passed for _, text, _ in story["changed"])


ADDRESSES = """
import json, sys, time
from mlkata.cluster import dask_hands
from mlkata.errors import UsageError

told = []
for address in sys.argv[1:]:
    began = time.monotonic()
    try:
        dask_hands(address)
    except UsageError as error:
        told.append([str(error), time.monotonic() - began])
print(json.dumps(told))
"""


def test_address_where_nobody_listens_and_one_that_is_none_are_usage_errors_soon():
    addresses = ["tcp://127.0.0.1:9", "nonsense", "nonsense://host:1", "tcp://", "tcp://nowhere.invalid:1", ""]
    began = time.monotonic()

    ended = subprocess.run(
        [sys.executable, "-c", ADDRESSES, *addresses], capture_output=True, text=True, timeout=60, check=True
    )

    told = json.loads(ended.stdout)
    for address, (said, seconds) in zip(addresses, told, strict=True):
        assert said.startswith(f"--cluster {address}: expected a Dask scheduler, none answers (")
        assert seconds < 12
    assert ended.stderr == ""
    assert time.monotonic() - began < 20


def test_without_dask_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(UsageError, match=r"--cluster needs Dask: install mlkata\[cluster\]"):
        dask_hands("tcp://127.0.0.1:9")


def job(exercise="double"):
    return Job(exercise, "x = 1\n", "ann/double.py", "/nowhere", 5)


def test_chunks_are_small_and_of_one_exercise_each():
    tasks = [Task(str(number), job("double" if number < CHUNK + 1 else "treble")) for number in range(CHUNK + 3)]

    chunks = _chunks(tasks)

    assert [len(chunk) for chunk in chunks] == [CHUNK, 1, 2]
    assert [task for chunk in chunks for task in chunk] == tasks


class Broken:
    """Stands for a slot that cannot grade some submissions, and says when it is ended."""

    ended = 0

    def grade(self, job):
        if job.name.startswith("cursed"):
            raise HarnessError("the walls fell")
        outcome = Outcome.HARNESS_ERROR if job.name.startswith("unlucky") and not Broken.ended else Outcome.PASSED
        check = CheckResult("test_one", Category.CORRECTNESS, outcome)
        return Report(job.exercise, job.name, job.seed, job.device, {"correctness": 1.0}, (check,))

    def close(self):
        Broken.ended += 1


def test_submission_that_cannot_be_graded_is_told_and_the_others_go_on(monkeypatch):
    monkeypatch.setattr("mlkata.cluster.Slot", Broken)
    monkeypatch.setattr(Broken, "ended", 0)
    jobs = [vars(replace(job(), name=name)) for name in ("a.py", "cursed.py", "b.py")]

    answers = grade_chunk(jobs)

    assert [(Report.from_json(text).submission if text else "", trouble) for text, trouble in answers] == [
        ("a.py", ""),
        ("", "the walls fell"),
        ("b.py", ""),
    ]
    assert Broken.ended == TRIES
    assert Done(Task("key", job()), None, answers[1][1]).trouble == "the walls fell"


def test_submission_is_tried_again_in_a_fresh_slot(monkeypatch):
    monkeypatch.setattr("mlkata.cluster.Slot", Broken)
    monkeypatch.setattr(Broken, "ended", 0)

    [(text, trouble)] = grade_chunk([vars(replace(job(), name="unlucky.py"))])

    assert (Report.from_json(text).complete, trouble, Broken.ended) == (True, "", 1)
