"""`annotator doctor`: what is installed and usable, and what to do about what is not."""

from itertools import groupby
from typing import Annotated

import typer

from annotator.cli.console import OUT, markup, print_json
from annotator.cli.exit_codes import ExitCode
from annotator.cli.options import JsonOption

_SIGNS = {
    "ok": "[green]ok  [/green]",
    "note": "[yellow]note[/yellow]",
    "problem": "[bold red]FIX [/bold red]",
}


def doctor(
    deep: Annotated[
        bool, typer.Option("--deep", help="Also load torch, open GL and start Qt (seconds).")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Check the installation and say what to do about every problem.

    Looks at Python, packages and extras, GPU, GL and display, disk space, shipped schemes, samples and models
    (with the hash of their weights). Ends with code 1 when something must be mended, so that a farm can gate on it.

    [bold]Examples[/bold]

    \b
      annotator doctor
      annotator doctor --deep
      annotator doctor --json > machine.json
    """
    from annotator.services.doctor import diagnose, healthy

    checks = diagnose(deep)
    if json:
        print_json({"healthy": healthy(checks), "findings": checks})
    else:
        for area, group in groupby(checks, key=lambda check: check.area):
            OUT.print(f"\n[bold]{markup(area)}[/bold]")
            for check in group:
                sign = _SIGNS[check.status.value]
                OUT.print(f"  {sign} {markup(check.name)}: {markup(check.value)}")
                if check.advice:
                    OUT.print(f"       [cyan]{markup(check.advice)}[/cyan]")
        OUT.print("\nAll well." if healthy(checks) else "\n[bold red]Mend what is marked FIX.[/bold red]")
    if not healthy(checks):
        raise typer.Exit(ExitCode.ERROR)
