"""`annotator models list`: which models there are, and which one a project uses."""

from pathlib import Path
from typing import Annotated, Any

import typer

from annotator.cli.console import print_json, print_table, say
from annotator.cli.options import JsonOption


def list_models(
    project: Annotated[
        Path | None,
        typer.Argument(metavar="[PROJECT]", help="Also this project's own models.", show_default=False),
    ] = None,
    activate: Annotated[
        str | None,
        typer.Option(
            "--activate", help="Make this id or model folder the project's active model.", show_default=False
        ),
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="When which model was active.")] = False,
    json: JsonOption = False,
) -> None:
    """List shipped models and a project's own; choose the active one; go back to an earlier one.

    A newly trained model becomes active only here or in the window. Going back is choosing the one before. The word list may be
    left out.

    [bold]Examples[/bold]

    \b
      annotator models
      annotator models list shoot.annotator
      annotator models shoot.annotator --activate shoot-2026-11-21-1
      annotator models shoot.annotator --activate /mnt/models/feature-film
      annotator models list shoot.annotator --history
    """
    if project is None and (activate or history):
        raise typer.BadParameter("--activate and --history need a PROJECT.")
    if project is not None and activate is not None:
        _activate(project, activate)
    if project is not None and history:
        _history(project, json)
    else:
        _list(project, json)


def _activate(project: Path, name: str) -> None:
    from annotator.services.models.registry import find_model
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project) as store:
        if name not in {known.id for known in store.models.all()}:
            entry = find_model(name, project, store.scheme.id)
            store.models.add(entry.card, entry.folder)
            name = entry.id
        store.models.activate(name)


def _history(project: Path, json: bool) -> None:
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project, read_only=True) as store:
        entries = store.models.history()
    if json:
        print_json(entries)
    else:
        rows = [(f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.model_id, entry.user) for entry in entries]
        print_table("", ("active since (UTC)", "model", "by"), rows)


def _list(project: Path | None, json: bool) -> None:
    from annotator.services.models.registry import available_models

    found = [entry.describe() for entry in available_models(project)]
    active: tuple[str, str] | None = None
    if project is not None:
        active = _add_known(project, found)
    if json:
        print_json([{**values, "active": _named(values) == active} for values in found])
    elif not found:
        say("No models are installed. See: annotator doctor")
    else:
        columns = ("", "id", "scheme", "origin", "parent", "licence", "created", "folder")
        rows = [
            ("*" if _named(values) == active else "", *(values[column] or "-" for column in columns[1:]))
            for values in found
        ]
        print_table("", columns, rows)


def _named(values: dict[str, Any]) -> tuple[str, str]:
    """Id and scheme: a shipped model has one id in all versions of its scheme."""
    return values["id"], values["scheme"]


def _add_known(project: Path, found: list[dict[str, Any]]) -> tuple[str, str] | None:
    """Add the models that a project knows from elsewhere to `found`; returns the active one's id and scheme."""
    from annotator.services.models.registry import ModelEntry
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project, read_only=True) as store:
        listed = {_named(values) for values in found}
        for known in store.models.all():
            if (known.id, known.card.scheme) not in listed:
                found.append(ModelEntry(known.card, known.folder, "project").describe())
        active = store.models.active()
    return (active.id, active.card.scheme) if active else None
