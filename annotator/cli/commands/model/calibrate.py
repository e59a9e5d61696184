"""`annotator calibrate`: calibrate a model's uncertainty on frames whose true landmarks are known."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotator.cli.console import print_json, print_table, say, warn_of
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import DeviceOption, JsonOption, QuietOption
from annotator.domain.capture import evenly

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from annotator.domain.scheme import LandmarkScheme

_TAUGHT = 240  # frames at most that tell how a model's errors go together


def calibrate(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A model folder.", show_default=False)],
    data: Annotated[
        Path,
        typer.Option("--data", "-d", help="A project, or a folder with true landmarks.", show_default=False),
    ],
    every: Annotated[
        int,
        typer.Option("--every", min=1, help="Only every so many-th frame, to keep the others for judging."),
    ] = 1,
    as_is: Annotated[
        bool,
        typer.Option("--as-is", help="Only the frames as they are, not spoilt by blur, noise and light too."),
    ] = False,
    shape_prior: Annotated[
        list[Path] | None,
        typer.Option(
            "--learn-shape-prior",
            help="First learn what whole faces look like from this folder or project; may be repeated. The pictures of the first "
            "also tell how the model's errors go together.",
            show_default=False,
        ),
    ] = None,
    made_up: Annotated[
        int,
        typer.Option(
            "--made-up",
            min=0,
            help="With --learn-shape-prior: also from so many made-up people, eight views each (extra studio; two a second).",
        ),
    ] = 0,
    photographs: Annotated[
        list[Path] | None,
        typer.Option(
            "--photographs",
            help="Photographs of another markup, which also teach what tells of errors; may be repeated.",
            show_default=False,
        ),
    ] = None,
    only_confidence: Annotated[
        bool,
        typer.Option(
            "--only-confidence", help="Only learn what tells of errors; all else in the card stays."
        ),
    ] = False,
    device: DeviceOption = "auto",
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Measure a model's errors and write into its card how far its uncertainty and its face checks can be trusted.

    The weights stay as they are. Take frames unlike those that it was trained on, such as renders in another style; each
    counts twice, as it is and as a bad camera would have given it, so that the uncertainty is not too small on photographs.
    A model that knows whole faces then learns on the same frames, and with something before the face (see annotator spoil), what
    tells that a landmark is off: its confidence follows from that. Let photographs of a few people take part in it where you can.

    [bold]Examples[/bold]

    \b
      annotator calibrate runs/mine --data renders/other-look
      annotator calibrate runs/mine --data renders/other-look --every 2
      annotator calibrate runs/mine --data renders/other-look \\
          --learn-shape-prior renders/train --made-up 1500
      annotator calibrate runs/mine --data renders/other-look \\
          --photographs portraits --only-confidence
    """
    if only_confidence and shape_prior:
        raise typer.BadParameter("--only-confidence does not go with --learn-shape-prior.")
    import numpy as np

    from annotator.domain.model_card import SHAPES_FILE
    from annotator.domain.schemes.scheme_file import load_scheme
    from annotator.inference.weighing.learn_shape_prior import learn_shape_prior
    from annotator.services.models.calibrate import calibrate_model
    from annotator.services.models.confidence_fit import LEAST_FRAMES, calibrate_expected_error
    from annotator.services.models.evaluation_sets import load_set
    from annotator.services.models.registry import find_model

    entry = find_model(str(model))
    scheme = load_scheme(entry.card.scheme)
    frames = load_set(data, scheme)
    frames = frames.subset(range(0, len(frames.paths), every))
    kept = "The model is as it was."
    learnt = taught = None
    if made_up and not shape_prior:
        raise typer.BadParameter("--made-up adds people to those of --learn-shape-prior: name a folder there")
    if shape_prior:
        sets = [load_set(own, scheme) for own in shape_prior]
        faces = [own.truth.xy for own in sets]
        taught = sets[0].subset(evenly(range(len(sets[0].paths)), _TAUGHT))
        if made_up:
            faces.append(_made_up(made_up, scheme, kept, quiet))
        learnt = learn_shape_prior(np.concatenate(faces), scheme)
    left_out: dict[str, str] = {}
    card = entry.card
    further = [load_set(own, scheme) for own in photographs or []]
    if not only_confidence:
        with cancellable(kept) as stop, progress_bar("Calibrating", not quiet) as progress:
            card = calibrate_model(
                entry.folder, frames, device, progress, stop, not as_is, learnt, taught, left_out
            )
    if only_confidence or ((entry.folder / SHAPES_FILE).is_file() and len(frames.paths) >= LEAST_FRAMES):
        with cancellable(kept) as stop, progress_bar("Learning what tells of errors", not quiet) as progress:
            card = calibrate_expected_error(entry.folder, frames, further, device, progress, stop, left_out)
    found = card.preprocessing
    if json:
        known = ("covariance_scale", "covariance_floor", "sanity", "expected_error")
        print_json({key: found[key] for key in known if key in found})
        _tell_left_out(left_out)
        return
    if only_confidence:
        worth = found["expected_error"]
        print_table(
            f"{card.id}: what tells of errors, from {len(frames.paths)} frames",
            ("sign", "weight"),
            [(name, round(value, 2)) for name, value in zip(worth["signs"], worth["weights"], strict=True)],
        )
        _tell_left_out(left_out)
        return
    rows = [
        (name, round(factor, 3), round(100 * found["covariance_floor"][name], 2))
        for name, factor in found["covariance_scale"].items()
    ]
    print_table(f"{card.id} on {len(frames.paths)} frames", ("network", "factor", "floor, % of face"), rows)
    say(", ".join(f"{name} {value:.3f}" for name, value in found["sanity"].items()))
    _tell_left_out(left_out)


def _tell_left_out(left_out: dict[str, str]) -> None:
    """Names frames that could not be used, and ends with code 3 where there are any."""
    warn_of(left_out, 10)
    if left_out:
        raise typer.Exit(ExitCode.PARTIAL)


def _made_up(people: int, scheme: "LandmarkScheme", kept: str, quiet: bool) -> "NDArray[np.float64]":
    """Landmarks [N,L,2] of people who do not exist."""
    from annotator.studio.truth.faces_alone import made_up_faces

    with cancellable(kept) as stop, progress_bar("Making up faces", not quiet) as progress:
        return made_up_faces(people, scheme, progress=progress, stop=stop)
