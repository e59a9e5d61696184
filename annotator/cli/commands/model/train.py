"""`annotator train`: a project's corrections teach its model, or dataset folders teach a network from scratch."""

from pathlib import Path
from typing import Annotated, Any

import typer

from annotator.cli.commands.model.learn_convention import FORMER_RECIPE, learn, warn_of_former_name
from annotator.cli.console import note, print_json, print_table, say, short_path, warn
from annotator.cli.options import DeviceOption, EventsOption, JsonOption, MinutesOption, StepsOption
from annotator.cli.training_events import running, show_outcome
from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.errors import AnnotatorError

_KEPT_PROJECT = "What was learnt is kept; go on with: annotator train PROJECT --resume"
_KEPT_FOLDERS = "What was learnt is kept; the same command goes on."


def train(
    project: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PROJECT]", help="Learn from its corrected and confirmed landmarks.", show_default=False
        ),
    ] = None,
    list_recipes: Annotated[bool, typer.Option("--list-recipes", help="Show the recipes and end.")] = False,
    data: Annotated[
        list[str] | None,
        typer.Option(
            "--data",
            help="A dataset folder in place of a project; FOLDER=SHARE weighs several.",
            show_default=False,
        ),
    ] = None,
    validation: Annotated[
        Path | None,
        typer.Option(
            "--validation", help="Folder to measure on; subjects of the data without it.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="With --data: the model folder to make.", show_default=False),
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option("--recipe", help="See --list-recipes.", show_default="finetune, with --data default"),
    ] = None,
    recipes: Annotated[
        Path | None,
        typer.Option(
            "--recipes",
            help="Folder of recipes of your own; --list-recipes names the one that is read without it.",
            show_default=False,
        ),
    ] = None,
    from_consensus: Annotated[
        bool,
        typer.Option(
            "--from-consensus",
            help="Also learn from frames that nobody touched, where the cameras of a rig agree.",
        ),
    ] = False,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", help="Id or folder to start from.", show_default="the active one, with --data none"
        ),
    ] = None,
    minutes: MinutesOption = None,
    steps: StepsOption = None,
    batch: Annotated[
        int | None,
        typer.Option("--batch", min=1, help="With --data: samples a step and device.", show_default=False),
    ] = None,
    scheme: Annotated[
        str | None,
        typer.Option(
            "--scheme",
            help="With --data: landmarks of a new network, or a newer version of those of --model.",
            show_default=f"the model's, or {DEFAULT_SCHEME}",
        ),
    ] = None,
    device: DeviceOption = "auto",
    devices: Annotated[int, typer.Option("--devices", min=1, help="With --data: how many GPUs.")] = 1,
    blend: Annotated[
        float | None,
        typer.Option(
            "--blend",
            min=0.0,
            max=1.0,
            help="With --data and --model: share of what was learnt, the rest stays that model's.",
            show_default="1",
        ),
    ] = None,
    compiled: Annotated[
        bool, typer.Option("--compile", help="With --data: minutes of compiling, then faster steps.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="Of everything random.")] = 1,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with the project's stopped run; new budgets are of all of it."),
    ] = False,
    activate: Annotated[
        bool, typer.Option("--activate", help="Make the new model the project's active one.")
    ] = False,
    events: EventsOption = False,
    json: JsonOption = False,
) -> None:
    """Teach a model. Ctrl+C stops after the current step and keeps a usable model and a checkpoint.

    PROJECT: fine-tunes on its corrected and confirmed landmarks, measured before and after on frames (of subjects)
    that are kept out of every training of the project, from three annotated frames on. The new model is known to the
    project but not active.

    --from-consensus: frames that nobody touched teach, too, where three cameras or more agree, each landmark by how
    much better they know it together; the frames must be proposed and the rig must hold (annotator rig).

    --data: trains from dataset folders, such as annotator render makes. A stopped run goes on by the same command.

    [bold]Examples[/bold]

    \b
      annotator train --list-recipes
      annotator train shoot.annotator
      annotator train shoot.annotator --minutes 10 --activate
      annotator train shoot.annotator --from-consensus --minutes 10
      annotator train shoot.annotator --resume --minutes 20
      annotator train --data renders/train --validation renders/test \\
          --recipe light --out models/mine --minutes 60
    """
    if list_recipes:
        _list_recipes(recipes, json)
        return
    if (project is None) == (not data):
        raise typer.BadParameter("Name a PROJECT, or --data FOLDER --out MODEL.")
    common: dict[str, Any] = {
        "model": model,
        "minutes": minutes,
        "steps": steps,
        "device": device,
        "seed": seed,
        "recipes": recipes,
    }
    if project is not None:
        if any((batch, blend is not None, compiled, validation, out)) or devices != 1:
            raise typer.BadParameter(
                "--batch, --blend, --compile, --devices, --validation and --out go with --data, not with a PROJECT."
            )
        if recipe == FORMER_RECIPE:
            if minutes is not None or steps is not None or resume or from_consensus:
                raise typer.BadParameter(
                    "An annotation convention takes seconds and is people's: leave out --minutes, --steps, --resume, "
                    "--from-consensus."
                )
            warn_of_former_name("annotator learn-convention PROJECT")
            learn(project, model, device, activate, events, json)
            return
        own = {"recipe": recipe or "finetune", "resume": resume, "from_consensus": from_consensus}
        _train_project(project, {**own, **common}, activate, events, json)
        return
    if out is None or resume or activate or from_consensus:
        raise typer.BadParameter(
            "--data needs --out; --resume, --activate and --from-consensus are for projects."
        )
    if blend is not None and model is None:
        raise typer.BadParameter("--blend mixes with a parent's weights; name it by --model.")
    common |= {"data": tuple(_share(text) for text in data or ()), "out": out, "validation": validation}
    common |= {"recipe": recipe or "default", "scheme": scheme, "batch": batch, "devices": devices}
    common |= {"blend": blend, "compiled": compiled}
    _train_folders(common, events, json)


def _train_project(project: Path, options: dict[str, Any], activate: bool, events: bool, json: bool) -> None:
    from annotator.services.models.training.train import TrainOptions, train_project
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project) as store, running(_KEPT_PROJECT, events) as (on_event, stop):
        outcome = train_project(store, TrainOptions(**options), on_event, stop)
        if activate:
            store.models.activate(outcome.card.id)
    show_outcome(outcome, project, activate, events, json)


def _train_folders(options: dict[str, Any], events: bool, json: bool) -> None:
    from annotator.services.models.training.train_folders import FolderTraining, train_folders

    with running(_KEPT_FOLDERS, events) as (on_event, stop):
        card = train_folders(FolderTraining(**options), on_event, stop)
    if json and not events:
        print_json({"model": card.id, "folder": options["out"], "metrics": card.metrics})
    elif not events:
        found = card.metrics.get("validation", {}).get("nme_percent", {})
        say(
            f"NME in %: {', '.join(f'{name} {value:.3f}' for name, value in found.items()) or 'not measured'}"
        )
        say(f"model {card.id}: {short_path(options['out'])}")


def _share(text: str) -> tuple[Path, float]:
    """`FOLDER` or `FOLDER=SHARE`; a folder whose own name holds a `=` is taken as it is where it exists."""
    folder, sign, share = text.rpartition("=")
    if not sign or Path(text).is_dir():
        return Path(text), 1.0
    try:
        weight = float(share)
    except ValueError:
        weight = 0.0
    if not weight > 0:
        raise typer.BadParameter(f"--data {text}: the share after = must be a positive number.")
    return Path(folder), weight


def _list_recipes(own: Path | None, json: bool) -> None:
    """Every recipe; one that cannot be read is left out with a warning, so that it hides no other."""
    from annotator.training.recipes import Recipe, own_folder, read_recipe, recipe_files

    files, found = recipe_files(own), dict[str, Recipe]()
    for name in files:
        try:
            found[name] = read_recipe(name, files)
        except AnnotatorError as error:
            warn(str(error))
    if json:
        print_json(
            {
                name: {"summary": r.summary, "file": r.file, "config": r.config.plain()}
                for name, r in found.items()
            }
        )
        return
    columns = ("recipe", "architecture", "steps", "minutes", "what it is")
    rows = [
        (name, r.config.architecture, r.config.steps, r.config.minutes or None, r.summary)
        for name, r in found.items()
    ]
    print_table("", columns, rows)
    note(f"Recipes of your own: {short_path(own or own_folder())}")
