"""`annotator models`: gathers its commands; `list` may be left out."""

from typing import Any

import typer
from typer.core import TyperGroup

from annotator.cli.commands.known import (
    delete_model,
    export_model,
    import_model,
    list_models,
    measure_models,
    note_model,
    show_model,
)
from annotator.cli.exit_codes import EXIT_CODE_HELP

_HELP = """The models that there are, and those of a project: listed, measured side by side, noted, exported, imported, deleted.

[bold]Examples[/bold]

\b
  annotator models
  annotator models shoot.annotator --activate shoot-2026-11-21-1
  annotator models show shoot.annotator shoot-2026-11-21-1
  annotator models measure shoot.annotator
  annotator models import shoot.annotator /mnt/models/feature
"""


class _ListedByDefault(TyperGroup):
    """`annotator models PROJECT --activate ID` is `annotator models list PROJECT --activate ID`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the word in that may be left out."""
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = ["list", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_ListedByDefault,
    help=_HELP,
    epilog=EXIT_CODE_HELP,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.command("list")(list_models.list_models)
app.command("show")(show_model.show_model)
app.command("measure")(measure_models.measure_models)
app.command("note")(note_model.note_model)
app.command("export")(export_model.export_model)
app.command("import")(import_model.import_model)
app.command("delete")(delete_model.delete_model)
