"""`annotator models export`: a model as a folder for another project or machine."""

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli.console import print_json, say
from annotator.cli.options import JsonOption, KnownModelArgument, ProjectArgument


def export_model(
    project: ProjectArgument,
    model: KnownModelArgument,
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder.", show_default=False)],
    onnx: Annotated[
        bool, typer.Option("--onnx", help="Also its networks as ONNX files (extra: onnx).")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Copy a model into a new folder, with its card; annotator models import reads it.

    With --onnx its networks stand beside it for other programs, each checked against torch; onnx.json says what goes in and comes
    out.

    [bold]Examples[/bold]

    \b
      annotator models export shoot.annotator shoot-2026-11-21-1 feature-2
      annotator models export shoot.annotator shoot-2026-11-21-1 for-nuke \\
          --onnx
    """
    from annotator.services.models.known.carry_model import export_model as export
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project, read_only=True) as store:
        folder = export(store, model, out, onnx)
    if json:
        print_json({"model": model, "folder": folder})
    else:
        say(f"{model} is in {folder}")
