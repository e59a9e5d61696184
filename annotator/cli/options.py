"""Arguments and options that several commands share, so that they read alike everywhere, and what was once called otherwise."""

from pathlib import Path
from typing import Annotated, Any

import typer

ProjectArgument = Annotated[
    Path,
    typer.Argument(metavar="PROJECT", help="The project file, NAME.annotator.", show_default=False),
]
KnownModelArgument = Annotated[
    str, typer.Argument(metavar="MODEL", help="Id of a model that the project knows.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print machine-readable JSON on stdout.")]
EventsOption = Annotated[
    bool,
    typer.Option("--events", "--json-events", help='JSON Lines on stdout; stops on {"cmd":"stop"} on stdin.'),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]
MinutesOption = Annotated[
    float | None,
    typer.Option(
        "--minutes",
        min=0.01,
        help="Minutes of training steps, as many as fit; with --steps the one spent first ends. Measuring comes on top.",
        show_default="the recipe's",
    ),
]
StepsOption = Annotated[
    int | None,
    typer.Option(
        "--steps", min=1, help="Training steps, however long they take.", show_default="the recipe's"
    ),
]
DeviceOption = Annotated[
    str,
    typer.Option(
        "--device", help="auto, cpu, openvino, cuda, cuda:N or mps; auto takes the fastest that works."
    ),
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
ViewsOption = Annotated[
    int | None,
    typer.Option(
        "--views",
        min=1,
        max=6,
        help="Test-time views of the face to average; the model's card says how many.",
        show_default=False,
    ),
]
IterationsOption = Annotated[
    int | None,
    typer.Option(
        "--iterations",
        min=1,
        max=5,
        help="Refinement iterations: how often regions are cropped again and averaged.",
        show_default=False,
    ),
]
EffortOption = Annotated[
    str | None,
    typer.Option(
        "--effort",
        help="adaptive: look again only where the first look leaves doubt; full: every time.",
        show_default="adaptive",
    ),
]
FlipOption = Annotated[
    bool | None,
    typer.Option(
        "--flip/--no-flip",
        help="Read the last crops in a mirror too: slower, a little better.",
        show_default=False,
    ),
]
ShapePriorOption = Annotated[
    bool | None,
    typer.Option(
        "--shape-prior/--no-shape-prior",
        help="Weigh points by what whole faces look like, or take each heatmap at its word.",
        show_default=False,
    ),
]
CompileOption = Annotated[
    bool,
    typer.Option("--compile", help="Propose by compiled networks: a minute of waiting, then faster frames."),
]
MediaPipeOption = Annotated[
    Path | None,
    typer.Option(
        "--mediapipe-python",
        help="A Python that has MediaPipe, for the model 'mediapipe'.",
        show_default=False,
    ),
]


def old_names(**names: str) -> dict[str, Any]:
    """Context settings of a command whose options were renamed: each old name (`_` for `-`) still means the new one."""
    renamed = {old.replace("_", "-"): new for old, new in names.items()}
    return {"token_normalize_func": lambda name: renamed.get(name, name)}
