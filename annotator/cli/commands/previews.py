"""`annotator previews`: the small pictures of frames, made ahead by many machines."""

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli.chosen_frames import chosen_frames
from annotator.cli.console import print_json, say, warn_of
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.named_landmarks import landmark_indices
from annotator.cli.options import CameraOption, JsonOption, ProjectArgument, QuietOption, SubjectOption


def previews(
    project: ProjectArgument,
    shard: Annotated[
        str, typer.Option("--shard", help="This machine's share, such as 3/20.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", help="The folder for side files.", show_default=False)],
    patches: Annotated[
        str | None,
        typer.Option(
            "--patches",
            help="Also cut the contact sheet's patches of these landmarks or regions, comma-separated, or all.",
            show_default=False,
        ),
    ] = None,
    subject: SubjectOption = None,
    camera: CameraOption = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Make the previews of a share of the frames, as side files; 'annotator merge PROJECT DIR' takes them into the project.

    Lists, scrubbing and the contact sheet show them at once, in place of reading each frame in full first. With --patches the
    sheet is sharp at once, too, for the landmarks that are named, where they are now; the exact patches follow as ever. Without
    this the window makes all of it as frames are looked at. Ends with code 3 when some frames could not be read.

    [bold]Examples[/bold]

    \b
      annotator previews shoot.annotator --shard 3/20 --out farm/
      annotator previews shoot.annotator --shard 3/20 --out farm/ \\
          --patches chin,mouth
    """
    from annotator.services.models.farm.preview_shard import preview_shard
    from annotator.services.models.farm.propose_shard import Shard
    from annotator.services.project.sheet_patches import sheet_patches
    from annotator.store.project_store import ProjectStore

    share = Shard.parse(shard)
    kept = "Finished side files stay; the same command goes on with the rest."
    with ProjectStore.open(project, read_only=True) as store:
        ids = chosen_frames(store, None, subject, camera)
        named = () if patches is None else landmark_indices(store.scheme, patches)
        wanted = sheet_patches(store, range(store.scheme.size) if named is None else named)
        with cancellable(kept) as stop, progress_bar("Previews", not quiet) as progress:
            summary = preview_shard(store, ids, share, out, progress, stop, wanted if patches else None)
    if json:
        print_json(summary)
    else:
        say(summary.text)
    warn_of(summary.failures)
    if summary.failures:
        raise typer.Exit(ExitCode.PARTIAL if summary.made or summary.known else ExitCode.ERROR)
