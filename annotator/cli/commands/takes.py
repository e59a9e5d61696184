"""`annotator takes`: the takes of a project, their rate and range."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from annotator.cli.console import note, print_json, print_table, say
from annotator.cli.options import JsonOption, ProjectArgument


def takes(
    project: ProjectArgument,
    take: Annotated[
        str | None,
        typer.Option("--take", help="SUBJECT/TAKE, or a take's name that is there once.", show_default="all"),
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option("--rate", help="Frames a second: 24, 23.976, 24000/1001.", show_default="as it is"),
    ] = None,
    first: Annotated[
        int | None, typer.Option("--in", help="Number of the first frame wanted.", show_default="as it is")
    ] = None,
    last: Annotated[
        int | None, typer.Option("--out", help="Number of the last frame wanted.", show_default="as it is")
    ] = None,
    handles: Annotated[
        int | None,
        typer.Option("--handles", min=0, help="Frames more at either end.", show_default="as it is"),
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="Forget in, out and handles.")] = False,
    camera: Annotated[
        str | None,
        typer.Option("--camera", help="With --number-from: whose frames.", show_default="the only one"),
    ] = None,
    number_from: Annotated[
        str | None,
        typer.Option(
            "--number-from",
            help="Number a camera's frames anew, the first one so, with as many digits: 1001, 000001.",
            show_default="as they are",
        ),
    ] = None,
    suggest: Annotated[
        int,
        typer.Option(
            "--suggest", min=0, help="Name so many frames of each camera that are worth most as keys."
        ),
    ] = 0,
    json: JsonOption = False,
) -> None:
    """List the takes of a project by camera, with what is missing, and say what rate and which frames a take has.

    A key is a frame in which a person set landmarks; the others are tracked from it (annotator track). Suggested keys are of
    those kinds of face that no key shows yet, by the proposals of the active model.

    Frames of a rig's cameras are one moment where they have the same number, with as many digits. Where a camera counts otherwise
    (a movie from 000001, files from 1001; a recording that began later) --number-from says which number its first frame has in
    the project. Files keep their names, points stay with their frames, and the number before, given again, takes it back.

    [bold]Examples[/bold]

    \b
      annotator takes shoot.annotator
      annotator takes shoot.annotator --take anna/smile --rate 23.976 \\
          --in 1 --out 40 --handles 8 --json
      annotator takes shoot.annotator --take anna/smile --suggest 5
      annotator takes shoot.annotator --take anna/smile --camera c1 \\
          --number-from 1001
    """
    from annotator.domain.takes.take import frame_rate
    from annotator.services.takes.renumber import numbered_apart, renumber
    from annotator.services.takes.sequences import named_take, sequences
    from annotator.services.takes.suggest import suggested_keys
    from annotator.store.project_store import ProjectStore

    given = {"first": first, "last": last, "handles": handles, "rate": frame_rate(rate) if rate else None}
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    writes = bool(changes) or whole or number_from is not None
    if writes and take is None:
        raise typer.BadParameter("Say of which take: --take SUBJECT/TAKE.")
    if camera is not None and number_from is None:
        raise typer.BadParameter("--camera goes with --number-from.")
    told = None
    with ProjectStore.open(project, read_only=not writes) as store:
        subject, name = named_take(store, take) if take is not None else (None, None)
        if subject is not None and name is not None:
            if number_from is not None:
                told = renumber(store, subject, name, camera, number_from)
            if changes or whole:
                before = store.takes.get(subject, name)
                if whole:
                    before = replace(before, first=None, last=None, handles=0)
                store.takes.set(subject, name, replace(before, **changes))
        found = sequences(store, subject, name)
        keys = {each.name: suggested_keys(store, each, suggest) if suggest else [] for each in found}
        apart = numbered_apart(store, found)
    if json:
        print_json(
            [
                {
                    "subject": each.subject,
                    "take": each.take,
                    "camera": each.camera,
                    "rate": str(each.settings.rate),
                    "in": each.settings.first,
                    "out": each.settings.last,
                    "handles": each.settings.handles,
                    "frames": len(each),
                    "first": int(each.numbers[0]) if len(each) else None,
                    "last": int(each.numbers[-1]) if len(each) else None,
                    "gaps": each.gaps,
                    "left_out": list(each.left_out.values()),
                    "suggested_keys": keys[each.name],
                    "apart": apart.get((each.subject, each.take, each.camera)),
                }
                for each in found
            ]
        )
        return
    rows = [
        (
            each.name,
            len(each),
            f"{each.numbers[0]} to {each.numbers[-1]}" if len(each) else None,
            f"{float(each.settings.rate):g}",
            ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in each.gaps[:5]) or None,
            len(each.left_out) or None,
        )
        for each in found
    ]
    print_table("", ("take", "frames", "numbers", "a second", "missing", "left out"), rows)
    if told is not None:
        say(told.text)
    for text in apart.values():
        note(text)
    for name, numbers in keys.items():
        if suggest:
            said = ", ".join(map(str, numbers)) or "none; propose the take first"
            say(f"{name}: keys worth most: {said}")
