"""What is kept of models that were measured side by side on a project's frozen frames (`measure_models`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from annotator.store.project_store import ProjectStore

SETTING: Final = "models.measured"
"""{"frames": what the frames and their points are told by, "models": {id: `Measured` as a table}}."""


@dataclass(frozen=True)
class Measured:
    """How far a model is from what people placed by hand on frozen frames.

    Attributes:
        frames, points: that were measured. held_out: whether they are kept back from training (there may be too few for that).
        unit: `%` of the distance of the outer eye corners, or `px`. regions: mean error by region's name, `all` among them.
        at: ISO 8601 in UTC. made_of: hash of the model's card, weights and shape prior.
    """

    model_id: str
    frames: int
    points: int
    held_out: bool
    unit: str
    regions: Mapping[str, float]
    at: str
    made_of: str


def measured_models(store: ProjectStore) -> dict[str, Measured]:
    """By id what was measured; all of it on the same frames and points."""
    kept = store.settings.get(SETTING, {})
    rows = kept.get("models") if isinstance(kept, dict) else None
    found = {}
    for model_id, row in rows.items() if isinstance(rows, dict) else ():
        try:
            found[str(model_id)] = Measured(**row)
        except TypeError:  # damaged, or of another version: it can be measured again
            continue
    return found
