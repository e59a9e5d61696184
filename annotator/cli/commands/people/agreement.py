"""`annotator agreement`: how far people agree on the same frames."""

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli.console import note, print_json, print_table
from annotator.cli.options import JsonOption, ProjectArgument

_PERCENT = 100.0


def agreement(
    project: ProjectArgument,
    other: Annotated[
        Path | None,
        typer.Argument(
            metavar="[OTHER]", help="A copy of the project, or one of the same captures.", show_default=False
        ),
    ] = None,
    person: Annotated[
        list[str] | None,
        typer.Option("--person", help="Only these people of the ledger; repeat it.", show_default="all"),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Measure how far people are apart where they placed the same landmarks by hand, per landmark, along and across its curve.

    In one project the ledger tells who put what where; the second person may have seen the first one's point. Two copies that
    people worked on apart are blind. A model that learns from them cannot be nearer to either than they are to each other.

    [bold]Examples[/bold]

    \b
      annotator agreement shoot.annotator
      annotator agreement shoot.annotator --person vera --person otto --json
      annotator agreement shoot.annotator shoot-of-vera.annotator
    """
    from annotator.services.project.people.agreement import agreement_of_copies, agreements
    from annotator.store.project_store import ProjectStore

    if other is not None and person:
        raise typer.BadParameter("--person chooses in one project; name either OTHER or people.")
    with ProjectStore.open(project, read_only=True) as store:
        if other is None:
            found = agreements(store, person or ())
        else:
            with ProjectStore.open(other, read_only=True) as copy:
                both = agreement_of_copies(store, copy)
            found = [] if both is None else [both]
    if json:
        print_json(found)
        return
    if not found:
        note("No two people placed the same landmark of the same frame by hand.")
    for each in found:
        rows = [
            (name, own.points, *map(_share, (own.median, own.along, own.across)), f"{own.px:.2f}")
            for name, own in (("all", each.whole), *each.landmarks.items())
        ]
        columns = ("landmark", "points", "apart", "along", "across", "px")
        title = f"{each.first} and {each.second}: medians over {each.frames} frames, % of {each.normaliser}"
        print_table(title, columns, rows)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{_PERCENT * value:.2f}"
