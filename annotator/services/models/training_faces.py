"""Where the faces are on the frames of a training: samples are cut round them."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Progress
from annotator.imaging.reader import read_frame
from annotator.inference.predictor import Predictor
from annotator.store.project_store import ProjectStore


def known_faces(
    store: ProjectStore,
    model: Predictor,
    frame_ids: Sequence[int],
    measured: Mapping[str, NDArray[np.floating]],
    progress: Progress,
) -> dict[int, NDArray[np.floating]]:
    """Landmarks (L, 2) in frame pixels by frame id: those `measured` just now (by path in the project; NaN: not found), a
    kept proposal of `model`, or a new look.

    Frames that cannot be read or show no face are left out: the sample source says what is wrong with a file if it matters.
    """
    ids = store.frames.by_path()
    faces = {ids[name]: xy for name, xy in measured.items() if np.isfinite(xy).all()}
    wanted = [frame_id for frame_id in frame_ids if frame_id not in faces]
    for number, frame_id in enumerate(wanted):
        kept = store.proposals.get(frame_id, model.card.id)
        try:
            proposal = kept or model.propose(read_frame(store.frames.path(frame_id)), heatmaps=False)
        except AnnotatorError:
            continue
        if not proposal.message:
            faces[frame_id] = proposal.xy
        progress(number + 1, len(wanted), "")
    return faces
