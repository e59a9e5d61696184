"""`annotator rig check`: does each calibration still hold?"""

from typing import Annotated

import typer

from annotator.cli.console import print_json, say
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import JsonOption, ProjectArgument, QuietOption


def check_rigs(
    project: ProjectArgument,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="Only this rig.", show_default=False),
    ] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Tell which cameras are off everywhere: their points lie beside where the rig expects them, in most moments.

    Judged by people's points and the active model's proposals. Ends with code 0 when no camera is off, with 1 when one
    is, and with 3 when none is but some rig has too few moments to say.

    [bold]Examples[/bold]

    \b
      annotator rig check shoot.annotator
      annotator rig check shoot.annotator tuesday --json
    """
    from annotator.services.rigs.check_rigs import check_rigs as run
    from annotator.store.project_store import ProjectStore

    with (
        ProjectStore.open(project, read_only=True) as store,
        cancellable("Nothing was changed.") as stop,
        progress_bar("Checking", not quiet) as progress,
    ):
        found = run(store, name, progress=progress, stop=stop)
    if json:
        print_json(
            [
                {
                    "name": each.rig.name,
                    "version": each.rig.version,
                    "known": each.known,
                    "moments": each.moments,
                    "off": each.off,
                    "text": each.text,
                }
                for each in found
            ]
        )
    elif not found:
        say("The project has no rig. See: annotator rig import --help")
    else:
        for each in found:
            say(f"{each.rig.label}: {each.text}")
    if any(each.off for each in found):
        raise typer.Exit(ExitCode.ERROR)
    if not all(each.known for each in found):
        raise typer.Exit(ExitCode.PARTIAL)
