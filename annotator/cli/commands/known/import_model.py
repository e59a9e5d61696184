"""`annotator models import`: a model that was made elsewhere, after it was checked."""

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli.console import print_json, say
from annotator.cli.options import JsonOption, ProjectArgument


def import_model(
    project: ProjectArgument,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="With model.toml and weights.", show_default=False)
    ],
    name: Annotated[
        str | None, typer.Option("--id", help="Its name in this project.", show_default="the card's")
    ] = None,
    activate: Annotated[bool, typer.Option("--activate", help="Also make it the active model.")] = False,
    json: JsonOption = False,
) -> None:
    """Bring a model into a project: a copy beside it, known, and active only with --activate.

    Its card, sizes, hash, safetensors, architecture and scheme are checked first; a model that does not fit is refused with the
    reason, and nothing changes.

    [bold]Examples[/bold]

    \b
      annotator models import shoot.annotator /mnt/models/feature
      annotator models import shoot.annotator /mnt/models/feature \\
          --id feature-2 --activate
    """
    from annotator.services.models.known.carry_model import import_model as bring
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project) as store:
        card = bring(store, folder, name)
        if activate:
            store.models.activate(card.id)
    if json:
        print_json({"model": card.id, "scheme": card.scheme, "sha256": card.sha256, "active": activate})
    else:
        say(f"{card.id} is a model of the project{' and active' if activate else ''}")
