"""`annotator rig remove`: take a rig out of use."""

from typing import Annotated

import typer

from annotator.cli.console import print_json, say
from annotator.cli.options import JsonOption, ProjectArgument


def remove_rig(
    project: ProjectArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The rig's name.", show_default=False)],
    version: Annotated[
        int | None, typer.Option("--version", help="Only this version.", show_default=False)
    ] = None,
    json: JsonOption = False,
) -> None:
    """Take a rig, or one of its versions, out of use; then the version before holds. Landmarks stay as they are.

    [bold]Examples[/bold]

    \b
      annotator rig remove shoot.annotator tuesday
      annotator rig remove shoot.annotator tuesday --version 2
    """
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project) as store:
        count = store.rigs.remove(name, version)
        left = [each.version for each in store.rigs.versions(name)]
    if json:
        print_json({"name": name, "removed": count, "left": left})
    else:
        say(f"{name}: {count} version{'' if count == 1 else 's'} removed, {len(left)} left")
