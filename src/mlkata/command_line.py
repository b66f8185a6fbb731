"""What the commands share: whose fault an error was, their options, and how they complain."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from mlkata.catalog import Catalog, content_root
from mlkata.errors import CatalogError, MlkataError, SubmissionFault, UsageError
from mlkata.practice import Practice, find_practice, require_practice
from mlkata.suggestion import suggestion

EXIT_SUBMISSION_FAILED = 1
EXIT_USAGE = 2
EXIT_HARNESS = 3
EXIT_INTERRUPTED = 130

Command = Callable[..., Any]


def exit_code(error: MlkataError) -> int:
    """Whose fault it is: 1 the submission's, 2 the caller's, 3 an exercise's author's or ours."""
    if isinstance(error, SubmissionFault):
        return EXIT_SUBMISSION_FAILED
    return EXIT_USAGE if isinstance(error, UsageError) else EXIT_HARNESS


class Commands(click.Group):
    """A group whose commands may raise any MlkataError, and that never ends with 1 for a fault of its own."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing:
            todo = suggestion(args[0], self.list_commands(ctx), otherwise="`mlkata --help` lists them")
            ctx.fail(f"there is no command {args[0]!r}; {todo}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except MlkataError as error:
            complain(str(error))
            ctx.exit(exit_code(error))
        except KeyboardInterrupt:
            complain("interrupted")
            ctx.exit(EXIT_INTERRUPTED)
        except Exception:
            complain(f"this is a fault of mlkata itself; please report it\n{traceback.format_exc().rstrip()}")
            ctx.exit(EXIT_HARNESS)


def _root_option(parameter: str, of: Callable[[Path | None], Any], envvar: str | None, help: str) -> Command:
    return click.option(
        "--root",
        parameter,
        envvar=envvar,
        show_envvar=True,
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        callback=lambda ctx, parameter, root: of(root),
        help=help,
    )


def _any_catalog(root: Path | None) -> Catalog:
    practice = None if root else find_practice(Path.cwd())
    return practice.catalog if practice else Catalog(root or content_root())


def _complete_catalog(root: Path | None) -> Catalog:
    if practice := find_practice(root or Path.cwd()):
        todo = "name a catalogue that has them with --root"
        raise UsageError(f"{practice.root} is a practice folder, without graders and references; {todo}")
    return Catalog(root or content_root())


def _practice(root: Path | None) -> Practice:
    return require_practice(root or Path.cwd())


_CATALOG = "The catalogue: a directory that has exercises/. Default: the {}exercises of mlkata itself."

catalog_option = _root_option(
    "catalog", _any_catalog, "MLKATA_ROOT", _CATALOG.format("practice folder that one is in, else the ")
)
authors_catalog_option = _root_option("catalog", _complete_catalog, "MLKATA_ROOT", _CATALOG.format(""))
practice_option = _root_option("practice", _practice, None, "The practice folder. Default: the one that one is in.")
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON.")


def print_json(data: Any) -> None:
    """Write data to stdout."""
    click.echo(json.dumps(data, indent=1))


def complain(message: str) -> None:
    """Write a diagnosis to stderr."""
    click.echo(f"mlkata: {message}", err=True)


def end_with(broken: Sequence[CatalogError]) -> None:
    """End a listing: what could be read is on stdout by now, so the exit code must say that some could not."""
    for error in broken:
        complain(str(error))
    if broken:
        click.get_current_context().exit(EXIT_HARNESS)
