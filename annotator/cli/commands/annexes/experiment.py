"""`annotator experiment`: the papers' tables, each by one command that can be stopped and given again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotator.cli.console import print_json, print_table, say, short_path
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import DeviceOption, JsonOption, MinutesOption, QuietOption, StepsOption

if TYPE_CHECKING:  # the services are loaded only when the command runs
    from annotator.research.experiments.presets import Preset

_KEPT = "What was learnt and measured is kept; the same command goes on."


def experiment(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="See --list.", show_default=False)
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="Show the experiments and end.")] = False,
    train: Annotated[
        Path | None, typer.Option("--train", help="Dataset folder to learn from.", show_default=False)
    ] = None,
    test: Annotated[
        Path | None, typer.Option("--test", help="Folder to measure on: other subjects.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="For systems and tables; experiments may share it.", show_default=False
        ),
    ] = None,
    sizes: Annotated[
        str | None, typer.Option("--sizes", help="Resolutions, comma-separated.", show_default="the paper's")
    ] = None,
    progressive: Annotated[
        bool, typer.Option("--progressive/--from-scratch", help="Start each size from the one below.")
    ] = True,
    steps: StepsOption = None,
    minutes: MinutesOption = None,
    width: Annotated[
        int | None, typer.Option("--width", min=8, help="Channels of every network.", show_default="full")
    ] = None,
    stride: Annotated[
        int | None, typer.Option("--stride", help="Of ADC's global network: 1, 2 or 4.", show_default="2")
    ] = None,
    crop: Annotated[
        int | None, typer.Option("--crop", min=32, help="Side of the crops.", show_default="the paper's")
    ] = None,
    batch: Annotated[
        int | None, typer.Option("--batch", min=1, help="Samples a step.", show_default="the paper's")
    ] = None,
    rate: Annotated[
        float | None, typer.Option("--rate", min=0.0, help="Learning rate.", show_default="0.001")
    ] = None,
    augment: Annotated[
        bool, typer.Option("--augment/--no-augment", help="Vary the pictures; not worth it for short runs.")
    ] = True,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="Just this system; may be repeated.", show_default=False),
    ] = None,
    device: DeviceOption = "auto",
    workers: Annotated[int, typer.Option("--workers", min=1, help="Threads that prepare samples.")] = 1,
    seed: Annotated[int, typer.Option("--seed", help="Of everything random.")] = 1,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Train every system of a paper's table on the same data, measure all on the same frames, and write the table.

    Steps and minutes are of every system; dlib has neither. The same command goes on where it was stopped or killed.
    OUT/NAME gets table.md, table.json and report.html (CED curves, intervals); OUT/systems gets the trained systems.
    Without a GPU narrow the networks: --width 32 --stride 4.

    [bold]Examples[/bold]

    \b
      annotator experiment --list
      annotator experiment paper-table4        # how to render the paper's set
      annotator experiment paper-table4 --train paper-set/train \\
          --test paper-set/test --out tables --workers 8
      annotator experiment ablation-stacked --train renders/train \\
          --test renders/test --out small --width 32 --stride 4 --crop 64 \\
          --batch 4 --rate 0.004 --no-augment --steps 250
    """
    from annotator.research.experiments.presets import PRESETS, preset

    if listing or name is None:
        _list(PRESETS, json)
        return
    wanted = preset(name)
    if train is None:
        _say_how(name, wanted)
        return
    if test is None or out is None:
        raise typer.BadParameter("--train needs --test and --out.")
    from annotator.research.experiments.options import ExperimentOptions
    from annotator.research.experiments.run import run_experiment
    from annotator.research.experiments.table_text import markdown

    options = ExperimentOptions(
        train, test, out, _numbers(sizes), progressive, steps, minutes, width, stride, crop, batch, rate, augment,
        tuple(only or ()), device, workers, seed,
    )  # fmt: skip
    with cancellable(_KEPT) as stop, progress_bar(name, not quiet) as progress:
        table = run_experiment(name, options, progress, stop)
    if json:
        print_json(table.to_json())
        return
    say(markdown(table))
    say(f"table.md, table.json and report.html with CED curves: {short_path(out / name)}")


def _list(presets: "dict[str, Preset]", json: bool) -> None:
    rows = [(name, ",".join(map(str, own.sizes)), own.summary) for name, own in presets.items()]
    if json:
        print_json({name: {"sizes": own.sizes, "summary": own.summary} for name, own in presets.items()})
        return
    print_table("", ("experiment", "sizes", "what it compares"), rows)


def _say_how(name: str, wanted: "Preset") -> None:
    """Where the data comes from, and the command."""
    say(f"{wanted.summary}.")
    if wanted.sets:
        say("Data: a folder of pictures with .pts files to learn from, and one with the subfolders")
        say(
            f"{' and '.join(wanted.sets)} to measure on. 300-W must be asked for at its authors' page; it is not shipped."
        )
        train, test = "300w/train", "300w/test"
    else:
        say(
            "Data: the paper's set, rendered: 24 subjects to learn from and 23 to measure on, 8 cameras, 24 expressions, 4K."
        )
        say("  annotator render paper-set")
        train, test = "paper-set/train", "paper-set/test"
    say(f"Then: annotator experiment {name} --train {train} --test {test} --out tables")


def _numbers(text: str | None) -> tuple[int, ...]:
    """Whole numbers with commas between them."""
    try:
        return tuple(int(part) for part in text.split(",")) if text else ()
    except ValueError:
        raise typer.BadParameter("--sizes takes whole numbers with commas between them.") from None
