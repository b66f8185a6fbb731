"""The commands of a learner's day."""

from __future__ import annotations

import os
import queue
import random
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from mlkata import choosing, journal, learning
from mlkata.catalog import LEVELS, Catalog, Exercise, content_root
from mlkata.command_line import EXIT_SUBMISSION_FAILED, complain, end_with, json_option, practice_option, print_json
from mlkata.errors import CatalogError, UsageError
from mlkata.listing import metadata
from mlkata.practice import Practice
from mlkata.selection import Selection
from mlkata.shipping import Shipment, init, update
from mlkata.standing import Standing, standings
from mlkata.tables import print_table
from mlkata.tally import Tally, as_data, bars, tally, text_of


def choice_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that say which exercises one wants to work on; see `_chosen`."""
    for option in (
        click.option("--question", "questions", multiple=True, metavar="ID", help="Only these questions; repeat it."),
        click.option("--company", help="Only what this company asks in interviews."),
        click.option("--level", type=click.Choice(LEVELS, case_sensitive=False), help="Only this level."),
        click.option("--track", help="Only this track."),
    ):
        command = option(command)
    return command


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def make_practice(folder: Path) -> None:
    """Make a practice folder with all exercises."""
    practice, shipment = init(folder, Catalog(content_root()))
    _say_kept(shipment)
    click.echo(f"{practice.root} has {len(practice.catalog.ids())} exercises; run `mlkata next` in it")


@click.command("update")
@json_option
@practice_option
def update_practice(practice: Practice, as_json: bool) -> None:
    """Bring new and changed exercises into the practice folder; what you wrote stays as it is."""
    shipment = update(practice, Catalog(content_root()))
    if as_json:
        print_json(asdict(shipment))
        return
    for what in ("added", "renewed"):
        for name in getattr(shipment, what):
            click.echo(f"{what}  {name}")
    _say_kept(shipment)
    for id in shipment.gone:
        complain(f"exercises/{id} is not in mlkata any more; it stays as it is")
    if not (shipment.added or shipment.renewed):
        click.echo("nothing else is new" if shipment.kept else "everything is up to date")


@click.command("next")
@choice_options
@click.option("--failed", is_flag=True, help="Only what failed when it was tried last, longest ago first.")
@json_option
@practice_option
def next_exercise(practice: Practice, failed: bool, as_json: bool, **asked: Any) -> None:
    """Say which exercise to do next: what is new, easy ones first, then what failed, longest ago first."""
    exercises, found, broken = _chosen(practice, **asked)
    left = choosing.to_do(exercises, found, failed_alone=failed)
    if as_json:
        print_json([metadata(left[0])] if left else [])
    elif left:
        click.echo(_invitation(practice, left[0], found.get(left[0].id, Standing())))
    elif not exercises:
        complain("no exercise fits; ask for less")
    else:
        complain("nothing failed; leave --failed away" if failed else "all of them are passed; ask for others")
    end_with(broken)


@click.command("hint")
@click.argument("id")
@click.option("--again", is_flag=True, help="Show the hints that were given.")
@json_option
@practice_option
def give_hint(practice: Practice, id: str, again: bool, as_json: bool) -> None:
    """Give the next hint to an exercise: a nudge, then the idea, then a plan."""
    exercise = practice.catalog.exercise(id)
    hints = learning.given_hints(practice, exercise) if again else (learning.next_hint(practice, exercise),)
    if as_json:
        print_json([asdict(hint) for hint in hints])
        return
    for hint in hints:
        click.echo(f"Hint {hint.number} of {hint.of}\n\n{hint.text}\n")
    if not hints:
        complain(f"no hint to {id} was given yet; leave --again away")
    elif not again and not hints[0].is_new:
        complain(f"that was the last hint; `mlkata solution {id} --give-up` shows the solution")


@click.command("solution")
@click.argument("id")
@click.option("--give-up", is_flag=True, help="Show it although the exercise was not passed.")
@practice_option
def show_solution(practice: Practice, id: str, give_up: bool) -> None:
    """Show our own answer to an exercise that you passed."""
    _print_source(learning.solution(practice, practice.catalog.exercise(id), give_up=give_up))


@click.command("reset")
@click.argument("id")
@practice_option
def reset_exercise(practice: Practice, id: str) -> None:
    """Begin an exercise again: put its stub back, and keep what you wrote."""
    exercise = practice.catalog.exercise(id)
    backup = learning.reset(practice, exercise, Catalog(content_root()))
    stub = practice.shown(exercise.stub)
    if backup is None:
        click.echo(f"{stub} is the stub; nothing was written there")
    else:
        click.echo(f"{stub} is the stub again; what you wrote is in {practice.shown(backup)}")


@click.command("progress")
@choice_options
@json_option
@practice_option
def show_progress(practice: Practice, as_json: bool, **asked: Any) -> None:
    """Show how far you are, by track and by company."""
    exercises, found, broken = _chosen(practice, **asked)
    figures = tally(exercises, found)
    if as_json:
        print_json(as_data(figures, exercises, found))
    elif exercises:
        _print_tally(figures)
    else:
        complain("no exercise fits; ask for less")
    end_with(broken)


@click.command("watch")
@click.argument("id", required=False)
@choice_options
@practice_option
def watch_exercises(practice: Practice, id: str | None, **asked: Any) -> None:
    """Judge an exercise each time you save its file; without ID the next one. Keys bring hints and other exercises."""
    from mlkata import judging, screen, watching

    exercises, found, _ = _chosen(practice, **asked)
    left = choosing.to_do(exercises, found) or exercises
    current = practice.catalog.exercise(id) if id else next(iter(left), None)
    if current is None:
        raise UsageError("no exercise fits; ask for less")
    if current not in exercises:
        exercises = (current, *exercises)
    judge = judging.new_judge()
    try:
        source = Catalog(content_root())
        watching.watch(practice, exercises, current, source=source, judge=judge, screen=screen.Terminal())
    finally:
        judge.close()


@click.command("interview")
@choice_options
@click.option("--minutes", type=click.IntRange(1), default=60, show_default=True, help="The time there is.")
@click.option("--seed", type=int, help="Draws the same set again. Default: by chance.")
@json_option
@practice_option
def hold_interview(practice: Practice, minutes: int, seed: int | None, as_json: bool, **asked: Any) -> None:
    """Draw exercises that fit the time, run the clock, and show at the end what was missed.

    The stubs lie in a folder of their own. Enter hands in before the time is up.
    """
    from mlkata import interview, judging

    exercises, found, _ = _chosen(practice, **asked)
    drawn = interview.draw(exercises, found, minutes=minutes, rng=random.Random(seed))
    held = interview.prepare(
        practice, drawn, Catalog(content_root()), company=asked["company"] or "any", minutes=minutes
    )
    click.echo(interview.invitation(held, practice.shown), err=as_json)
    seconds = _run_clock(minutes)
    judge = judging.new_judge()
    try:
        marks = interview.mark(practice, held, judge)
    finally:
        judge.close()
    if as_json:
        print_json(interview.as_data(marks, held, seconds))
    else:
        click.echo(interview.text_of(marks, held, practice.shown, seconds))
    if not all(each.is_passed for each in marks):
        click.get_current_context().exit(EXIT_SUBMISSION_FAILED)


def _run_clock(minutes: int) -> float:
    """Show the time on stderr, where that is a terminal, until it is up or enter is pressed; answers the seconds."""
    from mlkata.interview import count_down
    from mlkata.keys import key_presses

    keys: queue.SimpleQueue[str] = queue.SimpleQueue()
    is_terminal = sys.stderr.isatty()
    with key_presses(keys.put):
        seconds = count_down(
            minutes,
            keys,
            lambda text: click.echo(f"\r{text} ", nl=False, err=True) if is_terminal else None,
            clock=time.monotonic,
        )
    if is_terminal:
        click.echo(err=True)
    return seconds


def _print_tally(figures: Tally) -> None:
    plain = not sys.stdout.isatty() or "utf" not in (sys.stdout.encoding or "").lower()
    for what, shares in (("track", figures.tracks), ("company", figures.companies)):
        if shares:
            print_table((what, "", "passed"), bars(shares, plain=plain))
            click.echo()
    click.echo(text_of(figures))


def _chosen(
    practice: Practice, *, questions: tuple[str, ...], **asked: str | None
) -> tuple[tuple[Exercise, ...], dict[str, Standing], tuple[CatalogError, ...]]:
    """The exercises that are asked for, how the learner stands, and what cannot be read."""
    sound, broken = practice.catalog.sound_and_broken()
    found = journal.read(practice.journal)
    for sentence in found.complaints:
        complain(sentence)
    return choosing.choose(sound, Selection(**asked), questions), standings(found.entries), broken


def _invitation(practice: Practice, exercise: Exercise, standing: Standing) -> str:
    facts = f"{exercise.track}, {exercise.level}, {exercise.minutes} minutes, {standing.state}"
    return "\n".join(
        [
            f"{exercise.id}: {exercise.title} ({facts})",
            f"  read   {practice.shown(exercise.readme)}",
            f"  write  {practice.shown(exercise.stub)}",
            f"  run    mlkata watch {exercise.id}",
        ]
    )


def _say_kept(shipment: Shipment) -> None:
    for name in shipment.kept:
        folder, stem = Path(name).parent.name, Path(name).stem
        todo = f"`mlkata reset {stem}` gives it" if folder == stem else "move it away and run `mlkata update` for it"
        complain(f"{name} is yours and stays as it is; mlkata has a new one: {todo}")


def _print_source(source: str) -> None:
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        click.echo(source, nl=False)
        return
    from rich.console import Console
    from rich.syntax import Syntax

    Console().print(Syntax(source, "python", background_color="default"))


LEARNER_COMMANDS = (
    make_practice,
    update_practice,
    next_exercise,
    give_hint,
    show_solution,
    reset_exercise,
    show_progress,
    watch_exercises,
    hold_interview,
)
