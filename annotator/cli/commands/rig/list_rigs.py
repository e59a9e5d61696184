"""`annotator rig list`: the rigs of a project."""

from typing import Annotated

import typer

from annotator.cli.console import print_json, print_table, say
from annotator.cli.options import JsonOption, ProjectArgument


def list_rigs(
    project: ProjectArgument,
    versions: Annotated[bool, typer.Option("--versions", help="Also earlier versions of each rig.")] = False,
    json: JsonOption = False,
) -> None:
    """List the rigs of a project with their cameras and takes. Of several that hold for a take, one that names it goes first.

    [bold]Examples[/bold]

    \b
      annotator rig list shoot.annotator
      annotator rig list shoot.annotator --versions --json
    """
    from annotator.services.rigs.transfer import list_rigs as run
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project, read_only=True) as store:
        found = run(store, versions)
    if json:
        print_json(found)
    elif not found:
        say("The project has no rig. See: annotator rig import --help")
    else:
        rows = [
            (
                each.name,
                each.version,
                len(each.cameras),
                ", ".join(each.takes) or "all",
                each.source or None,
                each.added[:16].replace("T", " "),
                each.user,
            )
            for each in found
        ]
        print_table("", ("rig", "version", "cameras", "takes", "from", "added (UTC)", "by"), rows)
