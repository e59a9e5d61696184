"""What `annotator bench` runs: each measures or proves one part and prints what came of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from annotator.cli.bench_tables import (
    print_farm,
    print_kills,
    print_loop,
    print_mutations,
    print_report,
    print_rig,
    print_suggestions,
    print_take,
    print_take_in_window,
    print_tracker,
    print_window,
)
from annotator.cli.console import human_size, note, print_json, say
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar
from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.progress import Stop

if TYPE_CHECKING:  # the services are loaded only when the command runs
    from annotator.research.correction_loop import LoopOptions


def pipeline(
    image: Path | None,
    model: str | None,
    device: str,
    count: int,
    mediapipe_python: Path | None,
    compiled: bool,
    json: bool,
    stop: Stop,
) -> None:
    """From a file to landmarks, and what decoding alone takes."""
    from annotator.research.bench.pipeline import bench_pipeline, sample_image
    from annotator.services.models.mediapipe import known_interpreter
    from annotator.services.models.registry import default_model, find_model

    with progress_bar("Measuring", not json) as progress:
        folder = (find_model(model) if model else default_model(DEFAULT_SCHEME)).folder
        shown, mesh = image or sample_image(), mediapipe_python or known_interpreter()
        figures = bench_pipeline(shown, folder, device, count, progress, stop, mesh, compiled)
    title = f"{figures.width}x{figures.height} to landmarks by {figures.model} on {figures.device}"
    for text in figures.notes:
        note(text)
    if figures.ratio_to_mediapipe is not None:
        note(
            f"file to landmarks takes {figures.ratio_to_mediapipe:.2f} of MediaPipe's time for the same file"
        )
    print_report(figures, title, "x decode", json)


def project(frames: int, proposals: int | None, count: int, json: bool, stop: Stop) -> None:
    """A made-up project of many frames."""
    from annotator.research.bench.project import bench_project

    with progress_bar("Measuring", not json) as progress:
        figures = bench_project(frames, count, progress, stop, proposals)
    title = f"{figures.frames} frames, {figures.proposals} proposed, {human_size(figures.file_size)}"
    print_report(figures, title, "x commit", json)


def render(sizes: tuple[int, ...], count: int, crops: bool, json: bool, stop: Stop) -> None:
    """Seconds a synthetic frame."""
    from annotator.research.bench.render import bench_render

    with progress_bar("Rendering", not json) as progress:
        figures = bench_render(sizes, count, progress, stop, crops)
    print_report(figures, "rendering one sample", "x largest", json)
    if not json:
        say(figures.summary())


def loop(
    data: Path,
    work: Path,
    model: str | None,
    options: "LoopOptions",
    comparable: bool,
    json: bool,
    stop: Stop,
) -> None:
    """What corrections are worth."""
    from annotator.domain.schemes.scheme_file import load_scheme
    from annotator.research.bench.machine import machine
    from annotator.research.correction_loop import LoopPoint, correction_loop
    from annotator.services.models.evaluation_sets import COMPARABLE_IBUG, load_set
    from annotator.services.models.registry import default_model, find_model

    entry = find_model(model) if model else default_model(DEFAULT_SCHEME)
    frames = load_set(data, load_scheme(entry.card.scheme))
    if comparable:
        frames = frames.only_ibug(COMPARABLE_IBUG)

    def tell(point: LoopPoint) -> None:
        note(
            f"{point.corrected} corrected: NME {point.nme:.3f} %, {point.to_correct:.1f} % of points to correct"
        )

    points = correction_loop(entry.folder, frames, work, options, tell, stop)
    if json:
        print_json({"model": entry.id, "data": data, "points": points, "machine": machine()})
        return
    print_loop(f"{entry.id} on the frames of {data.name} that it never saw corrected", points, machine())
    say(f"figures and plot: {work / 'loop.json'}, {work / 'loop.svg'}")


def suggestions(
    data: Path, model: str | None, corrected: int, learn: Path | None, json: bool, stop: Stop
) -> None:
    """What carrying a correction on is worth."""
    from annotator.domain.schemes.scheme_file import load_scheme
    from annotator.research.bench.propagation import bench_suggestions, learn_prior
    from annotator.services.models.error_correlation import save_prior
    from annotator.services.models.evaluation_sets import load_set
    from annotator.services.models.registry import default_model, find_model

    entry = find_model(model) if model else default_model(DEFAULT_SCHEME)
    frames = load_set(data, load_scheme(entry.card.scheme))
    with progress_bar("Measuring", not json) as progress:
        if learn is not None:
            save_prior(learn_prior(entry.folder, frames, progress, stop), learn)
            note(f"{learn} holds what {len(frames.paths)} frames teach.")
            return
        figures = bench_suggestions(entry.folder, frames, corrected, progress, stop)
    if json:
        print_json(figures)
        return
    title = f"{corrected} worst point(s) of each region corrected: {entry.id} on {frames.title}"
    print_suggestions(title, figures)


def rig(folder: Path, model: str | None, device: str, seed: int, json: bool, stop: Stop) -> None:
    """What the other cameras of a rig are worth."""
    from annotator.research.bench.rig.run import bench_rig
    from annotator.services.models.registry import default_model, find_model

    entry = find_model(model) if model else default_model(DEFAULT_SCHEME)
    with progress_bar("Measuring", not json) as progress:
        figures = bench_rig(folder, entry.folder, seed=seed, device=device, progress=progress, stop=stop)
    if json:
        print_json(figures)
    else:
        print_rig(figures)


def take(data: Path, model: str | None, seed: int, in_space: bool, json: bool) -> None:
    """What keys are worth in a take; `in_space`: before a rig."""
    from annotator.domain.schemes.scheme_file import load_scheme
    from annotator.research.bench.take.rig import bench_take_in_space
    from annotator.research.bench.take.run import bench_take
    from annotator.services.models.evaluation_sets import load_set
    from annotator.services.models.registry import default_model, find_model

    entry = find_model(model) if model else default_model(DEFAULT_SCHEME)
    frames = load_set(data, load_scheme(entry.card.scheme))
    kept = "Proposals are kept; the same command goes on with the rest."
    with cancellable(kept) as stop, progress_bar("Measuring", not json) as progress:
        cache = data / "take-proposals.npz"
        if in_space:
            figures = bench_take_in_space(entry.folder, frames, data, cache, seed, progress, stop)
        else:
            figures = bench_take(entry.folder, frames, cache, seed, progress, stop)
    if json:
        print_json(figures)
    else:
        print_take(f"{entry.id} on {frames.title}", figures)


def farm(image: Path | None, model: str | None, frames: int, json: bool, stop: Stop) -> None:
    """Shards as processes, and what more of them would take."""
    from annotator.research.bench.farm import bench_farm
    from annotator.research.bench.pipeline import sample_image

    with progress_bar("Measuring", not json) as progress:
        found = bench_farm(image or sample_image(), model, frames, progress=progress, stop=stop)
    if json:
        print_json(found)
        return
    print_farm(found)


def kills(only: list[str] | None, most: int, seed: int, json: bool, stop: Stop) -> None:
    """Every operation that writes, killed at its writes; ends with code 1 where anything half-made was left."""
    from annotator.research.bench.kills.matrix import OPERATIONS, kill_matrix

    with progress_bar("Killing", not json) as progress:
        figures = kill_matrix(only or tuple(OPERATIONS), most, seed, progress, stop)
    if json:
        print_json(figures)
    else:
        print_kills(figures)
    if figures.bad:
        raise typer.Exit(ExitCode.ERROR)


def mutations(count: int, seed: int, kinds: Sequence[str], out: Path, json: bool) -> None:
    """Damaged inputs; ends with code 1 where one was not taken well."""
    from annotator.research.bench.mutations.run import bench_mutations

    kept = f"The same command goes on with {out}."
    with cancellable(kept) as stop, progress_bar("Reading damaged inputs", not json) as progress:
        figures = bench_mutations(count, seed, kinds, out, progress, stop)
    if json:
        print_json(figures)
    else:
        print_mutations(figures, out)
    if any(figures["bad"].values()):
        raise typer.Exit(ExitCode.ERROR)


def window(
    count: int, image: Path | None, switches: int, stalls: bool, take: int, views: int, json: bool, stop: Stop
) -> None:
    """The steps of the window, or a take in it."""
    from annotator.research.bench.window import bench_window

    figures = bench_window(count, image, stop, switches, stalls, take, views)
    if json:
        print_json(figures)
    elif take:
        print_take_in_window(figures)
    else:
        print_window(figures)


def tracker(
    data: Path, model: str, beside: Sequence[str], most: int, device: str, json: bool, stop: Stop
) -> None:
    """A tracker on takes, beside its detector and other models."""
    from annotator.research.bench.tracker import bench_tracker
    from annotator.services.models.registry import find_model

    folders = [find_model(name).folder for name in (model, *beside)]
    with progress_bar("Tracking", not json) as progress:
        figures = bench_tracker(folders[0], folders[1:], data, device, most, progress, stop)
    if json:
        print_json(figures)
        return
    print_tracker(figures)
