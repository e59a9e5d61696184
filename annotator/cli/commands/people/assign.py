"""`annotator assign`: who works on which subjects, takes and frames, and who approves."""

from typing import Annotated

import typer

from annotator.cli.console import note, print_json, print_table, say
from annotator.cli.options import JsonOption, ProjectArgument


def assign(
    project: ProjectArgument,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", help="A person's name; may be repeated.", show_default=False),
    ] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="Nobody works on it any more.")] = False,
    subject: Annotated[
        list[str] | None,
        typer.Option("--subject", help="All of a subject; may be repeated.", show_default=False),
    ] = None,
    take: Annotated[
        list[str] | None,
        typer.Option(
            "--take", help="A take, of all subjects or those named; may be repeated.", show_default=False
        ),
    ] = None,
    frames: Annotated[
        str | None, typer.Option("--frames", help="Ids such as 1-200,250.", show_default=False)
    ] = None,
    approval: Annotated[
        str | None,
        typer.Option("--approval", help="Who approves: anybody, warned or apart.", show_default="as it is"),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Say who works on what, or print who does. The narrowest counts: a frame's people, else its take's, else its subject's.

    The window shows each person the queue Mine, by the name that the ledger takes (the account's); status --queue mine prints
    it. With --approval apart, who placed points in a frame cannot approve it; warned lets them, with a word.

    [bold]Examples[/bold]

    \b
      annotator assign shoot.annotator --to vera --subject anna
      annotator assign shoot.annotator --to vera --to otto --frames 1-4
      annotator assign shoot.annotator --nobody --take smile
      annotator assign shoot.annotator --approval apart
      annotator assign shoot.annotator --json | jq '.people[].person'
    """
    from annotator.services.project.people.approval import approval_of, set_approval
    from annotator.services.project.people.assign import assign as give
    from annotator.services.project.people.assign import people_work, share_rows
    from annotator.store.project_store import ProjectStore

    named = bool(subject or take or frames)
    if named != bool(to or nobody) or (to and nobody):
        raise typer.BadParameter("Say both: --to NAME or --nobody, and --subject, --take or --frames.")
    with ProjectStore.open(project, read_only=not (named or approval)) as store:
        if approval:
            set_approval(store, approval)
        if named:
            give(
                store,
                to or (),
                subjects=subject or (),
                takes=take or (),
                frames=() if frames is None else frame_numbers(frames),
            )
        rule, rows, people = approval_of(store), share_rows(store), people_work(store)
    if json:
        shares = [
            {
                "span": row.assignment.share.span.value,
                "what": row.title,
                "people": row.assignment.people,
                "frames": row.frames,
                "approved": row.approved,
                "at": row.assignment.at,
                "by": row.assignment.user,
            }
            for row in rows
        ]
        print_json({"approval": rule.value, "assignments": shares, "people": people})
        return
    if not rows:
        note("Nothing is assigned to anybody.")
    else:
        columns = ("", "what", "people", "frames", "approved")
        told = [
            (
                row.assignment.share.span.value,
                row.title,
                ", ".join(row.assignment.people),
                row.frames,
                row.approved,
            )
            for row in rows
        ]
        print_table("", columns, told)
        done = [(each.person, each.frames, each.touched, each.decided) for each in people]
        print_table("", ("person", "frames", "touched", "approved or rejected"), done)
    say(f"Approval: {rule.value}")


def frame_numbers(text: str) -> list[int]:
    """The numbers of `1-200,250`; raises `typer.BadParameter`."""
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        try:
            low = int(first)
            high = int(last) if dash else low
        except ValueError:
            raise typer.BadParameter(f"--frames takes numbers such as 1-200,250, not {text!r}.") from None
        if not 0 < low <= high or high - low > 10_000_000:
            raise typer.BadParameter(f"--frames: {part.strip()} is no range of frames.")
        found += range(low, high + 1)
    return found
