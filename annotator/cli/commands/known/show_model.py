"""`annotator models show`: all that a project knows of a model."""

from annotator.cli.console import print_json, say
from annotator.cli.options import JsonOption, KnownModelArgument, ProjectArgument


def show_model(project: ProjectArgument, model: KnownModelArgument, json: JsonOption = False) -> None:
    """Show what a project knows of a model: its line of parents, when it was active, its errors, what is noted of it.

    [bold]Examples[/bold]

    \b
      annotator models show shoot.annotator shoot-2026-11-21-1
      annotator models show shoot.annotator shoot-2026-11-21-1 --json | jq .line
    """
    from annotator.services.models.known.known_models import known_model
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project, read_only=True) as store:
        found = known_model(store, model)
    if json:
        print_json(found)
        return
    measured = found.measured
    error = (
        "not measured; see: annotator models measure --help"
        if measured is None
        else f"{measured.regions.get('all', float('nan')):.3f} {measured.unit}, "
        f"{measured.points} points of {measured.frames} frames"
    )
    chosen = "never" if found.active_since is None else f"{found.active_since:%Y-%m-%d %H:%M} UTC"
    lines = {
        "model": f"{found.id} ({found.scheme}){', active' if found.active else ''}",
        "version": f"{found.version}: {' > '.join(found.line)}",
        "taught": ", ".join(found.children) or "no other model",
        "added": f"{found.added:%Y-%m-%d %H:%M} UTC, last chosen: {chosen}",
        "error": error,
        "licence": found.licence or "none",
        "folder": f"{found.folder}{'' if found.there else ' (is gone)'}",
        "note": found.note or "none",
    }
    for name, text in lines.items():
        say(f"{name:>10}  {text}")
