"""The arguments of `mlkata course`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from mlkata import course as courses
from mlkata.catalog import Catalog
from mlkata.command_line import EXIT_HARNESS, EXIT_SUBMISSION_FAILED, authors_catalog_option, json_option, print_json
from mlkata.errors import UsageError


@click.group()
def course() -> None:
    """Make an nbgrader course of exercises, and grade what its students hand in."""


@course.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", required=True, help="The course's name for nbgrader, such as ml101.")
@authors_catalog_option
def init(catalog: Catalog, folder: Path, name: str) -> None:
    """Make the folder of a course, with its configuration."""
    click.echo(courses.init(folder, name, catalog))


@course.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.argument("assignment")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--force", is_flag=True, help="Write notebooks anew that were changed.")
@authors_catalog_option
def add(catalog: Catalog, folder: Path, assignment: str, ids: tuple[str, ...], force: bool) -> None:
    """Write the notebooks of exercises into an assignment."""
    for each in courses.add(folder, assignment, ids, catalog, force=force):
        click.echo(f"{each.path}: {each.what}")


@course.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.argument("assignment")
@click.option("--jobs", type=click.IntRange(1), help="How many submissions at a time. Default: one for each core.")
@json_option
def autograde(folder: Path, assignment: str, jobs: int | None, as_json: bool) -> None:
    """Grade what was handed in for an assignment, and is new or changed; nbgrader's gradebook has the scores then."""
    try:
        from mlkata.course_run import autograde_class, text_of
    except ModuleNotFoundError as error:
        todo = "install it with `pip install 'mlkata[teach]'`"
        raise UsageError(f"expected nbgrader, found no module {error.name}; {todo}") from None
    outcome = autograde_class(folder, assignment, jobs)
    if as_json:
        print_json(asdict(outcome))
    else:
        click.echo(text_of(outcome))
    for sentence in (*outcome.problems, *outcome.troubles):
        click.echo(f"mlkata: {sentence}", err=True)
    if outcome.troubles:
        click.get_current_context().exit(EXIT_HARNESS)
    if outcome.problems:
        click.get_current_context().exit(EXIT_SUBMISSION_FAILED)
