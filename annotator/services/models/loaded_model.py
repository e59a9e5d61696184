"""The model that a run of proposals asks for, ready to propose: one of ours, or Google's in an environment of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from annotator.inference.options import OptionChanges
from annotator.services.models.active_model import choose_model, pick_model
from annotator.services.models.propose import Proposer
from annotator.services.models.registry import ModelEntry
from annotator.store.project_store import ProjectStore


@dataclass(frozen=True)
class ModelUse:
    """Which model, and how it runs.

    Attributes:
        name: id or folder; None takes the project's active one. device: auto, cpu, cuda, cuda:N or mps.
        changes: options in place of the card's. compiled: by compiled networks.
        mediapipe_python: a Python that has MediaPipe. make_mediapipe: first make an environment for it.
    """

    name: str | None = None
    device: str = "auto"
    changes: OptionChanges = field(default_factory=OptionChanges)
    compiled: bool = False
    mediapipe_python: Path | None = None
    make_mediapipe: bool = False


@contextmanager
def loaded_model(store: ProjectStore, use: ModelUse) -> Iterator[Proposer]:
    """The model, loaded; the project gets to know it, and has it active where none was. Of a project that is open for reading
    nothing changes.

    Raises:
        ModelError: there is none of that name, it places another scheme, or it cannot run here.
    """
    from annotator.inference.mediapipe import MODEL_ID, MediaPipePredictor
    from annotator.inference.predictor import Predictor
    from annotator.services.models.mediapipe import find_interpreter, make_environment

    if use.name == MODEL_ID:
        python = make_environment() if use.make_mediapipe else find_interpreter(use.mediapipe_python)
        with MediaPipePredictor(python, store.scheme) as mesh:
            yield mesh
        return
    chosen = chosen_model(store, use)
    yield Predictor(chosen.folder, device=use.device, changes=use.changes, compiled=use.compiled)


def chosen_model(store: ProjectStore, use: ModelUse) -> ModelEntry:
    """Which of our models it is, without loading it; the project learns of it as by `loaded_model`.

    Raises:
        ModelError: there is none of that name, or it places another scheme.
    """
    chosen = (pick_model if store.read_only else choose_model)(store, use.name)
    if store.models.active() is None and not store.read_only:
        store.models.activate(chosen.id)
    return chosen
