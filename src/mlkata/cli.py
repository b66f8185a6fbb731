"""The command line: arguments in, exit code out."""

from __future__ import annotations

import os
import statistics
from dataclasses import asdict
from pathlib import Path

import click

from mlkata import __version__
from mlkata.catalog import DEVICES, KINDS, LEVELS, Catalog
from mlkata.changes import changed_ids
from mlkata.command_line import (
    EXIT_HARNESS,
    EXIT_SUBMISSION_FAILED,
    Commands,
    authors_catalog_option,
    catalog_option,
    complain,
    end_with,
    json_option,
    print_json,
)
from mlkata.course_cli import course
from mlkata.errors import UsageError
from mlkata.learner_commands import LEARNER_COMMANDS
from mlkata.listing import details, metadata, text_of, verdict_text
from mlkata.progress import progress
from mlkata.scaffold import scaffold
from mlkata.selection import Selection, coverage, select
from mlkata.tables import print_table


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mlkata")
def main() -> None:
    """Machine-learning coding exercises with graders whose verdicts can be trusted."""


@main.command("list")
@click.option("--track", help="Only this track.")
@click.option("--level", type=click.Choice(LEVELS, case_sensitive=False), help="Only this level.")
@click.option("--kind", type=click.Choice(KINDS, case_sensitive=False), help="Only this kind.")
@click.option("--company", help="Only what this company asks in interviews.")
@click.option("--question", metavar="ID", help="Only what answers this question, such as Q14.")
@click.option("--tag", help="Only what answers a question with this tag.")
@json_option
@catalog_option
def list_exercises(catalog: Catalog, as_json: bool, **asked: str | None) -> None:
    """List the exercises."""
    sound, broken = catalog.sound_and_broken()
    chosen = select(sound, Selection(**asked))
    if as_json:
        print_json([metadata(exercise) for exercise in chosen])
    elif chosen:
        print_table(
            ("id", "title", "track", "level", "kind", "minutes", "questions"),
            [
                (each.id, each.title, each.track, each.level, each.kind, str(each.minutes), " ".join(each.questions))
                for each in chosen
            ],
        )
    else:
        complain("no exercise fits; ask for less")
    end_with(broken)


@main.command()
@click.argument("id")
@json_option
@catalog_option
def show(catalog: Catalog, id: str, as_json: bool) -> None:
    """Show one exercise: what it is, which questions it answers, where its files lie, and its conventions."""
    shown = details(catalog.exercise(id))
    if as_json:
        print_json(shown)
    else:
        click.echo(text_of(shown))


@main.command("coverage")
@click.option("--missing", is_flag=True, help="Only the questions that no exercise answers.")
@json_option
@catalog_option
def show_coverage(catalog: Catalog, missing: bool, as_json: bool) -> None:
    """Show which interview questions have a working exercise: one with a stub, a grader and a reference."""
    sound, broken = catalog.sound_and_broken()
    covered = coverage(sound)
    n_covered = sum(map(bool, covered.values()))
    rows = [(question.id, question.text, ids) for question, ids in covered.items() if not (missing and ids)]
    if as_json:
        listed = [{"id": id, "text": text, "exercises": ids} for id, text, ids in rows]
        print_json({"questions": listed, "covered": n_covered, "total": len(covered)})
    else:
        print_table(("question", "text", "exercises"), [(id, text, " ".join(ids)) for id, text, ids in rows])
        click.echo(f"{n_covered} of {len(covered)} questions have an exercise")
    end_with(broken)


@main.command()
@click.argument("id")
@click.option("--title", help="Default: made from the id.")
@click.option("--track", help="Default: left for you to fill in.")
@click.option("--kind", type=click.Choice(KINDS), default="numpy", show_default=True)
@click.option("--level", type=click.Choice(LEVELS), default="medium", show_default=True)
@authors_catalog_option
def new(catalog: Catalog, id: str, title: str | None, track: str | None, kind: str, level: str) -> None:
    """Write the files of a new exercise, with TODO wherever something is left to say."""
    for path in scaffold(catalog, id, title=title, track=track, kind=kind, level=level):
        click.echo(path)


@main.command("grade")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--exercise", "id", help="Which exercise a file answers. Default: the one that it is named after.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Of the random inputs. Default: one that nobody knows.")
@click.option("--device", type=click.Choice(DEVICES), default="cpu", show_default=True)
@click.option(
    "--show",
    type=click.Choice(("property", "call", "full")),
    default="property",
    show_default=True,
    help="How much of a failing check is told.",
)
@click.option("--store", metavar="FILE|URL", help="Where the grades of a folder are kept. Default: in the folder.")
@click.option("--jobs", type=click.IntRange(1), help="How many submissions at a time. Default: one for each core.")
@click.option("--cluster", metavar="URL", help="Grade on the Dask cluster with its scheduler there.")
@click.option("--unsafe-no-sandbox", is_flag=True, help="Run submissions without walls, with all that you may do.")
@json_option
@catalog_option
def grade_path(
    catalog: Catalog,
    path: Path,
    id: str | None,
    seed: int | None,
    device: str,
    show: str,
    store: str | None,
    jobs: int | None,
    cluster: str | None,
    unsafe_no_sandbox: bool,
    as_json: bool,
) -> None:
    """Grade a submission, or a folder with a folder for each student that has <exercise>.py or .ipynb files.

    A folder's grades are kept, so that a second run grades what is new or changed, or what was cut short.
    """
    from mlkata import marking

    options = marking.Options(seed, device, show, sandboxed=not unsafe_no_sandbox)
    if path.is_dir():
        if id is not None:
            raise UsageError("--exercise is for a single file; a folder's files are named after their exercises")
        outcome = marking.grade_folder(path, catalog, options, store=store, jobs=jobs, cluster=cluster)
        if as_json:
            print_json(asdict(outcome))
        else:
            click.echo(marking.text_of(outcome))
        for sentence in (*outcome.problems, *outcome.troubles):
            complain(sentence)
        if outcome.troubles:
            click.get_current_context().exit(EXIT_HARNESS)
        if outcome.problems:
            click.get_current_context().exit(EXIT_SUBMISSION_FAILED)
        return
    if store or jobs or cluster:
        raise UsageError("--store, --jobs and --cluster are for a folder of submissions")
    report = marking.grade_file(path, catalog, options, id=id)
    click.echo(report.to_json() if as_json else marking.report_text(report))
    if not report.complete:
        click.get_current_context().exit(EXIT_HARNESS)
    if not report.passed:
        click.get_current_context().exit(EXIT_SUBMISSION_FAILED)


@main.command("export")
@click.argument("sources", nargs=-1, metavar="FOLDER|REPORT...", type=click.Path(path_type=Path))
@click.option("--csv", type=click.Path(dir_okay=False, path_type=Path), help="Students by exercises, with points.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Every check as JUnit XML.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="One page with plots.")
@click.option("--title", help="Of the page. Default: the folder's name.")
@click.option("--store", metavar="FILE|URL", help="Where the folder's grades are kept. Default: in the folder.")
@click.option("--gradescope", is_flag=True, help="Print Gradescope's results.json of reports.")
@click.option("--missing", multiple=True, metavar="ID", help="An exercise that nothing was handed in for.")
@click.option("--github-classroom", is_flag=True, help="Print GitHub Classroom's JSON of a report.")
@click.option(
    "--gradescope-zip",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write an autograder for the exercises that --exercise names.",
)
@click.option("--exercise", "ids", multiple=True, metavar="ID", help="For --gradescope-zip.")
@click.option("--unsafe-no-sandbox", is_flag=True, help="For --gradescope-zip: run submissions without walls.")
@catalog_option
def export_grades(
    catalog: Catalog,
    sources: tuple[Path, ...],
    csv: Path | None,
    junit: Path | None,
    html: Path | None,
    title: str | None,
    store: str | None,
    gradescope: bool,
    missing: tuple[str, ...],
    github_classroom: bool,
    gradescope_zip: Path | None,
    ids: tuple[str, ...],
    unsafe_no_sandbox: bool,
) -> None:
    """Write grades out: of a class's FOLDER to files, of a REPORT (`mlkata grade FILE --json`) to stdout."""
    from mlkata import exports, publishing
    from mlkata import gradescope as gradescope_format

    of_class = any((csv, junit, html))
    if sum(map(bool, (of_class, gradescope, github_classroom, gradescope_zip))) != 1:
        todo = "--csv, --junit or --html; or --gradescope; or --github-classroom; or --gradescope-zip"
        raise UsageError(f"say what to write, one kind at a time: {todo}")
    if gradescope_zip is not None:
        for id in ids:
            catalog.exercise(id)
        gradescope_format.gradescope_zip(gradescope_zip, ids, unsafe_no_sandbox=unsafe_no_sandbox)
        return
    if of_class:
        if len(sources) != 1 or not sources[0].is_dir():
            raise UsageError("--csv, --junit and --html need the folder of one class")
        grades = publishing.grades_of(sources[0], store)
        publishing.write_class(
            grades, csv=csv, junit=junit, html=html, title=title or sources[0].resolve().name or "Grades"
        )
        return
    reports = [publishing.read_report(path) for path in sources]
    if gradescope:
        print_json(gradescope_format.to_gradescope(*reports, missing=missing))
    elif len(reports) == 1:
        print_json(exports.to_github_classroom(reports[0]))
    else:
        raise UsageError("--github-classroom needs one report, as `mlkata grade FILE --json` prints it")


@main.command("verify")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--changed", is_flag=True, help="Only the exercises that git says were changed.")
@click.option("--since", metavar="COMMIT", default="HEAD", show_default=True, help="What --changed compares with.")
@click.option("--jobs", type=click.IntRange(1), help="How many exercises at a time. Default: one for each core.")
@click.option("--device", type=click.Choice(DEVICES), default="cpu", show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**31), default=0, show_default=True, help="Of the random inputs.")
@json_option
@authors_catalog_option
def verify_exercises(
    catalog: Catalog,
    ids: tuple[str, ...],
    changed: bool,
    since: str,
    jobs: int | None,
    device: str,
    seed: int,
    as_json: bool,
) -> None:
    """Prove exercises before they ship: their files, their right answers, and their wrong ones."""
    from mlkata.verify import verify_all

    if changed and ids:
        raise UsageError("--changed finds the exercises itself; name none, or leave it away")
    chosen = changed_ids(catalog, since) if changed else ids or catalog.ids()
    exercises, broken = catalog.sound_and_broken(chosen)
    if not chosen and not as_json:
        complain("no exercise was changed" if changed else "there is no exercise to verify")
        return
    verdicts = []
    with progress(len(exercises), "verifying") as step:
        for verdict in verify_all(exercises, jobs=jobs or os.cpu_count() or 1, device=device, seed=seed):
            verdicts.append(verdict)
            step(verdict.id)
            if not as_json:
                click.echo(verdict_text(verdict))
    if as_json:
        print_json([asdict(verdict) for verdict in verdicts])
    unsound = [verdict for verdict in verdicts if not verdict.sound]
    for reason in {verdict.unwalled for verdict in verdicts} - {""}:
        complain(f"nothing was proved behind walls: {reason}")
    if verdicts and not as_json:
        median = statistics.median(verdict.cpu_seconds for verdict in verdicts)
        click.echo(
            f"{len(verdicts) - len(unsound)} of {len(verdicts)} exercises are sound; median {median:.1f} s of CPU each"
        )
    end_with(broken)
    if unsound:
        click.get_current_context().exit(EXIT_SUBMISSION_FAILED)


for command in (*LEARNER_COMMANDS, course):
    main.add_command(command)


if __name__ == "__main__":
    main()
