"""`annotator spoil`: frames with true landmarks in which something covers a part of the face."""

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli.console import print_json, say, short_path
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import JsonOption, QuietOption, SeedOption
from annotator.domain.assets import DEFAULT_SCHEME


def spoil(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE", help="A project, or a folder with true landmarks.", show_default=False
        ),
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The new folder.", show_default=False)],
    kinds: Annotated[
        str | None,
        typer.Option("--kinds", help="Comma-separated; see below.", show_default="all in turn"),
    ] = None,
    scheme: Annotated[str, typer.Option("--scheme", help="Landmarks of the truth.")] = DEFAULT_SCHEME,
    seed: SeedOption = 0,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Cover a part of every face, to measure how a model fares when it cannot see everything.

    Each frame is written once, with one of: hand, dark glasses, hair, microphone, second face, another's region (a region's
    pixels replaced by those of another face). The true landmarks stay; covered ones are marked as occluded. Another seed gives
    the frames other kinds. Measure with annotator evaluate, and look at the worst tenth of the frames, too.

    [bold]Examples[/bold]

    \b
      annotator spoil renders/test renders/spoilt
      annotator spoil renders/test renders/hands --kinds hand --seed 1
    """
    from annotator.domain.schemes.scheme_file import load_scheme
    from annotator.services.models.evaluation_sets import load_set
    from annotator.services.models.spoil import KINDS, spoil_set

    wanted = tuple(name.strip() for name in kinds.split(",")) if kinds else tuple(KINDS)
    data = load_set(source, load_scheme(scheme))
    with cancellable("Nothing was written.") as stop, progress_bar("Covering", not quiet) as progress:
        count = spoil_set(data, out, seed, wanted, progress, stop)
    if json:
        print_json({"frames": count, "out": str(out)})
        return
    say(f"{count} frames, each with something before the face: {short_path(out)}")
