"""`annotator status`: where a project stands."""

from annotator.cli.console import OUT, print_json, short_path, warn
from annotator.cli.options import JsonOption, ProjectArgument


def status(project: ProjectArgument, json: JsonOption = False) -> None:
    """Show how far a project is: frames by review state, landmarks set by people, proposals, models, time spent.

    [bold]Examples[/bold]

    \b
      annotator status shoot.annotator
      annotator status shoot.annotator --json | jq .reviews.approved
    """
    from annotator.services.project_status import project_status
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project, read_only=True) as store:
        found = project_status(store)
    if json:
        print_json(found)
        return
    reviews = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in found.reviews.items())
    confidence = "" if found.mean_confidence is None else f", mean confidence {found.mean_confidence:.2f}"
    lines = {
        "project": f"{short_path(found.path)} ({found.scheme})",
        "captures": str(found.capture_root),
        "frames": f"{found.frames} of {found.subjects} subjects, {found.takes} takes, {found.cameras} cameras",
        "review": reviews,
        "landmarks": f"{found.corrected} corrected, {found.confirmed} confirmed, in {found.touched} frames"
        f" ({found.finished} finished)",
        "model": found.active_model or "none; see: annotator models --help",
        "proposals": f"{found.proposed} of {found.frames} frames{confidence}",
        "edits": f"{found.edits}, {found.seconds / 60:.1f} minutes of work"
        + (f", last {found.last_edit:%Y-%m-%d %H:%M} UTC" if found.last_edit else ""),
    }
    for name, text in lines.items():
        OUT.print(f"{name:>10}  {text}", markup=False)
    if not found.captures_found:
        warn(
            f"{found.capture_root} is not there. Mount the drive, or open the project in the window and relink it."
        )
