"""`annotator networks`: what every architecture costs on this machine."""

from typing import TYPE_CHECKING, Annotated

import typer

from annotator.cli.console import human_size, print_json, print_table, say
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import DeviceOption, JsonOption, QuietOption
from annotator.domain.assets import DEFAULT_SCHEME

if TYPE_CHECKING:  # the services are loaded only when the command runs
    from annotator.research.bench.networks import NetworkFigures

_COLUMNS = (
    "network",
    "M weights",
    "cells",
    "ms a frame",
    "training step, peak",
    "process grew",
    "ms",
    "cell rounding px",
    "soft px",
)


def networks(
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="Architecture; may be repeated.", show_default="all but adc-paper"),
    ] = None,
    heatmaps: Annotated[
        bool, typer.Option("--heatmaps", help="Compare 1D with 2D heatmaps of equal resolution.")
    ] = False,
    runtimes: Annotated[
        str | None,
        typer.Option(
            "--runtimes", help="A model: its networks on the CPU by several runtimes.", show_default=False
        ),
    ] = None,
    compiled: Annotated[
        bool, typer.Option("--compile", help="With --runtimes: also torch.compile, which takes minutes.")
    ] = False,
    size: Annotated[int, typer.Option("--size", min=32, help="Side of the frames.")] = 1024,
    batch: Annotated[int, typer.Option("--batch", min=1, help="Frames of a training step.")] = 1,
    crop: Annotated[
        int | None, typer.Option("--crop", min=32, help="Side of the crops.", show_default="256")
    ] = None,
    width: Annotated[
        int | None, typer.Option("--width", min=8, help="Channels of hourglasses.", show_default="full")
    ] = None,
    recompute: Annotated[
        bool, typer.Option("--recompute", help="Activations are computed again: less memory, more time.")
    ] = False,
    training: Annotated[
        bool, typer.Option("--training/--no-training", help="Also run training steps.")
    ] = True,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Timed repetitions.")] = 5,
    scheme: Annotated[str, typer.Option("--scheme", help="Landmarks.")] = DEFAULT_SCHEME,
    device: DeviceOption = "auto",
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Weights, speed and training memory of the architectures, with fresh weights on random frames.

    Memory is that of tensors in forward and backward; on CUDA, the allocator's own peak. On a CPU under Linux the table also says
    by how much the process grew in such a step, with what libraries set aside. From 2048 px on, training runs region by
    region, as the recipes do. Does a 4096 step fit your card? Run the last example on it.

    [bold]Examples[/bold]

    \b
      annotator networks --only adc --only adc-light
      annotator networks --heatmaps --size 256
      annotator networks --runtimes starter      # with those that are installed
      annotator networks --only adc --only adc-light --size 4096 --batch 4 \\
          --crop 256 --recompute --device cuda
    """
    from annotator.domain.schemes.scheme_file import load_scheme
    from annotator.nn.zoo import ARCHITECTURES
    from annotator.research.bench.machine import machine
    from annotator.research.bench.networks import (
        NetworkBench,
        bench_networks,
        candidates,
        heatmap_candidates,
    )

    if runtimes is not None:
        _runtimes(runtimes, count, compiled, json)
        return
    names = only or [name for name in ARCHITECTURES if name != "adc-paper"]
    chosen = heatmap_candidates(width or 128) if heatmaps else candidates(names, width, crop, recompute)
    options = NetworkBench(size, batch, count, device, training)
    with cancellable("Nothing was kept.") as stop, progress_bar("Measuring", not quiet) as progress:
        figures = bench_networks(chosen, load_scheme(scheme), options, progress, stop)
    host = machine()
    if json:
        print_json({"size": size, "batch": batch, "device": device, "figures": figures, "machine": host})
        return
    print_table(f"{size} x {size}, training batch {batch}", _COLUMNS, [_row(own) for own in figures])
    gpus = "; ".join(host["gpus"]) or "no GPU: peaks are of CPU tensors, CUDA figures need a CUDA device"
    say(
        f"{host['processor']}, {host['cores']} cores, {gpus}; torch {host['packages']['torch']}; {host['date']}"
    )


def _runtimes(model: str, count: int, compiled: bool, json: bool) -> None:
    from annotator.research.bench.machine import machine
    from annotator.research.bench.runtimes import REFERENCE, bench_runtimes
    from annotator.services.models.registry import find_model

    with cancellable("Nothing was kept.") as stop:
        figures = bench_runtimes(find_model(model).folder, count, compiled, stop)
    host = machine()
    if json:
        print_json({"model": model, "figures": figures, "machine": host})
        return
    rows = [
        (own.network, own.runtime, round(own.milliseconds, 1), round(own.ratio, 2), round(own.difference, 3))
        for own in figures
    ]
    columns = ("network", "runtime", "ms of one core", f"x {REFERENCE}", "px off float32")
    print_table(f"networks of {model}, one thread", columns, rows)
    say(f"{host['processor']}; torch {host['packages']['torch']}; {host['date']}")


def _row(own: "NetworkFigures") -> tuple[object, ...]:
    return (
        own.name,
        round(own.parameters / 1e6, 3),
        own.cells,
        round(own.frame.median * 1e3, 1),
        "-" if own.step_bytes is None else human_size(own.step_bytes),
        "-" if own.step_resident is None else human_size(own.step_resident),
        "-" if own.step_seconds is None else round(own.step_seconds * 1e3),
        round(own.rounding, 3),
        round(own.soft, 3),
    )
