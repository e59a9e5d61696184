"""`annotator average`: one model out of several that were taught apart."""

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli.console import in_shell, say


def average(
    models: Annotated[
        list[Path], typer.Argument(metavar="MODEL...", help="Two model folders or more.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the new model.", show_default=False)],
) -> None:
    """Write a model whose weights are the mean of those of models that began as the same one.

    Trained on other seeds or frames, their mean is often better than each; it costs no more than one. Calibrate it afterwards.

    [bold]Examples[/bold]

    \b
      annotator average models/seed-6 models/seed-7 --out models/mean
    """
    from annotator.services.models.average import average_models

    card = average_models(models, out)
    say(
        f"{out}: the mean of {', '.join(card.data['average'])}. Next: annotator calibrate {in_shell(out)} --data FOLDER"
    )
