"""The commands of a learner's day."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from mlkata.catalog import Catalog, content_root
from mlkata.command_line import complain, json_option, practice_option, print_json
from mlkata.practice import Practice
from mlkata.shipping import Shipment, init, update


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def make_practice(folder: Path) -> None:
    """Make a practice folder with all exercises."""
    practice, shipment = init(folder, Catalog(content_root()))
    _say_kept(practice, shipment)
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
    _say_kept(practice, shipment)
    for id in shipment.gone:
        complain(f"exercises/{id} is not in mlkata any more; it stays as it is")
    if not (shipment.added or shipment.renewed):
        click.echo("everything was up to date" if not shipment.kept else "nothing else is new")


def _say_kept(practice: Practice, shipment: Shipment) -> None:
    for name in shipment.kept:
        folder, stem = Path(name).parent.name, Path(name).stem
        todo = f"`mlkata reset {stem}` gives it" if folder == stem else "move it away and run `mlkata update` for it"
        complain(f"{name} is yours and stays as it is; mlkata has a new one: {todo}")


LEARNER_COMMANDS = (make_practice, update_practice)
