"""Which model works on a project: the one asked for, else the active one, else the shipped one."""

from annotator.domain.errors import ModelError
from annotator.services.models.registry import ModelEntry, default_model, find_model
from annotator.store.project_store import ProjectStore


def choose_model(store: ProjectStore, name: str | None = None) -> ModelEntry:
    """As `pick_model`; one that the project does not know yet is added to it."""
    entry = pick_model(store, name)
    known = {(model.id, model.folder, model.card.sha256) for model in store.models.all()}
    if (entry.id, entry.folder, entry.card.sha256) not in known:
        store.models.add(entry.card, entry.folder)
    return entry


def pick_model(store: ProjectStore, name: str | None = None) -> ModelEntry:
    """The model to work with; nothing is written.

    Args:
        name: a model's id or folder; None takes the active model, or the shipped one where none is active
            or the active proposals came in a file.

    Raises:
        ModelError: there is none of that name, it places another scheme, or it has no network.
    """
    active = store.models.active()
    known = {model.id: model for model in store.models.all()}
    if name in known and known[name].card.is_imported:
        raise ModelError(f"{name} stands for proposals that came in a file; choose a model with a network.")
    if name is None and active is not None and not active.card.is_imported:
        return ModelEntry(active.card, active.folder, "project")
    if name is not None and name in known:
        return ModelEntry(known[name].card, known[name].folder, "project")
    scheme = store.scheme.id
    return find_model(name, store.path, scheme) if name else default_model(scheme, store.path)


def ensure_active_model(store: ProjectStore) -> ModelEntry | None:
    """Make the shipped model known, in its present version, and active where none is; None where none fits the scheme."""
    try:
        entry = default_model(store.scheme.id, store.path)
    except ModelError:
        return None
    known = {model.id: model.card.sha256 for model in store.models.all()}
    if known.get(entry.id) != entry.card.sha256:
        store.models.add(entry.card, entry.folder)
    if store.models.active() is None:
        store.models.activate(entry.id)
    return entry
