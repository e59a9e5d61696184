"""Arguments and options that several commands share, so that they read alike everywhere."""

from pathlib import Path
from typing import Annotated

import typer

ProjectArgument = Annotated[
    Path,
    typer.Argument(metavar="PROJECT", help="The project file, NAME.annotator.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print machine-readable JSON on stdout.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]
DeviceOption = Annotated[
    str,
    typer.Option("--device", help="auto, cpu, cuda, cuda:N or mps; auto takes the fastest that works."),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", help="Model id or folder; the project's active model without it.", show_default=False
    ),
]
SubjectOption = Annotated[
    list[str] | None,
    typer.Option("--subject", help="Only this subject; may be repeated.", show_default=False),
]
CameraOption = Annotated[
    list[str] | None,
    typer.Option("--camera", help="Only this camera; may be repeated.", show_default=False),
]
SeedOption = Annotated[int, typer.Option("--seed", help="The same seed gives the same result.")]
