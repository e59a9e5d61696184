"""`annotator desktop`: Annotator in the menu of a Linux desktop, and out of it again."""

from typing import Annotated

import typer

from annotator.cli.console import print_json, say
from annotator.cli.options import JsonOption


def desktop(
    install: Annotated[bool, typer.Option("--install", help="Write entry, icons and file type.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take them away again.")] = False,
    json: JsonOption = False,
) -> None:
    """Put Annotator into the desktop's menu: an entry with its icon, and projects that open by a double click.

    For the user who runs it, below $XDG_DATA_HOME (~/.local/share), on Linux desktops that follow freedesktop.org.
    Run it again after Annotator was installed elsewhere.

    [bold]Examples[/bold]

    \b
      annotator desktop --install
      annotator desktop --remove
    """
    from annotator.services.desktop_entry import data_folder, install_entry, launch_command, remove_entry

    if install == remove:
        raise typer.BadParameter("say either --install or --remove")
    folder = data_folder()
    files = install_entry(folder, launch_command()) if install else remove_entry(folder)
    if json:
        print_json({"files": files})
        return
    for path in files:
        say(f"{'written' if install else 'removed'}: {path}")
    if not files:
        say("There was nothing to remove.")
