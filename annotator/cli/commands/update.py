"""`annotator update`: pictures that were replaced by others of another size."""

from typing import Annotated

import typer

from annotator.cli.console import in_shell, note, print_json, say, warn
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import JsonOption, ProjectArgument, QuietOption

_MOST_SHOWN = 20


def update(
    project: ProjectArgument,
    points: Annotated[
        str | None,
        typer.Option(
            "--points",
            help="Take the new sizes: scale (landmarks move with the picture) or needs-work (they stay, the frame is set to "
            "needs work). Without it the frames are only named.",
            show_default=False,
        ),
    ] = None,
    user: Annotated[
        str | None, typer.Option("--user", help="Name for the ledger; yours without it.", show_default=False)
    ] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Find frames whose picture has another size than when it was imported, and take the new size.

    Such frames are refused wherever their pixels are read, as their landmarks would lie in wrong places. What models
    proposed on the old pictures is dropped; propose anew afterwards. Ends with code 3 while frames are left.

    [bold]Examples[/bold]

    \b
      annotator update shoot.annotator
      annotator update shoot.annotator --points scale
      annotator update shoot.annotator --points needs-work
    """
    from annotator.services.project.captures.picture_sizes import PointsRule, changed_sizes, take_sizes
    from annotator.store.project_store import ProjectStore

    try:
        chosen = None if points is None else PointsRule(points)
    except ValueError:
        raise typer.BadParameter(f"--points is one of {', '.join(PointsRule)}.") from None
    with (
        ProjectStore.open(project, read_only=chosen is None) as store,
        cancellable("Nothing was changed.") as stop,
        progress_bar("Looking", not quiet) as progress,
    ):
        found = changed_sizes(store, progress=progress, stop=stop)
        taken = take_sizes(store, found.changes, chosen, user) if chosen is not None else None
    left = dict(taken.left) if taken else {}
    if json:
        print_json(
            {
                "frames": found.frames,
                "changed": [
                    {"path": change.frame.path, "width": change.width, "height": change.height}
                    for change in found.changes
                ],
                "taken": list(taken.taken) if taken else [],
                "left": left,
                "unreadable": dict(found.unreadable),
            }
        )
    elif taken is not None:
        say(f"{len(taken.taken)} of {len(found.changes)} frames have their new size")
    else:
        say(f"{len(found.changes)} of {found.frames} frames have a picture of another size")
        for change in found.changes[:_MOST_SHOWN]:
            warn(change.text)
        if found.changes:
            note(f"Take the new sizes: annotator update {in_shell(project)} --points scale (or needs-work)")
    for path, reason in [*left.items(), *found.unreadable.items()][:_MOST_SHOWN]:
        warn(f"{path}: {reason}")
    if left or found.unreadable or (taken is None and found.changes):
        raise typer.Exit(ExitCode.PARTIAL)
