"""What a new model gets from its parent besides what it learnt: the networks as a copy, or the knowledge in its card."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from annotator.domain.model_card import SCHEME_FILE, SHAPES_FILE, WEIGHTS, read_card
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import shipped_schemes
from annotator.domain.schemes.scheme_writer import write_scheme
from annotator.files import atomic_folder, write_whole
from annotator.services.models.registry import write_card

_CARRIED = (
    *("refine_face", "face_fill", "search", "looks", "flip", "mean_shape", "sanity"),
    *("covariance_scale", "covariance_floor", "landmark_scale", "shapes", "shape_scale"),
    "expected_error",
)


def carry_over(parent_folder: Path, folder: Path, scheme: LandmarkScheme) -> None:
    """Give a trained model what its parent's card says of looking and trusting, its licence, and a studio's own scheme."""
    card, parent = read_card(folder), read_card(parent_folder)
    carried = {key: parent.preprocessing[key] for key in _CARRIED if key in parent.preprocessing}
    write_card(folder, replace(card, preprocessing={**carried, **card.preprocessing}, licence=parent.licence))
    if scheme.id not in shipped_schemes():
        write_whole(folder / SCHEME_FILE, write_scheme(scheme))


def copy_model(parent_folder: Path, folder: Path, model_id: str, data: dict[str, Any]) -> None:
    """Make a model of its parent's networks, under a name of its own; `data` tells in its card what it learnt from."""
    parent = read_card(parent_folder)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    card = replace(
        parent, id=model_id, title=model_id, parent=parent.id, created=created, data=data, metrics={}
    )
    with atomic_folder(folder) as staging:
        for name in (WEIGHTS, SHAPES_FILE, SCHEME_FILE):
            if (parent_folder / name).is_file():
                shutil.copyfile(parent_folder / name, staging / name)
        write_card(staging, card)
