"""Loads a submission for an exercise: its rules, its import, its names and signatures, with one clear message each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlkata import rules, signatures
from mlkata.catalog import Exercise
from mlkata.errors import DoesNotLoad, WorkerLost
from mlkata.links import Link, LocalLink, SocketLink
from mlkata.runner import Order, Runner
from mlkata.submission import Submission, Told, rebuild

CPU_PATIENCE = 20.0  # times the limit in seconds: CPU time of one worker through all checks


def load_local(exercise: Exercise, path: Path, *, obey_rules: bool = True, keep_frames: bool = False) -> Submission:
    """The submission at `path`, in this process.

    Raises
    ------
    DoesNotLoad
        There is no such file, or it is no Python, or its import fails, or it lacks what the exercise asks for.
    RefusedByRules
        It imports or calls what the exercise does not allow.
    """
    source = judged_source(exercise, path, obey_rules=obey_rules)
    return load_through(LocalLink(str(path), keep_frames=keep_frames), exercise, path, source)


def load_walled(
    exercise: Exercise, path: Path, sandbox: Runner, *, seconds: float, obey_rules: bool = True
) -> tuple[Submission, SocketLink]:
    """The submission at `path`, in a worker of the sandbox, and the way to it.

    Raises
    ------
    DoesNotLoad, RefusedByRules
        As for `load_local`.
    WorkerLost
        Its worker died or hung meanwhile.
    """
    source = judged_source(exercise, path, obey_rules=obey_rules)
    limits = exercise.limits
    order = Order(
        path.name,
        memory_mb=limits.memory_mb,
        cpu_seconds=CPU_PATIENCE * limits.seconds,
        loopback=limits.loopback,
    )
    link = sandbox.worker(order, seconds=seconds)
    try:
        return load_through(link, exercise, path, source), link
    except BaseException:
        link.close()
        raise


def judged_source(exercise: Exercise, path: Path, *, obey_rules: bool = True) -> str:
    """The text of a submission that is Python and keeps the rules."""
    source = read_source(path)
    if obey_rules:
        rules.check(source, exercise, str(path))
    return source


def read_source(path: Path) -> str:
    """The text of a submission that is at least Python."""
    try:
        source = path.read_text(encoding="utf-8-sig")
        compile(source, str(path), "exec", dont_inherit=True)
    except FileNotFoundError:
        raise DoesNotLoad(
            f"{path}: there is no such file; write your answer there or name it with --submission"
        ) from None
    except IsADirectoryError:
        raise DoesNotLoad(f"{path}: expected a Python file, found a folder; name the file with --submission") from None
    except OSError as error:
        raise DoesNotLoad(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise DoesNotLoad(f"{path}: is no UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except SyntaxError as error:
        line = (error.text or "").strip()
        shown = f": {line}" if line else ""
        where = f"{path}, line {error.lineno}" if error.lineno else str(path)
        raise DoesNotLoad(f"{where}: {error.msg}{shown}") from None
    except ValueError as error:
        raise DoesNotLoad(f"{path}: cannot be read: {error}") from None
    except (MemoryError, RecursionError):
        raise DoesNotLoad(f"{path}: is nested too deeply for Python; split the longest expressions") from None
    return source


def load_through(link: Link, exercise: Exercise, path: Path, source: str) -> Submission:
    """Have a worker load the submission, and hold what it found against the prompt."""
    prompt = signatures.stated(exercise.readme.read_text(encoding="utf-8")) if exercise.readme.is_file() else {}
    asked = signatures.methods(prompt, exercise.entry)
    answer = link.ask({"do": "load", "name": exercise.id, "entry": asked, "source": source})
    if "error" in answer:
        raise DoesNotLoad(_import_failed(rebuild(answer["error"]).told, path))  # type: ignore[attr-defined]
    found: Any = answer.get("value")
    if not signatures.is_found(found, asked):
        raise WorkerLost.nonsense()
    wrong = signatures.complaints(prompt, found)
    if wrong:
        raise DoesNotLoad(f"{path}: " + "; ".join(wrong) + ". README.md, Signature, shows what is asked for")
    return Submission(link, exercise.entry)


def _import_failed(told: Told, path: Path) -> str:
    where = str(path)
    if told.frames:
        number, _, line = told.frames[-1]
        where = f"{path}, line {number} ({line})" if line else f"{path}, line {number}"
    return f"{where}: importing the file raised {told.type}: {told.message}"
