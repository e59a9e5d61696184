"""`annotator rig`: gathers its commands."""

import typer

from annotator.cli.commands.rig import (
    check_rigs,
    consensus,
    export_rig,
    import_rig,
    list_rigs,
    points,
    refine_rig,
    remove_rig,
    solve_rig,
)
from annotator.cli.exit_codes import EXIT_CODE_HELP

_HELP = """Calibrated cameras of a project: import, solve, check, refine and export rigs, let their views agree, and write
landmarks in space.

A rig says where the cameras stood and how their lenses draw. A project holds several, by take, each in versions.

[bold]Examples[/bold]

\b
  annotator rig import shoot.annotator calibration.toml --dry-run
  annotator rig list shoot.annotator
  annotator rig check shoot.annotator
  annotator rig refine shoot.annotator tuesday
  annotator rig export shoot.annotator rig.json
  annotator rig consensus shoot.annotator
  annotator rig points shoot.annotator --out points.csv
"""

app = typer.Typer(
    help=_HELP,
    epilog=EXIT_CODE_HELP,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.command("import")(import_rig.import_rig)
app.command("list")(list_rigs.list_rigs)
app.command("check")(check_rigs.check_rigs)
app.command("refine")(refine_rig.refine_rig)
app.command("solve")(solve_rig.solve_rig)
app.command("export")(export_rig.export_rig)
app.command("points")(points.points)
app.command("remove")(remove_rig.remove_rig)
app.command("consensus")(consensus.consensus)
