"""Operations on models that the kill matrix ends at every write."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import nn

from annotator.domain.model_card import ModelCard, read_card
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.inference.weighing.shape_prior import ShapePrior, load_shape_prior
from annotator.nn.checkpoint import load_model, save_model
from annotator.nn.zoo import architecture, build
from annotator.research.bench.kills.matrix import Operation
from annotator.research.bench.kills.projects import PROJECT, SCHEME, make_project
from annotator.services.models.average import average_models
from annotator.services.models.known.carry_model import import_model
from annotator.services.models.known.delete_model import delete_model
from annotator.services.models.registry import project_models_folder, write_card
from annotator.services.models.training.learn_convention import ConventionOptions, learn_convention
from annotator.services.models.training.train import TrainOptions, train_project
from annotator.store.project_store import ProjectStore
from annotator.training.run_state import RunState, load_state, moving_average, save_state

_RECIPE: Final = (
    'summary = "two steps"\nbase = "finetune"\nsteps = 2\nbatch = 2\n'
    "source = 128\nminutes = 0.0\nvalidate_every = 0\n"
)


def _network(folder: Path, seed: int) -> Path:
    """An untrained network as a model folder, with what it would know of whole faces."""
    scheme = load_scheme(SCHEME)
    torch.manual_seed(seed)
    description = architecture("tiny", scheme)
    card = ModelCard(folder.name, scheme.id, description, preprocessing={"search": False})
    save_model(folder, build(description), card)
    turn = np.linspace(0, 2 * np.pi, scheme.size, endpoint=False)
    ring = np.stack([np.cos(turn), np.sin(turn)], 1)[None]
    spread = np.eye(2 * scheme.size)[None] * 1e-3
    ShapePrior(ring, spread, np.ones(1), np.arange(8)).save(folder)
    return folder


def _two(folder: Path) -> None:
    for number in (1, 2):
        _network(folder / "models" / f"m{number}", number)


def _overwrite(folder: Path) -> None:
    module, card = load_model(folder / "models/m2")
    save_model(folder / "models/m1", module, replace(card, id="m1", metrics={"new": 1}))


def _average(folder: Path) -> None:
    average_models([folder / "models/m1", folder / "models/m2"], folder / "models/mean")


def _rewrite_card(folder: Path) -> None:
    card = read_card(folder / "models/m1")
    write_card(folder / "models/m1", replace(card, metrics={"new": 1}))


def _seen_models(folder: Path) -> object:
    """Every model that a list of them would show, whole."""
    return sorted(_whole(path.parent) for path in (folder / "models").glob("[!.]*/model.toml"))


def _whole(folder: Path) -> tuple[str, ...]:
    """Loads a model with all that belongs to it; what tells it from others, but for names and dates."""
    module, card = load_model(folder)
    weights = sum(float(value.double().abs().sum()) for value in module.state_dict().values())
    prior = load_shape_prior(folder, load_scheme(SCHEME))
    if prior is None:
        raise ValueError(f"{folder.name} lacks its shapes")
    return card.parent or "", f"{weights:.6g}", str(sorted(card.metrics)), str(sorted(card.data))


def _taught(folder: Path) -> None:
    make_project(folder)
    _network(folder / "first", 1)
    (folder / "recipes").mkdir()
    (folder / "recipes/quick.toml").write_text(_RECIPE, encoding="utf-8")


def _silent(_: dict[str, Any]) -> None:
    """Nobody listens."""


def _learn(folder: Path) -> None:
    with ProjectStore.open(folder / PROJECT) as store:
        learn_convention(store, ConventionOptions(str(folder / "first"), "cpu"), _silent)


def _train(folder: Path) -> None:
    with ProjectStore.open(folder / PROJECT) as store:
        options = TrainOptions("quick", str(folder / "first"), device="cpu", recipes=folder / "recipes")
        train_project(store, options, _silent)


def _seen_taught(folder: Path) -> object:
    """What kinds of models the project's list shows, each whole and measured; work done twice makes two of a kind."""
    found = {_whole(path.parent) for path in project_models_folder(folder / PROJECT).glob("[!.]*/model.toml")}
    if any("project" not in metrics for _, _, metrics, _ in found):
        raise ValueError("a model is listed that was never measured")
    with ProjectStore.open(folder / PROJECT) as store:
        for known in store.models.all():
            read_card(known.folder)
    return sorted((parent, metrics, data) for parent, _, metrics, data in found)


def _state(step: int, folder: Path) -> None:
    module = nn.Linear(64, 64)
    nn.init.constant_(module.weight, step)
    save_state(
        folder,
        RunState(step),
        "same",
        module,
        moving_average(module, 0.5),
        torch.optim.AdamW(module.parameters()),
    )


def _seen_state(folder: Path) -> object:
    module = nn.Linear(64, 64)
    state = load_state(
        folder, ["same"], module, moving_average(module, 0.5), torch.optim.AdamW(module.parameters())
    )
    return state and (state.step, module.weight.mean().item())


def _later_state(folder: Path) -> None:
    _state(2, folder)


def _elsewhere(folder: Path) -> None:
    make_project(folder)
    _network(folder / "elsewhere", 1)


def _bring(folder: Path) -> None:
    with ProjectStore.open(folder / PROJECT) as store:
        if "elsewhere" not in {known.id for known in store.models.all()}:
            import_model(store, folder / "elsewhere")


def _brought(folder: Path) -> None:
    _elsewhere(folder)
    _bring(folder)


def _drop(folder: Path) -> None:
    with ProjectStore.open(folder / PROJECT) as store:
        if "elsewhere" in {known.id for known in store.models.all()}:
            delete_model(store, "elsewhere")


def _seen_known(folder: Path) -> object:
    """The models that the project knows, each whole."""
    with ProjectStore.open(folder / PROJECT) as store:
        return sorted((known.id, _whole(known.folder)) for known in store.models.all())


OPERATIONS: Final = {
    "save model": Operation(_two, _overwrite, _seen_models),
    "average": Operation(_two, _average, _seen_models),
    "card": Operation(_two, _rewrite_card, _seen_models),
    "convention": Operation(_taught, _learn, _seen_taught),
    "fine-tuning": Operation(_taught, _train, _seen_taught),
    "model import": Operation(_elsewhere, _bring, _seen_known),
    "model deletion": Operation(_brought, _drop, _seen_known),
    "checkpoint": Operation(partial(_state, 1), _later_state, _seen_state),
}
"""By name."""
