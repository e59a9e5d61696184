"""Models in and out of a project: exported as a folder, and imported from one that was made elsewhere, after it was checked."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

from annotator.domain.errors import FormatError, ModelError
from annotator.domain.model_card import CARD, SCHEME_FILE, SHAPES_FILE, WEIGHTS, ModelCard, read_card
from annotator.domain.outside_files import check_no_link, unusable_name
from annotator.files import atomic_folder
from annotator.services.models.known import onnx_model
from annotator.services.models.known.known_models import known_model
from annotator.services.models.registry import available_models, project_models_folder, write_card
from annotator.store.project_store import ProjectStore

_FILES: Final = (WEIGHTS, SHAPES_FILE, SCHEME_FILE, "README.md")
_MOST_BYTES: Final = {WEIGHTS: 2 << 30, SHAPES_FILE: 64 << 20, SCHEME_FILE: 4 << 20, "README.md": 4 << 20}
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")


def export_model(store: ProjectStore, model_id: str, folder: Path, onnx: bool = False) -> Path:
    """Copy a model that the project knows into a new folder, which `import_model` of another project reads.

    Args:
        onnx: with its networks as ONNX files beside it, for other programs.

    Raises:
        ModelError: there is none of that id, or its folder is gone. FormatError: the folder is there already, or cannot be
        written; nothing is left of it. AnnotatorError: `onnx` needs the extra of that name.
    """
    model = known_model(store, model_id)
    if not model.there:
        raise ModelError(f"{model.id} has no folder any more: {model.folder}.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FormatError(f"{folder} is there already; name a new folder.")
    _copy(model.folder, folder, read_card(model.folder), onnx)
    return folder


def import_model(store: ProjectStore, folder: Path, model_id: str | None = None) -> ModelCard:
    """Make a model that was made elsewhere one of the project's own: a copy in `PROJECT.models`, known and not active.

    Checked before anything is written: the card's values and limits, the size and hash of the weights, that they are safetensors
    of the card's architecture and finite, and that they place the project's scheme.

    Args:
        model_id: its name here; None takes the card's.

    Returns:
        The card as it is here.

    Raises:
        ModelError: what is wrong with it; nothing was changed. FormatError, StoreWriteError: it could not be written.
    """
    if store.read_only:
        raise ModelError(f"{store.path} is open for reading only, so it cannot take a model.")
    card = check_model(store, folder)
    name = card.id if model_id is None else model_id
    if not _ID.fullmatch(name):
        raise ModelError(
            f"{name!r} cannot be a model's name here: letters, digits and . _ @ - are, up to 100. Give it another one (--id)."
        )
    if why := unusable_name(name):
        raise ModelError(f"{name!r} cannot be a model's name: {why}. Give it another one (--id).")
    place = project_models_folder(store.path) / name
    carried = replace(card, id=name, title=card.title or card.id)
    known = {own.id for own in store.models.all()}
    # an import that was killed before the project knew of it goes on
    is_copied = name not in known and (place / CARD).is_file() and read_card(place) == carried
    if not is_copied:
        _refuse_taken(store, name, card.sha256, place)
        _copy(folder, place, carried)
    try:
        store.models.add(carried, place)
    except BaseException:
        if not is_copied:
            shutil.rmtree(place, ignore_errors=True)
        raise
    return carried


def _refuse_taken(store: ProjectStore, name: str, sha256: str, place: Path) -> None:
    cards = [own.card for own in available_models(store.path)] + [own.card for own in store.models.all()]
    for known in cards:
        if known.id == name:
            same = " with the same weights" if known.sha256 == sha256 else ""
            raise ModelError(f"There is a model {name}{same} already. Give this one another name (--id).")
    if place.exists():
        raise ModelError(f"{place} is there already. Give this model another name (--id).")


def check_model(store: ProjectStore, folder: Path) -> ModelCard:
    """The card of a model folder that can work on the project; raises `ModelError` with what is wrong otherwise."""
    from annotator.inference.inputs import scheme_of_model
    from annotator.inference.options import InferenceOptions
    from annotator.inference.weighing.shape_prior import load_shape_prior
    from annotator.nn.adc import AttentionDrivenCropping
    from annotator.nn.checkpoint import load_model

    for name in (CARD, *_FILES):
        try:
            check_no_link(folder / name)
        except OSError as error:
            raise ModelError(f"{folder / name} cannot be used: {error.strerror}.") from error
    card = read_card(folder)
    if card.is_imported:
        raise ModelError(f"{folder} stands for proposals that came in a file: it holds no network.")
    card.check_scheme(store.scheme.id)
    for name, most in _MOST_BYTES.items():
        file = folder / name
        if file.exists() and not file.is_file():
            raise ModelError(f"{file} is no file.")
        if file.is_file() and file.stat().st_size > most:
            raise ModelError(f"{file} has more than {most >> 20} MiB, which are too many.")
    module, _ = load_model(folder, "cpu")
    if not isinstance(module, AttentionDrivenCropping):
        raise ModelError(f"{folder} holds a {type(module).__name__}, which cannot propose landmarks here.")
    odd = next(
        (name for name, value in module.state_dict().items() if not bool(value.isfinite().all())), None
    )
    if odd is not None:
        raise ModelError(
            f"{folder / WEIGHTS} holds weights that are no numbers, in {odd}: the training went astray."
        )
    scheme = scheme_of_model(card.scheme, folder, module)
    InferenceOptions.from_card(card.preprocessing, scheme)
    load_shape_prior(folder, scheme)
    if scheme.names != store.scheme.names:
        raise ModelError(
            f"{folder} places other landmarks under the name {scheme.id} than the project holds."
        )
    return card


def _copy(source: Path, folder: Path, card: ModelCard, onnx: bool = False) -> None:
    with atomic_folder(folder) as staging:
        for name in _FILES:
            if (source / name).is_file():
                shutil.copyfile(source / name, staging / name)
        write_card(staging, card)
        if onnx:
            onnx_model.write_onnx(source, staging)
