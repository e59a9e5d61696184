"""Which models there are: those that ship with Annotator, and those that a project trained (`PROJECT.models/` beside it)."""

from dataclasses import dataclass
from pathlib import Path

from annotator.domain.assets import DEFAULT_SCHEME, asset
from annotator.domain.errors import ModelError
from annotator.domain.extensions import extension_paths
from annotator.domain.model_card import CARD, ModelCard, read_card
from annotator.files import write_whole

DEFAULT_MODEL = "starter"


@dataclass(frozen=True)
class ModelEntry:
    """A model folder: its card (not its weights) and where it comes from, "shipped", "project", "package" or "folder"."""

    card: ModelCard
    folder: Path
    origin: str

    @property
    def id(self) -> str:
        """The card's id."""
        return self.card.id

    def describe(self) -> dict[str, object]:
        """Plain values for a table or JSON."""
        card = self.card
        return {
            "id": card.id,
            "title": card.title,
            "scheme": card.scheme,
            "origin": self.origin,
            "folder": str(self.folder),
            "parent": card.parent,
            "licence": card.licence,
            "created": card.created,
            "sha256": card.sha256,
            "architecture": dict(card.architecture),
            "metrics": dict(card.metrics),
        }


def project_models_folder(project: Path) -> Path:
    """Where a project keeps the models that it trained: `shots.annotator` -> `shots.models`."""
    return project.with_suffix(".models")


def available_models(project: Path | None = None) -> list[ModelEntry]:
    """All readable models: the project's newest first, then the shipped ones, the default first, then those of packages.

    Damaged ones are left out. A shipped model has one id in all versions of its scheme; the one of what new projects hold comes
    first.
    """
    shipped = sorted(
        _scan(asset("models"), "shipped"),
        key=lambda own: (own.id != DEFAULT_MODEL, own.card.scheme != DEFAULT_SCHEME, own.id, own.card.scheme),
    )
    own = _scan(project_models_folder(project), "project") if project else []
    added = [entry for folder in extension_paths("models").values() for entry in _scan(folder, "package")]
    return sorted(own, key=lambda entry: (entry.card.created, entry.id), reverse=True) + shipped + added


def damaged_models(project: Path | None = None) -> list[str]:
    """What is wrong with each model folder that `available_models` leaves out."""
    found: list[str] = []
    for parent in (
        asset("models"),
        *extension_paths("models").values(),
        *([project_models_folder(project)] if project else []),
    ):
        _scan(parent, "", found)
    return found


def find_model(name: str, project: Path | None = None, scheme_id: str | None = None) -> ModelEntry:
    """The model of that id, the one of the scheme where there are several, or in that folder. Raises ModelError with the ids
    that there are."""
    entries = available_models(project)
    named = [entry for entry in entries if entry.id == name]
    if named:
        return next((entry for entry in named if entry.card.scheme == scheme_id), named[0])
    folder = Path(name)
    if (folder / CARD).is_file():
        return ModelEntry(read_card(folder), folder, "folder")
    known = ", ".join(dict.fromkeys(entry.id for entry in entries)) or "none"
    raise ModelError(f"There is no model '{name}'. Give a model folder or one of these ids: {known}.")


def default_model(scheme_id: str, project: Path | None = None) -> ModelEntry:
    """The shipped model to begin with in a scheme (the starter if it fits), else the project's newest of that scheme."""
    entries = [entry for entry in available_models(project) if entry.card.scheme == scheme_id]
    shipped = [entry for entry in entries if entry.origin == "shipped"]
    if not entries:
        raise ModelError(
            f"No model for the scheme {scheme_id} is installed. To make one: annotator train --data FOLDER "
            f"--scheme {scheme_id} --out MODEL; name it by --model, or by annotator models PROJECT --activate MODEL."
        )
    return (shipped or entries)[0]


def write_card(folder: Path, card: ModelCard) -> None:
    """Put a new card beside unchanged weights; a reader sees the old one or the new one."""
    write_whole(folder / CARD, card.to_toml())


def _scan(parent: Path, origin: str, damaged: list[str] | None = None) -> list[ModelEntry]:
    """Model folders directly inside `parent`, unordered; one that is still being written has a dot before its name.
    `damaged` takes what is wrong with those that cannot be read."""
    found = []
    for card in sorted(parent.glob(f"[!.]*/{CARD}")) if parent.is_dir() else []:
        try:
            found.append(ModelEntry(read_card(card.parent), card.parent, origin))
        except ModelError as error:
            if damaged is not None:
                damaged.append(str(error))
    return found
