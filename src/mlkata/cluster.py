"""Grades on a Dask cluster: one warm slot for each thread of its workers."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from mlkata.batch import TRIES, Done, Hands, Task, trouble_of
from mlkata.errors import HarnessError, UsageError
from mlkata.report import Report
from mlkata.slot import Job, Slot

CHUNK = 8  # submissions to one exercise that go to a worker at a time
RETRIES = 5  # of a chunk whose worker was lost
CONNECT_SECONDS = 5

_warm = threading.local()


def dask_hands(address: str) -> Hands:
    """Hands on the cluster whose scheduler listens at an address, such as tcp://host:8786.

    Raises
    ------
    UsageError
        Dask is not installed, or nothing answers there.
    """
    try:
        from distributed import Client, as_completed
        from distributed.comm import resolve_address
    except ImportError:
        raise UsageError("--cluster needs Dask: install mlkata[cluster]") from None
    try:
        resolve_address(address)  # a client that is given none would hang when it is thrown away
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"--cluster {address}: expected a Dask scheduler, none answers ({error})") from None

    def hands(tasks: Sequence[Task], done: Callable[[Done], None]) -> None:
        with client:
            futures = {}
            for chunk in _chunks(tasks):
                jobs = [asdict(task.job) for task in chunk]
                futures[client.submit(grade_chunk, jobs, pure=False, retries=RETRIES)] = chunk
            for future in as_completed(list(futures), loop=client.loop):
                chunk = futures[future]
                try:
                    answers = future.result()
                except Exception as error:
                    answers = [("", f"the cluster lost it: {error}")] * len(chunk)
                for task, (text, trouble) in zip(chunk, answers, strict=True):
                    done(Done(task, Report.from_json(text) if text else None, trouble))

    return hands


def grade_chunk(jobs: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """On a Dask worker: grade jobs one after the other; the report of each as JSON, or why there is none."""
    return [_grade(Job(**fields)) for fields in jobs]


def _grade(job: Job) -> tuple[str, str]:
    trouble = ""
    for _ in range(TRIES):
        try:
            report = _slot().grade(job)
        except HarnessError as error:
            trouble = str(error)
        else:
            if report.complete:
                return report.to_json(), ""
            trouble = trouble_of(report)
        _forget()
    return "", trouble


def _slot() -> Slot:
    if not hasattr(_warm, "slot"):
        _warm.slot = Slot()
        atexit.register(_warm.slot.close)
    slot: Slot = _warm.slot
    return slot


def _forget() -> None:
    _warm.slot.close()
    del _warm.slot


def _chunks(tasks: Sequence[Task]) -> list[list[Task]]:
    chunks: list[list[Task]] = []
    for task in tasks:
        if not chunks or len(chunks[-1]) >= CHUNK or chunks[-1][0].job.exercise != task.job.exercise:
            chunks.append([])
        chunks[-1].append(task)
    return chunks
